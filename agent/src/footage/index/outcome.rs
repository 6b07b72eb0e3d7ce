//! What the index tells: a camera's footage, its coverage day by day, its faults.
//!
//! Only what changed since it was told last. A healthy camera's end of footage is told in steps, so
//! that it costs a few bytes an hour and not a message a segment; a hole is told as soon as it shows.

use keepwatch_common::coverage::tolerance_ms;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::limits::HOLES_PER_SLICE_MAX;
use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, UtcDay,
};
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::segment::SegmentFault;
use keepwatch_common::time::{Instant, MINUTE_MS, SECOND_MS};

use super::camera::CameraIndex;
use crate::footage::tally::StateCounts;

/// What a recorder needs between the end of a segment and its file, beside the segment's length.
const WRITE_OUT_MS: i64 = 30 * SECOND_MS;

/// A hole that lasts is told again each time it has grown by this.
const HOLE_STEP_MS: i64 = MINUTE_MS;

/// Days told anew in one go at most, newest first: longer footage is told over several turns.
const DAYS_PER_TURN_MAX: usize = 400;

/// How far a camera's footage is told.
#[derive(Debug, Clone, Copy)]
pub struct Outlook {
    /// Up to when the tree was looked at.
    pub probed_until: Instant,
    /// Steps in which the end of healthy footage is told, in milliseconds.
    pub step_ms: i64,
}

impl CameraIndex {
    /// What changed since the last call, as bodies of observations.
    pub fn tell(&mut self, key: &CameraKey, outlook: Outlook) -> Vec<Body> {
        let mut bodies = Vec::new();
        bodies.extend(self.tell_faults(key));
        bodies.extend(self.tell_slices(key, outlook));
        bodies.extend(self.tell_footage(key, outlook));
        bodies
    }

    /// The range that was measured: from the oldest start ever seen to where the footage, or the
    /// lack of it, is certain.
    pub fn measured(&self, outlook: Outlook) -> Option<Interval> {
        let start = self.first_oldest?;
        let newest = self.covered().hull().map_or(start, Interval::end);
        let due = self.segment_ms + tolerance_ms(self.segment_ms) + WRITE_OUT_MS;
        let end = if outlook.probed_until.since(newest) > due {
            // Nothing came when it was due: that much of the hole is certain.
            newest.max(floor(outlook.probed_until, HOLE_STEP_MS))
        } else {
            newest.min(floor(newest, outlook.step_ms).max(self.last_hole_end()))
        };
        Interval::new(start, end)
    }

    fn last_hole_end(&self) -> Instant {
        // After a hole the footage that closes it is told at once.
        self.covered()
            .as_slice()
            .last()
            .map_or(Instant::EARLIEST, |run| run.start() + 1)
    }

    fn tell_slices(&mut self, key: &CameraKey, outlook: Outlook) -> Vec<Body> {
        let Some(measured) = self.measured(outlook) else {
            return Vec::new();
        };
        let recorded = self.recorded();
        let (first, last) = (UtcDay::of(measured.start()), UtcDay::of(measured.end() - 1));
        let mut changed = Vec::new();
        for day in (first.0..=last.0).rev().map(UtcDay) {
            let Some(range) = day.interval().and_then(|day| day.intersection(measured)) else {
                continue;
            };
            let slice = (range, holes(&recorded, range));
            if self.told.slices.get(&day) != Some(&slice) && changed.len() < DAYS_PER_TURN_MAX {
                changed.push(Body::Coverage(CoverageSlice {
                    camera: key.clone(),
                    day,
                    measured: slice.0,
                    holes: slice.1.clone(),
                }));
                self.told.slices.insert(day, slice);
            }
        }
        changed
    }

