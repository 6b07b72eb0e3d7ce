//! What can be wrong with a field, and what to write instead.

use std::path::PathBuf;

use keepwatch_common::model::name::NameError;
use keepwatch_common::time::TimeError;

/// Recorders, volumes and watched files of one agent, each at most this many.
pub const ENTRIES_MAX: usize = 256;

/// What is wrong with a field.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// Not a name.
    #[error("is no name")]
    Name(#[source] NameError),
    /// Not a zone.
    #[error("is no time zone")]
    Zone(#[source] TimeError),
    /// Not an absolute path.
    #[error("{} must be an absolute path; begin it with /", path.display())]
    Relative {
        /// The path.
        path: PathBuf,
    },
    /// Outside its range.
    #[error("{value} is outside {min} to {max}")]
    Range {
        /// What is written.
        value: u64,
        /// The smallest allowed.
        min: u64,
        /// The largest allowed.
        max: u64,
    },
    /// Two of one name.
    #[error("the name {name} is given twice; each needs its own")]
    Twice {
        /// The name.
        name: String,
    },
    /// Too many.
    #[error("has {count} entries, at most {ENTRIES_MAX} are possible")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// Nothing to do.
    #[error("nothing to watch; add a [[recorder]], a [[volume]] or a [[watch]]")]
    Nothing,
    /// A word that is none of those possible.
    #[error("“{word}” is not possible; use one of {possible}")]
    Word {
        /// What is written.
        word: String,
        /// What could be.
        possible: &'static str,
    },
}

/// A field that is refused: its name, e.g. `recorder[1].root`, and what is wrong with it.
#[derive(Debug, thiserror::Error)]
#[error("{field}")]
pub(super) struct Refused {
    pub(super) field: String,
    #[source]
    pub(super) source: FieldError,
}

impl Refused {
    pub(super) fn new(field: impl Into<String>, source: FieldError) -> Self {
        Self {
            field: field.into(),
            source,
        }
    }
}
