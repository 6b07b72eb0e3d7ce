//! When a camera is expected to record: always, or opening hours in the branch's own civil time.
//!
//! A hole outside the schedule is no gap. It must not know policy: which schedule applies is given.

use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;

use crate::interval::{Interval, IntervalSet};
use crate::time::{Instant, MINUTE_MS, Zone};

/// Minutes in a civil day of 24 hours.
const DAY_MINUTES: u16 = 24 * 60;

/// Most windows a week may have; a shop has at most a few a day.
pub const WINDOWS_MAX: usize = 64;

/// When recording is expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// Around the clock, every day.
    Always,
    /// Some hours of the week.
    Weekly(OpeningHours),
}

impl Schedule {
    /// The expected instants inside a range.
    pub fn within(&self, range: Interval) -> IntervalSet {
        match self {
            Self::Always => IntervalSet::of(Some(range)),
            Self::Weekly(hours) => hours.within(range),
        }
    }

    /// Those instants of a set that are expected.
    pub fn of(&self, set: &IntervalSet) -> IntervalSet {
        match (self, set.hull()) {
            (Self::Always, _) | (_, None) => set.clone(),
            (Self::Weekly(hours), Some(hull)) => hours.within(hull).intersection(set),
        }
    }
}

/// Hours of the week in one time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpeningHours {
    zone: Zone,
    /// (weekday from Monday = 0, first minute, minutes long).
    windows: Vec<(u8, u16, u16)>,
}

/// What can be wrong with opening hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// More windows than a week can need.
    #[error("a week has at most {WINDOWS_MAX} opening windows; join neighbouring ones")]
    TooManyWindows,
    /// Day, start or length outside what a week has.
    #[error(
        "opening window {index}: the weekday is 0 (Monday) to 6, the start a minute below 1440, \
         the length 1 to 1440 minutes"
    )]
    OutsideTheWeek {
        /// Which window, from 0.
        index: usize,
    },
}

impl OpeningHours {
    /// Windows of (weekday from Monday = 0, first minute of the civil day, minutes long); one may
    /// run past midnight.
    pub fn new(zone: Zone, windows: Vec<(u8, u16, u16)>) -> Result<Self, ScheduleError> {
        if windows.len() > WINDOWS_MAX {
            return Err(ScheduleError::TooManyWindows);
        }
        for (index, (weekday, start, length)) in windows.iter().enumerate() {
            if *weekday > 6 || *start >= DAY_MINUTES || !(1..=DAY_MINUTES).contains(length) {
                return Err(ScheduleError::OutsideTheWeek { index });
            }
        }
        Ok(Self { zone, windows })
    }

    fn within(&self, range: Interval) -> IntervalSet {
        // One day earlier, because a window may run past midnight into the range.
        let mut day = self
            .zone
            .day_of(range.start())
            .yesterday()
            .unwrap_or(Date::MIN);
        let last = self.zone.day_of(range.end());
        let mut open = Vec::new();
        while day <= last {
            open.extend(self.on(day).filter_map(|window| window.intersection(range)));
            if day == Date::MAX {
                break;
            }
            day = Zone::day_after(day);
        }
        open.into_iter().collect()
    }

    /// The windows that begin on a civil day.
    fn on(&self, day: Date) -> impl Iterator<Item = Interval> {
        let weekday = day.weekday().to_monday_zero_offset();
        self.windows
            .iter()
            .filter(move |(on, _, _)| i8::try_from(*on) == Ok(weekday))
            .filter_map(move |(_, start, length)| {
                let opens = civil_instant(self.zone.time_zone(), day, *start)?;
                let closes = start + length;
                let closing_day = if closes >= DAY_MINUTES {
                    Zone::day_after(day)
                } else {
                    day
                };
                let closes =
                    civil_instant(self.zone.time_zone(), closing_day, closes % DAY_MINUTES)
                        .unwrap_or(opens + i64::from(*length) * MINUTE_MS);
                Interval::new(opens, closes)
            })
    }
}

/// The instant of a minute of a civil day; where the clock skips it, the instant after the skip.
fn civil_instant(zone: &TimeZone, day: Date, minute: u16) -> Option<Instant> {
    let time = Time::new(
        i8::try_from(minute / 60).ok()?,
        i8::try_from(minute % 60).ok()?,
        0,
        0,
    )
    .ok()?;
    let zoned = day.to_datetime(time).to_zoned_datetime(zone.clone()).ok()?;
    Some(Instant::from_timestamp(zoned.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::HOUR_MS;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn span(start: &str, end: &str) -> Interval {
        Interval::new(at(start), at(end)).unwrap()
    }

    fn hours(windows: &[(u8, u16, u16)]) -> Schedule {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        Schedule::Weekly(OpeningHours::new(zone, windows.to_vec()).unwrap())
    }

    #[test]
    fn opening_hours_are_the_branchs_own() {
        // 2026-11-23 is a Monday; 9 to 21 in Shanghai is 1 to 13 in UTC.
        let monday = span("2026-11-22T16:00:00Z", "2026-11-23T16:00:00Z");
        assert_eq!(
            hours(&[(0, 9 * 60, 12 * 60)]).within(monday).as_slice(),
            [span("2026-11-23T01:00:00Z", "2026-11-23T13:00:00Z")]
        );
    }

    #[test]
    fn a_window_past_midnight_reaches_into_the_next_day() {
        let tuesday = span("2026-11-23T16:00:00Z", "2026-11-24T16:00:00Z");
        let open = hours(&[(0, 22 * 60, 4 * 60)]).within(tuesday);
        assert_eq!(
            open.as_slice(),
            [span("2026-11-23T16:00:00Z", "2026-11-23T18:00:00Z")]
        );
    }

    #[test]
    fn a_night_with_a_clock_change_is_longer() {
        let zone = Zone::named("Europe/Berlin").unwrap();
        // Sunday 2026-10-25: 0:00 to 6:00 takes seven hours.
        let schedule = Schedule::Weekly(OpeningHours::new(zone, vec![(6, 0, 360)]).unwrap());
        let week = span("2026-10-19T00:00:00Z", "2026-10-26T12:00:00Z");
        assert_eq!(schedule.within(week).ms(), 7 * HOUR_MS);
    }

    #[test]
    fn a_window_outside_the_week_is_refused() {
        let zone = Zone::utc();
        let refused = OpeningHours::new(zone, vec![(0, 0, 60), (7, 0, 60)]).unwrap_err();
        assert_eq!(refused, ScheduleError::OutsideTheWeek { index: 1 });
    }

    #[test]
    fn always_expects_the_whole_range() {
        let day = span("2026-11-23T00:00:00Z", "2026-11-24T00:00:00Z");
        assert_eq!(Schedule::Always.within(day).as_slice(), [day]);
    }
}
