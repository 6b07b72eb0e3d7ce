//! The connections that are open now: who is here, and a way to end each of them.
//!
//! In memory only: what outlives the process is in the store. Revoking an agent ends its connection
//! from here within the second.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepwatch_common::time::Instant;
use keepwatch_common::wire::coordinator_session::Reason;
use keepwatch_common::wire::v1::desired::Desired;
use tokio::sync::watch;
use uuid::Uuid;

use super::wanted::desired;

/// One connection's handle.
#[derive(Debug, Clone)]
struct Open {
    /// Which connection: a newer one of the same agent must not be ended with an older.
    serial: u64,
    since: Instant,
    end: watch::Sender<Option<Reason>>,
    desired: watch::Sender<Arc<Desired>>,
}

/// The open connections by agent.
#[derive(Debug, Default)]
pub struct Registry {
    open: Mutex<(u64, BTreeMap<Uuid, Open>)>,
}

/// One connection's place in the registry.
#[derive(Debug)]
pub struct Place {
    serial: u64,
    /// Changes when the connection should end.
    pub end: watch::Receiver<Option<Reason>>,
    /// What is wanted of the agent now.
    pub desired: watch::Receiver<Arc<Desired>>,
}

impl Registry {
    /// Enters a connection. An older one of the same agent is told to go: the newer is the one that
    /// works.
    pub fn enter(&self, agent: Uuid, since: Instant, desired: Arc<Desired>) -> Place {
        let (end, ended) = watch::channel(None);
        let (desire, desired) = watch::channel(desired);
        let mut guard = self.lock();
        let (serials, open) = &mut *guard;
        *serials += 1;
        let serial = *serials;
        let entered = Open {
            serial,
            since,
            end,
            desired: desire,
        };
        if let Some(older) = open.insert(agent, entered) {
            older.end.send_replace(Some(Reason::Replaced));
        }
        Place {
            serial,
            end: ended,
            desired,
        }
    }

    /// Takes a connection out again; `false` when a newer one has its place.
    pub fn leave(&self, agent: Uuid, place: &Place) -> bool {
        let mut guard = self.lock();
        let is_it = guard
            .1
            .get(&agent)
            .is_some_and(|open| open.serial == place.serial);
        if is_it {
            guard.1.remove(&agent);
        }
        is_it
    }

    /// Says what is wanted of every agent that is here; of one that is not listed, nothing. How many
    /// heard something new.
    pub fn desire(&self, wanted: &BTreeMap<Uuid, Arc<Desired>>) -> u64 {
        let nothing = desired(&[]);
        let guard = self.lock();
        let changed = guard.1.iter().filter(|(agent, open)| {
            let wanted = wanted.get(agent).unwrap_or(&nothing);
            open.desired.send_if_modified(|known| {
                let is_new = known.version != wanted.version;
                if is_new {
                    *known = Arc::clone(wanted);
                }
                is_new
            })
        });
        u64::try_from(changed.count()).unwrap_or(u64::MAX)
    }

    /// Ends an agent's connection; `false` when it has none.
    pub fn end(&self, agent: Uuid, reason: Reason) -> bool {
        let guard = self.lock();
        let found = guard.1.get(&agent);
        if let Some(open) = found {
            open.end.send_replace(Some(reason));
        }
        found.is_some()
    }

    /// Ends all connections.
    pub fn end_all(&self, reason: Reason) {
        for open in self.lock().1.values() {
            open.end.send_replace(Some(reason));
        }
    }

    /// Who is connected, and since when.
    pub fn connected(&self) -> Vec<(Uuid, Instant)> {
        self.lock()
            .1
            .iter()
            .map(|(agent, open)| (*agent, open.since))
            .collect()
    }

    /// How many are connected.
    pub fn len(&self) -> usize {
        self.lock().1.len()
    }

    /// Whether nobody is connected.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lock(&self) -> MutexGuard<'_, (u64, BTreeMap<Uuid, Open>)> {
        // Nothing panics while holding it; a poisoned map is still a whole map.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves when the registry wants this connection to end; never before it is entered.
pub(super) async fn ended(end: Option<&mut watch::Receiver<Option<Reason>>>) -> Reason {
    let Some(end) = end else {
        return std::future::pending().await;
    };
    match end.wait_for(Option::is_some).await {
        Ok(reason) => reason.unwrap_or(Reason::Restarting),
        // The registry is gone: the process ends.
        Err(_) => Reason::Restarting,
    }
}

/// Resolves when something else is wanted of the agent; never before it is entered.
pub(super) async fn changed(desired: Option<&mut watch::Receiver<Arc<Desired>>>) {
    let heard = match desired {
        Some(desired) => desired.changed().await,
        None => std::future::pending().await,
    };
    if heard.is_err() {
        // The registry is gone: the process ends, and says so in another way.
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_connection_takes_the_place_of_an_older() {
        let registry = Registry::default();
        let agent = Uuid::from_u128(1);
        let older = registry.enter(agent, Instant::EPOCH, desired(&[]));
        let newer = registry.enter(agent, Instant::EPOCH, desired(&[]));
        assert_eq!(*older.end.borrow(), Some(Reason::Replaced));
        assert!(!registry.leave(agent, &older), "the newer one stays");
        assert_eq!(registry.len(), 1);
        assert!(registry.leave(agent, &newer));
        assert!(registry.is_empty());
    }

    #[test]
    fn an_agent_hears_what_is_wanted_when_it_is_something_else() {
        let registry = Registry::default();
        let agent = Uuid::from_u128(1);
        let place = registry.enter(agent, Instant::EPOCH, desired(&[]));
        assert_eq!(registry.desire(&BTreeMap::new()), 0);
        let other = Arc::new(Desired {
            version: 7,
            intentions: Vec::new(),
        });
        let wanted = BTreeMap::from([(agent, other)]);
        assert_eq!(registry.desire(&wanted), 1);
        assert_eq!(registry.desire(&wanted), 0);
        assert_eq!(place.desired.borrow().version, 7);
    }

    #[test]
    fn a_revoked_agents_connection_is_told() {
        let registry = Registry::default();
        let place = registry.enter(Uuid::from_u128(1), Instant::EPOCH, desired(&[]));
        assert!(registry.end(Uuid::from_u128(1), Reason::Revoked));
        assert_eq!(*place.end.borrow(), Some(Reason::Revoked));
        assert!(!registry.end(Uuid::from_u128(2), Reason::Revoked));
    }
}
