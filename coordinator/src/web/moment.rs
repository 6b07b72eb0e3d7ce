//! An instant as a page shows it: the wall clock of a zone, with the zone in reach.
//!
//! Dates are written year first in every language, so a page reads the same for everyone.

use keepwatch_common::time::{Instant, Zone};

/// An instant, already text in a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// `2026-11-23 10:32`.
    pub shown: String,
    /// `2026-11-23 10:32:07 +08:00 Asia/Shanghai`, for the tooltip and for print.
    pub full: String,
    /// RFC 3339 in UTC, for machines.
    pub iso: String,
}

impl Moment {
    /// Says `at` by the wall clock of `zone`.
    pub fn new(at: Instant, zone: &Zone) -> Self {
        let zoned = at.timestamp().to_zoned_datetime(zone.time_zone().clone());
        Self {
            shown: zoned.strftime("%Y-%m-%d %H:%M").to_string(),
            full: format!(
                "{} {}",
                zoned.strftime("%Y-%m-%d %H:%M:%S %:z"),
                zone.name()
            ),
            iso: at.to_string(),
        }
    }

    /// The day alone: `2026-11-23`.
    pub fn day(&self) -> &str {
        self.shown.split(' ').next().unwrap_or(&self.shown)
    }

    /// The time of day alone: `10:32`.
    pub fn clock(&self) -> &str {
        self.shown.split(' ').nth(1).unwrap_or(&self.shown)
    }

    /// Month, day and time, where the year is plain from what stands around: `11-23 10:32`.
    pub fn short(&self) -> &str {
        self.shown.get(5..).unwrap_or(&self.shown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_is_told_by_the_branchs_wall_clock_and_names_its_zone() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let moment = Moment::new(Instant::parse("2026-11-22T18:14:07Z").unwrap(), &zone);
        assert_eq!(moment.shown, "2026-11-23 02:14");
        assert_eq!(moment.full, "2026-11-23 02:14:07 +08:00 Asia/Shanghai");
        assert_eq!(moment.iso, "2026-11-22T18:14:07Z");
        assert_eq!(
            (moment.day(), moment.short(), moment.clock()),
            ("2026-11-23", "11-23 02:14", "02:14")
        );
    }
}
