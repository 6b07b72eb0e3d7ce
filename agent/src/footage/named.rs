//! What a path below a recorder's root has told so far: whose footage, from when, until when.
//!
//! Pure arithmetic of civil times in the layout's zone. It must not know any layout, nor how a
//! segment's structure is read.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use keepwatch_common::interval::Interval;
use keepwatch_common::time::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS, Zone};

/// How far behind a segment's start its file may have been written last, for that time to tell which
/// of two equal civil hours it was: segments are at most this long.
const WRITTEN_AFTER_MS_MAX: i64 = 90 * 60 * SECOND_MS;

/// What a path has told so far: whose footage, and when it was recorded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The camera in the recorder's own words, which need not be a name that can be reported.
    pub camera: Option<String>,
    /// The parts of a camera's name that is told by several components, as far as they were read.
    pub camera_parts: Option<String>,
    /// The forms of its layout that the path still fits, a bit each.
    pub forms: u32,
    /// The folders read so far, where forms of its layout may tell different things of them.
    pub path: Option<String>,
    /// The parts of the start time.
    pub time: TimeFields,
    /// The civil time of day at which it ends, where the name tells; earlier than the start, it is
    /// of the day after.
    pub end: Option<TimeOfDay>,
    /// How long it lasts in milliseconds, where the name tells.
    pub length_ms: Option<i64>,
    /// A number that grows from segment to segment, where the name tells one.
    pub serial: Option<u64>,
    /// The name says that its writer has not closed it.
    pub is_open: bool,
}

/// A civil time of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeOfDay {
    /// Hour of 24.
    pub hour: u8,
    /// Minute.
    pub minute: u8,
    /// Second.
    pub second: u8,
}

impl Named {
    /// When the segment starts. Where a civil time happened twice, the one that fits the moment the
    /// file was last written, and otherwise the earlier.
    pub fn start(&self, zone: &Zone, written: Option<Instant>) -> Option<Instant> {
        if let Some(epoch_ms) = self.time.epoch_ms {
            return Some(Instant::from_ms(epoch_ms));
        }
        let civil = self.time.civil()?;
        let fraction = i64::from(self.time.fraction_ms);
        if let Some(offset_s) = self.time.offset_s {
            return Some(utc(civil) - i64::from(offset_s) * SECOND_MS + fraction);
        }
        if *zone == Zone::utc() {
            return Some(utc(civil) + fraction);
        }
        let (first, second) = both(zone.time_zone(), civil);
        let start = match (second, written) {
            (Some(second), Some(written))
                if fits(second, written) && !nearer(first, second, written) =>
            {
                second
            }
            _ => first,
        };
        Some(start + fraction)
    }

    /// When the segment that starts then ends, where the name tells.
    pub fn end(&self, zone: &Zone, start: Instant) -> Option<Instant> {
        if let Some(length_ms) = self.length_ms {
            return Some(start + length_ms);
        }
        let end = self.end?;
        let of_day = TimeFields {
            hour: Some(end.hour),
            minute: Some(end.minute),
            second: Some(end.second),
            fraction_ms: 0,
            ..self.time
        };
        // The first such time after the start: on the same day, also where its hour comes twice, or
        // on the next.
        let days = [Some(of_day), of_day.next_day()];
        let instants = days.into_iter().flatten().flat_map(|time| {
            let at = Self {
                time,
                ..Self::default()
            };
            let first = at.start(zone, None);
            let second = first.and_then(|first| at.start(zone, Some(first + HOUR_MS + SECOND_MS)));
            [first, second]
        });
        instants.flatten().filter(|end| *end >= start).min()
    }

    /// Whether it tells more of the time than what came before it: of such folders only the newest
    /// grow.
    pub fn tells_time_beyond(&self, before: &Self) -> bool {
        self.time != before.time || self.serial != before.serial
    }

    /// What of its name grows with time.
    pub fn order(&self) -> impl Ord + use<> {
        (self.time, self.serial)
    }

    /// The stretch that a folder of this name is for: a day, an hour or a minute of the layout's
    /// zone; `None` when the name does not tell as much.
    pub fn stretch(&self, zone: &Zone) -> Option<Interval> {
        let start = self.start(zone, None)?;
        let end = match (self.time.minute, self.time.hour) {
            (Some(_), _) => start + MINUTE_MS,
            (None, Some(_)) => start + HOUR_MS,
            (None, None) => zone.day_start(Zone::day_after(zone.day_of(start))),
        };
        Interval::new(start, end)
    }
}

/// Whether a file that starts then can have been written last at this moment.
fn fits(start: Instant, written: Instant) -> bool {
    (-SECOND_MS..=WRITTEN_AFTER_MS_MAX).contains(&written.since(start))
}

/// Whether the first start explains the moment of writing better than the second.
fn nearer(first: Instant, second: Instant, written: Instant) -> bool {
    fits(first, written) && written.since(first).abs() < written.since(second).abs()
}

/// The one or two instants of a civil time; a time that was skipped counts as if the clock had not
/// been changed yet.
fn both(zone: &TimeZone, civil: DateTime) -> (Instant, Option<Instant>) {
    let at = |offset: jiff::tz::Offset| utc(civil) - i64::from(offset.seconds()) * SECOND_MS;
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset } => (at(offset), None),
        AmbiguousOffset::Gap { before, .. } => (at(before), None),
        AmbiguousOffset::Fold { before, after } => (at(before), Some(at(after))),
    }
}

/// A civil time read as UTC.
fn utc(civil: DateTime) -> Instant {
    let days = days_from_civil(civil.year(), civil.month(), civil.day());
    let seconds = i64::from(civil.hour()) * 3_600
        + i64::from(civil.minute()) * 60
        + i64::from(civil.second());
    Instant::from_s(days * 86_400 + seconds)
}

