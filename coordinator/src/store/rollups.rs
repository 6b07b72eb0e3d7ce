//! Coverage by camera and civil day of its branch: what pages show, so that none of them adds up
//! holes.

use super::batch::Batch;
use super::connection::{Reader, Tx};
use super::error::StoreError;

/// One camera and civil day of its branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollupRow {
    /// Which camera.
    pub camera_id: i64,
    /// The civil day as yyyymmdd.
    pub day: i32,
    /// Expected.
    pub expected_ms: i64,
    /// Recorded.
    pub recorded_ms: i64,
    /// Measured and missing.
    pub missing_ms: i64,
    /// The longest missing stretch.
    pub longest_gap_ms: i64,
    /// How many missing stretches.
    pub gaps: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct RollupFound {
    camera_id: i64,
    day: i64,
    expected_ms: i64,
    recorded_ms: i64,
    missing_ms: i64,
    longest_gap_ms: i64,
    gaps: i64,
}

impl Reader {
    /// The rollups of a branch on these civil days, of all its cameras.
    pub async fn rollups_of_branch(
        &mut self,
        branch_id: i64,
        days: &[i32],
    ) -> Result<Vec<RollupRow>, StoreError> {
        let batch = Batch::over(days)
            .column("day", |day| i64::from(*day))
            .column("branch_id", |_| branch_id);
        let found: Vec<RollupFound> = self
            .batch_fetch(
                "rollups_of_branch",
                &batch,
                // The order is said, or SQLite would look at all branches of a day.
                "SELECT rollups.camera_id, rollups.day, rollups.expected_ms, rollups.recorded_ms,
                   rollups.missing_ms, rollups.longest_gap_ms, rollups.gaps
                 FROM batch CROSS JOIN rollups
                 WHERE rollups.day = batch.day AND rollups.branch_id = batch.branch_id",
            )
            .await?;
        found.into_iter().map(RollupFound::read).collect()
    }
}

impl Tx {
    /// Keeps rollups; each camera and day at most once.
    pub async fn rollups_keep(
        &mut self,
        rollups: &[RollupRow],
        zone_version: &str,
    ) -> Result<(), StoreError> {
        let batch = Batch::over(rollups)
            .column("camera_id", |one| one.camera_id)
            .column("day", |one| i64::from(one.day))
            .column("zone_version", |_| zone_version.to_owned())
            .column("expected_ms", |one| one.expected_ms)
            .column("recorded_ms", |one| one.recorded_ms)
            .column("missing_ms", |one| one.missing_ms)
            .column("longest_gap_ms", |one| one.longest_gap_ms)
            .column("gaps", |one| one.gaps);
        self.batch_execute(
            "rollups_keep",
            &batch,
            "INSERT INTO rollups (day, branch_id, camera_id, zone_version, expected_ms, recorded_ms,
               missing_ms, longest_gap_ms, gaps)
             SELECT batch.day, cameras.branch_id, batch.camera_id, batch.zone_version,
               batch.expected_ms, batch.recorded_ms, batch.missing_ms, batch.longest_gap_ms,
               batch.gaps
             FROM batch JOIN cameras ON cameras.id = batch.camera_id WHERE true
             ON CONFLICT (day, branch_id, camera_id) DO UPDATE SET zone_version = excluded.zone_version,
               expected_ms = excluded.expected_ms, recorded_ms = excluded.recorded_ms,
               missing_ms = excluded.missing_ms, longest_gap_ms = excluded.longest_gap_ms,
               gaps = excluded.gaps",
        )
        .await?;
        Ok(())
    }
}

impl RollupFound {
    fn read(self) -> Result<RollupRow, StoreError> {
        let day = i32::try_from(self.day).map_err(|_| {
            StoreError::corrupt(
                "rollups",
                "day",
                &format!("{}/{}", self.camera_id, self.day),
            )
        })?;
        Ok(RollupRow {
            camera_id: self.camera_id,
            day,
            expected_ms: self.expected_ms,
            recorded_ms: self.recorded_ms,
            missing_ms: self.missing_ms,
            longest_gap_ms: self.longest_gap_ms,
            gaps: self.gaps,
        })
    }
}
