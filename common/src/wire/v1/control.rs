//! The small messages of a connection, version 1.

use serde::{Deserialize, Serialize};

/// The agent's first frame.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Oldest protocol spoken.
    pub protocol_min: u16,
    /// Newest protocol spoken.
    pub protocol_max: u16,
    /// One bit a capability; none is named yet.
    pub capabilities: u64,
    /// The agent's version.
    pub agent_version: String,
    /// A number of this process: two that answer with different ones are two.
    pub process: u64,
    /// The spool's epoch: its sequences mean something only together with it.
    pub epoch: u64,
    /// The agent's clock, milliseconds since 1970.
    pub clock_ms: i64,
}

/// The coordinator's answer. Only with it is the agent connected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The protocol both speak from here.
    pub protocol: u16,
    /// One bit a capability.
    pub capabilities: u64,
    /// The coordinator's clock, milliseconds since 1970.
    pub clock_ms: i64,
    /// Per lane number: the last sequence of this epoch that is stored.
    pub stored: [u64; 3],
    /// Reports of one lane that may be on their way.
    pub credit: u16,
    /// After a loss of the connection, come back at a random moment within this many milliseconds.
    pub return_within_ms: u32,
}

/// Everything of a lane up to a sequence is stored and judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// The lane's number.
    pub lane: u8,
    /// Up to here.
    pub through: u64,
    /// Of these, what could not be judged; it is stored all the same.
    pub refused: Vec<u64>,
    /// Reports of this lane that may be on their way from now on.
    pub credit: u16,
}

/// Too much at once: send nothing for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Busy {
    /// How long, in milliseconds.
    pub retry_after_ms: u32,
}

/// A message that the sender of this does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsupported {
    /// Its type.
    pub message_type: u16,
    /// Its version.
    pub message_version: u16,
}

/// The coordinator ends the connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Goodbye {
    /// 0 restarting, 1 revoked, 2 protocol too old, 3 replaced by a newer connection, 4 broke the
    /// protocol.
    pub reason: u8,
    /// Come back at a random moment within this many milliseconds.
    pub return_within_ms: u32,
}

/// Tell all your state again: the coordinator lost it or wants to compare.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restate {}
