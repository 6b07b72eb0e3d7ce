//! A recorder's own list of its footage, for layouts whose names tell too little.
//!
//! A book is believed about times, and never about existence: whoever reads it looks for each file.
//! It must not know how files are checked.

use std::fmt;
use std::ops::{ControlFlow, Range};
use std::path::{Path, PathBuf};

use keepwatch_common::time::Instant;

/// One segment as the recorder's own list tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<'a> {
    /// The camera in the recorder's own words.
    pub camera: &'a str,
    /// The file below the root that holds it.
    pub file: &'a str,
    /// How it lies in that file.
    pub extent: Extent,
    /// When it starts.
    pub start: Instant,
    /// When it ends; unknown while it is being written.
    pub end: Option<Instant>,
}

/// How a segment lies in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Extent {
    /// The file is the segment.
    Whole,
    /// These bytes of the file are the segment: several share one.
    Part(Range<u64>),
    /// So many bytes without a container of their own, whose structure is in the list: size alone
    /// tells whether they are whole.
    Raw(u64),
}

/// A recorder's own list of its footage.
pub trait Book: fmt::Debug + Send + Sync {
    /// Tells every segment of the list of the recorder at `root`, in any order, until `meet` breaks.
    fn read(
        &self,
        root: &Path,
        meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), BookError>;

    /// The files that change when the list does.
    fn files(&self, root: &Path) -> Vec<PathBuf>;
}

/// Why a recorder's own list cannot be read; what is on disk is then unknown, and never missing.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// It cannot be opened or read.
    #[error("cannot read the recorder's index {}; check its path and that the agent may read it", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It is a database that does not answer.
    #[error("cannot query the recorder's database {}; check that it is the right file and that the agent may read it and the files beside it", path.display())]
    Query {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is not what the layout expects.
    #[error("the recorder's index {} is not understood: {what}; name the layout that wrote it", path.display())]
    Form {
        /// Where.
        path: PathBuf,
        /// What is not understood.
        what: &'static str,
    },
}