    fn tell_footage(&mut self, key: &CameraKey, outlook: Outlook) -> Option<Body> {
        let mut states = StateCounts::default();
        let mut bytes = 0_u64;
        for bucket in self.hours.values() {
            states.sealed += bucket.states.sealed;
            states.open += bucket.states.open;
            states.opaque += bucket.states.opaque;
            states.corrupt += bucket.states.corrupt;
            bytes = bytes.saturating_add(bucket.bytes);
        }
        let newest = self.covered().hull().map(Interval::end);
        let step = |at: Option<Instant>| at.map(|at| at.ms().div_euclid(outlook.step_ms.max(1)));
        let rough = StateCounts {
            sealed: 0,
            open: 0,
            ..states
        };
        let now = (step(self.oldest), step(newest), rough);
        if self.told.footage == Some(now) {
            return None;
        }
        self.told.footage = Some(now);
        Some(Body::Footage(CameraFootage {
            camera: key.clone(),
            oldest: self.oldest,
            newest,
            sealed: states.sealed,
            open: states.open,
            opaque: states.opaque,
            corrupt: states.corrupt,
            bytes,
            segment_ms: self.segment_ms,
        }))
    }

    fn tell_faults(&mut self, key: &CameraKey) -> Vec<Body> {
        let told = std::mem::replace(&mut self.told.faults, self.faults.clone());
        let state = |fault: &SegmentFault, standing| {
            Body::Fault(FaultState {
                camera: key.clone(),
                fault: fault.clone(),
                standing,
            })
        };
        let gone = told
            .values()
            .filter(|fault| !self.faults.contains_key(&fault.path));
        let new = self
            .faults
            .values()
            .filter(|fault| told.get(&fault.path) != Some(fault));
        gone.map(|fault| state(fault, false))
            .chain(new.map(|fault| state(fault, true)))
            .collect()
    }
}

/// The holes of a range; beyond the limit the rest of the range counts as one.
fn holes(recorded: &IntervalSet, range: Interval) -> Vec<Interval> {
    let mut holes = recorded.missing_from(range).as_slice().to_vec();
    if let Some(folded) = holes.get(HOLES_PER_SLICE_MAX - 1).copied() {
        let last = holes.last().copied().unwrap_or(folded);
        holes.truncate(HOLES_PER_SLICE_MAX - 1);
        holes.push(folded.hull(last));
    }
    holes
}

