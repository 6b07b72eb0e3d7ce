//! Readings of watched files. They are kept: any two can be compared.

use std::collections::{BTreeMap, BTreeSet};

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;

/// One reading.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct ReadingRow {
    /// Our id.
    pub id: i64,
    /// Of which file.
    pub watched_id: i64,
    /// When it was read, by the agent's corrected clock.
    pub at_ms: i64,
    /// When it came.
    pub received_ms: i64,
    /// `tree`, `missing`, `unreadable`.
    pub status: String,
    /// The redacted canonical tree.
    pub canonical: Option<String>,
    /// The file's owner.
    pub owner: Option<String>,
    /// Why it could not be read.
    pub reason: Option<String>,
}

/// A reading to be kept.
#[derive(Debug, Clone)]
pub struct NewReading {
    /// Of which file.
    pub watched_id: i64,
    /// When it was read, by the agent's corrected clock.
    pub at_ms: i64,
    /// When it came.
    pub received_ms: i64,
    /// `tree`, `missing`, `unreadable`.
    pub status: &'static str,
    /// The tree.
    pub canonical: Option<String>,
    /// The owner.
    pub owner: Option<String>,
    /// Why not.
    pub reason: Option<String>,
}

impl Tx {
    /// Keeps readings in this order; of each file the newest by its time becomes the newest, of two
    /// of one time the later one here.
    pub async fn readings_keep(&mut self, readings: &[NewReading]) -> Result<(), StoreError> {
        let batch = Batch::over(readings)
            .column("watched_id", |one| one.watched_id)
            .column("at_ms", |one| one.at_ms)
            .column("received_ms", |one| one.received_ms)
            .column("status", |one| one.status.to_owned())
            .column("canonical", |one| one.canonical.clone())
            .column("owner", |one| one.owner.clone())
            .column("reason", |one| one.reason.clone());
        self.batch_execute(
            "readings_keep",
            &batch,
            "INSERT INTO readings (watched_id, at_ms, received_ms, status, canonical, owner, reason)
             SELECT watched_id, at_ms, received_ms, status, canonical, owner, reason FROM batch
             WHERE true",
        )
        .await?;
        let ids: BTreeSet<i64> = readings.iter().map(|one| one.watched_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        let batch = Batch::over(&ids).column("wanted_id", |id| *id);
        self.batch_execute(
            "readings_keep",
            &batch,
            "UPDATE watched SET latest_id = (SELECT readings.id FROM readings
               WHERE readings.watched_id = watched.id
               ORDER BY readings.at_ms DESC, readings.id DESC LIMIT 1)
             WHERE id IN (SELECT wanted_id FROM batch)",
        )
        .await?;
        Ok(())
    }
}

impl Reader {
    /// Readings by number.
    pub async fn reading_fetch_many(
        &mut self,
        ids: &[i64],
    ) -> Result<BTreeMap<i64, ReadingRow>, StoreError> {
        let batch = Batch::over(ids).column("wanted_id", |id| *id);
        let found: Vec<ReadingRow> = self
            .batch_fetch(
                "reading_fetch_many",
                &batch,
                "SELECT readings.* FROM batch JOIN readings ON readings.id = batch.wanted_id",
            )
            .await?;
        Ok(found.into_iter().map(|row| (row.id, row)).collect())
    }

    /// One reading.
    pub async fn reading_fetch(&mut self, id: i64) -> Result<Option<ReadingRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT * FROM readings WHERE id = $1").bind(id).fetch_optional(c).await
        })
        .map_err(StoreError::during("reading_fetch"))
    }

    /// Of each file and the text of its baseline: the time of the first reading after the last one
    /// that equalled it, which is since when the file drifts. Those that do not drift are left out.
    pub async fn readings_first_unlike(
        &mut self,
        baselines: &[(i64, String)],
    ) -> Result<BTreeMap<i64, i64>, StoreError> {
        let batch = Batch::over(baselines)
            .column("watched_id", |(watched_id, _)| *watched_id)
            .column("baseline", |(_, baseline)| baseline.clone());
        let found: Vec<(i64, i64)> = self
            .batch_fetch(
                "readings_first_unlike",
                &batch,
                "SELECT agreed.watched_id, MIN(readings.at_ms)
                 FROM (SELECT batch.watched_id, batch.baseline, COALESCE((
                     SELECT alike.at_ms FROM readings AS alike
                     WHERE alike.watched_id = batch.watched_id AND alike.canonical = batch.baseline
                     ORDER BY alike.at_ms DESC LIMIT 1), -1) AS at_ms FROM batch) AS agreed
                 JOIN readings ON readings.watched_id = agreed.watched_id
                  AND readings.at_ms > agreed.at_ms
                 WHERE readings.canonical IS NULL OR readings.canonical <> agreed.baseline
                 GROUP BY agreed.watched_id",
            )
            .await?;
        Ok(found.into_iter().collect())
    }
}
