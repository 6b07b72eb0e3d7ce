//! Instants and spans in whole milliseconds, and civil days in a time zone.
//!
//! Everything we store, send and compare is [`Instant`]: milliseconds since 1970 in UTC. Civil time
//! appears only where a person or a folder name speaks it. No clock is read here.

use std::fmt;
use std::ops::{Add, Sub};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Milliseconds in one second.
pub const SECOND_MS: i64 = 1_000;
/// Milliseconds in one minute.
pub const MINUTE_MS: i64 = 60 * SECOND_MS;
/// Milliseconds in one hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours; a civil day may be longer or shorter.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// An instant: milliseconds since 1970-01-01T00:00:00Z, between the years 1 and 9999.
///
/// The range makes every instant printable as RFC 3339, and every sum of two spans safe.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(i64);

/// 0001-01-01T00:00:00Z.
const EARLIEST_MS: i64 = -62_135_596_800_000;
/// 9999-12-30T00:00:00Z: a day and more inside what the calendar can print in every zone.
const LATEST_MS: i64 = 253_402_128_000_000;

impl Instant {
    /// The first instant that can be told.
    pub const EARLIEST: Self = Self(EARLIEST_MS);
    /// The last instant that can be told.
    pub const LATEST: Self = Self(LATEST_MS);
    /// 1970-01-01T00:00:00Z.
    pub const EPOCH: Self = Self(0);

    /// From milliseconds since 1970; values outside the range are moved to its ends.
    pub fn from_ms(ms: i64) -> Self {
        Self(ms.clamp(EARLIEST_MS, LATEST_MS))
    }

    /// From whole seconds since 1970.
    pub fn from_s(s: i64) -> Self {
        Self::from_ms(s.saturating_mul(SECOND_MS))
    }

    /// Milliseconds since 1970.
    pub fn ms(self) -> i64 {
        self.0
    }

    /// From the calendar library's instant.
    pub fn from_timestamp(timestamp: Timestamp) -> Self {
        Self::from_ms(timestamp.as_millisecond())
    }

    /// As the calendar library's instant.
    pub fn timestamp(self) -> Timestamp {
        // The range is inside the library's, so the fallback is never taken.
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    /// Milliseconds from `earlier` to here; negative when `earlier` is later.
    pub fn since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }

    /// Reads RFC 3339 (`2026-11-23T08:00:00Z`, `2026-11-23T16:00:00+08:00`).
    pub fn parse(text: &str) -> Result<Self, TimeError> {
        text.parse::<Timestamp>()
            .map(Self::from_timestamp)
            .map_err(|source| TimeError::NotAnInstant {
                text: text.to_owned(),
                source,
            })
    }
}

/// Adds milliseconds, staying inside the range.
impl Add<i64> for Instant {
    type Output = Self;

    fn add(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_add(ms))
    }
}

/// Takes milliseconds away, staying inside the range.
impl Sub<i64> for Instant {
    type Output = Self;

    fn sub(self, ms: i64) -> Self {
        Self::from_ms(self.0.saturating_sub(ms))
    }
}

/// RFC 3339 in UTC; milliseconds only when there are any.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let timestamp = self.timestamp();
        if self.0.rem_euclid(SECOND_MS) == 0 {
            write!(f, "{timestamp:.0}")
        } else {
            write!(f, "{timestamp:.3}")
        }
    }
}

impl fmt::Debug for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What can be wrong with a time that somebody wrote.
#[derive(Debug, thiserror::Error)]
pub enum TimeError {
    /// The text is not RFC 3339.
    #[error("“{text}” is not a time; write it like 2026-11-23T08:00:00Z")]
    NotAnInstant {
        /// What was written.
        text: String,
        /// Why it could not be read.
        #[source]
        source: jiff::Error,
    },
    /// The name is in no zone table.
    #[error("“{name}” is not a time zone; write an IANA name like Asia/Shanghai")]
    UnknownZone {
        /// What was written.
        name: String,
        /// Why it could not be found.
        #[source]
        source: jiff::Error,
    },
}

