//! Finds a coordinator: tries those it knows in turn, and each at the addresses of its name.
//!
//! It begins with the one that answered last, and with the next one after it did not. It must not
//! know what is said on a link, nor whether this agent is let in.

use std::net::SocketAddr;
use std::sync::Arc;

use keepwatch_common::error_chain::chain;
use keepwatch_common::model::address::Address;
use quinn::Endpoint;
use tokio_util::task::TaskTracker;
use tracing::debug;

use super::endpoint::{self, OpenError, Refusal};
use super::link::Link;
use super::quic::{self, QuicError};
use super::resolve::{NoAddress, resolve};

/// Why no coordinator was reached. Tells of the last one tried, or of the one that refused us.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreached {
    #[error("{coordinator} has no address")]
    Name {
        coordinator: Address,
        #[source]
        source: NoAddress,
    },
    #[error("no way out to {coordinator}")]
    Endpoint {
        coordinator: Address,
        #[source]
        source: OpenError,
    },
    #[error("{coordinator} cannot be reached")]
    Quic {
        coordinator: Address,
        #[source]
        source: QuicError,
    },
    #[error("no coordinator is known; join again")]
    Nobody,
}

impl Unreached {
    /// The refusal, when that is what it was.
    pub(super) fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Quic {
                source: QuicError::Refused(refusal),
                ..
            } => Some(*refusal),
            _ => None,
        }
    }
}

/// The ways out, and whose turn it is.
#[derive(Debug)]
pub(super) struct Dialler {
    tasks: TaskTracker,
    v4: Option<Endpoint>,
    v6: Option<Endpoint>,
    next: usize,
}

impl Dialler {
    /// Tasks of links are born on `tasks`.
    pub(super) fn new(tasks: TaskTracker) -> Self {
        Self {
            tasks,
            v4: None,
            v6: None,
            next: 0,
        }
    }

    /// The coordinator of the last link did not let us stay: the next one has its turn.
    pub(super) fn turn_away(&mut self) {
        self.next = self.next.wrapping_add(1);
    }

    /// Tries every coordinator once and stops at the first that answers.
    pub(super) async fn dial(
        &mut self,
        coordinators: &[Address],
        tls: &Arc<rustls::ClientConfig>,
    ) -> Result<Link, Unreached> {
        let mut failed = Unreached::Nobody;
        for _ in 0..coordinators.len() {
            let coordinator = &coordinators[self.next % coordinators.len()];
            match self.dial_one(coordinator, tls).await {
                Ok(link) => return Ok(link),
                Err(error) => {
                    debug!(error = %chain(&error), "coordinator not reached");
                    self.turn_away();
                    if failed.refusal().is_none() {
                        failed = error;
                    }
                }
            }
        }
        Err(failed)
    }

    /// Waits until what was closed has been told to the coordinators.
    pub(super) async fn close(&self) {
        for endpoint in [&self.v4, &self.v6].into_iter().flatten() {
            endpoint.wait_idle().await;
        }
    }

    async fn dial_one(
        &mut self,
        coordinator: &Address,
        tls: &Arc<rustls::ClientConfig>,
    ) -> Result<Link, Unreached> {
        let remotes = resolve(coordinator)
            .await
            .map_err(|source| Unreached::Name {
                coordinator: coordinator.clone(),
                source,
            })?;
        let mut failed = Unreached::Nobody;
        for remote in remotes {
            let endpoint = self
                .endpoint(remote)
                .map_err(|source| Unreached::Endpoint {
                    coordinator: coordinator.clone(),
                    source,
                })?;
            let (name, tls) = (coordinator.clone(), Arc::clone(tls));
            match quic::open(&endpoint, remote, name, tls, &self.tasks).await {
                Ok(link) => return Ok(link),
                Err(source) => {
                    failed = Unreached::Quic {
                        coordinator: coordinator.clone(),
                        source,
                    };
                }
            }
        }
        Err(failed)
    }

    fn endpoint(&mut self, remote: SocketAddr) -> Result<Endpoint, OpenError> {
        let kept = match remote {
            SocketAddr::V4(_) => &mut self.v4,
            SocketAddr::V6(_) => &mut self.v6,
        };
        if let Some(endpoint) = kept {
            return Ok(endpoint.clone());
        }
        let endpoint = endpoint::open(remote)?;
        Ok(kept.insert(endpoint).clone())
    }
}
