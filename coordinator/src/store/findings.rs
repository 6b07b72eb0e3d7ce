//! Findings: one open row a control and subject of a branch; closed ones are kept.

use std::collections::BTreeMap;

use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;

/// A finding to be opened.
#[derive(Debug, Clone)]
pub struct NewFinding<'a> {
    /// Which control.
    pub control: &'a str,
    /// The clause it serves first.
    pub clause: &'a str,
    /// The alert's word.
    pub kind: &'a str,
    /// Whose.
    pub branch_id: i64,
    /// Of which camera.
    pub camera_id: Option<i64>,
    /// What it is about.
    pub subject: &'a str,
    /// How bad.
    pub severity: &'a str,
    /// The policy pack that judged.
    pub pack_version: &'a str,
    /// The numbers, JSON.
    pub evidence: &'a str,
    /// When it began to be so.
    pub since: Instant,
    /// Now.
    pub opened_at: Instant,
}

/// A finding and its alert.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FindingRow {
    /// Our id.
    pub id: i64,
    /// Which control.
    pub control: String,
    /// The clause.
    pub clause: String,
    /// The alert's word.
    pub kind: String,
    /// Whose.
    pub branch_id: i64,
    /// Of which camera.
    pub camera_id: Option<i64>,
    /// What it is about.
    pub subject: String,
    /// How bad.
    pub severity: String,
    /// The pack.
    pub pack_version: String,
    /// The numbers.
    pub evidence: String,
    /// When it began.
    pub since_ms: i64,
    /// When it was opened.
    pub opened_at_ms: i64,
    /// When it was closed.
    pub closed_at_ms: Option<i64>,
    /// Why.
    pub closed_why: Option<String>,
    /// Its alert.
    pub alert_id: i64,
    /// The alert's state.
    #[sqlx(flatten)]
    pub alert: OfAlert,
}

/// The state of a finding's alert.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OfAlert {
    /// Its condition.
    pub condition: String,
    /// Its handling.
    pub handling: String,
    /// When what it tells of began.
    pub alert_since_ms: i64,
    /// When either axis changed last.
    pub alert_changed_at_ms: i64,
    /// Who handled it last.
    pub handled_by: Option<String>,
    /// Who is to see to it.
    pub assigned_to: Option<String>,
    /// Until when it is silent.
    pub snoozed_until_ms: Option<i64>,
}

impl Tx {
    /// Opens a finding; its number.
    pub async fn finding_open(&mut self, finding: &NewFinding<'_>) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO findings (control, clause, kind, branch_id, camera_id, subject,
                   severity, pack_version, evidence, since_ms, opened_at_ms)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) RETURNING id",
            )
            .bind(finding.control)
            .bind(finding.clause)
            .bind(finding.kind)
            .bind(finding.branch_id)
            .bind(finding.camera_id)
            .bind(finding.subject)
            .bind(finding.severity)
            .bind(finding.pack_version)
            .bind(finding.evidence)
            .bind(finding.since.ms())
            .bind(finding.opened_at.ms())
            .fetch_one(c)
            .await
        })
        .map_err(StoreError::during("finding_open"))
    }

    /// Its numbers changed.
    pub async fn finding_update(
        &mut self,
        id: i64,
        severity: &str,
        pack_version: &str,
        evidence: &str,
    ) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE findings SET severity = $1, pack_version = $2, evidence = $3 WHERE id = $4",
            )
            .bind(severity)
            .bind(pack_version)
            .bind(evidence)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
        })
        .map_err(StoreError::during("finding_update"))?;
        Ok(())
    }

    /// It does not fail any more.
    pub async fn finding_close(
        &mut self,
        id: i64,
        at: Instant,
        why: &str,
    ) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE findings SET closed_at_ms = $1, closed_why = $2
                 WHERE id = $3 AND closed_at_ms IS NULL",
            )
            .bind(at.ms())
            .bind(why)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
        })
        .map_err(StoreError::during("finding_close"))?;
        Ok(())
    }
}

