//! How far back footage reaches without a break.
//!
//! *Depth*, the age of the oldest file, is not retention: one old file proves nothing about the days
//! after it. *Continuous depth* walks back from now in windows of 24 hours for as long as each is
//! covered to the limit. It must not know what a policy asks for.

use super::schedule::Schedule;
use crate::interval::{Interval, IntervalSet};
use crate::time::{DAY_MS, Instant};

/// Parts in a whole: limits are given in millionths, so that the arithmetic stays exact.
const WHOLE_PPM: i64 = 1_000_000;

/// Windows walked back at most: more than ten years, so that a file dated in year one cannot make
/// the walk long.
const WINDOWS_MAX: usize = 4_000;

/// The newest unbroken run of footage that reaches up to now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContinuousDepth {
    /// Where the run starts; now itself when the last day is broken already.
    pub start: Instant,
    /// From there to now, in milliseconds.
    pub ms: i64,
}

impl ContinuousDepth {
    /// In days of 86 400 s.
    #[expect(
        clippy::cast_precision_loss,
        reason = "a hundred years of milliseconds are exact"
    )]
    pub fn days(self) -> f64 {
        self.ms as f64 / DAY_MS as f64
    }
}

/// Walks back from `now` while every 24-hour window is covered to `limit_ppm` of what the schedule
/// expects in it. The last window of the run is measured from its first footage.
pub fn continuous_depth(
    covered: &IntervalSet,
    schedule: &Schedule,
    now: Instant,
    limit_ppm: u32,
) -> ContinuousDepth {
    let mut start = now;
    let oldest = covered.hull().map_or(now, Interval::start);
    for _ in 0..WINDOWS_MAX {
        let Some(window) = Interval::new(start - DAY_MS, start).filter(|_| oldest < start) else {
            break;
        };
        if oldest <= window.start() && is_covered(covered, schedule, window, limit_ppm) {
            start = window.start();
            continue;
        }
        let first = covered.within(window).hull().map_or(start, Interval::start);
        if Interval::new(first, start)
            .is_some_and(|rest| is_covered(covered, schedule, rest, limit_ppm))
        {
            start = first;
        }
        break;
    }
    ContinuousDepth {
        start,
        ms: now.since(start),
    }
}

