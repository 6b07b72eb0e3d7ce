//! Alerts on their two axes, and what happened to each.

use keepwatch_common::time::Instant;

use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;
use super::scope::{IN_SCOPE, Scope};

/// The state of an alert.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AlertState {
    /// `pending`, `firing`, `recovered`, `unknown`.
    pub condition: String,
    /// `new`, `acknowledged`, `snoozed`, `assigned`, `closed`.
    pub handling: String,
    /// When what it tells of began.
    pub since_ms: i64,
    /// When either axis changed last.
    pub changed_at_ms: i64,
    /// Who handled it last.
    pub handled_by: Option<String>,
    /// Who is to see to it.
    pub assigned_to: Option<String>,
    /// Until when it is silent.
    pub snoozed_until_ms: Option<i64>,
}

/// An alert with its finding and branch, for lists.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AlertRow {
    /// Our id.
    pub id: i64,
    /// The finding's id.
    pub finding_id: i64,
    /// The alert's word.
    pub kind: String,
    /// The clause.
    pub clause: String,
    /// Which control.
    pub control: String,
    /// The branch's id.
    pub branch_id: i64,
    /// The branch's code.
    pub branch: String,
    /// The branch's name.
    pub branch_name: String,
    /// The branch's region.
    pub region_id: Option<i64>,
    /// The branch's zone.
    pub time_zone: String,
    /// What it is about.
    pub subject: String,
    /// How bad.
    pub severity: String,
    /// The numbers, JSON.
    pub evidence: String,
    /// Its state.
    #[sqlx(flatten)]
    pub state: AlertState,
}

/// Which alerts are wanted.
#[derive(Debug, Clone, Copy)]
pub struct AlertWanted<'a> {
    /// Only of these branches.
    pub scope: Scope,
    /// Only of this branch.
    pub branch_id: Option<i64>,
    /// Only of this kind.
    pub kind: Option<&'a str>,
    /// Only this bad.
    pub severity: Option<&'a str>,
    /// Only in this condition.
    pub condition: Option<&'a str>,
    /// Only handled so.
    pub handling: Option<&'a str>,
    /// Also those that recovered and were closed.
    pub settled: bool,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

/// How many alerts of one kind and severity stand.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct AlertCountRow {
    /// The alert's word.
    pub kind: String,
    /// How bad.
    pub severity: String,
    /// How many.
    pub alerts: i64,
}

impl AlertWanted<'_> {
    /// All that are not settled.
    pub fn within(scope: Scope) -> Self {
        Self {
            scope,
            branch_id: None,
            kind: None,
            severity: None,
            condition: None,
            handling: None,
            settled: false,
            before: None,
        }
    }
}

/// Columns of an alert with its finding and branch.
pub(super) const ROW: &str = "SELECT alerts.id, alerts.finding_id, findings.kind, findings.clause,
  findings.control, alerts.branch_id, branches.code AS branch, branches.name AS branch_name,
  branches.region_id, branches.time_zone, findings.subject, findings.severity, findings.evidence,
  alerts.condition, alerts.handling, alerts.since_ms, alerts.changed_at_ms, alerts.handled_by,
  alerts.assigned_to, alerts.snoozed_until_ms
 FROM alerts JOIN findings ON findings.id = alerts.finding_id
 JOIN branches ON branches.id = alerts.branch_id";

impl Tx {
    /// Raises an alert for a finding; its number.
    pub async fn alert_insert(
        &mut self,
        finding_id: i64,
        branch_id: i64,
        state: &AlertState,
    ) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO alerts (finding_id, branch_id, condition, handling, since_ms,
                   changed_at_ms, handled_by, assigned_to, snoozed_until_ms)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) RETURNING id",
            )
            .bind(finding_id)
            .bind(branch_id)
            .bind(&state.condition)
            .bind(&state.handling)
            .bind(state.since_ms)
            .bind(state.changed_at_ms)
            .bind(state.handled_by.as_deref())
            .bind(state.assigned_to.as_deref())
            .bind(state.snoozed_until_ms)
            .fetch_one(c)
            .await
        })
        .map_err(StoreError::during("alert_insert"))
    }

    /// Its state changed.
    pub async fn alert_update(&mut self, id: i64, state: &AlertState) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "UPDATE alerts SET condition = $1, handling = $2, since_ms = $3,
                   changed_at_ms = $4, handled_by = $5, assigned_to = $6, snoozed_until_ms = $7
                 WHERE id = $8",
            )
            .bind(&state.condition)
            .bind(&state.handling)
            .bind(state.since_ms)
            .bind(state.changed_at_ms)
            .bind(state.handled_by.as_deref())
            .bind(state.assigned_to.as_deref())
            .bind(state.snoozed_until_ms)
            .bind(id)
            .execute(c)
            .await
            .map(drop)
        })
        .map_err(StoreError::during("alert_update"))?;
        Ok(())
    }

    /// Something happened to it.
    pub async fn alert_event_insert(
        &mut self,
        alert_id: i64,
        at: Instant,
        actor: &str,
        what: &str,
        note: Option<&str>,
    ) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "INSERT INTO alert_events (alert_id, at_ms, actor, what, note)
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(alert_id)
            .bind(at.ms())
            .bind(actor)
            .bind(what)
            .bind(note)
            .execute(c)
            .await
            .map(drop)
        })
        .map_err(StoreError::during("alert_event_insert"))?;
        Ok(())
    }
}

impl Reader {
    /// One alert.
    pub async fn alert_fetch(&mut self, id: i64) -> Result<Option<AlertRow>, StoreError> {
        let text = format!("{ROW} WHERE alerts.id = $1");
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(c).await
        })
        .map_err(StoreError::during("alert_fetch"))
    }

    /// Alerts by number, newest first.
    pub async fn alert_list(
        &mut self,
        wanted: &AlertWanted<'_>,
        rows: PageRows,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let text = format!(
            "{ROW} WHERE {IN_SCOPE} AND alerts.id < $3
               AND ($4 = 0 OR alerts.branch_id = $4)
               AND ($5 = 1 OR NOT (alerts.condition = 'recovered' AND alerts.handling = 'closed'))
               AND ($6 = '' OR findings.kind = $6) AND ($7 = '' OR findings.severity = $7)
               AND ($8 = '' OR alerts.condition = $8) AND ($9 = '' OR alerts.handling = $9)
             ORDER BY alerts.id DESC LIMIT $10"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(wanted.scope.region_kept())
                .bind(wanted.scope.branch_kept())
                .bind(wanted.before.unwrap_or(i64::MAX))
                .bind(wanted.branch_id.unwrap_or(0))
                .bind(i64::from(wanted.settled))
                .bind(wanted.kind.unwrap_or_default())
                .bind(wanted.severity.unwrap_or_default())
                .bind(wanted.condition.unwrap_or_default())
                .bind(wanted.handling.unwrap_or_default())
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("alert_list"))
    }

    /// How many alerts stand or are unknown, by kind and severity.
    pub async fn alert_counts_standing(&mut self) -> Result<Vec<AlertCountRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT findings.kind, findings.severity, count(*) AS alerts
                 FROM alerts JOIN findings ON findings.id = alerts.finding_id
                 WHERE alerts.condition IN ('firing', 'unknown') AND alerts.handling <> 'closed'
                 GROUP BY findings.kind, findings.severity
                 ORDER BY findings.kind, findings.severity",
            )
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("alert_counts_standing"))
    }
}
