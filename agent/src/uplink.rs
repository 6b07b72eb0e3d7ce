//! The uplink: how what was observed reaches a coordinator.
//!
//! A *face*: it uses its children. It owns the spool, shows the identity and speaks the wire; it must
//! not know what is observed.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::ids::Randomness;
use keepwatch_common::model::observation::Observation;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

mod actor;
mod call;
mod coded;
mod course;
mod credentials;
mod dialler;
/// The way out, and why a coordinator does not let us in.
pub mod endpoint;
/// How a branch's agent asks to join.
pub mod joining;
mod keeper;
mod line;
mod link;
mod offset;
mod pacing;
mod parting;
mod quic;
mod resolve;
mod standing;

use crate::desired::Desk;
use crate::identity::time::TrustedTime;
use crate::identity::{Identity, IdentityHome};
use crate::spool::{DatabaseError, Spool};

use actor::Actor;
use course::{Course, Party};
use credentials::Credentials;
use dialler::Dialler;
use keeper::Keeper;

pub use coded::STAMP_BYTES;
pub use link::Transport;
pub use resolve::NoAddress;
pub use standing::{Connected, UplinkStanding, Waiting};

/// What the uplink is made of.
#[derive(Debug)]
pub struct Parts {
    /// The spool, open.
    pub spool: Spool,
    /// Its epoch.
    pub epoch: u64,
    /// What observers tell.
    pub observations: mpsc::Receiver<Observation>,
    /// Where what people want is kept.
    pub desk: Desk,
    /// Where the identity is kept.
    pub home: IdentityHome,
    /// Who we are.
    pub identity: Identity,
    /// What our clock is worth.
    pub time: Arc<TrustedTime>,
    /// Our clock.
    pub clock: Arc<dyn Clock>,
    /// For waits and epochs.
    pub randomness: Arc<dyn Randomness>,
    /// A number of this process, so that two with one key are told apart.
    pub process: u64,
    /// Where tasks are born.
    pub tasks: TaskTracker,
}

/// Why the uplink cannot go on. Nothing about the network is among it.
#[derive(Debug, thiserror::Error)]
pub enum UplinkError {
    /// The spool failed; the agent's next start begins with one that can be trusted.
    #[error("observations cannot be kept")]
    Spool(#[source] DatabaseError),
}

/// An uplink that is ready to run.
pub struct Uplink {
    actor: Actor,
    standing: watch::Receiver<UplinkStanding>,
}

impl Uplink {
    /// Puts the parts together; nothing is done yet.
    pub fn new(parts: Parts) -> Self {
        let identity = parts.identity;
        let nothing = UplinkStanding::new(
            identity.agent().to_string(),
            identity.branch().to_owned(),
            identity.not_after(),
        );
        let (told, standing) = watch::channel(nothing.clone());
        let keeper = Keeper::new(
            parts.spool,
            parts.epoch,
            Arc::clone(&parts.clock),
            Arc::clone(&parts.randomness),
        );
        let ours = Party {
            credentials: Credentials::new(parts.home, identity),
            time: parts.time,
            clock: Arc::clone(&parts.clock),
            randomness: parts.randomness,
            process: parts.process,
            desk: parts.desk,
        };
        let actor = Actor {
            keeper,
            course: Course::new(ours, Dialler::new(parts.tasks), nothing),
            observations: parts.observations,
            tell_at: parts.clock.tick(),
            clock: parts.clock,
            told,
        };
        Self { actor, standing }
    }

    /// How the uplink stands, as it changes.
    pub fn standing(&self) -> watch::Receiver<UplinkStanding> {
        self.standing.clone()
    }

    /// Runs until the token is cancelled; then takes what observers still tell, for two seconds or
    /// until all have let go of the queue, and closes the spool.
    pub async fn run(self, stop: CancellationToken) -> Result<(), UplinkError> {
        self.actor.run(stop).await.map_err(UplinkError::Spool)
    }
}

impl std::fmt::Debug for Uplink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uplink")
            .field("standing", &self.standing)
            .finish_non_exhaustive()
    }
}
