//! A difference as data: its changes, what could not be known, and how much was left out.

use super::path::Path;
use crate::model::tree::Node;

/// Most changes that a difference lists, and most unknown secrets: more than anybody reads. The
/// rest is counted.
pub const CHANGES_MAX: usize = 1_000;

/// One thing that changed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Where. Steps into a list without names count places in the list *before*, except the last
    /// step of an addition, which counts in the list *after*.
    pub path: Path,
    /// What.
    pub kind: ChangeKind,
}

/// What happened to a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was there and is not.
    Removed {
        /// What it was.
        before: Node,
    },
    /// It is there and was not.
    Added {
        /// What it is.
        after: Node,
        /// Its place in a list of named elements, after the change.
        place: Option<usize>,
    },
    /// It is another value.
    Changed {
        /// What it was.
        before: Node,
        /// What it is.
        after: Node,
    },
    /// A named element stands elsewhere in its list.
    Moved {
        /// Its place before.
        from: usize,
        /// Its place after.
        to: usize,
    },
    /// Nothing differs but secrets that cannot be compared. No drift, and not known to be none.
    Unknown {
        /// What it was.
        before: Node,
        /// What it is.
        after: Node,
    },
}

impl Change {
    /// The value before, where there was one.
    pub fn before(&self) -> Option<&Node> {
        match &self.kind {
            ChangeKind::Removed { before }
            | ChangeKind::Changed { before, .. }
            | ChangeKind::Unknown { before, .. } => Some(before),
            ChangeKind::Added { .. } | ChangeKind::Moved { .. } => None,
        }
    }

    /// The value after, where there is one.
    pub fn after(&self) -> Option<&Node> {
        match &self.kind {
            ChangeKind::Added { after, .. }
            | ChangeKind::Changed { after, .. }
            | ChangeKind::Unknown { after, .. } => Some(after),
            ChangeKind::Removed { .. } | ChangeKind::Moved { .. } => None,
        }
    }
}

/// What changed between two trees. Both lists are sorted by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diff {
    /// What drifted, the first [`CHANGES_MAX`] of it.
    pub changes: Vec<Change>,
    /// How many more changes there are.
    pub changes_more: usize,
    /// Secrets that cannot be compared, the first [`CHANGES_MAX`] of them.
    pub unknown: Vec<Change>,
    /// How many more of them there are.
    pub unknown_more: usize,
}

impl Diff {
    /// Whether nothing is known to have changed.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Whether everything could be compared.
    pub fn is_certain(&self) -> bool {
        self.unknown.is_empty()
    }

    /// Whether every change is listed.
    pub fn is_whole(&self) -> bool {
        self.changes_more == 0 && self.unknown_more == 0
    }
}
