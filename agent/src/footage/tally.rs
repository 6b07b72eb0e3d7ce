//! What one camera recorded, summed up segment by segment in one pass.
//!
//! It keeps runs, not files: memory grows with holes and faults, not with footage. It decides what a
//! single file cannot: whether an unfinished segment is still being written, whether two segments
//! claim one time, whether a start can be true. It must not read files nor know layouts.
//!
//! Long because every way in which a file counts, or does not, stands on one page.

use keepwatch_common::coverage::{Clip, Timeline, tolerance_ms};
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::segment::{FaultKind, SegmentFault, SegmentState};
use keepwatch_common::time::{Instant, MINUTE_MS, Span};

use self::line::{Lasting, Line};

/// Clips that wait for their neighbours.
mod line;
#[cfg(test)]
mod stories;

/// A start later than this after now is in the future: clocks of one machine agree better.
const AHEAD_MS_MAX: i64 = MINUTE_MS;

/// An unfinished file that nobody wrote to for so long is a leftover, not a recording.
const WRITING_MS_MAX: i64 = 10 * MINUTE_MS;

/// Faults kept with path and detail; beyond this they are only counted.
pub const FAULTS_MAX: usize = 10_000;

/// Segments of unknown length kept until the end; beyond this each gets the nominal length at once.
const UNMEASURED_MAX: usize = 1_000_000;

/// One segment: what its name and its structure told.
#[derive(Debug)]
pub struct Segment<'a> {
    /// The file below the recorder's root.
    pub path: &'a str,
    /// When it starts, as its name tells.
    pub start: Instant,
    /// Size of the file.
    pub bytes: u64,
    /// When it was written last.
    pub written: Instant,
    /// What its structure says.
    pub state: SegmentState,
    /// What is wrong with its structure.
    pub fault: Option<(FaultKind, String)>,
    /// How long it plays, where the structure tells; milliseconds.
    pub duration_ms: Option<i64>,
}

/// How many segments are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct StateCounts {
    /// Finished and whole.
    pub sealed: u64,
    /// Still being written.
    pub open: u64,
    /// Not readable from outside.
    pub opaque: u64,
    /// Damaged.
    pub corrupt: u64,
}

/// The sum of one camera's segments.
#[derive(Debug, Clone)]
pub struct Tallied {
    /// Start of the oldest segment, whatever its state.
    pub oldest: Option<Instant>,
    /// End of the newest footage.
    pub newest: Option<Instant>,
    /// Everything recorded.
    pub covered: IntervalSet,
    /// Segments by state.
    pub states: StateCounts,
    /// What is wrong, in path order, at most [`FAULTS_MAX`].
    pub faults: Vec<SegmentFault>,
    /// All faults, also those beyond the limit.
    pub fault_count: u64,
    /// Files met.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// How long a segment lasts on average, in milliseconds; 0 when there is none.
    pub segment_ms: i64,
}

/// Sums up one camera.
#[derive(Debug)]
pub struct Tally {
    now: Instant,
    /// Segments that start earlier tell only what was recorded.
    from: Option<Instant>,
    nominal_ms: i64,
    timeline: Timeline,
    line: Line,
    tallied: Tallied,
    /// The newest start so far.
    latest: Option<Instant>,
    /// The newest segment, when it looks unfinished: open only if nothing newer comes.
    unfinished: Option<SegmentFault>,
    /// Starts of segments whose length nothing told.
    unmeasured: Vec<Instant>,
    measured_ms: i64,
    measured: i64,
}

impl Tally {
    /// Starts at nothing. `nominal_ms` is the layout's usual segment length.
    pub fn new(now: Instant, nominal_ms: i64) -> Self {
        let tallied = Tallied {
            oldest: None,
            newest: None,
            covered: IntervalSet::EMPTY,
            states: StateCounts::default(),
            faults: Vec::new(),
            fault_count: 0,
            files: 0,
            bytes: 0,
            segment_ms: 0,
        };
        Self {
            now,
            from: None,
            nominal_ms,
            timeline: Timeline::new(),
            line: Line::default(),
            tallied,
            latest: None,
            unfinished: None,
            unmeasured: Vec::new(),
            measured_ms: 0,
            measured: 0,
        }
    }

