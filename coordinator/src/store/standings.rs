//! How every branch of a scope stands, counted: what pages across branches are made of.
//!
//! A row a branch and never one a camera or a day, so that a page costs the same however long
//! footage is kept. What makes a verdict of the counts is decided further up: limits come in as
//! numbers.

use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Reader, on_both};
use super::drifting::DIFFERS;
use super::error::StoreError;
use super::findings::FindingRow;
use super::scope::{IN_SCOPE, Scope};

/// An open branch, who reports from it, and its watched files.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct BranchStanding {
    /// Its number.
    pub id: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its region.
    pub region_id: Option<i64>,
    /// Its time zone.
    pub time_zone: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// Agents that may report.
    pub agents: i64,
    /// Those of them that are connected.
    pub agents_connected: i64,
    /// When any of them was heard last, in milliseconds since 1970.
    pub heard_at_ms: Option<i64>,
    /// Watched files.
    pub files: i64,
    /// Those of them that are not as approved, or not known to be.
    pub files_differing: i64,
}

/// Open findings of a branch that are alike.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FindingCount {
    /// The branch.
    pub branch_id: i64,
    /// The alert's word.
    pub kind: String,
    /// How bad.
    pub severity: String,
    /// The alert's condition.
    pub condition: String,
    /// How many.
    pub findings: i64,
}

/// From which depth on footage is deep enough, and which cameras are new.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// Between a camera's oldest and newest footage, in milliseconds.
    pub required_ms: i64,
    /// A camera first seen after this is ageing in.
    pub ageing_since: Instant,
}

/// The cameras of a branch. What is not counted by the last three of each kind is unknown.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct CameraCount {
    /// The branch.
    pub branch_id: i64,
    /// All of them.
    pub cameras: i64,
    /// With an open finding that is not minor and is known to stand.
    pub failing: i64,
    /// With a minor one only.
    pub partial: i64,
    /// Ageing in and otherwise well.
    pub ageing: i64,
    /// Deep enough and otherwise well.
    pub well: i64,
    /// Found not to reach back far enough.
    pub short: i64,
    /// Deep enough, whatever else there is.
    pub deep: i64,
    /// Neither, and ageing in.
    pub new: i64,
}

/// The cameras of a branch on a civil day. The others are unknown on that day.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DayCount {
    /// The branch.
    pub branch_id: i64,
    /// Recorded to the limit.
    pub complete: i64,
    /// Measured, and too much is missing.
    pub partial: i64,
    /// Measured, and more than half is missing.
    pub poor: i64,
}

/// Alerts that came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct AlertsSince {
    /// Raised.
    pub raised: i64,
    /// Closed.
    pub closed: i64,
}

/// Open findings that are known to stand.
const KNOWN: &str = "SELECT findings.camera_id FROM findings
   JOIN alerts ON alerts.finding_id = findings.id
   WHERE findings.camera_id IS NOT NULL AND findings.closed_at_ms IS NULL
    AND alerts.condition <> 'unknown'";

