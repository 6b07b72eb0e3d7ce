//! A finding that is open, and what may become of it.

use crate::domain::code::Code;
use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::Why;
use crate::domain::kind::Severity;
use crate::domain::subject::Subject;

/// A finding's number in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FindingId(pub i64);

/// A finding of one branch that is open; there is one for a control and subject.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenFinding {
    /// Its number.
    pub id: FindingId,
    /// Which control.
    pub control: Code,
    /// For whom.
    pub subject: Subject,
    /// How bad it was when judged last.
    pub severity: Severity,
    /// Its numbers; none when another version wrote them and they cannot be read.
    pub evidence: Option<Evidence>,
    /// What people believe of it; its alert's condition tells.
    pub told: Told,
}

/// What people believe of a finding after the last notice. Doubt is cast only on what is believed to
/// stand, and confirming what is doubted is a change although its numbers are the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// That it stands.
    Stands,
    /// That nobody knows.
    Unknown,
    /// Nothing, or that it is over.
    Nothing,
}

/// What becomes of a finding.
#[derive(Debug, Clone, PartialEq)]
pub enum FindingChange {
    /// A new one.
    Open {
        /// What fails.
        failing: Failing,
        /// The finding that told of the same matter so far: then it is no news.
        continues: Option<FindingId>,
    },
    /// It still fails, with other numbers, or without doubt again. When it began does not change.
    Update {
        /// Which.
        id: FindingId,
        /// How bad it was.
        was: Severity,
        /// What fails now.
        failing: Failing,
    },
    /// It does not fail any more.
    Close {
        /// Which.
        id: FindingId,
        /// Why.
        why: CloseWhy,
    },
    /// Nobody knows whether it still fails.
    Doubt {
        /// Which.
        id: FindingId,
        /// Why nobody knows.
        why: Option<Why>,
    },
}

/// Why a finding is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CloseWhy {
    /// It was judged and does not fail any more.
    Passed,
    /// Another finding tells of it now.
    Continued,
    /// It is further back than footage has to be kept.
    Outlived,
}

impl CloseWhy {
    /// The word in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Continued => "continued",
            Self::Outlived => "outlived",
        }
    }
}