fn is_covered(covered: &IntervalSet, schedule: &Schedule, range: Interval, limit_ppm: u32) -> bool {
    let expected = schedule.within(range);
    let recorded = match schedule {
        Schedule::Always => covered.ms_within(range),
        Schedule::Weekly(_) => covered.within(range).intersection(&expected).ms(),
    };
    recorded * WHOLE_PPM >= expected.ms() * i64::from(limit_ppm)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::schedule::OpeningHours;
    use super::*;
    use crate::time::{HOUR_MS, SECOND_MS, Zone};

    const NOW_S: i64 = 1_800_000_000;
    const DAY_S: i64 = 86_400;

    fn back(from_s: i64, to_s: i64) -> Interval {
        Interval::new(
            Instant::from_s(NOW_S - from_s),
            Instant::from_s(NOW_S - to_s),
        )
        .unwrap()
    }

    fn depth(runs: &[Interval]) -> ContinuousDepth {
        let covered = runs.iter().copied().collect();
        continuous_depth(&covered, &Schedule::Always, Instant::from_s(NOW_S), 990_000)
    }

    #[test]
    fn unbroken_footage_counts_from_its_first_segment() {
        assert_eq!(
            depth(&[back(31 * DAY_S + 3_600, 0)]).ms,
            (31 * DAY_S + 3_600) * SECOND_MS
        );
    }

    #[test]
    fn a_two_hour_hole_ends_the_run_at_the_next_window() {
        // Ten and a half days back: windows 0 to 9 are whole, window 10 is not.
        let ten_and_a_half = 10 * DAY_S + DAY_S / 2;
        let found = depth(&[
            back(31 * DAY_S, ten_and_a_half),
            back(ten_and_a_half - 7_200, 0),
        ]);
        assert_eq!(found.ms, 10 * DAY_MS);
    }

    #[test]
    fn a_hole_within_the_limit_does_not_end_the_run() {
        let found = depth(&[back(31 * DAY_S, 10 * DAY_S), back(10 * DAY_S - 800, 0)]);
        assert_eq!(found.ms, 31 * DAY_MS);
    }

    #[test]
    fn a_run_that_follows_days_of_nothing_counts_from_its_first_segment() {
        let found = depth(&[back(31 * DAY_S, 12 * DAY_S), back(9 * DAY_S + 3_600, 0)]);
        assert_eq!(found.ms, 9 * DAY_MS + HOUR_MS);
    }

    #[test]
    fn a_camera_that_stopped_has_no_continuous_depth() {
        assert_eq!(depth(&[back(31 * DAY_S, DAY_S)]).ms, 0);
    }

    #[test]
    fn no_footage_is_no_depth() {
        assert_eq!(depth(&[]).ms, 0);
    }

    #[test]
    fn closed_days_do_not_break_a_run() {
        // Open on Mondays only, and recorded only then: the rest of the week is not expected.
        let monday = OpeningHours::new(Zone::utc(), vec![(0, 0, 1_440)]).unwrap();
        let now = Instant::parse("2026-11-24T00:00:00Z").unwrap();
        let covered: IntervalSet = (0..4)
            .filter_map(|week| {
                Interval::new(now - (7 * week + 1) * DAY_MS, now - 7 * week * DAY_MS)
            })
            .collect();
        let found = continuous_depth(&covered, &Schedule::Weekly(monday), now, 990_000);
        assert_eq!(found.ms, 22 * DAY_MS);
    }

    #[test]
    fn footage_dated_in_year_one_does_not_make_the_walk_endless() {
        let covered = [Interval::new(Instant::EARLIEST, Instant::LATEST).unwrap()];
        let covered = covered.into_iter().collect();
        let now = Instant::from_s(NOW_S);
        let found = continuous_depth(&covered, &Schedule::Always, now, 990_000);
        assert_eq!(found.ms, 4_000 * DAY_MS);
    }

    /// The simpler model: one flag a second, windows counted by hand.
    fn model_s(recorded: &[bool], limit_ppm: i64) -> i64 {
        let (now, day) = (recorded.len(), usize::try_from(DAY_S).unwrap());
        let enough = |from: usize, to: usize| {
            let have = recorded[from..to].iter().filter(|r| **r).count();
            i64::try_from(have).unwrap() * WHOLE_PPM
                >= i64::try_from(to - from).unwrap() * limit_ppm
        };
        let mut start = now;
        while start >= day && enough(start - day, start) && recorded[..=start - day].contains(&true)
        {
            start -= day;
        }
        let window = start.saturating_sub(day);
        if let Some(first) = (window..start).find(|s| recorded[*s])
            && enough(first, start)
        {
            start = first;
        }
        i64::try_from(now - start).unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn depth_agrees_with_single_seconds(
            length in 1_i64..5 * DAY_S,
            holes in prop::collection::vec((0_i64..5 * DAY_S, 1_i64..4_000), 0..8),
            limit_ppm in prop::sample::select(vec![900_000_u32, 990_000, 1_000_000]),
        ) {
            let mut recorded = vec![true; usize::try_from(length).unwrap()];
            let mut covered = IntervalSet::of(Interval::new(
                Instant::from_s(NOW_S - length), Instant::from_s(NOW_S)));
            for (from, length_s) in holes {
                let (from, to) = (from.min(length), (from + length_s).min(length));
                if let Some(hole) = Interval::new(
                    Instant::from_s(NOW_S - length + from), Instant::from_s(NOW_S - length + to)) {
                    covered.remove(hole);
                }
                for flag in &mut recorded[usize::try_from(from).unwrap()..usize::try_from(to).unwrap()] {
                    *flag = false;
                }
            }
            let found = continuous_depth(&covered, &Schedule::Always, Instant::from_s(NOW_S), limit_ppm);
            prop_assert_eq!(found.ms, model_s(&recorded, i64::from(limit_ppm)) * SECOND_MS);
        }
    }
}
