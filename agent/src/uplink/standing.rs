//! How the uplink stands, for whoever asks: the status command, and nobody who decides by it.

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

use super::link::Transport;

/// How the uplink stands. Its JSON is part of the status file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UplinkStanding {
    /// The agent's id.
    pub agent: String,
    /// The branch it joined for, in the coordinator's words.
    pub branch: String,
    /// Until when its certificate is valid.
    pub certificate_until: Instant,
    /// The connection, when there is one and the coordinator has welcomed us.
    pub connected: Option<Connected>,
    /// Why there was none the last time, while there is none.
    pub away: Option<String>,
    /// How far our clock is ahead of the coordinator's, in milliseconds, as last measured.
    pub clock_offset_ms: Option<i64>,
    /// When the coordinator last acknowledged anything, by our clock.
    pub acked_at: Option<Instant>,
    /// Observations that the coordinator could not judge, since the agent started.
    pub refused: u64,
    /// What waits to be told, by lane.
    pub waiting: Vec<Waiting>,
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connected {
    /// To which coordinator.
    pub coordinator: String,
    /// Since when, by our clock.
    pub since: Instant,
    /// Over what.
    pub transport: Transport,
}

/// What waits on one lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiting {
    /// Which.
    pub lane: Lane,
    /// The last sequence given to an observation.
    pub assigned: u64,
    /// The last one that the coordinator has.
    pub acked: u64,
    /// Observations kept: undelivered evidence, or slots of state whether delivered or not.
    pub kept: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl UplinkStanding {
    /// Nothing is known yet.
    pub(super) fn new(agent: String, branch: String, certificate_until: Instant) -> Self {
        Self {
            agent,
            branch,
            certificate_until,
            connected: None,
            away: None,
            clock_offset_ms: None,
            acked_at: None,
            refused: 0,
            waiting: Vec::new(),
        }
    }
}
