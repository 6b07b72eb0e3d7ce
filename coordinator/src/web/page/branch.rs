//! One branch: is it heard, was everything recorded, do its volumes hold it, did its files change.

use askama::Template;
use keepwatch_common::model::volume::Presence;

use super::alerts::AlertRow;
use super::branches::Region;
use super::coverage::{CameraRow, Coverage, Day};
use super::drift::FileState;
use crate::web::address;
use crate::web::ailment::{self, Ailment};
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
    /// The gravest of its open alerts.
    pub alerts: Vec<AlertRow>,
    /// How many of its alerts are open.
    pub open_alerts: u64,
    /// How many of these nobody has taken on.
    pub unclaimed: u64,
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
    /// How well what is under it is, source by source.
    pub health: Vec<HealthRow>,
}

/// What one source says of what is under a volume.
#[derive(Debug, Clone)]
pub struct HealthRow {
    /// Which kind of source.
    pub source: String,
    /// What it speaks of.
    pub subject: String,
    /// How well it is.
    pub verdict: Verdict,
    /// Why, with the figures.
    pub ailment: Ailment,
    /// What else the machine says, in its words.
    pub detail: String,
}

impl HealthRow {
    fn word(&self) -> Key {
        ailment::verdict_word(self.verdict)
    }

    fn source(&self, t: &Text) -> String {
        match ailment::source_word(&self.source) {
            Some(key) => t.say(key).to_string(),
            None => self.source.clone(),
        }
    }

    /// Whether a person should read it.
    fn stands_out(&self) -> bool {
        self.verdict != Verdict::Pass
    }

    /// The figures and what the machine says, in one line.
    fn beside(&self, t: &Text) -> String {
        let mut words = self.ailment.standing(t);
        words.extend(Some(self.detail.clone()).filter(|detail| !detail.is_empty()));
        words.join(" · ")
    }
}

impl VolumeRow {
    /// Whether there is something to say of what is under it: of a volume that is not there and was
    /// never examined, its absence says enough.
    fn is_told(&self) -> bool {
        self.there() || !self.health.is_empty()
    }

    fn ill(&self) -> Vec<&HealthRow> {
        self.health.iter().filter(|row| row.stands_out()).collect()
    }

    fn well(&self) -> Vec<&HealthRow> {
        self.health.iter().filter(|row| !row.stands_out()).collect()
    }

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
