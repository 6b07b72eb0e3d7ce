//! From segments to coverage: small seams are joined, overlaps are told.
//!
//! A recorder needs a moment between two files, and names carry whole seconds; so two segments that
//! almost touch are one run. It must not know files, containers or layouts.

use crate::interval::{Interval, IntervalSet};
use crate::time::{Instant, SECOND_MS};

/// Smallest seam that is joined, whatever the segment's length. Two seconds is what recorders'
/// own playback joins at; names with whole seconds alone make one.
const SEAM_MS_MIN: i64 = 2 * SECOND_MS;

/// Largest seam joined for very long segments: a minute missing is a minute missing.
const SEAM_MS_MAX: i64 = 60 * SECOND_MS;

/// How far apart two segments may lie, or overlap, and still be one run: 2 s or 2 % of the segment,
/// at most a minute.
pub fn tolerance_ms(segment_ms: i64) -> i64 {
    (segment_ms / 50).clamp(SEAM_MS_MIN, SEAM_MS_MAX)
}

/// Footage that claims time that is claimed already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// How much is claimed twice, in milliseconds.
    pub ms: i64,
}

/// What one camera recorded, built segment by segment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Timeline {
    covered: IntervalSet,
}

impl Timeline {
    /// Nothing recorded.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one segment and joins it to neighbours within the tolerance of its own length. Tells
    /// when more than that tolerance was covered already; the union is kept all the same.
    pub fn record(&mut self, segment: Interval) -> Option<Overlap> {
        let tolerance = tolerance_ms(segment.ms());
        let twice = self.covered.ms_within(segment);
        self.covered.insert(self.joined(segment, tolerance));
        (twice > tolerance).then_some(Overlap { ms: twice })
    }

    /// Adds a run that was put together elsewhere, joined within the tolerance of its segments.
    pub fn join(&mut self, run: Interval, segment_ms: i64) {
        self.covered
            .insert(self.joined(run, tolerance_ms(segment_ms)));
    }

    /// Takes a segment away again, because its file is gone.
    pub fn erase(&mut self, segment: Interval) {
        self.covered.remove(segment);
    }

    /// Everything recorded, seams joined.
    pub fn covered(&self) -> &IntervalSet {
        &self.covered
    }

    /// Gives the coverage away.
    pub fn into_covered(self) -> IntervalSet {
        self.covered
    }

    /// Stretches the segment over the seams before and after it.
    fn joined(&self, segment: Interval, tolerance: i64) -> Interval {
        let runs = self.covered.as_slice();
        let next = runs.partition_point(|run| run.start() <= segment.start());
        let start = next
            .checked_sub(1)
            .map(|before| runs[before].end())
            .filter(|end| within(*end, segment.start(), tolerance))
            .unwrap_or(segment.start());
        let end = runs
            .get(next)
            .map(|after| after.start())
            .filter(|start| within(segment.end(), *start, tolerance))
            .unwrap_or(segment.end());
        Interval::new(start, end).unwrap_or(segment)
    }
}

/// Whether `later` follows `earlier` with a seam of at most the tolerance.
fn within(earlier: Instant, later: Instant, tolerance: i64) -> bool {
    (0..=tolerance).contains(&later.since(earlier))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(start_s: i64, end_s: i64) -> Interval {
        Interval::new(Instant::from_s(start_s), Instant::from_s(end_s)).unwrap()
    }

    fn timeline(segments: &[Interval]) -> Timeline {
        let mut timeline = Timeline::new();
        for segment in segments {
            timeline.record(*segment);
        }
        timeline
    }

    #[test]
    fn a_seam_of_two_seconds_is_no_hole() {
        let joined = timeline(&[span(0, 10), span(12, 20)]);
        assert_eq!(joined.covered().as_slice(), [span(0, 20)]);
    }

    #[test]
    fn a_seam_of_three_seconds_between_short_segments_is_a_hole() {
        let apart = timeline(&[span(0, 10), span(13, 20)]);
        assert_eq!(apart.covered().as_slice(), [span(0, 10), span(13, 20)]);
    }

    #[test]
    fn a_long_segment_allows_two_percent_and_at_most_a_minute() {
        assert_eq!(tolerance_ms(300_000), 6_000);
        assert_eq!(tolerance_ms(86_400_000), 60_000);
        assert_eq!(tolerance_ms(1), 2_000);
    }

    #[test]
    fn a_segment_that_arrives_late_closes_both_seams() {
        let joined = timeline(&[span(0, 10), span(21, 30), span(11, 20)]);
        assert_eq!(joined.covered().as_slice(), [span(0, 30)]);
    }

    #[test]
    fn time_claimed_twice_is_told_above_the_tolerance_only() {
        let mut timeline = timeline(&[span(0, 10)]);
        assert_eq!(timeline.record(span(9, 19)), None);
        assert_eq!(timeline.record(span(10, 20)), Some(Overlap { ms: 9_000 }));
    }

    #[test]
    fn a_vanished_segment_leaves_a_hole() {
        let mut timeline = timeline(&[span(0, 10), span(10, 20), span(20, 30)]);
        timeline.erase(span(10, 20));
        assert_eq!(timeline.covered().as_slice(), [span(0, 10), span(20, 30)]);
    }

    proptest! {
        /// The simpler model looks at the sorted segments pair by pair.
        #[test]
        fn segments_in_order_leave_exactly_the_holes_above_tolerance(
            steps in prop::collection::vec((1_i64..20, 0_i64..6), 1..40),
        ) {
            let mut timeline = Timeline::new();
            let (mut at, mut expected, mut previous_end) = (0, 0, None);
            for (length, seam) in steps {
                at += seam;
                timeline.record(span(at, at + length));
                if let Some(end) = previous_end && (at - end) * 1_000 > tolerance_ms(length * 1_000) {
                    expected += at - end;
                }
                at += length;
                previous_end = Some(at);
            }
            let covered = timeline.covered();
            let holes = covered.missing_from(covered.hull().unwrap());
            prop_assert_eq!(holes.ms(), expected * 1_000);
        }
    }
}
