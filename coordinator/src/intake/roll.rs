//! Who may report, who is here, and when each was heard.
//!
//! The roll joins what three rooms know: the authority admits keys, the registry holds connections,
//! the store remembers agents. Signs of life are written in batches, because a fleet that comes back
//! after a restart comes in one second. It must not know frames or streams.
//!
//! Long because greeting, renewing and shutting out are one story of who may report.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use keepwatch_common::wire::coordinator_session::Reason;
use keepwatch_common::wire::v1::control::Hello;
use serde_json::json;
use tracing::{error, info, warn};
use uuid::Uuid;

use super::registry::{Place, Registry};
use super::signs::Signs;
use super::wanted::desired;
use crate::auth::{Viewer, deed};
use crate::authority::admission::AdmittedKeys;
use crate::authority::issue::AgentRequest;
use crate::authority::peer::PeerIdentity;
use crate::authority::root::Authority;
use crate::metrics::IntakeMetrics;
use crate::store::agents::AgentRow;
use crate::store::lanes::LaneKey;
use crate::store::presence::{Connected, Disconnected, Heard};
use crate::store::{Store, StoreError};

/// An agent whose connection is lost comes back at a random moment within this: a fleet of ten
/// thousand that lost its coordinator must not come back in one second.
const RETURN_WITHIN_MS: u32 = 10_000;

/// An agent that is said to be connected and was not written down for this long, in milliseconds, is
/// not: its coordinator is gone. Several sweeps.
pub const STALE_MS: i64 = 90_000;

/// Days a certificate lasts: branches go dark for weeks.
pub const CERTIFICATE_DAYS: u16 = 60;

/// An agent that was let in.
#[derive(Debug, Clone)]
pub struct Greeted {
    /// Which.
    pub agent: Uuid,
    /// Its branch.
    pub branch_id: i64,
    /// Its branch's code.
    pub branch: String,
    /// Since when it is connected.
    pub since: Instant,
    /// Per lane number: what of its epoch is stored.
    pub stored: [u64; 3],
    /// Its clock minus ours.
    pub ahead_ms: i64,
}

/// Why an agent was not let in.
#[derive(Debug, thiserror::Error)]
pub enum RollError {
    /// Its key is admitted and the store does not know it.
    #[error("the agent is not known to the store; join it again")]
    Unknown,
    /// It was revoked a moment ago.
    #[error("the agent is revoked")]
    Revoked,
    /// The store fails.
    #[error("the store fails")]
    Store(#[from] StoreError),
}

/// See the module.
#[derive(Debug)]
pub struct Roll {
    store: Store,
    authority: Arc<Authority>,
    admitted: Arc<AdmittedKeys>,
    registry: Registry,
    clock: Arc<dyn Clock>,
    signs: Mutex<Signs>,
    metrics: IntakeMetrics,
}

impl Roll {
    /// Begins with nobody here.
    pub fn new(
        store: Store,
        authority: Arc<Authority>,
        admitted: Arc<AdmittedKeys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let (registry, signs) = (Registry::default(), Mutex::default());
        Self {
            store,
            authority,
            admitted,
            registry,
            clock,
            signs,
            metrics: IntakeMetrics::default(),
        }
    }

