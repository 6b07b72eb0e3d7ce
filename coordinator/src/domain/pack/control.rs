//! What a policy pack holds. It must not know how a pack is written down.

use super::check::Check;
use crate::domain::code::Code;
use crate::domain::kind::{AlertKind, Severity};

/// A versioned set of controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pack {
    /// Its id, the same in all versions.
    pub id: Code,
    /// Its version, kept with every finding.
    pub version: String,
    /// Its name.
    pub title: Text,
    /// The clauses its controls serve.
    pub clauses: Vec<Clause>,
    /// Its controls, in the order they were written.
    pub controls: Vec<Control>,
}

impl Pack {
    /// A control by its id.
    pub fn control(&self, id: &str) -> Option<&Control> {
        self.controls
            .iter()
            .find(|control| control.id.as_str() == id)
    }

    /// A clause by its id.
    pub fn clause(&self, id: &str) -> Option<&Clause> {
        self.clauses.iter().find(|clause| clause.id.as_str() == id)
    }

    /// The controls that can raise a kind of alert.
    pub fn controls_of(&self, kind: AlertKind) -> impl Iterator<Item = &Control> {
        self.controls
            .iter()
            .filter(move |control| control.alert == kind)
    }
}

/// A duty in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clause {
    /// Its id.
    pub id: Code,
    /// The document.
    pub document: Text,
    /// The article in it.
    pub article: String,
}

/// A clause turned into something that an agent measures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its id, unique in the pack.
    pub id: Code,
    /// What it raises when it fails.
    pub alert: AlertKind,
    /// The clauses it serves, the first one first; never empty.
    pub sources: Vec<Code>,
    /// The worst it can be; how bad one failure is depends on its numbers.
    pub severity: Severity,
    /// How long it must fail before people are told, in milliseconds.
    pub pending_ms: i64,
    /// Its name.
    pub title: Text,
    /// The duty, in our words.
    pub text: Text,
    /// Why it matters.
    pub rationale: Text,
    /// What to do when it fails.
    pub remediation: Text,
    /// What is checked, and with which parameters.
    pub check: Check,
}

impl Control {
    /// The clause it serves first; its own id where a pack could name none.
    pub fn clause(&self) -> &Code {
        self.sources.first().unwrap_or(&self.id)
    }
}

/// The same in both languages; neither is empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// 中文
    pub zh: String,
    /// English
    pub en: String,
}
