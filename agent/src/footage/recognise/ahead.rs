//! How far names are ahead of UTC, by when their files were written last.
//!
//! A file is written last when the next one begins, so that the distance between the two is the
//! zone's. It only suggests: no zone is ever taken from it.

use keepwatch_common::time::{HOUR_MS, Instant, MINUTE_MS, Zone};

/// Every zone is a multiple of it away from UTC.
const STEP_MS: i64 = 15 * MINUTE_MS;
/// The farthest that any zone is from UTC.
const AHEAD_MS_MAX: i64 = 14 * HOUR_MS;
/// Segments farther apart than this did not follow each other.
const APART_MS_MAX: i64 = 2 * HOUR_MS;
/// A distance that is off by more than this is no zone's.
const OFF_MS_MAX: i64 = 4 * MINUTE_MS;

/// Zones to suggest, the most probable of one distance first.
const ZONES: [&str; 22] = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "Europe/London",
    "Europe/Helsinki",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/Sao_Paulo",
    "America/Halifax",
    "Europe/Moscow",
    "Asia/Dubai",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Dhaka",
    "Asia/Bangkok",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Sydney",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "UTC",
];

/// A segment as its name tells it if names were in UTC, and when it was written last.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Clocked {
    pub(super) camera: String,
    pub(super) start: Instant,
    pub(super) end: Option<Instant>,
    pub(super) written: Instant,
}

/// How far ahead of UTC names are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ahead {
    /// Milliseconds; negative west of Greenwich.
    pub ms: i64,
    /// A zone that was so far ahead when the files were written.
    pub zone: Option<&'static str>,
}

/// What most of the segments say; `None` when they say nothing, or no zone's distance.
pub(super) fn ahead(mut segments: Vec<Clocked>) -> Option<Ahead> {
    segments.sort_unstable();
    let next = segments.iter().zip(segments.iter().skip(1));
    let mut distances: Vec<_> = next
        .filter_map(|(segment, next)| {
            let follows = next.camera == segment.camera
                && (1..=APART_MS_MAX).contains(&next.start.since(segment.start));
            let end = segment.end.or(follows.then_some(next.start))?;
            Some((end.since(segment.written), segment.written))
        })
        .collect();
    distances.sort_unstable();
    let (distance, written) = *distances.get(distances.len() / 2)?;
    let ms = (distance + STEP_MS / 2).div_euclid(STEP_MS) * STEP_MS;
    if (distance - ms).abs() > OFF_MS_MAX || ms.abs() > AHEAD_MS_MAX {
        return None;
    }
    let fits = |name: &&str| Zone::named(name).is_ok_and(|zone| zone.offset_ms(written) == ms);
    Some(Ahead {
        ms,
        zone: ZONES.into_iter().find(fits),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(ahead_ms: i64, begin: &str) -> Vec<Clocked> {
        let begin = Instant::parse(begin).unwrap();
        (0..5)
            .map(|index| {
                let start = begin + index * HOUR_MS;
                Clocked {
                    camera: "a".to_owned(),
                    start: start + ahead_ms,
                    end: None,
                    written: start + HOUR_MS + 1_500,
                }
            })
            .collect()
    }

    #[test]
    fn names_in_shanghai_are_eight_hours_ahead() {
        let found = ahead(segments(8 * HOUR_MS, "2026-11-23T00:00:00Z"));
        let shanghai = Ahead {
            ms: 8 * HOUR_MS,
            zone: Some("Asia/Shanghai"),
        };
        assert_eq!(found, Some(shanghai));
    }

    #[test]
    fn a_zone_is_suggested_that_was_so_far_ahead_at_that_time() {
        let zone = |hours, begin| ahead(segments(hours * HOUR_MS, begin)).and_then(|a| a.zone);
        assert_eq!(zone(1, "2026-11-23T00:00:00Z"), Some("Europe/Berlin"));
        assert_eq!(zone(2, "2026-07-23T00:00:00Z"), Some("Europe/Berlin"));
        assert_eq!(zone(-4, "2026-07-23T00:00:00Z"), Some("America/New_York"));
    }

    #[test]
    fn copied_files_suggest_nothing() {
        assert_eq!(ahead(segments(900 * HOUR_MS, "2026-11-23T00:00:00Z")), None);
        assert_eq!(ahead(Vec::new()), None);
    }
}