fn floor(at: Instant, step_ms: i64) -> Instant {
    let step = step_ms.max(1);
    Instant::from_ms(at.ms().div_euclid(step) * step)
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use keepwatch_common::model::segment::{FaultKind, SegmentState};
    use keepwatch_common::time::{DAY_MS, HOUR_MS};

    use super::super::camera::{Checked, Hour};
    use super::*;

    const STEP: i64 = 15 * MINUTE_MS;

    fn key() -> CameraKey {
        CameraKey {
            recorder: Name::new("nvr").unwrap(),
            camera: Name::new("till").unwrap(),
        }
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn outlook(probed_until: &str) -> Outlook {
        Outlook {
            probed_until: at(probed_until),
            step_ms: STEP,
        }
    }

    fn file(start: Instant) -> Checked {
        Checked {
            path: format!("{start}.mp4"),
            filed: start,
            start,
            bytes: 100,
            written: start + 60_000,
            state: SegmentState::Sealed,
            fault: None,
            duration_ms: Some(60_000),
        }
    }

    fn record(camera: &mut CameraIndex, from: &str, to: &str) {
        let (mut start, end) = (at(from), at(to));
        while start < end {
            let hour = Hour::of(start);
            let mut files = Vec::new();
            while start < end && Hour::of(start) == hour {
                files.push(file(start));
                start = start + MINUTE_MS;
            }
            camera.replace(hour, files, end, MINUTE_MS);
        }
    }

    fn slices(bodies: &[Body]) -> Vec<(String, usize)> {
        bodies
            .iter()
            .filter_map(|body| match body {
                Body::Coverage(slice) => {
                    Some((slice.measured.end().to_string(), slice.holes.len()))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn healthy_footage_is_told_in_steps() {
        let mut camera = CameraIndex::default();
        record(&mut camera, "2026-11-23T08:00:00Z", "2026-11-23T08:20:00Z");
        let told = camera.tell(&key(), outlook("2026-11-23T08:20:05Z"));
        assert_eq!(slices(&told), [("2026-11-23T08:15:00Z".to_owned(), 0)]);
        record(&mut camera, "2026-11-23T08:00:00Z", "2026-11-23T08:25:00Z");
        assert!(slices(&camera.tell(&key(), outlook("2026-11-23T08:25:05Z"))).is_empty());
        record(&mut camera, "2026-11-23T08:00:00Z", "2026-11-23T08:31:00Z");
        let told = camera.tell(&key(), outlook("2026-11-23T08:31:05Z"));
        assert_eq!(slices(&told), [("2026-11-23T08:30:00Z".to_owned(), 0)]);
    }

    #[test]
    fn a_camera_that_stops_is_told_when_its_next_segment_is_overdue() {
        let mut camera = CameraIndex::default();
        record(&mut camera, "2026-11-23T08:00:00Z", "2026-11-23T08:30:00Z");
        camera.tell(&key(), outlook("2026-11-23T08:30:05Z"));
        assert!(slices(&camera.tell(&key(), outlook("2026-11-23T08:31:00Z"))).is_empty());
        let told = camera.tell(&key(), outlook("2026-11-23T08:33:10Z"));
        assert_eq!(slices(&told), [("2026-11-23T08:33:00Z".to_owned(), 1)]);
    }

    #[test]
    fn each_day_is_told_by_itself_and_once() {
        let mut camera = CameraIndex::default();
        record(&mut camera, "2026-11-20T12:00:00Z", "2026-11-23T00:00:00Z");
        let told = camera.tell(&key(), outlook("2026-11-23T00:00:05Z"));
        assert_eq!(slices(&told).len(), 3);
        let footage = told.iter().any(|body| {
            matches!(body, Body::Footage(f) if f.sealed == 3_600 && f.segment_ms == MINUTE_MS)
        });
        assert!(footage, "the sum is told");
        assert!(
            camera
                .tell(&key(), outlook("2026-11-23T00:00:06Z"))
                .is_empty()
        );
    }

    #[test]
    fn footage_that_ages_out_makes_no_hole() {
        let mut camera = CameraIndex::default();
        record(&mut camera, "2026-11-20T12:00:00Z", "2026-11-21T12:00:00Z");
        camera.tell(&key(), outlook("2026-11-21T12:00:05Z"));
        let hour = Hour::of(at("2026-11-20T12:00:00Z"));
        let gone = camera.replace(hour, Vec::new(), at("2026-11-21T12:00:10Z"), MINUTE_MS);
        assert_eq!(gone.spans.ms(), HOUR_MS);
        // What was measured stays measured: the coordinator hears of it as vanished footage.
        assert_eq!(
            camera
                .measured(outlook("2026-11-21T12:00:11Z"))
                .unwrap()
                .ms(),
            DAY_MS
        );
    }

    #[test]
    fn a_fault_is_told_once_and_told_again_when_it_is_gone() {
        let mut camera = CameraIndex::default();
        let start = at("2026-11-23T08:00:00Z");
        let broken = Checked {
            state: SegmentState::Corrupt,
            fault: Some((FaultKind::Truncated, "cut".to_owned())),
            ..file(start)
        };
        camera.replace(Hour::of(start), vec![broken], start + HOUR_MS, MINUTE_MS);
        let standing = |bodies: Vec<Body>| {
            bodies.into_iter().find_map(|body| match body {
                Body::Fault(state) => Some(state.standing),
                _ => None,
            })
        };
        let look = outlook("2026-11-23T08:00:30Z");
        assert_eq!(standing(camera.tell(&key(), look)), Some(true));
        assert_eq!(standing(camera.tell(&key(), look)), None);
        camera.replace(
            Hour::of(start),
            vec![file(start)],
            start + HOUR_MS,
            MINUTE_MS,
        );
        assert_eq!(standing(camera.tell(&key(), look)), Some(false));
    }
}
