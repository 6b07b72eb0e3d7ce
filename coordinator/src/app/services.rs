//! What a running coordinator has to offer to pages, the API and tests. Cheap to clone.

use std::net::SocketAddr;
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::ids::Randomness;
use keepwatch_common::model::address::AddressError;
use keepwatch_common::model::join::{JoinString, JoinStringError};
use keepwatch_common::secret::Secret;
use keepwatch_common::time::Instant;

use crate::activator::Activator;
use crate::assess::Policy;
use crate::authority::admission::AdmittedKeys;
use crate::authority::root::Authority;
use crate::authority::server::ServerCertificate;
use crate::background::Overview;
use crate::config::Host;
use crate::intake::roll::Roll;
use crate::metrics::Metrics;
use crate::store::Store;

/// The parts of one coordinator.
#[derive(Debug, Clone)]
pub struct Services {
    /// The record.
    pub store: Store,
    /// Who may report, and who is here; revoking goes through it.
    pub roll: Arc<Roll>,
    /// Who signs.
    pub authority: Arc<Authority>,
    /// What the coordinator shows.
    pub certificate: Arc<ServerCertificate>,
    /// Which keys may connect.
    pub admitted: Arc<AdmittedKeys>,
    /// What judging goes by.
    pub policy: Policy,
    /// Rings when notifications wait.
    pub outbox: Activator,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// How the chores are doing, and their bells.
    pub background: Overview,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// For ids and tokens.
    pub randomness: Arc<dyn Randomness>,
    /// By which names this coordinator is reached; never empty.
    pub names: Vec<Host>,
    /// Where it listens.
    pub addresses: Addresses,
    /// Since when.
    pub started_at: Instant,
}

/// Where a coordinator listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Addresses {
    /// UDP, for agents that have joined.
    pub agents: SocketAddr,
    /// UDP, for agents that join.
    pub join: SocketAddr,
    /// TCP, for pages and the API.
    pub web: SocketAddr,
}

/// Why there is no join string.
#[derive(Debug, thiserror::Error)]
pub enum NoJoinString {
    /// The coordinator has no name.
    #[error("this coordinator has no name; give it one in the configuration")]
    NoName,
    /// Its name and port are no address.
    #[error("the coordinator's first name is no address")]
    Address(#[from] AddressError),
    /// The secret is not one that a token is made of.
    #[error("the join string cannot be made")]
    Join(#[from] JoinStringError),
}

impl Services {
    /// What a branch needs to join with a token's secret. It exists to be handed over: never log it.
    pub fn join_string(&self, secret: Secret) -> Result<JoinString, NoJoinString> {
        let host = self.names.first().ok_or(NoJoinString::NoName)?;
        let joining = host.at(self.addresses.join.port())?;
        let agents = self.addresses.agents.port();
        let authority = self.authority.fingerprint();
        Ok(JoinString::new(joining, agents, authority, secret)?)
    }
}
