//! Alerts as people work through them: gravest first, counted, and with who cares for each.
//!
//! *Open* is whatever nobody closed, recovered or not. Severities are kept as words whose order in
//! the alphabet happens to be the order of gravity, and the statements here go by it.

use super::alerts::{AlertRow, ROW};
use super::batch::Batch;
use super::connection::{Reader, on_both};
use super::error::StoreError;
use super::page::PageRows;
use super::scope::{IN_SCOPE, Scope};

/// The handlings of an open alert.
pub const OPEN: [&str; 4] = ["new", "acknowledged", "snoozed", "assigned"];

/// What makes an alert open, in the words of the index over open alerts.
const IS_OPEN: &str = "alerts.handling <> 'closed'";

/// Which alerts are closed.
const IS_CLOSED: &str = "alerts.handling = 'closed'";

/// Which open alerts are wanted.
#[derive(Debug, Clone, Copy)]
pub struct OpenWanted<'a> {
    /// Only of these branches.
    pub scope: Scope,
    /// Only of this branch.
    pub branch_id: Option<i64>,
    /// Only this bad.
    pub severity: Option<&'a str>,
    /// Only handled so; one of [`OPEN`].
    pub handling: Option<&'a str>,
    /// Only those that come after the alert with this severity and number.
    pub after: Option<(&'a str, i64)>,
}

/// How many alerts of one severity are handled one way.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct OpenCountRow {
    /// How bad.
    pub severity: String,
    /// What people did.
    pub handling: String,
    /// How many.
    pub alerts: i64,
}

/// What a person did to an alert last.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HandledRow {
    /// Which alert.
    pub alert_id: i64,
    /// When.
    pub at_ms: i64,
    /// Who.
    pub actor: String,
    /// What they noted.
    pub note: Option<String>,
}

/// A branch's own index is used only when the statement names the branch outright.
fn of_branch(branch_id: Option<i64>) -> &'static str {
    match branch_id {
        Some(_) => "alerts.branch_id = $3",
        None => "$3 = 0",
    }
}

impl Reader {
    /// Open alerts, gravest first and the newest of a severity first.
    pub async fn alert_list_open(
        &mut self,
        wanted: &OpenWanted<'_>,
        rows: PageRows,
    ) -> Result<Vec<AlertRow>, StoreError> {
        let of_branch = of_branch(wanted.branch_id);
        let text = format!(
            "{ROW} WHERE {IN_SCOPE} AND {of_branch} AND {IS_OPEN}
               AND alerts.handling IN ($4, $5, $6, $7) AND ($8 = '' OR findings.severity = $8)
               AND (findings.severity > $9 OR (findings.severity = $9 AND alerts.id < $10))
             ORDER BY findings.severity, alerts.id DESC LIMIT $11"
        );
        let handlings = wanted.handling.map_or(OPEN, |one| [one; 4]);
        let (severity, id) = wanted.after.unwrap_or(("", i64::MAX));
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(wanted.scope.region_kept())
                .bind(wanted.scope.branch_kept())
                .bind(wanted.branch_id.unwrap_or(0))
                .bind(handlings[0])
                .bind(handlings[1])
                .bind(handlings[2])
                .bind(handlings[3])
                .bind(wanted.severity.unwrap_or_default())
                .bind(severity)
                .bind(id)
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("alert_list_open"))
    }

    /// How many alerts are open, by severity and handling.
    pub async fn alert_counts_open(
        &mut self,
        scope: Scope,
        branch_id: Option<i64>,
    ) -> Result<Vec<OpenCountRow>, StoreError> {
        let counted = self.alert_counts(scope, branch_id, IS_OPEN).await;
        counted.map_err(StoreError::during("alert_counts_open"))
    }

    /// How many alerts are closed, by severity.
    pub async fn alert_counts_closed(
        &mut self,
        scope: Scope,
        branch_id: Option<i64>,
    ) -> Result<Vec<OpenCountRow>, StoreError> {
        let counted = self.alert_counts(scope, branch_id, IS_CLOSED).await;
        counted.map_err(StoreError::during("alert_counts_closed"))
    }

    async fn alert_counts(
        &mut self,
        scope: Scope,
        branch_id: Option<i64>,
        handled: &str,
    ) -> Result<Vec<OpenCountRow>, sqlx::Error> {
        let of_branch = of_branch(branch_id);
        let text = format!(
            "SELECT findings.severity, alerts.handling, count(*) AS alerts
             FROM alerts JOIN findings ON findings.id = alerts.finding_id
             JOIN branches ON branches.id = alerts.branch_id
             WHERE {IN_SCOPE} AND {of_branch} AND {handled}
             GROUP BY findings.severity, alerts.handling"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(branch_id.unwrap_or(0))
                .fetch_all(c)
                .await
        })
    }

    /// What a person did last to each of these alerts; nothing for those that nobody touched.
    pub async fn alert_handled_last(
        &mut self,
        alert_ids: &[i64],
    ) -> Result<Vec<HandledRow>, StoreError> {
        let batch = Batch::over(alert_ids).column("wanted_id", |id| *id);
        self.batch_fetch(
            "alert_handled_last",
            &batch,
            "SELECT alert_events.alert_id, alert_events.at_ms, alert_events.actor,
               alert_events.note
             FROM batch JOIN alert_events ON alert_events.alert_id = batch.wanted_id
             WHERE alert_events.id = (SELECT MAX(later.id) FROM alert_events AS later
               WHERE later.alert_id = batch.wanted_id
                 AND later.what IN ('acknowledged', 'snoozed', 'assigned', 'closed'))",
        )
        .await
    }
}
