//! One day of one camera on a line: what was scheduled, what was recorded, what is wrong with it.
//!
//! A day has as many hours as its zone gives it, so positions come from its length and the hours are
//! handed in. All stretches of a kind are one path: a camera that records on motion has hundreds.

use std::fmt::{self, Write as _};

use jiff::civil::Date;
use keepwatch_common::time::{HOUR_MS, Zone};

/// Where the line begins: names of the rows stand before it.
const LEFT: i64 = 72;
/// How long the line is, in the drawing's own units.
const LENGTH: i64 = 1_248;
/// A stretch is at least this wide, in tenths of a unit, or nobody would see it.
const LEAST_TENTHS: i64 = 15;
/// Every other hour carries its name.
const HOURS_APART: i64 = 2;
/// Width of a letter of the Latin script in a label, and of a Chinese one.
const NARROW: i64 = 6;
const WIDE: i64 = 11;
/// Room between two labels.
const LABELS_APART: i64 = 10;

/// What a stretch of the day is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stretch {
    /// Recording was expected.
    Scheduled,
    /// Recorded.
    Recorded,
    /// Expected, measured and not recorded.
    Gap,
    /// Expected and not measured.
    Unknown,
    /// Recorded, and cannot be played.
    Fault,
    /// Not yet: the rest of today.
    Ahead,
}

/// One stretch of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// What it is.
    pub stretch: Stretch,
    /// Milliseconds after the day's start.
    pub start_ms: i64,
    /// Milliseconds after the day's start, not included.
    pub end_ms: i64,
    /// Two lines to write below it where there is room: what, and when and how long.
    pub label: Option<(String, String)>,
}

/// A day to be drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lane {
    /// How long the day is, in milliseconds.
    pub length_ms: i64,
    /// Milliseconds after the day's start, and what the wall clock shows then.
    pub hours: Vec<(i64, String)>,
    /// Its stretches in order of time.
    pub spans: Vec<Span>,
}

impl Lane {
    /// An empty day of a zone: 23, 24 or 25 hours long, its hours named by the wall clock.
    pub fn of_day(day: Date, zone: &Zone) -> Self {
        let start = zone.day_start(day);
        let length_ms = zone.day_start(Zone::day_after(day)).since(start);
        let hours = (0..=length_ms / (HOURS_APART * HOUR_MS))
            .map(|nth| {
                let after_ms = nth * HOURS_APART * HOUR_MS;
                let at = (start + after_ms).timestamp();
                let shown = at.to_zoned_datetime(zone.time_zone().clone());
                let name = match after_ms {
                    whole if whole == length_ms => "24:00".to_owned(),
                    _ => shown.strftime("%H:%M").to_string(),
                };
                (after_ms, name)
            })
            .collect();
        Self {
            length_ms,
            hours,
            spans: Vec::new(),
        }
    }

    /// Where the line begins.
    pub fn left(&self) -> i64 {
        LEFT
    }

    /// Where the line ends.
    pub fn right(&self) -> i64 {
        LEFT + LENGTH
    }

    /// The names of hours and where they stand.
    pub fn ticks(&self) -> Vec<(Tenths, &str)> {
        let hours = self.hours.iter();
        hours
            .map(|(at, name)| (self.x(*at), name.as_str()))
            .collect()
    }

    /// The path of all stretches of a kind, in a row `height` high from `y`; empty without any.
    pub fn path(&self, stretch: Stretch, y: i64, height: i64) -> String {
        let mut path = String::new();
        for span in self.spans.iter().filter(|span| span.stretch == stretch) {
            let (x, end) = (self.x(span.start_ms), self.x(span.end_ms));
            let width = Tenths((end.0 - x.0).max(LEAST_TENTHS));
            // Writing to a string cannot fail.
            let _infallible = write!(path, "M{x} {y}h{width}v{height}h-{width}z");
        }
        path
    }

