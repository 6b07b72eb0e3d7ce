//! Coverage by civil day: what was expected, what was recorded, what nobody measured.
//!
//! Days are the branch's own, so a day may have 23 or 25 hours. What lies outside the measured range
//! is *unknown*: neither recorded nor missing.

use jiff::civil::Date;

use super::schedule::Schedule;
use crate::interval::{Interval, IntervalSet};
use crate::time::Zone;

/// Days rolled up in one call at most: ten years.
const DAYS_MAX: usize = 3_660;

/// One civil day of one camera. `expected = recorded + missing + unknown`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRollup {
    /// The civil day in the zone asked for.
    pub day: Date,
    /// Milliseconds in which recording was expected.
    pub expected_ms: i64,
    /// Of these, recorded.
    pub recorded_ms: i64,
    /// Of these, measured and not recorded.
    pub missing_ms: i64,
    /// Of these, never measured.
    pub unknown_ms: i64,
    /// The longest unbroken missing stretch.
    pub longest_gap_ms: i64,
    /// How many missing stretches.
    pub gaps: usize,
}

/// Rolls `covered` up by the civil days that `range` touches.
pub fn day_rollups(
    covered: &IntervalSet,
    measured: &IntervalSet,
    schedule: &Schedule,
    zone: &Zone,
    range: Interval,
) -> Vec<DayRollup> {
    let mut days = Vec::new();
    let mut day = zone.day_of(range.start());
    while days.len() < DAYS_MAX && day < Date::MAX {
        let next = Zone::day_after(day);
        let whole = Interval::new(zone.day_start(day), zone.day_start(next));
        days.extend(whole.map(|whole| roll_up(day, covered, measured, schedule, whole)));
        day = next;
        if zone.day_start(day) >= range.end() {
            break;
        }
    }
    days
}

fn roll_up(
    day: Date,
    covered: &IntervalSet,
    measured: &IntervalSet,
    schedule: &Schedule,
    whole: Interval,
) -> DayRollup {
    let expected = schedule.within(whole);
    let known = expected.intersection(&measured.within(whole));
    let gaps = known.difference(&covered.within(whole));
    DayRollup {
        day,
        expected_ms: expected.ms(),
        recorded_ms: known.ms() - gaps.ms(),
        missing_ms: gaps.ms(),
        unknown_ms: expected.ms() - known.ms(),
        longest_gap_ms: gaps.iter().map(|gap| gap.ms()).max().unwrap_or(0),
        gaps: gaps.len(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::{HOUR_MS, Instant, SECOND_MS};

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn set(start: &str, end: &str) -> IntervalSet {
        IntervalSet::of(Interval::new(at(start), at(end)))
    }

    #[test]
    fn what_nobody_measured_is_unknown_and_not_missing() {
        let measured = set("2026-11-23T06:00:00Z", "2026-11-23T18:00:00Z");
        let covered = set("2026-11-23T06:00:00Z", "2026-11-23T17:00:00Z");
        let range = Interval::new(at("2026-11-23T00:00:00Z"), at("2026-11-24T00:00:00Z")).unwrap();
        let days = day_rollups(&covered, &measured, &Schedule::Always, &Zone::utc(), range);
        assert_eq!(days.len(), 1);
        assert_eq!(days[0].unknown_ms, 12 * HOUR_MS);
        assert_eq!(days[0].missing_ms, HOUR_MS);
        assert_eq!(days[0].recorded_ms, 11 * HOUR_MS);
        assert_eq!((days[0].gaps, days[0].longest_gap_ms), (1, HOUR_MS));
    }

    #[test]
    fn days_are_the_branchs_own() {
        let shanghai = Zone::named("Asia/Shanghai").unwrap();
        let range = Interval::new(at("2026-11-22T15:00:00Z"), at("2026-11-23T17:00:00Z")).unwrap();
        let all = IntervalSet::of(Some(range));
        let days = day_rollups(&all, &all, &Schedule::Always, &shanghai, range);
        let recorded: Vec<_> = days
            .iter()
            .map(|d| (d.day.day(), d.recorded_ms / HOUR_MS))
            .collect();
        assert_eq!(recorded, [(22, 1), (23, 24), (24, 1)]);
    }

    #[test]
    fn a_day_of_25_hours_expects_25() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let range = Interval::new(at("2026-10-25T00:00:00Z"), at("2026-10-25T12:00:00Z")).unwrap();
        let none = IntervalSet::EMPTY;
        let days = day_rollups(&none, &none, &Schedule::Always, &berlin, range);
        assert_eq!(days[0].expected_ms, 25 * HOUR_MS);
        assert_eq!(days[0].unknown_ms, 25 * HOUR_MS);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        /// The simpler model: every second finds its own day.
        #[test]
        fn days_agree_with_single_seconds(
            start in 1_792_800_000_i64..1_793_000_000, length in 1_i64..200_000,
            runs in prop::collection::vec((0_i64..200_000, 1_i64..30_000), 0..8),
        ) {
            let berlin = Zone::named("Europe/Berlin").unwrap();
            let range = Interval::new(Instant::from_s(start), Instant::from_s(start + length)).unwrap();
            let measured = IntervalSet::of(Some(range));
            let covered: IntervalSet = runs.iter().filter_map(|(from, length_s)| {
                Interval::new(Instant::from_s(start + from), Instant::from_s(start + from + length_s))
            }).collect();
            let days = day_rollups(&covered, &measured, &Schedule::Always, &berlin, range);
            let mut recorded = std::collections::BTreeMap::new();
            for s in start..start + length {
                let second = Instant::from_s(s);
                let (have, all) = recorded.entry(berlin.day_of(second)).or_insert((0_i64, 0_i64));
                *have += i64::from(covered.contains(second));
                *all += 1;
            }
            prop_assert_eq!(days.len(), recorded.len());
            for day in days {
                let (have, all) = recorded[&day.day];
                prop_assert_eq!(day.recorded_ms, have * SECOND_MS);
                prop_assert_eq!(day.missing_ms, (all - have) * SECOND_MS);
            }
        }
    }
}
