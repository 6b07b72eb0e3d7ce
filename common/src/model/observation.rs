//! What an agent tells, and on which lane it travels.
//!
//! *State* is latest-wins: the coordinator only wants the newest. *Evidence* must never be lost. The
//! lanes are separate so that a backlog after an outage never delays a fresh drift.

use serde::{Deserialize, Serialize};

use super::camera::{CameraFootage, CameraKey, CoverageSlice, FaultState, FootageVanished};
use super::health::VolumeHealth;
use super::hold::HoldState;
use super::outage::Outage;
use super::volume::VolumeState;
use super::watched::WatchedFile;
use crate::time::Instant;

/// How an observation travels: each lane has its own sequence, its own stream and its own acks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Latest wins: one slot per key.
    State,
    /// Evidence that someone may have to hear about at once: drift, vanished footage.
    Urgent,
    /// Evidence that can wait its turn: restarts, counters.
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

/// One thing an agent tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observation {
    /// When it was so, by the agent's clock.
    pub at: Instant,
    /// What was so.
    pub body: Body,
}

/// What can be told. New kinds are added at the end of the wire's list, never in between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// What there is of a camera's footage.
    Footage(CameraFootage),
    /// One day of a camera's coverage.
    Coverage(CoverageSlice),
    /// A fault of a segment.
    Fault(FaultState),
    /// A volume.
    Volume(VolumeState),
    /// Footage is gone.
    Vanished(FootageVanished),
    /// A watched file was read, first or anew.
    Watched(WatchedFile),
    /// The agent had to drop evidence.
    Lost(EvidenceLost),
    /// The agent started.
    Started(AgentStarted),
    /// Something that recording needs was away.
    Outage(Outage),
    /// How well what is under a volume is.
    Health(VolumeHealth),
    /// How a hold stands.
    Hold(HoldState),
}

/// Evidence that was dropped because the spool was full or too old.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceLost {
    /// Which lane.
    pub lane: Lane,
    /// First and last sequence dropped.
    pub sequences: (u64, u64),
    /// How many.
    pub count: u64,
    /// When the oldest and newest of them were observed.
    pub observed: (Instant, Instant),
}

/// A new life of the agent's process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentStarted {
    /// Its version.
    pub version: String,
    /// A number of this process, so that two starts are never one.
    pub process: u64,
}

/// What begins the key of every slot of coverage: one a camera and day, so they grow with time.
pub const COVERAGE_KEY_START: &str = "coverage\u{1f}";

impl Body {
    /// The lane it travels on.
    pub fn lane(&self) -> Lane {
        match self {
            Self::Footage(_)
            | Self::Coverage(_)
            | Self::Fault(_)
            | Self::Volume(_)
            | Self::Health(_)
            | Self::Hold(_) => Lane::State,
            Self::Vanished(_) | Self::Watched(_) | Self::Lost(_) => Lane::Urgent,
            Self::Started(_) | Self::Outage(_) => Lane::Routine,
        }
    }

    /// The slot of a state; evidence has none. Unit separators keep names apart, because names hold
    /// no control characters.
    pub fn state_key(&self) -> Option<String> {
        let of = |kind: &str, camera: &CameraKey, rest: &str| {
            Some(format!(
                "{kind}{}\u{1f}{}\u{1f}{rest}",
                camera.recorder, camera.camera
            ))
        };
        match self {
            Self::Footage(footage) => of("footage\u{1f}", &footage.camera, ""),
            Self::Coverage(slice) => {
                of(COVERAGE_KEY_START, &slice.camera, &slice.day.0.to_string())
            }
            Self::Fault(state) => of("fault\u{1f}", &state.camera, &state.fault.path),
            Self::Volume(volume) => Some(format!("volume\u{1f}{}", volume.volume)),
            Self::Vanished(_)
            | Self::Watched(_)
            | Self::Lost(_)
            | Self::Started(_)
            | Self::Outage(_) => None,
            Self::Health(health) => Some(format!("health\u{1f}{}", health.volume)),
            Self::Hold(hold) => Some(format!("hold\u{1f}{}", hold.key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_survives_its_number() {
        for lane in Lane::BY_URGENCY {
            assert_eq!(Lane::from_number(lane.number()), Some(lane));
        }
        assert_eq!(Lane::from_number(3), None);
    }
}
