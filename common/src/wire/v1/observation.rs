//! Observations of version 1, as they travel and rest in the spool, and their way to the model.
//!
//! Kinds are told apart by their place in [`Body`]: new ones are added at its end only. A *contract*:
//! the two directions stand in children.

use serde::{Deserialize, Serialize};

use crate::model::hold::HoldStanding;
use crate::model::name::NameError;
use crate::model::segment::FaultKind;
use crate::model::volume::Presence;

mod from_model;
mod health;
mod into_model;

/// The version of the types in this file.
pub const VERSION: u16 = 1;

/// One observation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// When it was so, by the agent's clock, milliseconds since 1970.
    pub at_ms: i64,
    /// What was so.
    pub body: Body,
}

/// What can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// What there is of a camera's footage.
    Footage {
        /// Recorder and camera.
        camera: (String, String),
        /// Oldest start and newest end.
        reach_ms: (Option<i64>, Option<i64>),
        /// Sealed, open, opaque, corrupt.
        states: (u64, u64, u64, u64),
        /// Size.
        bytes: u64,
        /// Average length.
        segment_ms: i64,
    },
    /// One day of a camera's coverage.
    Coverage {
        /// Recorder and camera.
        camera: (String, String),
        /// Days since 1970 in UTC.
        day: i32,
        /// Measured range.
        measured_ms: (i64, i64),
        /// Holes as (distance from the end of the one before or the measured start, length).
        holes_ms: Vec<(u32, u32)>,
    },
    /// A fault of a segment.
    Fault {
        /// Recorder and camera.
        camera: (String, String),
        /// The file.
        path: String,
        /// Start of the segment.
        start_ms: i64,
        /// 0 empty, 1 truncated, 2 corrupt, 3 clock.
        kind: u8,
        /// For a person.
        detail: String,
        /// Whether it is still so.
        standing: bool,
    },
    /// A volume.
    Volume {
        /// Its name.
        volume: String,
        /// Its mount point.
        path: String,
        /// 0 present, 1 missing, 2 swapped, 3 read-only, 4 unreadable.
        presence: u8,
        /// Bytes in all and free.
        bytes: (u64, u64),
        /// File system.
        kind: String,
    },
    /// Footage is gone.
    Vanished {
        /// Recorder and camera.
        camera: (String, String),
        /// The stretches.
        spans_ms: Vec<(i64, i64)>,
        /// Files.
        files: u64,
    },
    /// A watched file.
    Watched {
        /// Its name.
        name: String,
        /// Its path.
        path: String,
        /// What was read.
        reading: WatchedReading,
    },
    /// Evidence was dropped.
    Lost {
        /// The lane's number.
        lane: u8,
        /// First and last sequence.
        sequences: (u64, u64),
        /// How many.
        count: u64,
        /// Observed from and to.
        observed_ms: (i64, i64),
    },
    /// The agent started.
    Started {
        /// Version.
        version: String,
        /// Process number.
        process: u64,
    },
    /// Something that recording needs was away.
    Outage {
        /// 0 the agent, 1 a recorder, 2 a camera, 3 room on a volume.
        of: u8,
        /// Recorder or volume, and camera; empty where there is none.
        subject: (String, String),
        /// Since when.
        from_ms: i64,
        /// Until when.
        until_ms: Option<i64>,
    },
    /// How well what is under a volume is.
    Health {
        /// Its name.
        volume: String,
        /// What each source says.
        sources: Vec<HealthSource>,
    },
    /// A hold.
    Hold {
        /// Its name, sixteen bytes.
        key: [u8; 16],
        /// Recorder and camera.
        camera: (String, String),
        /// 0 making, 1 kept, 2 copied, 3 partly, 4 broken, 5 in the vault, 6 no room, 7 released,
        /// 8 refused.
        standing: u8,
        /// Segments, copied, gone, changed.
        segments: (u64, u64, u64, u64),
        /// Size.
        bytes: u64,
        /// Covered of the interval.
        covered_ms: i64,
        /// All digests compared last.
        verified_ms: Option<i64>,
        /// First stretches of what is gone or changed.
        spans_ms: Vec<(i64, i64)>,
    },
}

/// What one source says of a volume's health. Numbers are places in the lists of the model, which
/// only grow at their ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthSource {
    /// Which kind of source.
    pub source: u8,
    /// What it speaks of.
    pub subject: String,
    /// 0 good, 1 worn, 2 failing, 3 unknown.
    pub word: u8,
    /// Why.
    pub reason: u8,
    /// Each measure's number and its value.
    pub figures: Vec<(u8, i64)>,
    /// For a person.
    pub detail: String,
}

/// What reading a watched file gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum WatchedReading {
    /// A tree.
    Tree {
        /// Canonical JSON.
        canonical: String,
        /// Owner.
        owner: Option<String>,
    },
    /// Not there.
    Missing,
    /// Not readable.
    Unreadable {
        /// Why.
        reason: String,
    },
}

/// Why an observation that could be decoded is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ObservationError {
    /// A name that is no name.
    #[error("field {field} is no name")]
    Name {
        /// Which.
        field: &'static str,
        /// Why.
        #[source]
        source: NameError,
    },
    /// A text or list that is too long.
    #[error("field {field} is longer than {limit}")]
    TooLong {
        /// Which.
        field: &'static str,
        /// The limit.
        limit: usize,
    },
    /// Two entries about one thing.
    #[error("field {field} tells of one thing twice")]
    Twice {
        /// Which.
        field: &'static str,
    },
    /// A number without a meaning.
    #[error("field {field} has no meaning {number}")]
    Number {
        /// Which.
        field: &'static str,
        /// What it says.
        number: u8,
    },
    /// Intervals that are empty, unsorted or outside where they belong.
    #[error("field {field} is not a sorted list of intervals inside its range")]
    Intervals {
        /// Which.
        field: &'static str,
    },
}

fn fault_number(kind: FaultKind) -> u8 {
    match kind {
        FaultKind::Empty => 0,
        FaultKind::Truncated => 1,
        FaultKind::Corrupt => 2,
        FaultKind::Clock => 3,
    }
}

fn standing_number(standing: HoldStanding) -> u8 {
    match standing {
        HoldStanding::Making => 0,
        HoldStanding::Kept => 1,
        HoldStanding::Copied => 2,
        HoldStanding::Partly => 3,
        HoldStanding::Broken => 4,
        HoldStanding::InVault => 5,
        HoldStanding::NoRoom => 6,
        HoldStanding::Released => 7,
        HoldStanding::Refused => 8,
    }
}

fn presence_number(presence: Presence) -> u8 {
    match presence {
        Presence::Present => 0,
        Presence::Missing => 1,
        Presence::Swapped => 2,
        Presence::ReadOnly => 3,
        Presence::Unreadable => 4,
    }
}
