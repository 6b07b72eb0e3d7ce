//! Merges told coverage into what is known: holes open, grow and are filled.
//!
//! Pure: sets in, changes out. A slice speaks only for its measured range; what was told about the
//! rest of the day stays.

use keepwatch_common::interval::{Interval, IntervalSet};

/// What becomes of a camera's holes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct HoleChanges {
    /// New ones, and those that begin where one begins already but end elsewhere.
    pub(super) keep: Vec<Interval>,
    /// Those that are no more: filled, or part of a longer one.
    pub(super) fill: Vec<Interval>,
}

impl HoleChanges {
    /// Whether nothing changes.
    pub(super) fn is_empty(&self) -> bool {
        self.keep.is_empty() && self.fill.is_empty()
    }
}

/// The holes after a slice was told: those known outside its range, and its own.
pub(super) fn merged(known: &IntervalSet, measured: Interval, told: &[Interval]) -> IntervalSet {
    let mut holes = known.clone();
    holes.remove(measured);
    for hole in told {
        holes.insert(*hole);
    }
    holes
}

/// What turns the one into the other.
pub(super) fn changes(before: &IntervalSet, after: &IntervalSet) -> HoleChanges {
    let mut changes = HoleChanges::default();
    let starts_at = |set: &IntervalSet, hole: &Interval| {
        set.as_slice()
            .binary_search_by_key(&hole.start(), |other| other.start())
            .ok()
    };
    for hole in before {
        if starts_at(after, hole).is_none() {
            changes.fill.push(*hole);
        }
    }
    for hole in after {
        let same = starts_at(before, hole).is_some_and(|at| before.as_slice()[at] == *hole);
        if !same {
            changes.keep.push(*hole);
        }
    }
    changes
}

/// What of a day is measured now. Two ranges that do not touch cannot be kept as one: the newer word
/// stands, and what was between is unknown again.
pub(super) fn measured(known: Option<Interval>, told: Interval) -> Interval {
    match known {
        Some(known) if known.start() <= told.end() && told.start() <= known.end() => {
            known.hull(told)
        }
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;
    use proptest::prelude::*;

    use super::*;

    fn span(start: i64, end: i64) -> Interval {
        Interval::new(Instant::from_s(start), Instant::from_s(end)).unwrap()
    }

    fn set(spans: &[(i64, i64)]) -> IntervalSet {
        spans
            .iter()
            .map(|(start, end)| span(*start, *end))
            .collect()
    }

    #[test]
    fn a_hole_that_grows_keeps_its_start() {
        let before = set(&[(10, 20)]);
        let after = merged(&before, span(0, 30), &[span(10, 30)]);
        let changes = changes(&before, &after);
        assert_eq!(
            changes,
            HoleChanges {
                keep: vec![span(10, 30)],
                fill: vec![]
            }
        );
    }

    #[test]
    fn footage_that_arrives_late_fills_a_hole() {
        let before = set(&[(10, 20), (40, 50)]);
        let after = merged(&before, span(0, 30), &[]);
        assert_eq!(after, set(&[(40, 50)]));
        assert_eq!(changes(&before, &after).fill, [span(10, 20)]);
    }

    #[test]
    fn a_hole_over_midnight_is_one() {
        let before = set(&[(90, 100)]);
        let after = merged(&before, span(100, 200), &[span(100, 120)]);
        assert_eq!(after, set(&[(90, 120)]));
        assert_eq!(
            changes(&before, &after),
            HoleChanges {
                keep: vec![span(90, 120)],
                fill: vec![]
            }
        );
    }

    #[test]
    fn a_slice_says_nothing_about_what_it_did_not_measure() {
        let before = set(&[(10, 50)]);
        let after = merged(&before, span(20, 30), &[]);
        assert_eq!(after, set(&[(10, 20), (30, 50)]));
    }

    #[test]
    fn measured_ranges_that_touch_become_one() {
        assert_eq!(measured(Some(span(0, 10)), span(10, 20)), span(0, 20));
        assert_eq!(measured(Some(span(0, 10)), span(11, 20)), span(11, 20));
        assert_eq!(measured(None, span(11, 20)), span(11, 20));
    }

    proptest! {
        #[test]
        fn applying_the_changes_gives_the_merged_holes(
            known in prop::collection::vec((0_i64..100, 1_i64..10), 0..8),
            start in 0_i64..100, length in 1_i64..50,
            told in prop::collection::vec((0_i64..100, 1_i64..10), 0..8),
        ) {
            let spans = |raw: &[(i64, i64)]| -> IntervalSet {
                raw.iter().map(|(at, length)| span(*at, at + length)).collect()
            };
            let (before, range) = (spans(&known), span(start, start + length));
            let told = spans(&told).within(range);
            let after = merged(&before, range, told.as_slice());
            let changes = changes(&before, &after);
            let mut rows: std::collections::BTreeMap<_, _> =
                before.iter().map(|hole| (hole.start(), *hole)).collect();
            for hole in &changes.fill { rows.remove(&hole.start()); }
            for hole in &changes.keep { rows.insert(hole.start(), *hole); }
            let applied: Vec<_> = rows.into_values().collect();
            prop_assert_eq!(applied.as_slice(), after.as_slice());
            prop_assert_eq!(after.within(range), told);
        }
    }
}
