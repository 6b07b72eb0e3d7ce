//! Which camera of a branch was recorded on which day: the table of days on a branch's page.
//!
//! The table is judged elsewhere; here its days get their names and its exceptions their list.

use jiff::civil::Date;

use crate::web::drawing::heatmap::Cell;
use crate::web::text::{Key, figure};
use crate::web::verdict::Verdict;

/// Cameras by days.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// The days, oldest first; at most 31.
    pub days: Vec<Day>,
    /// The day of the oldest footage of these cameras, where that is not the first day or before.
    pub oldest: Option<Day>,
    /// One row per camera.
    pub rows: Vec<CameraRow>,
    /// What the rules ask to be kept, in days.
    pub required_days: u32,
    /// Where the cameras that did not fit are.
    pub next: Option<String>,
}

/// One civil day of the branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    /// `2026-11-23`.
    pub iso: String,
}

impl Day {
    pub(super) fn of_month(&self) -> &str {
        self.iso.get(8..).unwrap_or(&self.iso)
    }

    pub(super) fn month(&self) -> u32 {
        let month = self.iso.get(5..7).and_then(|month| month.parse().ok());
        month.unwrap_or(0)
    }

    pub(super) fn begins_month(&self) -> bool {
        self.of_month() == "01"
    }

    fn precedes(&self, other: &Self) -> bool {
        let day = |day: &Self| day.iso.parse::<Date>().ok();
        day(self).and_then(|day| day.tomorrow().ok()) == day(other)
    }

    pub(super) fn short(&self) -> &str {
        self.iso.get(5..).unwrap_or(&self.iso)
    }
}

/// One camera of a branch and its days.
#[derive(Debug, Clone)]
pub struct CameraRow {
    /// The recorder's key, in the branch's words.
    pub recorder: String,
    /// The camera's key, in the branch's words.
    pub camera: String,
    /// What people call it.
    pub name: String,
    /// One cell per day of [`Coverage::days`].
    pub cells: Vec<Cell>,
    /// Its continuous depth, in tenths of days.
    pub continuous_tenths: Option<u32>,
    /// The depth is at least that: something unknown cuts it short.
    pub at_least: bool,
    /// How that is judged; *not applicable* while the camera is too new.
    pub depth_verdict: Verdict,
}

impl CameraRow {
    pub(super) fn days_and_cells<'a>(
        &'a self,
        coverage: &'a Coverage,
    ) -> impl Iterator<Item = (&'a Day, &'a Cell)> {
        coverage.days.iter().zip(&self.cells)
    }

    pub(super) fn depth(&self) -> String {
        let sign = if self.at_least { "≥" } else { "" };
        self.continuous_tenths.map_or_else(
            || "–".to_owned(),
            |days| format!("{sign}{}", figure::tenths(days)),
        )
    }

    pub(super) fn depth_word(&self) -> Key {
        match self.depth_verdict {
            Verdict::NotApplicable => Key("new-camera"),
            verdict => verdict.word(),
        }
    }
}

impl Coverage {
    /// Days and cameras that are not as they should be, for the list under the table. Days in a row
    /// of which nothing is known are one.
    pub(super) fn exceptions(&self) -> Vec<Exception<'_>> {
        let mut exceptions: Vec<Exception<'_>> = Vec::new();
        for row in &self.rows {
            let mut unknown_before = false;
            for (day, cell) in row
                .days_and_cells(self)
                .filter(|(_, cell)| cell.exceptional())
            {
                let unknown = *cell == Cell::Unknown;
                match exceptions.last_mut() {
                    Some(run) if unknown && unknown_before && run.last.precedes(day) => {
                        run.last = day;
                    }
                    _ => exceptions.push(Exception {
                        row,
                        first: day,
                        last: day,
                        cell: *cell,
                    }),
                }
                unknown_before = unknown;
            }
        }
        exceptions
    }
}

/// One camera on a day, or on days in a row, that is not as it should be.
pub(super) struct Exception<'a> {
    pub(super) row: &'a CameraRow,
    pub(super) first: &'a Day,
    pub(super) last: &'a Day,
    pub(super) cell: Cell,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_in_a_row_of_which_nothing_is_known_are_listed_once() {
        let cells = vec![
            Cell::Unknown,
            Cell::Unknown,
            Cell::NotExpected,
            Cell::Unknown,
            Cell::Unknown,
        ];
        let days = [
            "2026-10-30",
            "2026-10-31",
            "2026-11-01",
            "2026-11-02",
            "2026-11-03",
        ];
        let coverage = Coverage {
            days: days
                .map(|iso| Day {
                    iso: iso.to_owned(),
                })
                .to_vec(),
            rows: vec![CameraRow {
                recorder: "r".to_owned(),
                camera: "c".to_owned(),
                name: "c".to_owned(),
                cells,
                continuous_tenths: None,
                at_least: false,
                depth_verdict: Verdict::Unknown,
            }],
            ..Coverage::default()
        };
        let runs: Vec<_> = coverage
            .exceptions()
            .iter()
            .map(|run| (run.first.short().to_owned(), run.last.short().to_owned()))
            .collect();
        let run = |first: &str, last: &str| (first.to_owned(), last.to_owned());
        assert_eq!(runs, [run("10-30", "10-31"), run("11-02", "11-03")]);
    }
}
