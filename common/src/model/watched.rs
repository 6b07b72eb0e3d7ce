//! A watched configuration file, as its agent read it: redacted, canonical, ready to be compared.
//!
//! Evidence, not state: a change that was changed back between two reports is still told.

use super::name::Name;

/// One reading of a watched file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedFile {
    /// Its name in the agent's configuration.
    pub name: Name,
    /// Its path at the branch.
    pub path: String,
    /// What was read.
    pub reading: Reading,
}

/// What reading a watched file gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The canonical redacted tree as canonical JSON; secrets are keyed hashes.
    Tree {
        /// The text.
        canonical: String,
        /// The file's owner, as far as the file system tells who changed it.
        owner: Option<String>,
    },
    /// The file is not there.
    Missing,
    /// It is there and cannot be read or understood: unknown, never drift.
    Unreadable {
        /// Why, for a person.
        reason: String,
    },
}
