//! Agents, their keys and when they were heard.
//!
//! An agent is its key. A renewed key is a *candidate* until the agent has connected with it: both
//! let it in, so that a renewal that got lost on the way locks nobody out. A revoked agent is kept
//! for ever, because history names it.

use keepwatch_common::time::Instant;
use uuid::Uuid;

use super::connection::{Reader, Tx, on_both};
use super::digest::{DIGEST_BYTES, Digest};
use super::error::StoreError;
use super::page::PageRows;

/// An agent to be.
#[derive(Debug, Clone)]
pub struct NewAgent<'a> {
    /// Its id, minted by the coordinator.
    pub id: Uuid,
    /// Its branch.
    pub branch_id: i64,
    /// SHA-256 of its public key.
    pub key_fingerprint: Digest,
    /// The name of its machine.
    pub host: &'a str,
    /// Its version.
    pub version: &'a str,
    /// When it joined.
    pub joined_at: Instant,
    /// When its certificate ends.
    pub certificate_ends: Instant,
}

/// An agent as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentRow {
    /// Its id.
    pub id: Uuid,
    /// Its branch.
    pub branch_id: i64,
    /// SHA-256 of its public key.
    pub key_fingerprint: Digest,
    /// The same of a key that has not connected yet.
    pub candidate_fingerprint: Option<Digest>,
    /// The name of its machine.
    pub host: String,
    /// Its version, when last heard.
    pub version: String,
    /// When it joined, in milliseconds since 1970.
    pub joined_at_ms: i64,
    /// When the certificate of its key ends.
    pub certificate_ends_ms: i64,
    /// When it was shut out.
    pub revoked_at_ms: Option<i64>,
    /// Why it was shut out.
    pub revoked_reason: Option<String>,
    /// Since when it is connected; none while it is not.
    pub connected_since_ms: Option<i64>,
    /// When it was last heard, by our clock.
    pub heard_at_ms: Option<i64>,
    /// Its clock minus ours, when last heard.
    pub clock_ahead_ms: Option<i64>,
    /// The number of its process, when last connected.
    pub process: Option<u64>,
}

/// Why an agent was not added.
#[derive(Debug, thiserror::Error)]
pub enum AgentInsertError {
    /// An agent has this key, or is about to.
    #[error("an agent with this key is known already; let the agent make a new key")]
    KeyKnown,
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The row as the databases give it.
#[derive(Debug, sqlx::FromRow)]
pub(super) struct KeptAgent {
    id: String,
    branch_id: i64,
    key_fingerprint: Vec<u8>,
    candidate_fingerprint: Option<Vec<u8>>,
    host: String,
    version: String,
    joined_at_ms: i64,
    certificate_ends_ms: i64,
    revoked_at_ms: Option<i64>,
    revoked_reason: Option<String>,
    connected_since_ms: Option<i64>,
    heard_at_ms: Option<i64>,
    clock_ahead_ms: Option<i64>,
    process: Option<i64>,
}

impl Reader {
    /// The agent of an id.
    pub async fn agent_fetch(&mut self, id: Uuid) -> Result<Option<AgentRow>, StoreError> {
        let kept: Option<KeptAgent> = on_both!(self, c => {
            sqlx::query_as("SELECT * FROM agents WHERE id = $1")
                .bind(id.to_string())
                .fetch_optional(c)
                .await
        })
        .map_err(StoreError::during("agent_fetch"))?;
        kept.map(KeptAgent::read).transpose()
    }

