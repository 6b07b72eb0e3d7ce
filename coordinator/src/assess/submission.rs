//! A report as the intake hands it over, and what became of it.

use keepwatch_common::model::observation::{Lane, Observation};
use keepwatch_common::time::Instant;
use uuid::Uuid;

/// One report.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Who told.
    pub agent: Uuid,
    /// Its branch.
    pub branch_id: i64,
    /// In which life of its spool.
    pub epoch: u64,
    /// On which lane.
    pub lane: Lane,
    /// When it came, by our clock.
    pub received: Instant,
    /// The agent's clock minus ours, in milliseconds.
    pub ahead_ms: i64,
    /// The observations in ascending sequence.
    pub entries: Vec<SubmittedEntry>,
}

impl Submission {
    /// When something was so by our clock, given the agent's. Nothing was observed after it came.
    pub fn corrected(&self, at: Instant) -> Instant {
        (at - self.ahead_ms).min(self.received)
    }
}

/// One observation of a report.
#[derive(Debug, Clone)]
pub struct SubmittedEntry {
    /// Its sequence in the lane.
    pub sequence: u64,
    /// The version of its code.
    pub version: u16,
    /// The observation as it came.
    pub coded: Vec<u8>,
    /// What it says.
    pub told: Told,
}

/// What an observation says.
#[derive(Debug, Clone)]
pub enum Told {
    /// This.
    Observation(Observation),
    /// Nothing that can be read, and why.
    Unreadable(String),
}

/// What became of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// Everything of its lane up to here is stored.
    pub through: u64,
    /// Of these, what could not be judged.
    pub refused: Vec<u64>,
}