impl Reader {
    /// A branch's open findings with their alerts.
    pub async fn finding_list_open(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<FindingRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT findings.*, alerts.id AS alert_id, alerts.condition, alerts.handling,
                   alerts.since_ms AS alert_since_ms, alerts.changed_at_ms AS alert_changed_at_ms,
                   alerts.handled_by, alerts.assigned_to, alerts.snoozed_until_ms
                 FROM findings JOIN alerts ON alerts.finding_id = findings.id
                 WHERE findings.branch_id = $1 AND findings.closed_at_ms IS NULL
                 ORDER BY findings.id",
            )
            .bind(branch_id)
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("finding_list_open"))
    }

    /// The open findings of several branches with their alerts, each branch's in order.
    pub async fn finding_list_open_many(
        &mut self,
        branch_ids: &[i64],
    ) -> Result<BTreeMap<i64, Vec<FindingRow>>, StoreError> {
        let batch = Batch::over(branch_ids).column("wanted_id", |id| *id);
        let mut found: Vec<FindingRow> = self
            .batch_fetch(
                "finding_list_open_many",
                &batch,
                "SELECT findings.*, alerts.id AS alert_id, alerts.condition, alerts.handling,
                   alerts.since_ms AS alert_since_ms, alerts.changed_at_ms AS alert_changed_at_ms,
                   alerts.handled_by, alerts.assigned_to, alerts.snoozed_until_ms
                 FROM batch JOIN findings ON findings.branch_id = batch.wanted_id
                 JOIN alerts ON alerts.finding_id = findings.id
                 WHERE findings.closed_at_ms IS NULL",
            )
            .await?;
        found.sort_by_key(|row| row.id);
        let mut of_branches: BTreeMap<i64, Vec<FindingRow>> = BTreeMap::new();
        for row in found {
            of_branches.entry(row.branch_id).or_default().push(row);
        }
        Ok(of_branches)
    }

    /// Findings whose alerts wait for time: those that are pending, and those whose snooze is over.
    /// By number, those after `after`.
    pub async fn finding_list_waiting(
        &mut self,
        now: Instant,
        after: i64,
        rows: PageRows,
    ) -> Result<Vec<FindingRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT findings.*, alerts.id AS alert_id, alerts.condition, alerts.handling,
                   alerts.since_ms AS alert_since_ms, alerts.changed_at_ms AS alert_changed_at_ms,
                   alerts.handled_by, alerts.assigned_to, alerts.snoozed_until_ms
                 FROM alerts JOIN findings ON findings.id = alerts.finding_id
                 WHERE findings.id > $1 AND (alerts.condition = 'pending'
                   OR (alerts.condition IN ('firing', 'recovered', 'unknown')
                     AND alerts.handling = 'snoozed' AND alerts.snoozed_until_ms <= $2))
                 ORDER BY findings.id LIMIT $3",
            )
            .bind(after)
            .bind(now.ms())
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("finding_list_waiting"))
    }

    /// Open findings of these cameras that began before an instant.
    pub async fn finding_list_of_cameras(
        &mut self,
        camera_ids: &[i64],
        before: Instant,
    ) -> Result<Vec<FindingRow>, StoreError> {
        let batch = Batch::over(camera_ids)
            .column("wanted_id", |id| *id)
            .column("before_ms", |_| before.ms());
        self.batch_fetch(
            "finding_list_of_cameras",
            &batch,
            "SELECT findings.*, alerts.id AS alert_id, alerts.condition, alerts.handling,
               alerts.since_ms AS alert_since_ms, alerts.changed_at_ms AS alert_changed_at_ms,
               alerts.handled_by, alerts.assigned_to, alerts.snoozed_until_ms
             FROM batch JOIN findings ON findings.camera_id = batch.wanted_id
             JOIN alerts ON alerts.finding_id = findings.id
             WHERE findings.closed_at_ms IS NULL AND findings.since_ms < batch.before_ms",
        )
        .await
    }

    /// The branches that have an open finding of a control, in order.
    pub async fn branches_of_open(&mut self, control: &str) -> Result<Vec<i64>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "SELECT DISTINCT branch_id FROM findings
                 WHERE control = $1 AND closed_at_ms IS NULL ORDER BY branch_id",
            )
            .bind(control)
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("branches_of_open"))
    }

    /// Agents of these branches that an open finding says are not heard, each with its branch.
    pub async fn agents_silent(
        &mut self,
        branch_ids: &[i64],
    ) -> Result<Vec<(i64, String)>, StoreError> {
        let batch = Batch::over(branch_ids).column("wanted_id", |id| *id);
        self.batch_fetch(
            "agents_silent",
            &batch,
            "SELECT findings.branch_id, findings.subject
             FROM batch JOIN findings ON findings.branch_id = batch.wanted_id
             WHERE findings.kind = 'agent_silent' AND findings.closed_at_ms IS NULL",
        )
        .await
    }
}