    /// The labels that fit below the line without touching each other, from the left.
    pub fn labels(&self) -> Vec<Label<'_>> {
        let mut free_from = LEFT;
        let mut labels = Vec::new();
        for span in &self.spans {
            let Some((what, when)) = &span.label else {
                continue;
            };
            let width = text_width(what).max(text_width(when));
            // A label that would leave the drawing ends with the line instead.
            let x = (self.x(span.start_ms).0 / 10).min(self.right() - width);
            if x < free_from {
                continue;
            }
            free_from = x + width + LABELS_APART;
            labels.push(Label {
                x,
                stretch: span.stretch,
                what,
                when,
            });
        }
        labels
    }

    fn x(&self, after_ms: i64) -> Tenths {
        let length = self.length_ms.max(1);
        let inside = after_ms.clamp(0, length);
        Tenths(LEFT * 10 + inside * LENGTH * 10 / length)
    }
}

/// Words below a stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label<'a> {
    /// Where it begins.
    pub x: i64,
    /// What it stands below.
    pub stretch: Stretch,
    /// First line.
    pub what: &'a str,
    /// Second line.
    pub when: &'a str,
}

/// Tenths of the drawing's unit, printed with one decimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tenths(i64);

impl fmt::Display for Tenths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

/// How wide a text is about, at the size of labels.
fn text_width(text: &str) -> i64 {
    text.chars()
        .map(|c| if c < '\u{2e80}' { NARROW } else { WIDE })
        .sum()
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::MINUTE_MS;

    use super::*;

    fn gap(start_ms: i64, minutes: i64) -> Span {
        Span {
            stretch: Stretch::Gap,
            start_ms,
            end_ms: start_ms + minutes * MINUTE_MS,
            label: Some(("通道离线".to_owned(), "02:00–02:11".to_owned())),
        }
    }

    fn day() -> Lane {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        Lane::of_day(Date::constant(2026, 11, 8), &zone)
    }

    #[test]
    fn a_day_of_25_hours_names_its_hours_by_the_wall_clock() {
        let berlin = Zone::named("Europe/Berlin").unwrap();
        let lane = Lane::of_day(Date::constant(2026, 10, 25), &berlin);
        let names: Vec<_> = lane.hours.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(&names[..4], ["00:00", "02:00", "03:00", "05:00"]);
        assert_eq!(lane.length_ms, 25 * HOUR_MS);
    }

    #[test]
    fn a_day_of_24_hours_ends_at_24() {
        let lane = day();
        assert_eq!(lane.hours.len(), 13);
        assert_eq!(lane.ticks()[12].1, "24:00");
        assert_eq!(
            lane.ticks()[12].0.to_string(),
            format!("{}.0", lane.right())
        );
    }

    #[test]
    fn a_second_is_still_seen_and_noon_stands_in_the_middle() {
        let mut lane = day();
        lane.spans = vec![Span {
            end_ms: 12 * HOUR_MS + 1_000,
            ..gap(12 * HOUR_MS, 0)
        }];
        assert_eq!(lane.path(Stretch::Gap, 56, 26), "M696.0 56h1.5v26h-1.5z");
        assert_eq!(lane.path(Stretch::Recorded, 56, 26), "");
    }

    #[test]
    fn labels_never_touch_and_never_leave_the_drawing() {
        let mut lane = day();
        lane.spans = (0..48).map(|half| gap(half * HOUR_MS / 2, 11)).collect();
        let labels = lane.labels();
        let width = text_width("02:00–02:11");
        assert!(labels.len() > 10);
        assert!(labels.windows(2).all(|two| two[0].x + width < two[1].x));
        assert!(labels.iter().all(|label| label.x + width <= lane.right()));
    }

    #[test]
    fn a_stretch_beyond_the_day_ends_with_it() {
        let mut lane = day();
        lane.spans = vec![gap(23 * HOUR_MS, 600)];
        assert_eq!(lane.path(Stretch::Gap, 0, 1), "M1268.0 0h52.0v1h-52.0z");
    }
}
