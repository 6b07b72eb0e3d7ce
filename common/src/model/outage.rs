//! An outage: a stretch in which something that recording needs was away. Evidence.
//!
//! It says what an agent saw beside the footage, so that a gap can be told with its cause. It must not
//! know gaps.

use super::camera::CameraKey;
use super::name::Name;
use crate::time::Instant;

/// What was away.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutageOf {
    /// The agent itself did not run: its machine was off, or somebody stopped it.
    Agent,
    /// A recorder did not answer.
    Recorder(Name),
    /// A camera did not answer on the branch's network.
    Camera(CameraKey),
    /// A volume had no room left.
    Room(Name),
}

impl OutageOf {
    /// The word in the store; never translated.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Recorder(_) => "recorder",
            Self::Camera(_) => "camera",
            Self::Room(_) => "room",
        }
    }
}

/// One outage. Told when it begins, and again when it has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// What was away.
    pub of: OutageOf,
    /// Since when, by the agent's clock.
    pub from: Instant,
    /// Until when; none while it lasts.
    pub until: Option<Instant>,
}