    /// The agent whose key this is, or is about to be: compare with the row's two fingerprints.
    pub async fn agent_fetch_by_fingerprint(
        &mut self,
        fingerprint: &Digest,
    ) -> Result<Option<AgentRow>, StoreError> {
        let kept: Option<KeptAgent> = on_both!(self, c => {
            sqlx::query_as(
                "SELECT * FROM agents WHERE key_fingerprint = $1 OR candidate_fingerprint = $1",
            )
            .bind(&fingerprint[..])
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("agent_fetch_by_fingerprint"))?;
        kept.map(KeptAgent::read).transpose()
    }

    /// Every key that may connect: the keys of all agents that are not shut out, renewed ones too.
    pub async fn agent_keys_admitted(&mut self) -> Result<Vec<Digest>, StoreError> {
        let kept: Vec<(Vec<u8>, Option<Vec<u8>>)> = on_both!(self, c => {
            sqlx::query_as(
                "SELECT key_fingerprint, candidate_fingerprint FROM agents
                 WHERE revoked_at_ms IS NULL",
            )
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("agent_keys_admitted"))?;
        let keys = kept
            .into_iter()
            .flat_map(|(key, candidate)| [Some(key), candidate]);
        keys.flatten()
            .map(|key| {
                fingerprint_read(&key)
                    .ok_or_else(|| StoreError::corrupt("agents", "key_fingerprint", "of several"))
            })
            .collect()
    }

    /// Agents that were shut out since an instant, with their keys.
    pub async fn agents_revoked_since(
        &mut self,
        since: Instant,
    ) -> Result<Vec<(Uuid, Digest)>, StoreError> {
        let kept: Vec<KeptAgent> = on_both!(self, c => {
            sqlx::query_as("SELECT * FROM agents WHERE revoked_at_ms >= $1")
                .bind(since.ms())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("agents_revoked_since"))?;
        let read = |kept: KeptAgent| kept.read().map(|row| (row.id, row.key_fingerprint));
        kept.into_iter().map(read).collect()
    }

    /// Agents by id, those after `after`; revoked ones too.
    pub async fn agent_list(
        &mut self,
        after: Option<Uuid>,
        rows: PageRows,
    ) -> Result<Vec<AgentRow>, StoreError> {
        let kept: Vec<KeptAgent> = on_both!(self, c => {
            sqlx::query_as("SELECT * FROM agents WHERE id > $1 ORDER BY id LIMIT $2")
                .bind(after.map_or_else(String::new, |id| id.to_string()))
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("agent_list"))?;
        kept.into_iter().map(KeptAgent::read).collect()
    }

    /// The agents of a branch, in the order they joined; revoked ones too.
    pub async fn agent_list_of_branch(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<AgentRow>, StoreError> {
        let kept: Vec<KeptAgent> = on_both!(self, c => {
            sqlx::query_as(
                "SELECT * FROM agents WHERE branch_id = $1 ORDER BY joined_at_ms, id LIMIT $2",
            )
            .bind(branch_id)
            .bind(PageRows::MOST.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("agent_list_of_branch"))?;
        kept.into_iter().map(KeptAgent::read).collect()
    }
}

impl Tx {
    /// Adds an agent.
    pub async fn agent_insert(&mut self, agent: &NewAgent<'_>) -> Result<(), AgentInsertError> {
        let added = on_both!(self, c => {
            sqlx::query(
                "INSERT INTO agents (id, branch_id, key_fingerprint, host, version, joined_at_ms,
                                     certificate_ends_ms)
                 SELECT $1, $2, $3, $4, $5, $6, $7
                 WHERE NOT EXISTS (SELECT 1 FROM agents WHERE candidate_fingerprint = $3)
                 ON CONFLICT (key_fingerprint) DO NOTHING",
            )
            .bind(agent.id.to_string())
            .bind(agent.branch_id)
            .bind(&agent.key_fingerprint[..])
            .bind(agent.host)
            .bind(agent.version)
            .bind(agent.joined_at.ms())
            .bind(agent.certificate_ends.ms())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("agent_insert"))?;
        if added == 0 {
            return Err(AgentInsertError::KeyKnown);
        }
        Ok(())
    }

    /// Shuts an agent out; false if it is unknown or was shut out before.
    pub async fn agent_revoke(
        &mut self,
        id: Uuid,
        at: Instant,
        reason: &str,
    ) -> Result<bool, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE agents SET revoked_at_ms = $2, revoked_reason = $3,
                                   candidate_fingerprint = NULL
                 WHERE id = $1 AND revoked_at_ms IS NULL",
            )
            .bind(id.to_string())
            .bind(at.ms())
            .bind(reason)
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("agent_revoke"))
    }

    /// Lets a renewed key in beside the present one, instead of an earlier candidate; false if the
    /// agent is unknown or shut out, or if any agent has this key already.
    pub async fn agent_candidate_set(
        &mut self,
        id: Uuid,
        fingerprint: &Digest,
    ) -> Result<bool, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE agents SET candidate_fingerprint = $2
                 WHERE id = $1 AND revoked_at_ms IS NULL AND NOT EXISTS (
                    SELECT 1 FROM agents AS other WHERE other.key_fingerprint = $2
                        OR (other.candidate_fingerprint = $2 AND other.id <> $1))",
            )
            .bind(id.to_string())
            .bind(&fingerprint[..])
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("agent_candidate_set"))
    }

    /// The agent connected with its renewed key: from now on the old one is worth nothing. False if
    /// this is not its candidate (any more) or if it is shut out.
    pub async fn agent_candidate_commit(
        &mut self,
        id: Uuid,
        fingerprint: &Digest,
        certificate_ends: Instant,
    ) -> Result<bool, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE agents SET key_fingerprint = $2, candidate_fingerprint = NULL,
                                   certificate_ends_ms = $3
                 WHERE id = $1 AND candidate_fingerprint = $2 AND revoked_at_ms IS NULL",
            )
            .bind(id.to_string())
            .bind(&fingerprint[..])
            .bind(certificate_ends.ms())
            .execute(c)
            .await
            .map(|done| done.rows_affected() > 0)
        })
        .map_err(StoreError::during("agent_candidate_commit"))
    }
}

impl KeptAgent {
    pub(super) fn read(self) -> Result<AgentRow, StoreError> {
        let corrupt = |column| StoreError::corrupt("agents", column, &self.id);
        let id = Uuid::parse_str(&self.id).map_err(|_| corrupt("id"))?;
        let key_fingerprint =
            fingerprint_read(&self.key_fingerprint).ok_or_else(|| corrupt("key_fingerprint"))?;
        let candidate_fingerprint = self
            .candidate_fingerprint
            .as_deref()
            .map(|kept| fingerprint_read(kept).ok_or_else(|| corrupt("candidate_fingerprint")))
            .transpose()?;
        Ok(AgentRow {
            id,
            branch_id: self.branch_id,
            key_fingerprint,
            candidate_fingerprint,
            host: self.host,
            version: self.version,
            joined_at_ms: self.joined_at_ms,
            certificate_ends_ms: self.certificate_ends_ms,
            revoked_at_ms: self.revoked_at_ms,
            revoked_reason: self.revoked_reason,
            connected_since_ms: self.connected_since_ms,
            heard_at_ms: self.heard_at_ms,
            clock_ahead_ms: self.clock_ahead_ms,
            process: self.process.map(i64::cast_unsigned),
        })
    }
}

fn fingerprint_read(kept: &[u8]) -> Option<Digest> {
    <[u8; DIGEST_BYTES]>::try_from(kept).ok()
}
