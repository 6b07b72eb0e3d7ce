//! One branch: is it heard, was everything recorded, do its volumes hold it, did its files change.

use askama::Template;
use jiff::civil::Date;
use keepwatch_common::model::volume::Presence;

use super::alerts::AlertRow;
use super::branches::Region;
use super::drift::FileState;
use crate::web::address;
use crate::web::drawing::heatmap::Cell;
use crate::web::drawing::stack::{self, Percent};
use crate::web::frame::{Frame, Tab};
use crate::web::moment::Moment;
use crate::web::text::{Key, Text, figure};
use crate::web::verdict::Verdict;

/// One branch.
#[derive(Debug, Clone)]
pub struct BranchView {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The regions it belongs to, outermost first.
    pub regions: Vec<Region>,
    /// The IANA name of its zone; all instants of the page are told in it.
    pub zone: String,
    /// Its worst verdict.
    pub verdict: Verdict,
    /// Since when it is that.
    pub since: Option<Moment>,
    /// Findings that are open.
    pub open_findings: u64,
    /// Whether it is heard.
    pub hearing: Hearing,
    /// Its agents.
    pub agents: Vec<AgentRow>,
    /// Which camera was recorded on which day.
    pub coverage: Coverage,
    /// Its volumes.
    pub volumes: Vec<VolumeRow>,
    /// Its watched files.
    pub files: Vec<FileRow>,
    /// Its open alerts, gravest first.
    pub alerts: Vec<AlertRow>,
}

/// Whether a branch is heard.
#[derive(Debug, Clone)]
pub enum Hearing {
    /// It reports.
    Reporting,
    /// It did, and does no longer.
    Silent {
        /// The last report.
        last: Moment,
        /// Since then, in milliseconds.
        for_ms: i64,
    },
    /// It never did.
    Never,
}

impl BranchView {
    fn camera(&self, row: &CameraRow, day: Option<&Day>) -> String {
        let day = day.map(|day| day.iso.as_str());
        address::camera(&self.code, &row.recorder, &row.camera, day)
    }

    fn file(&self, row: &FileRow) -> String {
        address::drift(&self.code, &row.name)
    }

    fn silent(&self) -> Option<(&Moment, &i64)> {
        match &self.hearing {
            Hearing::Silent { last, for_ms } => Some((last, for_ms)),
            Hearing::Reporting | Hearing::Never => None,
        }
    }

    fn never(&self) -> bool {
        matches!(self.hearing, Hearing::Never)
    }

    fn alerts_address(&self) -> String {
        address::query(address::ALERTS, &[("branch", &self.code)])
    }

    /// How many alerts nobody has taken on.
    fn unclaimed(&self) -> usize {
        let unclaimed = |alert: &&AlertRow| alert.handled.is_none();
        self.alerts.iter().filter(unclaimed).count()
    }
}

/// One agent of a branch.
#[derive(Debug, Clone)]
pub struct AgentRow {
    /// Its name: the first characters of its key's fingerprint, or what people call it.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Whether it is connected now.
    pub connected: bool,
    /// The last time it was heard.
    pub last_heard: Option<Moment>,
    /// Its clock less ours, in milliseconds.
    pub clock_offset_ms: Option<i64>,
    /// Whether the offset is within what the policy allows.
    pub clock_verdict: Verdict,
}

/// Cameras by days.
#[derive(Debug, Clone, Default)]
pub struct Coverage {
    /// The days, oldest first; at most 31.
    pub days: Vec<Day>,
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
    fn of_month(&self) -> &str {
        self.iso.get(8..).unwrap_or(&self.iso)
    }

    fn month(&self) -> u32 {
        let month = self.iso.get(5..7).and_then(|month| month.parse().ok());
        month.unwrap_or(0)
    }

    fn begins_month(&self) -> bool {
        self.of_month() == "01"
    }

    fn precedes(&self, other: &Self) -> bool {
        let day = |day: &Self| day.iso.parse::<Date>().ok();
        day(self).and_then(|day| day.tomorrow().ok()) == day(other)
    }

    fn short(&self) -> &str {
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
    fn days_and_cells<'a>(
        &'a self,
        coverage: &'a Coverage,
    ) -> impl Iterator<Item = (&'a Day, &'a Cell)> {
        coverage.days.iter().zip(&self.cells)
    }

    fn depth(&self) -> String {
        let sign = if self.at_least { "≥" } else { "" };
        self.continuous_tenths.map_or_else(
            || "–".to_owned(),
            |days| format!("{sign}{}", figure::tenths(days)),
        )
    }

    fn depth_word(&self) -> Key {
        match self.depth_verdict {
            Verdict::NotApplicable => Key("new-camera"),
            verdict => verdict.word(),
        }
    }
}

impl Coverage {
    /// Days and cameras that are not as they should be, for the list under the table. Days in a row
    /// of which nothing is known are one.
    fn exceptions(&self) -> Vec<Exception<'_>> {
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
struct Exception<'a> {
    row: &'a CameraRow,
    first: &'a Day,
    last: &'a Day,
    cell: Cell,
}

/// One volume of a branch.
#[derive(Debug, Clone)]
pub struct VolumeRow {
    /// Its name.
    pub name: String,
    /// Where it should be mounted.
    pub path: String,
    /// Whether it is there.
    pub presence: Presence,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes free for the recorder.
    pub free_bytes: u64,
    /// How it is judged.
    pub verdict: Verdict,
}

impl VolumeRow {
    fn used(&self) -> Percent {
        stack::used(self.total_bytes, self.free_bytes)
    }

    fn there(&self) -> bool {
        matches!(self.presence, Presence::Present | Presence::ReadOnly)
    }

    fn word(&self) -> Key {
        match self.presence {
            Presence::Present => self.verdict.word(),
            Presence::Missing => Key("volume-missing"),
            Presence::Swapped => Key("volume-swapped"),
            Presence::ReadOnly => Key("volume-read-only"),
            Presence::Unreadable => Key("volume-unreadable"),
        }
    }

    fn free(&self) -> String {
        figure::bytes(self.free_bytes)
    }

    fn total(&self) -> String {
        figure::bytes(self.total_bytes)
    }
}

/// One watched file of a branch.
#[derive(Debug, Clone)]
pub struct FileRow {
    /// Its name in the agent's configuration.
    pub name: String,
    /// Its path at the branch.
    pub path: String,
    /// How it stands to its baseline.
    pub state: FileState,
    /// The last reading that differed from the one before.
    pub changed: Option<Moment>,
}

#[derive(Template)]
#[template(path = "branch.html")]
struct Page<'a> {
    view: &'a BranchView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page.
pub fn render(view: &BranchView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Branches),
    }
    .render()
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
