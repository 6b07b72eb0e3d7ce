//! A place below a recorder's root that could not be seen, and the remedy.
//!
//! It must not know what follows from it: an audit is not whole, and a running agent concludes
//! nothing of what the place concerns.

use std::path::PathBuf;

use keepwatch_common::model::name::NameError;
use rustix::io::Errno;

use super::book::BookError;

/// Entries of one folder held in memory at most: a second each of more than three weeks.
pub const ENTRIES_MAX: usize = 2_000_000;

/// Places listed at most; more are only counted.
pub const LISTED_MAX: usize = 20;

/// A place that could not be seen.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system refused.
    #[error("cannot read {}", path.display())]
    Refused {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: Errno,
    },
    /// More entries than we hold.
    #[error("{} has more than {ENTRIES_MAX} entries; split it up", path.display())]
    TooLarge {
        /// Where.
        path: PathBuf,
    },
    /// A name that is no text.
    #[error("a name in {} is not UTF-8; rename it so that it can be reported", path.display())]
    NotText {
        /// The folder.
        path: PathBuf,
    },
    /// A camera's name that cannot be told.
    #[error("the camera “{shown}” in {} cannot be reported; rename it", path.display())]
    NoName {
        /// The folder.
        path: PathBuf,
        /// The camera, escaped.
        shown: String,
        /// What is wrong with the name.
        #[source]
        source: NameError,
    },
    /// A link, which is not followed.
    #[error(
        "{} is a link, and links below the root are not followed; put what it leads to in its \
         place, or mount it there",
        path.display()
    )]
    Link {
        /// Where.
        path: PathBuf,
    },
    /// The recorder's own list.
    #[error("what the recorder recorded is not known")]
    Book {
        /// Why.
        #[source]
        source: BookError,
    },
    /// Neither a file nor a folder.
    #[error("{} is named like a segment and is no regular file; move it away", path.display())]
    NoFile {
        /// Where.
        path: PathBuf,
    },
}

impl Unreadable {
    /// Whether it stays so until somebody renames or moves something: looking again soon is of no
    /// use, and only what it names is concerned.
    pub fn is_left_out(&self) -> bool {
        match self {
            Self::Refused { .. } | Self::TooLarge { .. } | Self::Book { .. } => false,
            Self::NotText { .. }
            | Self::NoName { .. }
            | Self::Link { .. }
            | Self::NoFile { .. } => true,
        }
    }
}
