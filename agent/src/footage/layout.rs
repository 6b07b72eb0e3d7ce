//! How recorders lay footage on disk: a reader per layout behind one contract.
//!
//! A layout turns names below a recorder's root into cameras and starts, component by component, so
//! that a walk never enters a folder that cannot hold footage. It reads names only: no file is
//! opened here, and whether a segment is whole is not its question.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use keepwatch_common::interval::Interval;
use keepwatch_common::time::{HOUR_MS, Instant, MINUTE_MS, SECOND_MS, Zone};

/// Frigate's recordings folder.
pub mod frigate;
/// Any layout that names its files by time: a path with strftime fields.
pub mod template;

/// Folders between a root and its files, at most.
pub const DEPTH_MAX: usize = 16;

/// How far behind a segment's start its file may have been written last, for that time to tell which
/// of two equal civil hours it was: segments are at most this long.
const WRITTEN_AFTER_MS_MAX: i64 = 90 * 60 * SECOND_MS;

/// One recorder's way of naming footage.
pub trait Layout: fmt::Debug + Send + Sync {
    /// The name given on the command line and in configuration.
    fn name(&self) -> String;

    /// How many path components a segment's path has below the root.
    fn depth(&self) -> usize;

    /// Reads the component at `depth` after those before it; `None` when it cannot belong to footage.
    fn read(&self, depth: usize, component: &str, before: &Named) -> Option<Named>;

    /// Whether the component at `depth` tells time, so that only its newest folders grow.
    fn tells_time(&self, depth: usize) -> bool;

    /// The zone that names are in.
    fn zone(&self) -> &Zone;

    /// How long a segment lasts when nothing else tells, in milliseconds.
    fn nominal_ms(&self) -> i64;
}

/// What a path has told so far: whose footage, and when it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Named {
    /// The camera in the recorder's own words, which need not be a name that can be reported.
    pub camera: Option<String>,
    /// The parts of the start time.
    pub time: TimeFields,
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
}

impl Named {
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
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
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
        Named { camera: None, time }
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
}
