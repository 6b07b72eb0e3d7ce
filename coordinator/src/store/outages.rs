//! What recording needs and was away, as agents saw it.

use keepwatch_common::interval::Interval;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;

/// Most outages looked at for one stretch of time: a line that fails every minute of a day.
const OUTAGES_MAX: i64 = 2_000;

/// An outage.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OutageRow {
    /// Its branch.
    pub branch_id: i64,
    /// `agent`, `recorder`, `camera`, `room`.
    pub kind: String,
    /// The agent's id, the recorder's or the volume's name.
    pub subject: String,
    /// The camera's name, where it is a camera's outage; else empty.
    pub camera: String,
    /// Since when, by our clock.
    pub from_ms: i64,
    /// Until when; none while it lasts.
    pub until_ms: Option<i64>,
}

impl Tx {
    /// Keeps outages; each at most once. One that has ended does not begin again.
    pub async fn outages_tell(&mut self, told: &[OutageRow]) -> Result<(), StoreError> {
        let batch = Batch::over(told)
            .column("branch_id", |one| one.branch_id)
            .column("kind", |one| one.kind.clone())
            .column("subject", |one| one.subject.clone())
            .column("camera", |one| one.camera.clone())
            .column("from_ms", |one| one.from_ms)
            .column("until_ms", |one| one.until_ms);
        // An agent that lost its memory begins anew: what lasted has ended then at the latest.
        self.batch_execute(
            "outages_tell",
            &batch,
            "UPDATE outages SET until_ms = batch.from_ms FROM batch
             WHERE outages.branch_id = batch.branch_id AND outages.kind = batch.kind
               AND outages.subject = batch.subject AND outages.camera = batch.camera
               AND outages.until_ms IS NULL AND outages.from_ms < batch.from_ms",
        )
        .await?;
        self.batch_execute(
            "outages_tell",
            &batch,
            "INSERT INTO outages (branch_id, kind, subject, camera, from_ms, until_ms)
             SELECT branch_id, kind, subject, camera, from_ms, until_ms FROM batch WHERE true
             ON CONFLICT (branch_id, from_ms, kind, subject, camera) DO UPDATE
             SET until_ms = COALESCE(excluded.until_ms, outages.until_ms)",
        )
        .await?;
        Ok(())
    }
}

impl Reader {
    /// A branch's outages that touch a stretch of time, the newest first.
    pub async fn outage_list(
        &mut self,
        branch_id: i64,
        range: Interval,
    ) -> Result<Vec<OutageRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT * FROM outages
                 WHERE branch_id = $1 AND from_ms < $3 AND (until_ms IS NULL OR until_ms > $2)
                 ORDER BY from_ms DESC LIMIT $4",
            )
            .bind(branch_id)
            .bind(range.start().ms())
            .bind(range.end().ms())
            .bind(OUTAGES_MAX)
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("outage_list"))
    }
}