/// A time zone by its IANA name; never the machine's own.
#[derive(Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Zone {
    /// Coordinated universal time.
    pub fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    /// Looks the name up in the zone tables compiled into the program.
    pub fn named(name: &str) -> Result<Self, TimeError> {
        TimeZone::get(name)
            .map(Self)
            .map_err(|source| TimeError::UnknownZone {
                name: name.to_owned(),
                source,
            })
    }

    /// The IANA name, `UTC` for universal time.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The calendar library's zone.
    pub fn time_zone(&self) -> &TimeZone {
        &self.0
    }

    /// The civil day that an instant falls on.
    pub fn day_of(&self, at: Instant) -> Date {
        at.timestamp().to_zoned_datetime(self.0.clone()).date()
    }

    /// The first instant of a civil day; where midnight does not exist, the first one after it.
    pub fn day_start(&self, day: Date) -> Instant {
        day.to_zoned_datetime(self.0.clone())
            .map_or(Instant::LATEST, |zoned| {
                Instant::from_timestamp(zoned.timestamp())
            })
    }

    /// The day after `day`; the calendar's last day follows itself.
    pub fn day_after(day: Date) -> Date {
        day.tomorrow().unwrap_or(Date::MAX)
    }

    /// How far this zone is ahead of UTC at an instant, in milliseconds.
    pub fn offset_ms(&self, at: Instant) -> i64 {
        i64::from(self.0.to_offset(at.timestamp()).seconds()) * SECOND_MS
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

/// A span in milliseconds as a person reads it: `16 h 28 min`, `45 s`, `3 d 2 h`.
#[derive(Debug, Clone, Copy)]
pub struct Span(pub i64);

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = SignedDuration::from_millis(self.0).as_secs().abs();
        let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
        let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{rest} s"),
            (0, 0, _) if rest == 0 => write!(f, "{minutes} min"),
            (0, 0, _) => write!(f, "{minutes} min {rest} s"),
            (0, _, 0) => write!(f, "{hours} h"),
            (0, _, _) => write!(f, "{hours} h {minutes} min"),
            (_, 0, _) => write!(f, "{days} d"),
            _ => write!(f, "{days} d {hours} h"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_prints_as_rfc_3339_and_reads_back() {
        let at = Instant::parse("2026-11-23T16:00:00+08:00").unwrap();
        assert_eq!(at.to_string(), "2026-11-23T08:00:00Z");
        assert_eq!((at + 250).to_string(), "2026-11-23T08:00:00.250Z");
        assert_eq!(Instant::parse(&(at + 250).to_string()).unwrap(), at + 250);
    }

    #[test]
    fn arithmetic_stays_inside_the_calendar() {
        assert_eq!(Instant::LATEST + i64::MAX, Instant::LATEST);
        assert_eq!(Instant::EARLIEST - i64::MAX, Instant::EARLIEST);
        assert!(Instant::LATEST.to_string().starts_with("9999-12-30"));
        assert!(Instant::EARLIEST.to_string().starts_with("0001-01-01"));
    }

    #[test]
    fn a_day_is_23_or_25_hours_where_the_clock_changes() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let length = |day: Date| {
            berlin
                .day_start(Zone::day_after(day))
                .since(berlin.day_start(day))
                / HOUR_MS
        };
        assert_eq!(length(Date::constant(2026, 3, 29)), 23);
        assert_eq!(length(Date::constant(2026, 10, 25)), 25);
        assert_eq!(length(Date::constant(2026, 11, 23)), 24);
    }

    #[test]
    fn an_unknown_zone_is_refused_with_the_remedy() {
        let error = Zone::named("Shanghai").unwrap_err();
        assert!(error.to_string().contains("Asia/Shanghai"), "{error}");
    }

    #[test]
    fn spans_read_like_speech() {
        let said: Vec<_> = [
            0,
            45_000,
            90_000,
            300_000,
            59_280_000,
            7_200_000,
            266_400_000,
        ]
        .map(|ms| Span(ms).to_string())
        .into();
        assert_eq!(
            said,
            [
                "0 s",
                "45 s",
                "1 min 30 s",
                "5 min",
                "16 h 28 min",
                "2 h",
                "3 d 2 h"
            ]
        );
    }
}
