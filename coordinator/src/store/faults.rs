//! Faults of segments: standing, or gone with the time when that was told.

use super::batch::Batch;
use super::connection::{Reader, Tx};
use super::error::StoreError;

/// A fault as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultTold {
    /// Whose.
    pub camera_id: i64,
    /// The file, below its recorder's root.
    pub path: String,
    /// Start of the segment.
    pub start_ms: i64,
    /// `empty`, `truncated`, `corrupt`, `clock`.
    pub kind: String,
    /// For a person.
    pub detail: String,
    /// When it was told, by our clock.
    pub told_at_ms: i64,
    /// Whether it is still so.
    pub standing: bool,
}

/// A fault that stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FaultRow {
    /// Whose.
    pub camera_id: i64,
    /// The file.
    pub path: String,
    /// Start of the segment.
    pub start_ms: i64,
    /// Its kind.
    pub kind: String,
    /// For a person.
    pub detail: String,
    /// When it was told first.
    pub seen_at_ms: i64,
}

impl Tx {
    /// Keeps faults; each file at most once.
    pub async fn faults_tell(&mut self, told: &[FaultTold]) -> Result<(), StoreError> {
        let batch = Batch::over(told)
            .column("camera_id", |one| one.camera_id)
            .column("path", |one| one.path.clone())
            .column("start_ms", |one| one.start_ms)
            .column("kind", |one| one.kind.clone())
            .column("detail", |one| one.detail.clone())
            .column("told_at_ms", |one| one.told_at_ms)
            .column("gone_at_ms", |one| {
                (!one.standing).then_some(one.told_at_ms)
            });
        self.batch_execute(
            "faults_tell",
            &batch,
            "INSERT INTO faults (camera_id, path, start_ms, kind, detail, seen_at_ms, gone_at_ms)
             SELECT camera_id, path, start_ms, kind, detail, told_at_ms, gone_at_ms
             FROM batch WHERE true
             ON CONFLICT (camera_id, path) DO UPDATE SET start_ms = excluded.start_ms,
               kind = excluded.kind, detail = excluded.detail, gone_at_ms = excluded.gone_at_ms",
        )
        .await?;
        Ok(())
    }
}

impl Reader {
    /// The standing faults of these cameras.
    pub async fn faults_standing(&mut self, cameras: &[i64]) -> Result<Vec<FaultRow>, StoreError> {
        let batch = Batch::over(cameras).column("wanted_id", |id| *id);
        self.batch_fetch(
            "faults_standing",
            &batch,
            "SELECT faults.camera_id, faults.path, faults.start_ms, faults.kind, faults.detail,
               faults.seen_at_ms
             FROM batch JOIN faults ON faults.camera_id = batch.wanted_id
             WHERE faults.gone_at_ms IS NULL",
        )
        .await
    }
}