impl Reader {
    /// The open branches of a scope, by code.
    pub async fn branch_standings(
        &mut self,
        scope: Scope,
    ) -> Result<Vec<BranchStanding>, StoreError> {
        let text = format!(
            "SELECT branches.id, branches.code, branches.name, branches.region_id,
               branches.time_zone, branches.created_at_ms, COALESCE(here.agents, 0) AS agents,
               COALESCE(here.connected, 0) AS agents_connected, here.heard_at_ms,
               COALESCE(kept.files, 0) AS files, COALESCE(kept.differing, 0) AS files_differing
             FROM branches
             LEFT JOIN (SELECT agents.branch_id, count(*) AS agents,
                 count(agents.connected_since_ms) AS connected, max(agents.heard_at_ms) AS heard_at_ms
               FROM agents WHERE agents.revoked_at_ms IS NULL GROUP BY agents.branch_id) AS here
              ON here.branch_id = branches.id
             LEFT JOIN (SELECT watched.branch_id, count(*) AS files,
                 count(*) FILTER (WHERE {DIFFERS}) AS differing
               FROM watched LEFT JOIN readings AS latest ON latest.id = watched.latest_id
               LEFT JOIN readings AS approved ON approved.id = watched.baseline_id
               GROUP BY watched.branch_id) AS kept
              ON kept.branch_id = branches.id
             WHERE branches.closed_at_ms IS NULL AND {IN_SCOPE} ORDER BY branches.code"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("branch_standings"))
    }

    /// How many branches of a scope are closed.
    pub async fn branch_count_closed(&mut self, scope: Scope) -> Result<i64, StoreError> {
        let text = format!(
            "SELECT count(*) FROM branches WHERE branches.closed_at_ms IS NOT NULL AND {IN_SCOPE}"
        );
        on_both!(self, c => {
            sqlx::query_scalar(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("branch_count_closed"))
    }

    /// The open findings of a scope, alike ones together.
    pub async fn finding_counts_open(
        &mut self,
        scope: Scope,
    ) -> Result<Vec<FindingCount>, StoreError> {
        let text = format!(
            "SELECT findings.branch_id, findings.kind, findings.severity, alerts.condition,
               count(*) AS findings
             FROM findings JOIN alerts ON alerts.finding_id = findings.id
             JOIN branches ON branches.id = findings.branch_id
             WHERE findings.closed_at_ms IS NULL AND {IN_SCOPE}
             GROUP BY findings.branch_id, findings.kind, findings.severity, alerts.condition"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("finding_counts_open"))
    }

    /// The cameras of a scope's branches. One whose agent is silent, or that was never told of, is
    /// unknown whatever is kept of it.
    pub async fn camera_counts(
        &mut self,
        scope: Scope,
        depth: Depth,
    ) -> Result<Vec<CameraCount>, StoreError> {
        let text = format!(
            "SELECT seen.branch_id, count(*) AS cameras,
               count(*) FILTER (WHERE seen.heard AND seen.major) AS failing,
               count(*) FILTER (WHERE seen.heard AND NOT seen.major AND seen.minor) AS partial,
               count(*) FILTER (WHERE seen.heard AND NOT seen.major AND NOT seen.minor
                AND NOT seen.deep AND seen.new) AS ageing,
               count(*) FILTER (WHERE seen.heard AND NOT seen.major AND NOT seen.minor
                AND seen.deep) AS well,
               count(*) FILTER (WHERE seen.heard AND seen.short) AS short,
               count(*) FILTER (WHERE seen.heard AND NOT seen.short AND seen.deep) AS deep,
               count(*) FILTER (WHERE seen.heard AND NOT seen.short AND NOT seen.deep
                AND seen.new) AS new
             FROM (SELECT cameras.branch_id,
                 cameras.told_at_ms <> 0 AND cameras.recorder_id NOT IN (
                   SELECT recorders.id FROM findings
                   JOIN recorders ON recorders.branch_id = findings.branch_id
                    AND recorders.agent_id = findings.subject
                   WHERE findings.kind = 'agent_silent' AND findings.closed_at_ms IS NULL) AS heard,
                 cameras.id IN ({KNOWN} AND findings.severity <> 'minor') AS major,
                 cameras.id IN ({KNOWN} AND findings.severity = 'minor') AS minor,
                 cameras.id IN ({KNOWN} AND findings.kind = 'retention_short') AS short,
                 COALESCE(cameras.newest_ms - cameras.oldest_ms >= $3, false) AS deep,
                 cameras.first_seen_ms > $4 AS new
               FROM cameras WHERE cameras.branch_id IN (
                 SELECT branches.id FROM branches
                 WHERE branches.closed_at_ms IS NULL AND {IN_SCOPE})) AS seen
             GROUP BY seen.branch_id"
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

    /// How completely the cameras of a scope's branches were recorded on a civil day (yyyymmdd), to
    /// a limit in millionths.
    pub async fn day_counts(
        &mut self,
        scope: Scope,
        day: i32,
        limit_ppm: u32,
    ) -> Result<Vec<DayCount>, StoreError> {
        let text = format!(
            "SELECT seen.branch_id, count(*) FILTER (WHERE seen.complete) AS complete,
               count(*) FILTER (WHERE NOT seen.complete AND seen.gappy AND NOT seen.poor) AS partial,
               count(*) FILTER (WHERE NOT seen.complete AND seen.poor) AS poor
             FROM (SELECT rollups.branch_id,
                 rollups.recorded_ms * 1000000 >= rollups.expected_ms * $4 AS complete,
                 rollups.missing_ms * 1000000 > rollups.expected_ms * (1000000 - $4) AS gappy,
                 rollups.missing_ms * 2 > rollups.expected_ms AS poor
               FROM rollups WHERE rollups.day = $3 AND rollups.branch_id IN (
                 SELECT branches.id FROM branches
                 WHERE branches.closed_at_ms IS NULL AND {IN_SCOPE})) AS seen
             GROUP BY seen.branch_id"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(i64::from(day))
                .bind(i64::from(limit_ppm))
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("day_counts"))
    }

    /// Alerts of a scope that were raised and closed after an instant. What is closed never changes
    /// again, so its last change is its closing.
    pub async fn alerts_since(
        &mut self,
        scope: Scope,
        since: Instant,
    ) -> Result<AlertsSince, StoreError> {
        let text = format!(
            "SELECT count(*) FILTER (WHERE findings.opened_at_ms > $3) AS raised,
               count(*) FILTER (WHERE alerts.handling = 'closed') AS closed
             FROM alerts JOIN findings ON findings.id = alerts.finding_id
             JOIN branches ON branches.id = alerts.branch_id
             WHERE alerts.changed_at_ms > $3 AND {IN_SCOPE}"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(since.ms())
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("alerts_since"))
    }

    /// The gravest open finding of each of these branches: known ones before unknown ones, then by
    /// severity (whose words are in the order of gravity), then the one that lasts longest.
    pub async fn findings_gravest(
        &mut self,
        branch_ids: &[i64],
    ) -> Result<Vec<FindingRow>, StoreError> {
        let batch = Batch::over(branch_ids).column("wanted_id", |id| *id);
        self.batch_fetch(
            "findings_gravest",
            &batch,
            "SELECT ranked.* FROM (
               SELECT findings.*, alerts.id AS alert_id, alerts.condition, alerts.handling,
                 alerts.since_ms AS alert_since_ms, alerts.changed_at_ms AS alert_changed_at_ms,
                 alerts.handled_by, alerts.assigned_to, alerts.snoozed_until_ms,
                 row_number() OVER (PARTITION BY findings.branch_id
                   ORDER BY CASE alerts.condition WHEN 'unknown' THEN 1 ELSE 0 END,
                     findings.severity, findings.since_ms, findings.id) AS place
               FROM batch JOIN findings ON findings.branch_id = batch.wanted_id
               JOIN alerts ON alerts.finding_id = findings.id
               WHERE findings.closed_at_ms IS NULL) AS ranked
             WHERE ranked.place = 1",
        )
        .await
    }
}
