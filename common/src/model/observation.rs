//! What an agent tells, and on which lane it travels.
//!
//! *State* is latest-wins: the coordinator only wants the newest. *Evidence* must never be lost. The
//! lanes are separate so that a backlog after an outage never delays a fresh drift.

use serde::{Deserialize, Serialize};

/// How an observation travels: each lane has its own sequence, its own stream and its own acks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Latest wins: one slot per key.
    State,
    /// Evidence that someone may have to hear about at once: drift, vanished footage, lost volumes.
    Urgent,
    /// Evidence that can wait its turn: old faults found by a first index, counters.
    Routine,
}

impl Lane {
    /// All lanes, most urgent first.
    pub const BY_URGENCY: [Self; 3] = [Self::Urgent, Self::State, Self::Routine];

    /// The number used on the wire and in stores; never reused.
    pub fn number(self) -> u8 {
        match self {
            Self::State => 0,
            Self::Urgent => 1,
            Self::Routine => 2,
        }
    }

    /// The lane of a number from the wire or a store.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::BY_URGENCY
            .into_iter()
            .find(|lane| lane.number() == number)
    }
}
