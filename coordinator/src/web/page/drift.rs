//! Drift: what a watched file says now against what was approved.
//!
//! A difference is told setting by setting, grouped by section. A secret never reaches this page: it
//! arrives as [`Value::Secret`], which holds nothing. The one action is to approve what is there as
//! the new baseline, with a reason.

use askama::Template;

use crate::web::address;
use crate::web::frame::{Frame, Tab};
use crate::web::moment::Moment;
use crate::web::text::{Key, Text};
use crate::web::verdict::Verdict;

/// Shortest reason for a new baseline, in characters; less says nothing.
pub const REASON_CHARS_MIN: u32 = 4;
/// Longest reason for a new baseline, in characters: a few sentences, not a report.
pub const REASON_CHARS_MAX: u32 = 500;

/// Every watched file that is not as approved.
#[derive(Debug, Clone, Default)]
pub struct DriftListView {
    /// One page of them, the newest change first.
    pub rows: Vec<DriftRow>,
    /// Files that are known to be as approved.
    pub unchanged: u64,
    /// Files that were as approved when their agents, silent now, were heard last.
    pub unknown: u64,
    /// Files in all.
    pub files: u64,
    /// Whether this is the first page of the list.
    pub first: bool,
    /// The newest report of any branch; none before the first.
    pub last_signal: Option<Moment>,
    /// Where the next page is.
    pub next: Option<String>,
}

impl DriftListView {
    fn differing(&self) -> u64 {
        let known_or_not = self.unchanged.saturating_add(self.unknown);
        self.files.saturating_sub(known_or_not)
    }

    /// What is said where no file is listed: that all are as approved only when that is known.
    fn none(&self) -> Key {
        match (self.first, self.unknown) {
            (false, _) => Key("drift-no-more"),
            (true, 0) => Key("drift-none"),
            (true, _) => Key("drift-none-known"),
        }
    }
}

/// One watched file in the list.
#[derive(Debug, Clone)]
pub struct DriftRow {
    /// The branch's code.
    pub branch_code: String,
    /// The branch's name.
    pub branch_name: String,
    /// The file's name in the agent's configuration.
    pub name: String,
    /// Its path at the branch.
    pub path: String,
    /// How it stands to its baseline.
    pub state: FileState,
    /// Since when.
    pub since: Moment,
    /// The file's owner at the branch.
    pub owner: Option<String>,
}

impl DriftRow {
    fn branch(&self) -> String {
        address::branch(&self.branch_code)
    }

    fn address(&self) -> String {
        address::drift(&self.branch_code, &self.name)
    }
}

/// How a watched file stands to its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// As approved.
    Unchanged,
    /// It differs in so many settings.
    Drifted {
        /// Settings that differ.
        changes: u64,
    },
    /// Read, and there is no baseline yet.
    Proposed,
    /// Not there.
    Missing,
    /// There, and not readable.
    Unreadable,
    /// Its secrets are hashed under another key, so nobody knows.
    OtherKey,
    /// It was as approved when its agent was heard last.
    Unknown,
}

impl FileState {
    /// How it is drawn.
    pub fn verdict(self) -> Verdict {
        match self {
            Self::Unchanged => Verdict::Pass,
            Self::Drifted { .. } | Self::Missing => Verdict::Fail,
            Self::Proposed => Verdict::NotApplicable,
            Self::Unreadable | Self::OtherKey | Self::Unknown => Verdict::Unknown,
        }
    }

    /// Its name; counts the changes where there are any.
    pub fn told(self, text: &Text) -> String {
        let changes = match self {
            Self::Drifted { changes } => changes,
            _ => 0,
        };
        let key = match self {
            Self::Unchanged => Key("file-unchanged"),
            Self::Drifted { .. } => Key("file-drifted"),
            Self::Proposed => Key("file-proposed"),
            Self::Missing => Key("file-missing"),
            Self::Unreadable => Key("file-unreadable"),
            Self::OtherKey => Key("file-other-key"),
            Self::Unknown => Key("verdict-unknown"),
        };
        text.say(key).n("changes", changes).to_string()
    }
}