    /// Counts files, states and faults only of segments that start then or later.
    #[must_use]
    pub fn counting_from(mut self, from: Option<Instant>) -> Self {
        self.from = from;
        self
    }

    /// Adds one segment. Order matters only for telling which of two is the newer.
    pub fn add(&mut self, segment: Segment<'_>) {
        if self.counts(segment.start) {
            self.tallied.files += 1;
            self.tallied.bytes = self.tallied.bytes.saturating_add(segment.bytes);
        }
        if segment.start > self.now + AHEAD_MS_MAX {
            self.add_future(segment);
            return;
        }
        self.tallied.oldest = Some(
            self.tallied
                .oldest
                .map_or(segment.start, |o| o.min(segment.start)),
        );
        if self.looks_unfinished(&segment) {
            self.add_unfinished(&segment);
        } else {
            self.add_finished(&segment);
        }
        self.latest = Some(
            self.latest
                .map_or(segment.start, |latest| latest.max(segment.start)),
        );
    }

    /// The sum.
    pub fn finish(mut self) -> Tallied {
        if let Some(unfinished) = self.unfinished.take() {
            self.count(unfinished.start, SegmentState::Open);
        }
        self.settle_line();
        self.place_unmeasured();
        self.tallied.segment_ms = self.measured_ms.checked_div(self.measured).unwrap_or(0);
        self.tallied
            .faults
            .sort_by(|a, b| (a.start, &a.path).cmp(&(b.start, &b.path)));
        self.tallied.covered = self.timeline.into_covered();
        self.tallied.newest = self.tallied.covered.hull().map(Interval::end);
        self.tallied
    }

    /// Footage from the future proves nothing about any time.
    fn add_future(&mut self, segment: Segment<'_>) {
        self.count(segment.start, segment.state);
        let ahead = segment.start.since(self.now);
        let fault = segment.fault.unwrap_or_else(|| {
            let detail = format!(
                "starts {} in the future; check the recorder's clock",
                Span(ahead)
            );
            (FaultKind::Clock, detail)
        });
        self.fault(segment.path, segment.start, fault);
    }

    /// Unfinished by structure, or created a moment ago and not written to yet.
    fn looks_unfinished(&self, segment: &Segment<'_>) -> bool {
        let fresh = self.now.since(segment.written) <= WRITING_MS_MAX;
        let created = matches!(segment.fault, Some((FaultKind::Empty, _))) && fresh;
        segment.state == SegmentState::Open || created && self.is_newest(segment)
    }

    fn add_unfinished(&mut self, segment: &Segment<'_>) {
        if let (SegmentState::Open, Some(ms)) = (segment.state, segment.duration_ms) {
            self.settle_line();
            self.record(segment.path, segment.start, ms);
        }
        let idle = self.now.since(segment.written);
        let (kind, detail) = segment.fault.clone().unwrap_or_else(|| {
            let detail = format!("never finished; written last {} ago", Span(idle.max(0)));
            (FaultKind::Truncated, detail)
        });
        let leftover = SegmentFault {
            path: segment.path.to_owned(),
            start: segment.start,
            kind,
            detail,
        };
        if !self.is_newest(segment) || idle > WRITING_MS_MAX {
            self.leave(leftover);
        } else if let Some(older) = self.unfinished.replace(leftover) {
            self.leave(older);
        }
    }

