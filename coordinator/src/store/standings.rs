//! How every branch of a scope stands, counted: what pages across branches are made of.
//!
//! A row a branch and never one a camera or a day, so that a page costs the same however long
//! footage is kept. What makes a verdict of the counts is decided further up: limits come in as
//! numbers.

use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Reader, on_both};
use super::error::StoreError;
use super::findings::FindingRow;
use super::scope::{IN_SCOPE, Scope, within};

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
    /// The condition of their alerts.
    pub condition: String,
    /// How many.
    pub findings: i64,
}

/// Alerts that came and went.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct AlertsSince {
    /// Raised.
    pub raised: i64,
    /// Closed.
    pub closed: i64,
}

/// Holds for a watched file that is not as approved. The trees are read only where a newer reading
/// than the approved one came.
const DIFFERS: &str = "watched.baseline_id IS NULL OR (watched.latest_id <> watched.baseline_id
   AND NOT EXISTS (SELECT 1 FROM readings AS latest
     JOIN readings AS approved ON approved.id = watched.baseline_id
     WHERE latest.id = watched.latest_id AND latest.canonical = approved.canonical))";

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
               FROM watched GROUP BY watched.branch_id) AS kept
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
        let within = within(scope, "findings");
        let text = format!(
            "SELECT findings.branch_id, findings.kind, findings.severity, alerts.condition,
               count(*) AS findings
             FROM findings JOIN alerts ON alerts.finding_id = findings.id
             WHERE findings.closed_at_ms IS NULL AND {within}
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

    /// Alerts of a scope that were raised and closed after an instant. Every finding raises one when
    /// it is opened; what is closed never changes again, so its last change is its closing.
    pub async fn alerts_since(
        &mut self,
        scope: Scope,
        since: Instant,
    ) -> Result<AlertsSince, StoreError> {
        let text = format!(
            "SELECT
               (SELECT count(*) FROM findings JOIN branches ON branches.id = findings.branch_id
                WHERE findings.opened_at_ms > $3 AND {IN_SCOPE}) AS raised,
               (SELECT count(*) FROM alerts JOIN branches ON branches.id = alerts.branch_id
                WHERE alerts.handling = 'closed' AND alerts.changed_at_ms > $3 AND {IN_SCOPE})
               AS closed"
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

    /// The gravest open finding of each of these branches: known ones before unknown ones and those
    /// before what recovered, then by severity (whose words are in the order of gravity), then the
    /// one that lasts longest.
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
                   ORDER BY CASE alerts.condition WHEN 'recovered' THEN 2 WHEN 'unknown' THEN 1
                     ELSE 0 END,
                     findings.severity, findings.since_ms, findings.id) AS place
               FROM batch JOIN findings ON findings.branch_id = batch.wanted_id
               JOIN alerts ON alerts.finding_id = findings.id
               WHERE findings.closed_at_ms IS NULL) AS ranked
             WHERE ranked.place = 1",
        )
        .await
    }
}
