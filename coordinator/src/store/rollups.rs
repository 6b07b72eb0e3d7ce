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
    /// The rollups of these cameras from one civil day on.
    pub async fn rollups_since(
        &mut self,
        camera_ids: &[i64],
        first_day: i32,
    ) -> Result<Vec<RollupRow>, StoreError> {
        let batch = Batch::over(camera_ids)
            .column("camera_id", |id| *id)
            .column("first_day", |_| i64::from(first_day));
        let found: Vec<RollupFound> = self
            .batch_fetch(
                "rollups_since",
                &batch,
                // Days are the outermost key, so they are found first, one step of the index each.
                "SELECT rollups.camera_id, rollups.day, rollups.expected_ms, rollups.recorded_ms,
                   rollups.missing_ms, rollups.longest_gap_ms, rollups.gaps
                 FROM (WITH RECURSIVE known (day) AS (
                     SELECT min(rollups.day) FROM rollups
                      WHERE rollups.day >= (SELECT min(batch.first_day) FROM batch)
                     UNION ALL
                     SELECT (SELECT min(rollups.day) FROM rollups WHERE rollups.day > known.day)
                      FROM known WHERE known.day IS NOT NULL)
                   SELECT known.day FROM known WHERE known.day IS NOT NULL) AS days
                 CROSS JOIN batch
                 JOIN cameras ON cameras.id = batch.camera_id
                 JOIN rollups ON rollups.day = days.day AND rollups.branch_id = cameras.branch_id
                  AND rollups.camera_id = cameras.id",
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