/// One watched file against its baseline.
#[derive(Debug, Clone)]
pub struct DriftView {
    /// The branch's code.
    pub branch_code: String,
    /// The branch's name.
    pub branch_name: String,
    /// The IANA name of the branch's zone.
    pub zone: String,
    /// The file's name in the agent's configuration.
    pub name: String,
    /// Its path at the branch.
    pub path: String,
    /// How it stands to its baseline.
    pub state: FileState,
    /// Why it could not be read, in the agent's words.
    pub unreadable_because: Option<String>,
    /// When what stands there now was first seen.
    pub changed: Moment,
    /// The file's owner at the branch.
    pub owner: Option<String>,
    /// What was approved; none before the first.
    pub baseline: Option<Baseline>,
    /// Settings that differ, by section. Of a first baseline: all settings, as added.
    pub sections: Vec<Section>,
    /// How many more differ and are not listed.
    pub changes_more: usize,
    /// Settings that are as approved.
    pub unchanged: u64,
    /// The form; none for who may not approve, and where there is nothing to approve.
    pub approval: Option<Approval>,
}

/// An approved configuration.
#[derive(Debug, Clone)]
pub struct Baseline {
    /// Its number: the first is 1.
    pub version: u64,
    /// Who approved it; none is whoever runs the coordinator's machine.
    pub approved_by: Option<String>,
    /// When.
    pub approved_at: Moment,
    /// Why.
    pub reason: String,
}

/// One section of a configuration.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its name, as the file has it.
    pub name: String,
    /// What differs in it.
    pub changes: Vec<Change>,
}

/// One setting that differs.
#[derive(Debug, Clone)]
pub struct Change {
    /// The setting's whole path, e.g. `record.retain.days`.
    pub path: String,
    /// As approved.
    pub before: Value,
    /// As it is.
    pub after: Value,
    /// What it does to the duties, where a rule says so.
    pub consequence: Option<(Verdict, String)>,
}

/// A setting's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// The setting is not there.
    Absent,
    /// What it is.
    Text(String),
    /// Something that never left the branch; only that it changed is known.
    Secret,
    /// Something that never left the branch or has such a thing in it, which is another one than
    /// before: how it is shown, with dots for it.
    SecretChanged(String),
    /// Something that never left the branch, under another key: it cannot be compared.
    SecretUnderOtherKey,
}

/// The form that makes what is there the baseline.
#[derive(Debug, Clone, Default)]
pub struct Approval {
    /// The version of the file that the reader saw; approving an older one is refused.
    pub version: u64,
    /// Makes a form that is sent twice count once.
    pub idempotency_key: String,
    /// What was typed, kept after a refusal.
    pub reason: String,
    /// Whether the reason was refused as too short or too long.
    pub refused: bool,
}

impl DriftView {
    fn branch(&self) -> String {
        address::branch(&self.branch_code)
    }

    fn address(&self) -> String {
        address::drift(&self.branch_code, &self.name)
    }

    fn lead(&self) -> Key {
        match self.state {
            FileState::Unchanged => Key("drift-lead-unchanged"),
            FileState::Drifted { .. } => Key("drift-lead-drifted"),
            FileState::Proposed => Key("drift-lead-proposed"),
            FileState::Missing => Key("drift-lead-missing"),
            FileState::Unreadable => Key("drift-lead-unreadable"),
            FileState::OtherKey => Key("drift-lead-other-key"),
            FileState::Unknown => Key("drift-lead-unknown"),
        }
    }

    /// Whether a rule says of any setting what it does; without one there is no column for it.
    fn tells_consequences(&self) -> bool {
        let mut changes = self.sections.iter().flat_map(|section| &section.changes);
        changes.any(|change| change.consequence.is_some())
    }

    fn changes(&self) -> usize {
        let changes = self.sections.iter().map(|section| section.changes.len());
        changes.sum::<usize>() + self.changes_more
    }
}

#[derive(Template)]
#[template(path = "drift_list.html")]
struct ListPage<'a> {
    view: &'a DriftListView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

#[derive(Template)]
#[template(path = "drift.html")]
struct Page<'a> {
    view: &'a DriftView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the list.
pub fn render_list(
    view: &DriftListView,
    frame: &Frame,
    text: &Text,
) -> Result<String, askama::Error> {
    ListPage {
        view,
        frame,
        t: text,
        tab: Some(Tab::Drift),
    }
    .render()
}

/// Draws one file's page.
pub fn render(view: &DriftView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Drift),
    }
    .render()
}