    /// Counts who comes.
    #[must_use]
    pub fn counted(mut self, metrics: IntakeMetrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// The coordinator's clock.
    pub fn clock(&self) -> &dyn Clock {
        self.clock.as_ref()
    }

    /// Who is connected.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How far a fleet spreads its return.
    pub fn return_within_ms(&self) -> u32 {
        RETURN_WITHIN_MS
    }

    /// An agent said hello.
    pub async fn greet(
        &self,
        peer: &PeerIdentity,
        hello: &Hello,
    ) -> Result<(Greeted, Place), RollError> {
        let greeted = self.let_in(peer, hello).await;
        match greeted {
            Ok(_) => self.metrics.connected(),
            Err(_) => self.metrics.turned_away(),
        }
        greeted
    }

    async fn let_in(
        &self,
        peer: &PeerIdentity,
        hello: &Hello,
    ) -> Result<(Greeted, Place), RollError> {
        let since = self.clock.now();
        let ahead_ms = Instant::from_ms(hello.clock_ms).since(since);
        let mut reader = self.store.read().await?;
        let agent = reader
            .agent_fetch(peer.agent)
            .await?
            .ok_or(RollError::Unknown)?;
        if agent.revoked_at_ms.is_some() {
            return Err(RollError::Revoked);
        }
        let branch = reader
            .branch_fetch(agent.branch_id)
            .await?
            .ok_or(RollError::Unknown)?;
        let keys = Lane::BY_URGENCY.map(|lane| LaneKey {
            agent: agent.id,
            epoch: hello.epoch,
            lane,
        });
        let through = reader.lanes_through(&keys).await?;
        let holds = reader.hold_list_wanted_of(&agent.id.to_string()).await?;
        drop(reader);
        self.commit_candidate(&agent, peer).await?;
        let mut stored = [0; 3];
        for key in keys {
            let known = through.get(&key).copied().unwrap_or(0);
            stored[usize::from(key.lane.number())] = known;
        }
        let place =
            self.registry
                .enter(agent.id, since, desired(&holds.iter().collect::<Vec<_>>()));
        self.signs().came(Connected {
            agent: agent.id,
            at: since,
            version: hello.agent_version.chars().take(100).collect(),
            process: hello.process,
            clock_ahead_ms: Some(ahead_ms),
        });
        let (branch_id, branch) = (agent.branch_id, branch.code);
        let greeted = Greeted {
            agent: agent.id,
            branch_id,
            branch,
            since,
            stored,
            ahead_ms,
        };
        Ok((greeted, place))
    }

    /// A connection ended.
    pub fn left(&self, greeted: &Greeted, place: &Place) {
        if self.registry.leave(greeted.agent, place) {
            self.signs().left(Disconnected {
                agent: greeted.agent,
                connected_at: greeted.since,
            });
        }
    }

    /// Something was heard of an agent.
    pub fn heard(&self, agent: Uuid, at: Instant, clock_ms: i64) {
        let clock_ahead_ms = Some(Instant::from_ms(clock_ms).since(at));
        self.signs().heard(Heard {
            agent,
            at,
            clock_ahead_ms,
        });
    }

    /// Writes down the signs of life since the last call: at once who came and who left, and every
    /// now and then who was heard. An open connection is a sign of life: its keep-alives are answered
    /// or it ends.
    pub async fn write_down(&self) -> Result<(), StoreError> {
        let (now, tick) = (self.clock.now(), self.clock.tick());
        let taken = self.signs().take(now, tick, &self.registry);
        if taken.is_empty() {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        tx.agents_connected(&taken.connected).await?;
        tx.agents_heard(&taken.heard).await?;
        tx.agents_disconnected(&taken.disconnected).await?;
        tx.commit().await
    }

    /// A certificate for a new key of a known agent; empty when it is refused.
    pub async fn renew(&self, peer: &PeerIdentity, request: &[u8]) -> Vec<Vec<u8>> {
        match self.issue(peer, request).await {
            Ok(chain) => chain,
            Err(refused) => {
                warn!(agent = %peer.agent, error = %chain(&refused), "a renewal was refused");
                Vec::new()
            }
        }
    }

    /// Shuts an agent out: nothing of it is let in again, and its connection ends now. Who did it
    /// and why is in the record. False if it is unknown or was shut out before.
    pub async fn revoke(
        &self,
        agent: Uuid,
        viewer: &Viewer,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let Some(row) = tx.agent_fetch(agent).await? else {
            return Ok(false);
        };
        let revoked = tx.agent_revoke(agent, now, reason).await?;
        if revoked {
            let subject = agent.to_string();
            let body = json!({ "reason": reason, "host": row.host });
            deed::record(&mut tx, now, viewer, ("agent_revoke", &subject), &body).await?;
        }
        tx.commit().await?;
        // Also when it was revoked before: this coordinator may not have heard of it.
        for key in [Some(row.key_fingerprint), row.candidate_fingerprint]
            .into_iter()
            .flatten()
        {
            self.admitted.revoke(&Fingerprint::from_bytes(key));
        }
        self.registry.end(agent, Reason::Revoked);
        info!(%agent, by = viewer.name(), "an agent was revoked");
        Ok(revoked)
    }

    async fn commit_candidate(
        &self,
        agent: &AgentRow,
        peer: &PeerIdentity,
    ) -> Result<(), StoreError> {
        let key = *peer.key.bytes();
        if agent.candidate_fingerprint != Some(key) {
            return Ok(());
        }
        let mut tx = self.store.begin().await?;
        let committed = tx
            .agent_candidate_commit(agent.id, &key, peer.not_after)
            .await?;
        tx.commit().await?;
        if committed {
            self.admitted
                .revoke(&Fingerprint::from_bytes(agent.key_fingerprint));
        }
        Ok(())
    }

    async fn issue(&self, peer: &PeerIdentity, request: &[u8]) -> Result<Vec<Vec<u8>>, RenewError> {
        let mut tx = self.store.begin().await?;
        let agent = tx
            .agent_fetch(peer.agent)
            .await?
            .ok_or(RenewError::Unknown)?;
        let branch = tx
            .branch_fetch(agent.branch_id)
            .await?
            .ok_or(RenewError::Unknown)?;
        let wanted = AgentRequest {
            csr_der: request,
            agent: peer.agent,
            branch: &branch.code,
            days: CERTIFICATE_DAYS,
        };
        let issued = self.authority.issue_agent(&wanted, self.clock.now())?;
        if !tx
            .agent_candidate_set(peer.agent, issued.key.bytes())
            .await?
        {
            return Err(RenewError::Unknown);
        }
        tx.commit().await?;
        self.admitted.admit(issued.key);
        Ok(issued
            .chain
            .iter()
            .map(|certificate| certificate.to_vec())
            .collect())
    }

    fn signs(&self) -> MutexGuard<'_, Signs> {
        // Nothing panics while holding it; a poisoned list is still a whole list.
        self.signs.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what could not be written down, without ending anything for it.
    pub fn complain(failed: &StoreError) {
        error!(error = %chain(failed), "signs of life were not written down");
    }
}

#[derive(Debug, thiserror::Error)]
enum RenewError {
    #[error("the agent is not known, or revoked")]
    Unknown,
    #[error("the request is no good")]
    Request(#[from] crate::authority::issue::IssueError),
    #[error("the store fails")]
    Store(#[from] StoreError),
}
