//! How a recorder stands, for whoever asks: the status command, and nobody who decides by it.

use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

/// How a recorder stands. Its JSON is part of the status file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecorderStanding {
    /// Its name in the branch's words.
    pub recorder: String,
    /// Its last walk, once there was one.
    pub walk: Option<Walk>,
    /// Cameras whose footage is known.
    pub cameras: usize,
    /// Whether new footage is heard of; otherwise it is found by walking.
    #[serde(default = "hears")]
    pub hears: bool,
    /// Places below its root that the last walk had to leave out: of what they concern nothing is
    /// told.
    #[serde(default)]
    pub left_out: u64,
    /// The first of them, in words.
    #[serde(default)]
    pub left_out_first: Option<String>,
}

/// What an agent that does not say it did.
fn hears() -> bool {
    true
}

/// One walk of a recorder's tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Walk {
    /// When it ended, by our clock.
    pub at: Instant,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// How it ended.
    pub outcome: WalkOutcome,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WalkOutcome {
    /// Everything was seen.
    Whole,
    /// Some places could not be read.
    Partly,
    /// The storage is not there.
    StorageMissing,
}

impl WalkOutcome {
    /// The word for people.
    pub fn word(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Partly => "partly readable",
            Self::StorageMissing => "storage missing",
        }
    }
}

impl RecorderStanding {
    /// Nothing was walked yet.
    pub fn new(recorder: String) -> Self {
        Self {
            recorder,
            walk: None,
            cameras: 0,
            hears: true,
            left_out: 0,
            left_out_first: None,
        }
    }
}
