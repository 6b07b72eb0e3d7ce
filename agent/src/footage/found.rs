//! A segment as its name and its directory entry tell, and what else a walk meets.
//!
//! It must not know how a tree is walked nor what a file's structure says.

use std::path::Path;

use keepwatch_common::time::Instant;

use super::book::Extent;
use super::layout::{Layout, Told};
use super::named::Named;
use super::unreadable::Unreadable;

/// One segment as its name and its directory entry tell.
#[derive(Debug)]
pub struct Found<'a> {
    /// The camera in the recorder's own words.
    pub camera: &'a str,
    /// When it starts, as the name tells; where none does, when it was written last.
    pub start: Instant,
    /// When it ends, as the name tells.
    pub end: Option<Instant>,
    /// Whether the name says that its writer has not closed it.
    pub is_open: bool,
    /// The segment, below the root: its file, and where several share one, its place in it.
    pub relative: &'a str,
    /// The file.
    pub path: &'a Path,
    /// How it lies in its file.
    pub extent: Extent,
    /// Its size; of a part, as much as its file holds.
    pub bytes: u64,
    /// When its file was written last.
    pub written: Instant,
}

/// What a walk meets.
#[derive(Debug)]
pub enum Met<'a> {
    /// A segment.
    Segment(Found<'a>),
    /// A place that could not be seen; the walk goes on without it.
    Unseen {
        /// Which, and why.
        place: Unreadable,
        /// What its path has told: the camera that it concerns, and its time.
        named: &'a Named,
    },
    /// So many of the folders right below the root are done.
    Progress {
        /// Done.
        done: usize,
        /// Of so many.
        total: usize,
    },
}

/// The time under which a segment is filed: its start, or when it was written last where its name
/// tells none, or tells no more than a day in a layout whose names need not.
pub fn filed(named: &Named, layout: &dyn Layout, written: Instant) -> Option<Instant> {
    let tells_second = named.time.second.is_some() || named.time.epoch_ms.is_some();
    match layout.about().told {
        Told::Writing if !tells_second => Some(written),
        _ => named.start(layout.zone(), Some(written)),
    }
}
