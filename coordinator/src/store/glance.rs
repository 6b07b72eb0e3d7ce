//! What every page shows around its own matter: open alerts, and when anybody was heard last.

use super::connection::{Reader, on_both};
use super::error::StoreError;
use super::scope::{IN_SCOPE, Scope};

/// A scope at a glance.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Glance {
    /// Alerts that nobody has closed.
    pub alerts_open: i64,
    /// Agents that may report and are connected.
    pub agents_connected: i64,
    /// When any agent was heard last, in milliseconds since 1970.
    pub heard_at_ms: Option<i64>,
    /// The time zone of most of its open branches; none without branches.
    pub time_zone: Option<String>,
}

impl Reader {
    /// What is to be seen of a scope at a glance.
    pub async fn glance(&mut self, scope: Scope) -> Result<Glance, StoreError> {
        let text = format!(
            "SELECT
               (SELECT count(*) FROM alerts JOIN branches ON branches.id = alerts.branch_id
                WHERE alerts.handling <> 'closed' AND {IN_SCOPE}) AS alerts_open,
               heard.agents_connected, heard.heard_at_ms,
               (SELECT branches.time_zone FROM branches
                WHERE branches.closed_at_ms IS NULL AND {IN_SCOPE}
                GROUP BY branches.time_zone
                ORDER BY count(*) DESC, branches.time_zone LIMIT 1) AS time_zone
             FROM (SELECT count(agents.connected_since_ms) AS agents_connected,
                     max(agents.heard_at_ms) AS heard_at_ms
                   FROM agents JOIN branches ON branches.id = agents.branch_id
                   WHERE agents.revoked_at_ms IS NULL AND {IN_SCOPE}) AS heard"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("glance"))
    }
}
