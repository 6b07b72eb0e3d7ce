//! What a one-shot audit is asked, and what it answers. It must not know how either is shown.

use std::path::PathBuf;

use keepwatch_common::coverage::{ContinuousDepth, DayRollup};
use keepwatch_common::interval::Interval;
use keepwatch_common::model::segment::SegmentFault;
use keepwatch_common::time::{Instant, Zone};

use super::container::CheckError;
use super::layout::Layout;
use super::tally::StateCounts;
use super::unreadable::Unreadable;

/// Cameras in one tree at most: the largest recorders have a few hundred.
pub const CAMERAS_MAX: usize = 4_096;

/// What to audit and how.
#[derive(Debug)]
pub struct Plan {
    /// The recorder's root.
    pub root: PathBuf,
    /// How it lays footage.
    pub layout: Box<dyn Layout>,
    /// Where the audited range begins; each camera's oldest segment when not given.
    pub from: Option<Instant>,
    /// Where it ends.
    pub until: Until,
    /// Whether files are opened.
    pub verify: Verify,
    /// The zone whose days are counted.
    pub zone: Zone,
}

/// Where an audited range ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// At the end of the newest footage of any camera, so that one that stopped shows it.
    NewestOfAny,
    /// Now.
    Now,
    /// At this instant.
    At(Instant),
}

/// How far each segment is looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verify {
    /// Names and sizes only.
    None,
    /// The structure of each file.
    Structure,
}

/// How far the walk has come.
#[derive(Debug, Clone, Copy)]
pub struct Progress {
    /// Folders right below the root that are done.
    pub done: usize,
    /// Of so many.
    pub total: usize,
    /// Segments met.
    pub files: u64,
}

/// What was found.
#[derive(Debug)]
pub struct Audit {
    /// When it was made.
    pub generated_at: Instant,
    /// How long it took.
    pub elapsed_ms: u64,
    /// The cameras by name.
    pub cameras: Vec<CameraAudit>,
    /// Places that could not be read, at most [`LISTED_MAX`](super::unreadable::LISTED_MAX).
    pub unreadable: Vec<Trouble>,
    /// All of them.
    pub unreadable_count: u64,
}

/// A place that could not be read; the audit goes on without it.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    /// A folder or an entry.
    #[error("not everything could be seen")]
    Place(#[source] Unreadable),
    /// A segment.
    #[error("not everything could be checked")]
    Segment(#[source] CheckError),
}

/// One camera's part of an audit.
#[derive(Debug)]
pub struct CameraAudit {
    /// The camera in the recorder's own words.
    pub camera: String,
    /// Start of the oldest segment.
    pub oldest: Option<Instant>,
    /// End of the newest footage.
    pub newest: Option<Instant>,
    /// From there to the end of the range, in milliseconds.
    pub stale_ms: i64,
    /// Whether everything that may be of this camera could be seen.
    pub seen_whole: bool,
    /// Time of the range that could not be seen, in milliseconds: neither recorded nor missing.
    pub unknown_ms: i64,
    /// Recorded inside the range, in milliseconds.
    pub recorded_ms: i64,
    /// Expected inside the range, without what could not be seen, in milliseconds.
    pub scheduled_ms: i64,
    /// How far back footage reaches without a break.
    pub continuous: ContinuousDepth,
    /// Segments by state.
    pub states: StateCounts,
    /// Missing stretches inside the range.
    pub gaps: Vec<Interval>,
    /// What is wrong with files.
    pub faults: Vec<SegmentFault>,
    /// All faults, also those beyond what is listed.
    pub fault_count: u64,
    /// The range by civil day.
    pub days: Vec<DayRollup>,
    /// Files met.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Why a tree could not be audited at all.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The root cannot be read.
    #[error(
        "cannot scan the footage; give the folder that the layout's path starts from, mounted and \
         readable"
    )]
    Root(#[source] Unreadable),
    /// Nothing in the tree is footage of this layout.
    #[error(
        "no footage of layout {layout} below {}; is it mounted, and is this the folder that the \
         layout's path starts from?",
        root.display()
    )]
    NoFootage {
        /// The root.
        root: PathBuf,
        /// The layout's name.
        layout: String,
    },
    /// The range is empty.
    #[error("the range ends at {to}, before it begins at {from}; give --from earlier than --to")]
    EmptyRange {
        /// Begin.
        from: Instant,
        /// End.
        to: Instant,
    },
    /// More cameras than a recorder has: the template takes something else for a camera.
    #[error(
        "more than {CAMERAS_MAX} cameras below {}; the template's {{camera}} matches something else",
        root.display()
    )]
    TooManyCameras {
        /// The root.
        root: PathBuf,
    },
}
