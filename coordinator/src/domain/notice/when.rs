//! Instants in a branch's civil time, as short as they can be said: the date only when it is another
//! day than now.

use keepwatch_common::interval::Interval;
use keepwatch_common::time::{Instant, Zone};

/// Whose civil time, and what day it is there.
#[derive(Debug, Clone, Copy)]
pub(super) struct When<'a> {
    /// The branch's zone.
    pub(super) zone: &'a Zone,
    /// Now.
    pub(super) now: Instant,
}

impl When<'_> {
    /// `04:10`, or `11-22 04:10` on another day, or `2025-11-22 04:10` in another year.
    pub(super) fn at(self, at: Instant) -> String {
        let (day, today) = (self.zone.day_of(at), self.zone.day_of(self.now));
        let form = if day == today {
            "%H:%M"
        } else if day.year() == today.year() {
            "%m-%d %H:%M"
        } else {
            "%Y-%m-%d %H:%M"
        };
        self.said(at, form)
    }

    /// `04:10–06:30`; the second date only when it is another day than the first.
    pub(super) fn span(self, start: Instant, end: Instant) -> String {
        // A span up to midnight ends on the day it began.
        let last = Interval::new(start, end).map_or(end, |span| span.end() - 1);
        if self.zone.day_of(start) != self.zone.day_of(last) {
            return format!("{} – {}", self.at(start), self.at(end));
        }
        let until = self.said(end, "%H:%M");
        let until = if self.zone.day_of(end) == self.zone.day_of(start) {
            until
        } else {
            "24:00".to_owned()
        };
        format!("{}–{until}", self.at(start))
    }

    fn said(self, at: Instant, form: &str) -> String {
        let local = at
            .timestamp()
            .to_zoned_datetime(self.zone.time_zone().clone());
        local.strftime(form).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(start: &str, end: &str) -> String {
        let at = |text: &str| Instant::parse(&format!("{text}:00+08:00")).unwrap();
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let when = When {
            zone: &zone,
            now: at("2026-11-23T12:00"),
        };
        when.span(at(start), at(end))
    }

    #[test]
    fn dates_are_said_when_they_are_not_today() {
        assert_eq!(said("2026-11-23T04:10", "2026-11-23T06:30"), "04:10–06:30");
        assert_eq!(
            said("2026-11-22T04:10", "2026-11-22T06:30"),
            "11-22 04:10–06:30"
        );
        assert_eq!(
            said("2026-11-22T23:10", "2026-11-23T06:30"),
            "11-22 23:10 – 06:30"
        );
        assert_eq!(
            said("2025-11-22T23:10", "2025-11-22T23:30"),
            "2025-11-22 23:10–23:30"
        );
    }

    #[test]
    fn a_day_ends_at_24() {
        assert_eq!(
            said("2026-11-22T22:00", "2026-11-23T00:00"),
            "11-22 22:00–24:00"
        );
    }
}