    fn add_finished(&mut self, segment: &Segment<'_>) {
        if self.is_newest(segment)
            && let Some(older) = self.unfinished.take()
        {
            self.leave(older);
        }
        self.count(segment.start, segment.state);
        if let Some(fault) = &segment.fault {
            self.fault(segment.path, segment.start, fault.clone());
        }
        match (segment.state, segment.duration_ms) {
            (SegmentState::Corrupt, _) => {}
            (_, Some(media_ms)) => {
                let clip = Clip {
                    start: segment.start,
                    media_ms,
                    written: segment.written,
                };
                if let Some(lasting) = self.line.push(clip, segment.path) {
                    self.last(&lasting);
                }
            }
            (_, None) if self.unmeasured.len() < UNMEASURED_MAX => {
                self.unmeasured.push(segment.start);
            }
            (_, None) => self.record(segment.path, segment.start, self.nominal_ms),
        }
    }

    /// An unfinished file with something newer after it.
    fn leave(&mut self, leftover: SegmentFault) {
        self.count(leftover.start, SegmentState::Corrupt);
        self.fault(
            &leftover.path,
            leftover.start,
            (leftover.kind, leftover.detail),
        );
    }

    fn is_newest(&self, segment: &Segment<'_>) -> bool {
        self.latest.is_none_or(|latest| segment.start >= latest)
    }

    /// All clips that wait have their neighbours.
    fn settle_line(&mut self) {
        for lasting in self.line.drain() {
            self.last(&lasting);
        }
    }

    fn last(&mut self, lasting: &Lasting) {
        self.record(&lasting.path, lasting.clip.start, lasting.ms);
    }

    fn record(&mut self, path: &str, start: Instant, ms: i64) {
        let end = (start + ms).min(self.now.max(start));
        let Some(recorded) = Interval::new(start, end) else {
            return;
        };
        self.measured += 1;
        self.measured_ms = self.measured_ms.saturating_add(recorded.ms());
        if let Some(overlap) = self.timeline.record(recorded) {
            let detail = format!(
                "{} of it was recorded already; two files claim one time",
                Span(overlap.ms)
            );
            self.fault(path, start, (FaultKind::Clock, detail));
        }
    }

    /// A segment of unknown length lasts until the next one, if that comes about when usual.
    fn place_unmeasured(&mut self) {
        self.unmeasured.sort_unstable();
        let mut steps: Vec<_> = self
            .unmeasured
            .windows(2)
            .map(|w| w[1].since(w[0]))
            .collect();
        let middle = steps.len() / 2;
        let usual = if steps.is_empty() {
            self.measured_ms
                .checked_div(self.measured)
                .unwrap_or(self.nominal_ms)
        } else {
            *steps.select_nth_unstable(middle).1
        }
        .max(1);
        let late = usual + tolerance_ms(usual);
        let starts = std::mem::take(&mut self.unmeasured);
        for (at, start) in starts.iter().enumerate() {
            let next = starts
                .get(at + 1)
                .copied()
                .filter(|next| next.since(*start) <= late);
            let end = next.unwrap_or(*start + usual).min(self.now.max(*start));
            if let Some(recorded) = Interval::new(*start, end) {
                self.measured += 1;
                self.measured_ms = self.measured_ms.saturating_add(recorded.ms());
                // Two starts in one place are one segment: nothing measured says otherwise.
                self.timeline.record(recorded);
            }
        }
    }

    fn counts(&self, start: Instant) -> bool {
        self.from.is_none_or(|from| start >= from)
    }

    fn count(&mut self, start: Instant, state: SegmentState) {
        if !self.counts(start) {
            return;
        }
        let states = &mut self.tallied.states;
        match state {
            SegmentState::Sealed => states.sealed += 1,
            SegmentState::Open => states.open += 1,
            SegmentState::Opaque => states.opaque += 1,
            SegmentState::Corrupt => states.corrupt += 1,
        }
    }

    fn fault(&mut self, path: &str, start: Instant, (kind, detail): (FaultKind, String)) {
        if !self.counts(start) {
            return;
        }
        self.tallied.fault_count += 1;
        if self.tallied.faults.len() < FAULTS_MAX {
            self.tallied.faults.push(SegmentFault {
                path: path.to_owned(),
                start,
                kind,
                detail,
            });
        }
    }
}
