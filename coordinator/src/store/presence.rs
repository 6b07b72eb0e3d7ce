//! Which agents are connected and when each was heard.
//!
//! Connections come by the thousand after a restart, and every report is a sign of life, so these
//! go in batches. They say nothing that must not be lost: an agent that is connected says so again.

use keepwatch_common::time::Instant;
use uuid::Uuid;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;

/// An agent connected.
#[derive(Debug, Clone)]
pub struct Connected {
    /// Which.
    pub agent: Uuid,
    /// When, by our clock.
    pub at: Instant,
    /// Its version.
    pub version: String,
    /// The number of its process.
    pub process: u64,
    /// Its clock minus ours, in milliseconds.
    pub clock_ahead_ms: Option<i64>,
}

/// A connection ended.
#[derive(Debug, Clone, Copy)]
pub struct Disconnected {
    /// Whose.
    pub agent: Uuid,
    /// When that connection had begun: a newer one must not be ended with it.
    pub connected_at: Instant,
}

/// An agent said something.
#[derive(Debug, Clone, Copy)]
pub struct Heard {
    /// Which.
    pub agent: Uuid,
    /// When, by our clock.
    pub at: Instant,
    /// Its clock minus ours, in milliseconds; none leaves what was known.
    pub clock_ahead_ms: Option<i64>,
}

impl Reader {
    /// The branches of agents that were not heard since an instant, or never since they joined
    /// before it; in order.
    pub async fn branches_quiet(&mut self, since: Instant) -> Result<Vec<i64>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "SELECT DISTINCT branch_id FROM agents
                 WHERE revoked_at_ms IS NULL AND COALESCE(heard_at_ms, joined_at_ms) <= $1
                 ORDER BY branch_id",
            )
            .bind(since.ms())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("branches_quiet"))
    }
}

impl Tx {
    /// Notes new connections; each agent at most once.
    pub async fn agents_connected(&mut self, connected: &[Connected]) -> Result<(), StoreError> {
        let batch = Batch::over(connected)
            .column("agent_id", |one| one.agent.to_string())
            .column("at_ms", |one| one.at.ms())
            .column("version", |one| one.version.clone())
            .column("process", |one| one.process.cast_signed())
            .column("clock_ahead_ms", |one| one.clock_ahead_ms);
        self.batch_execute(
            "agents_connected",
            &batch,
            "UPDATE agents SET connected_since_ms = batch.at_ms, heard_at_ms = batch.at_ms,
                    version = batch.version, process = batch.process,
                    clock_ahead_ms = batch.clock_ahead_ms
             FROM batch WHERE agents.id = batch.agent_id",
        )
        .await?;
        Ok(())
    }

    /// Notes connections that ended, unless the agent has connected again since.
    pub async fn agents_disconnected(&mut self, ended: &[Disconnected]) -> Result<(), StoreError> {
        let batch = Batch::over(ended)
            .column("agent_id", |one| one.agent.to_string())
            .column("at_ms", |one| one.connected_at.ms());
        self.batch_execute(
            "agents_disconnected",
            &batch,
            "UPDATE agents SET connected_since_ms = NULL
             FROM batch WHERE agents.id = batch.agent_id
                AND agents.connected_since_ms = batch.at_ms",
        )
        .await?;
        Ok(())
    }

    /// Forgets the connections of agents that were last heard before this: their coordinator is gone
    /// without having said so. Says how many.
    pub async fn agents_disconnect_unheard(&mut self, before: Instant) -> Result<u64, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE agents SET connected_since_ms = NULL
                 WHERE connected_since_ms IS NOT NULL AND COALESCE(heard_at_ms, 0) < $1",
            )
            .bind(before.ms())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("agents_disconnect_unheard"))
    }

    /// Notes signs of life; each agent at most once. When an agent was heard never moves back.
    pub async fn agents_heard(&mut self, heard: &[Heard]) -> Result<(), StoreError> {
        let batch = Batch::over(heard)
            .column("agent_id", |one| one.agent.to_string())
            .column("at_ms", |one| one.at.ms())
            .column("clock_ahead_ms", |one| one.clock_ahead_ms);
        self.batch_execute(
            "agents_heard",
            &batch,
            "UPDATE agents SET heard_at_ms = batch.at_ms,
                    clock_ahead_ms = COALESCE(batch.clock_ahead_ms, agents.clock_ahead_ms)
             FROM batch WHERE agents.id = batch.agent_id
                AND COALESCE(agents.heard_at_ms, batch.at_ms) <= batch.at_ms",
        )
        .await?;
        Ok(())
    }
}
