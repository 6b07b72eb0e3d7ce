//! Evidence as it came, and what could not be judged. Append-only; its key is the observation's.

use uuid::Uuid;

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::lanes::{LaneKey, epoch_kept, sequence_kept};

/// Most evidence of a lane cleared away by one statement, so that nobody waits for it.
const CLEARED_AT_ONCE_MAX: i64 = 1_000;

/// One observation to be kept.
#[derive(Debug, Clone)]
pub struct EvidenceRow {
    /// Who told.
    pub agent: Uuid,
    /// In which life of its spool.
    pub epoch: u64,
    /// On which lane.
    pub lane: Lane,
    /// Its sequence there.
    pub sequence: u64,
    /// When it was so, by the agent's clock.
    pub at_ms: i64,
    /// When it came, by ours.
    pub received_ms: i64,
    /// The agent's clock minus ours.
    pub ahead_ms: i64,
    /// Why it could not be judged; none when it was.
    pub error: Option<String>,
    /// The version of its code.
    pub version: u16,
    /// The observation as it came.
    pub coded: Vec<u8>,
}

impl Tx {
    /// Keeps evidence. The same observation again changes nothing.
    pub async fn evidence_keep(&mut self, rows: &[EvidenceRow]) -> Result<(), StoreError> {
        let kept = rows
            .iter()
            .map(|row| Ok((row, sequence_kept(row.sequence)?)))
            .collect::<Result<Vec<_>, StoreError>>()?;
        let verdict = |row: &EvidenceRow| {
            if row.error.is_none() {
                "judged"
            } else {
                "error"
            }
        };
        let batch = Batch::over(&kept)
            .column("agent_id", |(row, _)| row.agent.to_string())
            .column("epoch", |(row, _)| epoch_kept(row.epoch))
            .column("lane", |(row, _)| i64::from(row.lane.number()))
            .column("sequence", |(_, sequence)| *sequence)
            .column("at_ms", |(row, _)| row.at_ms)
            .column("received_ms", |(row, _)| row.received_ms)
            .column("ahead_ms", |(row, _)| row.ahead_ms)
            .column("verdict", |(row, _)| verdict(row).to_owned())
            .column("version", |(row, _)| i64::from(row.version))
            .column("coded", |(row, _)| row.coded.clone())
            .column("reason", |(row, _)| row.error.clone());
        self.batch_execute(
            "evidence_keep",
            &batch,
            "INSERT INTO evidence (agent_id, epoch, lane, sequence, at_ms, received_ms, ahead_ms,
               verdict, version, coded, reason)
             SELECT agent_id, epoch, lane, sequence, at_ms, received_ms, ahead_ms, verdict, version,
               coded, reason FROM batch WHERE true
             ON CONFLICT (agent_id, epoch, lane, sequence) DO NOTHING",
        )
        .await?;
        Ok(())
    }

    /// Clears away a lane's oldest evidence that came before an instant, a limited number at once,
    /// and says how many. What comes later in a lane came later.
    pub async fn evidence_clear(
        &mut self,
        lane: LaneKey,
        before: Instant,
    ) -> Result<u64, StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "DELETE FROM evidence WHERE agent_id = $1 AND epoch = $2 AND lane = $3
                   AND sequence <= (SELECT MAX(sequence) FROM
                     (SELECT sequence, received_ms FROM evidence
                      WHERE agent_id = $1 AND epoch = $2 AND lane = $3
                      ORDER BY sequence LIMIT $4) AS oldest
                     WHERE received_ms < $5)",
            )
            .bind(lane.agent.to_string())
            .bind(epoch_kept(lane.epoch))
            .bind(i64::from(lane.lane.number()))
            .bind(CLEARED_AT_ONCE_MAX)
            .bind(before.ms())
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("evidence_clear"))
    }
}

impl Reader {
    /// The sequences kept of one lane, in order: what the tests of durability count.
    pub async fn evidence_sequences(
        &mut self,
        agent: Uuid,
        epoch: u64,
        lane: Lane,
    ) -> Result<Vec<i64>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "SELECT sequence FROM evidence WHERE agent_id = $1 AND epoch = $2 AND lane = $3
                 ORDER BY sequence",
            )
            .bind(agent.to_string())
            .bind(epoch_kept(epoch))
            .bind(i64::from(lane.number()))
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("evidence_sequences"))
    }
}
