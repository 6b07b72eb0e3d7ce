//! One recorded file: when it was recorded, its state, and what is wrong with it.
//!
//! A segment here is the outcome of a layout (who, when) and a structure check (state, length). It
//! must not know how either was read.

use serde::{Deserialize, Serialize};

use crate::time::Instant;

/// What the structure of a recorded file says about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentState {
    /// Finished and whole.
    Sealed,
    /// Still being written, or left so by a recorder that was killed.
    Open,
    /// Of a kind that cannot be read from outside: encrypted or proprietary. No fault.
    Opaque,
    /// Damaged: see the fault.
    Corrupt,
}

/// What is wrong with footage that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// The file has no bytes.
    Empty,
    /// The file ends before its structure does.
    Truncated,
    /// The structure contradicts itself.
    Corrupt,
    /// The time is wrong: a start in the future, or an overlap with the segment before.
    Clock,
}

impl FaultKind {
    /// The word used in JSON, in the store and in addresses; never translated.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::Clock => "clock",
        }
    }
}

/// A fault of one segment, as evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentFault {
    /// The file, relative to the recorder's root.
    pub path: String,
    /// When the segment starts, as its layout tells.
    pub start: Instant,
    /// What is wrong.
    pub kind: FaultKind,
    /// What was found, for a person.
    pub detail: String,
}
