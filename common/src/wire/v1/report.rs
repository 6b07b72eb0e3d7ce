//! A report, version 1: observations of one lane, in sequence.

use serde::{Deserialize, Serialize};

/// Observations of one lane. The key of each is (agent, epoch, lane, sequence).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// The spool's epoch.
    pub epoch: u64,
    /// The lane's number.
    pub lane: u8,
    /// The agent's clock when this left, milliseconds since 1970.
    pub clock_ms: i64,
    /// How far the agent believes its clock to be ahead of the coordinator's, when it knows.
    pub offset_ms: Option<i64>,
    /// The observations in ascending sequence, each as it rests in the spool.
    pub observations: Vec<Entry>,
}

/// One observation of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its sequence in the lane.
    pub sequence: u64,
    /// The version of the coded observation.
    pub version: u16,
    /// The coded observation: read by itself, so that one that cannot be read spoils no other.
    pub coded: Vec<u8>,
}
