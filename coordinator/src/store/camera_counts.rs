//! The cameras of every branch of a scope, counted: how deep footage reaches, what is found of them,
//! and how completely a day was recorded.
//!
//! There are many cameras and few with findings, so the two are counted apart and neither is read
//! twice. What makes a verdict of the counts is decided further up: limits come in as numbers.

use keepwatch_common::time::Instant;

use super::connection::{Reader, on_both};
use super::error::StoreError;
use super::scope::{Scope, within};

/// From which depth on footage is deep enough, and which cameras are new.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Between a camera's oldest and newest footage, in milliseconds.
    pub required_ms: i64,
    /// A camera first seen after this is ageing in.
    pub ageing_since: Instant,
}

/// The cameras of a branch, by their footage alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct CameraCount {
    /// The branch.
    pub branch_id: i64,
    /// All of them.
    pub cameras: i64,
    /// Told of, and deep enough.
    pub deep: i64,
    /// Told of, not deep enough, and new.
    pub new: i64,
}

/// Cameras of a branch of which more is to be said, those that are alike.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CameraConcern {
    /// The branch.
    pub branch_id: i64,
    /// How many.
    pub cameras: i64,
    /// How they were counted by their footage: `deep`, `new`, or `neither`.
    pub footage: String,
    /// The worst of it: `silent` when their agent is, else `major` (or worse) or `minor`.
    pub worst: String,
    /// Whether they are found not to reach back far enough.
    pub short: bool,
}

/// What a day is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayLimits {
    /// What a day must be covered to, in millionths.
    pub covered_ppm: u32,
    /// A gap of so long is told, in milliseconds.
    pub gap_ms_min: i64,
}

/// The cameras of a branch on a civil day. The others are unknown on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct DayCount {
    /// The branch.
    pub branch_id: i64,
    /// Recorded to the limit, without a gap that is long enough to be told.
    pub complete: i64,
    /// Measured, and too much is missing, or too much at once.
    pub partial: i64,
    /// Measured, and more than half is missing.
    pub poor: i64,
}

/// Holds for an alert that is known to stand: neither unknown nor recovered.
const STANDS: &str = "alerts.condition IN ('pending', 'firing')";

impl Reader {
    /// The cameras of a scope's branches by their footage.
    pub async fn camera_counts(
        &mut self,
        scope: Scope,
        depth: Depth,
    ) -> Result<Vec<CameraCount>, StoreError> {
        let within = within(scope, "cameras");
        let text = format!(
            "SELECT cameras.branch_id, count(*) AS cameras,
               count(*) FILTER (WHERE cameras.told_at_ms <> 0
                AND cameras.newest_ms - cameras.oldest_ms >= $3) AS deep,
               count(*) FILTER (WHERE cameras.told_at_ms <> 0 AND cameras.first_seen_ms > $4
                AND COALESCE(cameras.newest_ms - cameras.oldest_ms, 0) < $3) AS new
             FROM cameras WHERE {within} GROUP BY cameras.branch_id"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(depth.required_ms)
                .bind(depth.ageing_since.ms())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("camera_counts"))
    }

    /// The cameras that were told of and have open findings that are known to stand, or whose agent
    /// is silent: few, however many cameras there are.
    pub async fn camera_concerns(
        &mut self,
        scope: Scope,
        depth: Depth,
    ) -> Result<Vec<CameraConcern>, StoreError> {
        let within = within(scope, "cameras");
        let text = format!(
            "WITH found AS (
               SELECT findings.camera_id,
                 CASE WHEN findings.severity = 'minor' THEN 1 ELSE 2 END AS worst,
                 CASE WHEN findings.kind = 'retention_short' THEN 1 ELSE 0 END AS short
               FROM findings JOIN alerts ON alerts.finding_id = findings.id
               WHERE findings.camera_id IS NOT NULL AND findings.closed_at_ms IS NULL AND {STANDS}
               UNION ALL
               SELECT cameras.id, 3, 0
               FROM findings JOIN recorders ON recorders.branch_id = findings.branch_id
                AND recorders.agent_id = findings.subject
               JOIN cameras ON cameras.recorder_id = recorders.id
               WHERE findings.kind = 'agent_silent' AND findings.closed_at_ms IS NULL),
             each AS (
               SELECT found.camera_id, max(found.worst) AS worst, max(found.short) AS short
               FROM found GROUP BY found.camera_id),
             seen AS (
               SELECT cameras.branch_id, each.short = 1 AS short,
                 CASE each.worst WHEN 3 THEN 'silent' WHEN 2 THEN 'major' ELSE 'minor' END AS worst,
                 CASE WHEN cameras.newest_ms - cameras.oldest_ms >= $3 THEN 'deep'
                  WHEN cameras.first_seen_ms > $4 THEN 'new' ELSE 'neither' END AS footage
               FROM each JOIN cameras ON cameras.id = each.camera_id
               WHERE cameras.told_at_ms <> 0 AND {within})
             SELECT branch_id, footage, worst, short, count(*) AS cameras
             FROM seen GROUP BY branch_id, footage, worst, short"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(depth.required_ms)
                .bind(depth.ageing_since.ms())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("camera_concerns"))
    }

    /// How completely the cameras of a scope's branches were recorded on a civil day (yyyymmdd).
    pub async fn day_counts(
        &mut self,
        scope: Scope,
        day: i32,
        limits: DayLimits,
    ) -> Result<Vec<DayCount>, StoreError> {
        let within = within(scope, "rollups");
        let text = format!(
            "SELECT seen.branch_id, count(*) FILTER (WHERE seen.complete) AS complete,
               count(*) FILTER (WHERE NOT seen.complete AND seen.gappy AND NOT seen.poor) AS partial,
               count(*) FILTER (WHERE NOT seen.complete AND seen.poor) AS poor
             FROM (SELECT rollups.branch_id,
                 rollups.recorded_ms * 1000000 >= rollups.expected_ms * $4
                  AND rollups.longest_gap_ms < $5 AS complete,
                 rollups.missing_ms * 1000000 > rollups.expected_ms * (1000000 - $4)
                  OR rollups.longest_gap_ms >= $5 AS gappy,
                 rollups.missing_ms * 2 > rollups.expected_ms AS poor
               FROM rollups WHERE rollups.day = $3 AND {within}) AS seen
             GROUP BY seen.branch_id"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(i64::from(day))
                .bind(i64::from(limits.covered_ppm))
                .bind(limits.gap_ms_min)
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("day_counts"))
    }
}
