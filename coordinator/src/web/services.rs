//! What answering needs: handed to every route, built once by the program.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::ids::Randomness;
use keepwatch_common::model::address::Address;
use keepwatch_common::model::fingerprint::Fingerprint;

use crate::activator::Activator;
use crate::assess::Policy;
use crate::auth::Gate;
use crate::intake::roll::Roll;
use crate::metrics::Metrics;
use crate::store::Store;
use crate::web::text::Texts;

/// Where agents reach this coordinator: what stands in join strings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addresses {
    /// The join endpoint.
    pub joining: Address,
    /// The port of the same host for agents that have joined.
    pub agent_port: u16,
}

/// See the module. Clones are cheap inside an [`Arc`].
#[derive(Debug)]
pub struct Services {
    /// The database.
    pub store: Store,
    /// Who is connected, and who is shut out.
    pub roll: Arc<Roll>,
    /// What judging goes by.
    pub policy: Policy,
    /// Where people come in.
    pub gate: Gate,
    /// Our clock.
    pub clock: Arc<dyn Clock>,
    /// For tokens and request ids.
    pub randomness: Arc<dyn Randomness>,
    /// SHA-256 of the authority's public key: what agents pin.
    pub authority: Fingerprint,
    /// Where agents reach us.
    pub addresses: Addresses,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// The words of the pages.
    pub texts: Arc<Texts>,
    /// Rings when notifications wait.
    pub outbox: Activator,
}
