//! What one camera recorded, file by file: pure arithmetic, nothing is written here.
//!
//! The recorder starts a file when it starts recording and another as soon as one is full. A file
//! that a gap would cut is not begun, so the hole that an agent must find starts at the end of the
//! last whole file: [`CameraPlan::recorded`] says exactly what is covered.

use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::time::{Instant, SECOND_MS};

use super::clip::{Clip, Shape};

/// What a camera should have recorded and what went wrong.
#[derive(Debug, Clone)]
pub struct CameraPlan {
    /// The camera's name, as the recorder writes it into paths.
    pub camera: String,
    /// From when to when the recorder ran.
    pub span: Interval,
    /// What each file holds.
    pub clip: Clip,
    /// When nothing was recorded.
    pub gaps: IntervalSet,
    /// Instants whose file lost its end.
    pub truncated_at: Vec<Instant>,
    /// Instants whose file has no bytes.
    pub empty_at: Vec<Instant>,
}

/// One file to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// When it was begun; a whole second, because names carry no more.
    pub start: Instant,
    /// What it was to hold.
    pub clip: Clip,
    /// What became of it.
    pub shape: Shape,
}

impl Segment {
    /// When it ended, or would have.
    pub fn end(&self) -> Instant {
        self.start + self.clip.ms()
    }
}

/// Why a plan cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// A fault is wanted where there is no file: the test that relies on it would test nothing.
    #[error("camera {camera} has no file at {at} that could be damaged; move the fault or the gap")]
    NothingRecorded {
        /// Whose plan.
        camera: String,
        /// Where the fault was wanted.
        at: Instant,
    },
}

impl CameraPlan {
    /// Recorded without a gap or a fault.
    pub fn new(camera: &str, span: Interval, clip: Clip) -> Self {
        Self {
            camera: camera.to_owned(),
            span,
            clip,
            gaps: IntervalSet::EMPTY,
            truncated_at: Vec::new(),
            empty_at: Vec::new(),
        }
    }

    /// Nothing recorded meanwhile.
    #[must_use]
    pub fn gap(mut self, gap: Interval) -> Self {
        self.gaps.insert(gap);
        self
    }

    /// The file of this instant lost its end.
    #[must_use]
    pub fn truncated(mut self, at: Instant) -> Self {
        self.truncated_at.push(at);
        self
    }

    /// The file of this instant has no bytes.
    #[must_use]
    pub fn empty(mut self, at: Instant) -> Self {
        self.empty_at.push(at);
        self
    }

    /// All files in order. A file that is wanted both truncated and empty is empty.
    pub fn segments(&self) -> Result<Vec<Segment>, PlanError> {
        let mut segments = Vec::new();
        for run in &IntervalSet::of(Some(self.span)).difference(&self.gaps) {
            self.fill(*run, &mut segments);
        }
        for (shape, instants) in [
            (Shape::Truncated, &self.truncated_at),
            (Shape::Empty, &self.empty_at),
        ] {
            for at in instants {
                self.segment_at(&mut segments, *at)?.shape = shape;
            }
        }
        Ok(segments)
    }

    /// What whole files cover: the truth that an agent's measurement is held against.
    pub fn recorded(&self) -> Result<IntervalSet, PlanError> {
        let whole = |segment: &Segment| segment.shape == Shape::Whole;
        let segments = self.segments()?;
        let spans = segments.iter().filter(|segment| whole(segment));
        Ok(spans
            .filter_map(|segment| Interval::new(segment.start, segment.end()))
            .collect())
    }

    /// Files back to back, as many as fit.
    fn fill(&self, run: Interval, segments: &mut Vec<Segment>) {
        let late = run.start().ms().rem_euclid(SECOND_MS);
        let mut start = run.start() + (SECOND_MS - late) % SECOND_MS;
        while start + self.clip.ms() <= run.end() {
            segments.push(Segment {
                start,
                clip: self.clip,
                shape: Shape::Whole,
            });
            start = start + self.clip.ms();
        }
    }

    fn segment_at<'s>(
        &self,
        segments: &'s mut [Segment],
        at: Instant,
    ) -> Result<&'s mut Segment, PlanError> {
        let next = segments.partition_point(|segment| segment.start <= at);
        segments[..next]
            .last_mut()
            .filter(|segment| at < segment.end())
            .ok_or_else(|| PlanError::NothingRecorded {
                camera: self.camera.clone(),
                at,
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(&format!("2026-11-{text}Z")).unwrap()
    }

    fn span(start: &str, end: &str) -> Interval {
        Interval::new(at(start), at(end)).unwrap()
    }

    fn a_day() -> CameraPlan {
        let day = span("22T00:00:00", "23T00:00:00");
        CameraPlan::new("till", day, Clip::FiveMinutes)
    }

    #[test]
    fn a_day_is_288_files_of_five_minutes() {
        let segments = a_day().segments().unwrap();
        assert_eq!(segments.len(), 288);
        assert_eq!(segments[287].end(), at("23T00:00:00"));
    }

    #[test]
    fn recording_goes_on_at_the_end_of_a_gap() {
        let plan = a_day().gap(span("22T08:02:00", "22T09:07:30"));
        let starts: Vec<_> = plan.segments().unwrap().iter().map(|s| s.start).collect();
        assert!(starts.contains(&at("22T07:55:00")));
        assert!(!starts.contains(&at("22T08:00:00")), "the gap would cut it");
        assert!(starts.contains(&at("22T09:07:30")));
        let hole = plan.recorded().unwrap().missing_from(plan.span);
        assert_eq!(hole.as_slice()[0], span("22T08:00:00", "22T09:07:30"));
    }

    #[test]
    fn files_begin_on_whole_seconds() {
        let uneven = Interval::new(at("22T00:00:00") + 1, at("22T01:00:00")).unwrap();
        let plan = CameraPlan::new("till", uneven, Clip::TenSeconds);
        assert_eq!(plan.segments().unwrap()[0].start, at("22T00:00:01"));
    }

    #[test]
    fn a_fault_takes_the_file_of_its_instant_and_its_coverage() {
        let plan = a_day()
            .truncated(at("22T10:04:59"))
            .empty(at("22T12:00:00"));
        let damaged: Vec<_> = plan
            .segments()
            .unwrap()
            .into_iter()
            .filter(|segment| segment.shape != Shape::Whole)
            .map(|segment| (segment.start, segment.shape))
            .collect();
        assert_eq!(
            damaged,
            [
                (at("22T10:00:00"), Shape::Truncated),
                (at("22T12:00:00"), Shape::Empty)
            ]
        );
        assert!(!plan.recorded().unwrap().contains(at("22T10:00:00")));
    }

    #[test]
    fn a_fault_where_nothing_was_recorded_is_refused() {
        let plan = a_day()
            .gap(span("22T08:00:00", "22T09:00:00"))
            .truncated(at("22T08:30:00"));
        assert_eq!(
            plan.segments(),
            Err(PlanError::NothingRecorded {
                camera: "till".to_owned(),
                at: at("22T08:30:00")
            })
        );
    }
}