/// Days since 1970 of a date of the Gregorian calendar (Hinnant's algorithm: years begin in March,
/// so that the leap day is the last).
fn days_from_civil(year: i16, month: i8, day: i8) -> i64 {
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The parts of a start time as names tell them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeFields {
    /// Year, four digits.
    pub year: Option<u16>,
    /// Month from 1.
    pub month: Option<u8>,
    /// Day from 1.
    pub day: Option<u8>,
    /// Hour of 24.
    pub hour: Option<u8>,
    /// Minute.
    pub minute: Option<u8>,
    /// Second.
    pub second: Option<u8>,
    /// Milliseconds within the second.
    pub fraction_ms: u16,
    /// Seconds ahead of UTC, when the name says so itself.
    pub offset_s: Option<i32>,
    /// Milliseconds since 1970, when the name says so itself.
    pub epoch_ms: Option<i64>,
}

impl TimeFields {
    /// The same time of the next day.
    fn next_day(self) -> Option<Self> {
        let date = self.civil()?.date().tomorrow().ok()?;
        Some(Self {
            year: u16::try_from(date.year()).ok(),
            month: u8::try_from(date.month()).ok(),
            day: u8::try_from(date.day()).ok(),
            ..self
        })
    }

    /// The civil time, when year, month and day are known; missing smaller parts are zero.
    fn civil(&self) -> Option<DateTime> {
        let small = |part: Option<u8>| i8::try_from(part.unwrap_or(0)).ok();
        DateTime::new(
            i16::try_from(self.year?).ok()?,
            i8::try_from(self.month?).ok()?,
            i8::try_from(self.day?).ok()?,
            small(self.hour)?,
            small(self.minute)?,
            small(self.second)?,
            0,
        )
        .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(year: u16, month: u8, day: u8, hour: u8, minute: u8) -> Named {
        let time = TimeFields {
            year: Some(year),
            month: Some(month),
            day: Some(day),
            hour: Some(hour),
            minute: Some(minute),
            ..TimeFields::default()
        };
        Named {
            time,
            ..Named::default()
        }
    }

    fn berlin() -> Zone {
        Zone::named("Europe/Berlin").unwrap()
    }

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn an_hour_that_happens_twice_is_told_apart_by_when_it_was_written() {
        // 2026-10-25 02:30 in Berlin is 00:30 and again 01:30 in UTC.
        let twice = named(2026, 10, 25, 2, 30);
        let start = |written: &str| twice.start(&berlin(), Some(at(written))).unwrap();
        assert_eq!(start("2026-10-25T00:35:00Z"), at("2026-10-25T00:30:00Z"));
        assert_eq!(start("2026-10-25T01:35:00Z"), at("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn an_hour_that_happens_twice_is_the_first_when_nothing_tells() {
        let twice = named(2026, 10, 25, 2, 30);
        assert_eq!(
            twice.start(&berlin(), None),
            Some(at("2026-10-25T00:30:00Z"))
        );
        // Copied years later: the time of writing says nothing.
        let copied = twice.start(&berlin(), Some(at("2029-01-01T00:00:00Z")));
        assert_eq!(copied, Some(at("2026-10-25T00:30:00Z")));
    }

    #[test]
    fn a_skipped_hour_still_has_a_place() {
        let skipped = named(2026, 3, 29, 2, 30);
        assert_eq!(
            skipped.start(&berlin(), None),
            Some(at("2026-03-29T01:30:00Z"))
        );
    }

    #[test]
    fn a_date_that_does_not_exist_names_nothing() {
        assert_eq!(named(2026, 2, 30, 0, 0).start(&Zone::utc(), None), None);
    }

    #[test]
    fn day_numbers_agree_with_the_calendar() {
        for days in (-700_000..2_900_000_i64).step_by(367) {
            let date = Instant::from_s(days * 86_400)
                .timestamp()
                .to_zoned_datetime(TimeZone::UTC);
            assert_eq!(days_from_civil(date.year(), date.month(), date.day()), days);
        }
    }

    fn from_to(named: Named, end: (u8, u8, u8), zone: &Zone) -> (Instant, Option<Instant>) {
        let (hour, minute, second) = end;
        let named = Named {
            end: Some(TimeOfDay {
                hour,
                minute,
                second,
            }),
            ..named
        };
        let start = named.start(zone, None).unwrap();
        (start, named.end(zone, start))
    }

    #[test]
    fn an_end_before_the_start_is_of_the_next_day() {
        let (start, end) = from_to(named(2026, 11, 23, 23, 45), (0, 15, 0), &berlin());
        assert_eq!(end, Some(start + 30 * MINUTE_MS));
        let (start, end) = from_to(named(2026, 11, 23, 23, 0), (23, 30, 0), &berlin());
        assert_eq!(end, Some(start + 30 * MINUTE_MS));
    }

    #[test]
    fn an_end_in_an_hour_that_happens_twice_is_the_first_after_the_start() {
        let second_half = Named {
            time: TimeFields {
                offset_s: None,
                ..named(2026, 10, 25, 1, 50).time
            },
            ..Named::default()
        };
        let (start, end) = from_to(second_half, (2, 10, 0), &berlin());
        assert_eq!(end, Some(start + 20 * MINUTE_MS));
        // From the second 02:50 (01:50 UTC) to 03:10.
        let fold = named(2026, 10, 25, 2, 50);
        let start = fold
            .start(&berlin(), Some(at("2026-10-25T01:55:00Z")))
            .unwrap();
        let end = Named {
            end: Some(TimeOfDay {
                hour: 3,
                minute: 10,
                second: 0,
            }),
            ..fold
        };
        assert_eq!(end.end(&berlin(), start), Some(start + 20 * MINUTE_MS));
    }
}
