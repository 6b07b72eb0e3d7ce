//! Branches, agents and findings as lists across the chain show them, each cut to what somebody may
//! see.

use uuid::Uuid;

use super::agents::{AgentRow, KeptAgent};
use super::branches::BranchRow;
use super::connection::{Reader, on_both};
use super::error::StoreError;
use super::findings::FindingRow;
use super::page::PageRows;
use super::scope::{IN_SCOPE, Scope};

/// A branch with what is counted of it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct BranchSummary {
    /// The branch.
    #[sqlx(flatten)]
    pub branch: BranchRow,
    /// The code of its region.
    pub region: Option<String>,
    /// Agents that may report.
    pub agents: i64,
    /// Those of them that are connected.
    pub agents_connected: i64,
    /// When any of its agents was heard last, in milliseconds since 1970.
    pub heard_at_ms: Option<i64>,
    /// Cameras ever told of.
    pub cameras: i64,
    /// Alerts that stand or of which nobody knows.
    pub alerts_standing: i64,
}

#[derive(Debug, sqlx::FromRow)]
struct KeptListing {
    #[sqlx(flatten)]
    agent: KeptAgent,
    branch: String,
}

/// A finding and its branch's code, for lists.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct FindingListed {
    /// The finding.
    #[sqlx(flatten)]
    pub finding: FindingRow,
    /// The branch's code.
    pub branch: String,
}

/// Which findings are wanted.
#[derive(Debug, Clone, Copy)]
pub struct FindingWanted {
    /// Only of these branches.
    pub scope: Scope,
    /// Only of this branch.
    pub branch_id: Option<i64>,
    /// Also closed ones.
    pub closed: bool,
    /// Only those with a smaller id.
    pub before: Option<i64>,
}

const SUMMARY: &str = "SELECT branches.id, branches.region_id, branches.code, branches.name,
   branches.time_zone, branches.created_at_ms, branches.closed_at_ms, regions.code AS region,
   (SELECT count(*) FROM agents WHERE agents.branch_id = branches.id
     AND agents.revoked_at_ms IS NULL) AS agents,
   (SELECT count(*) FROM agents WHERE agents.branch_id = branches.id
     AND agents.revoked_at_ms IS NULL AND agents.connected_since_ms IS NOT NULL)
     AS agents_connected,
   (SELECT max(agents.heard_at_ms) FROM agents WHERE agents.branch_id = branches.id)
     AS heard_at_ms,
   (SELECT count(*) FROM cameras WHERE cameras.branch_id = branches.id) AS cameras,
   (SELECT count(*) FROM alerts WHERE alerts.branch_id = branches.id
     AND alerts.condition IN ('firing', 'unknown') AND alerts.handling <> 'closed')
     AS alerts_standing
 FROM branches LEFT JOIN regions ON regions.id = branches.region_id";

impl Reader {
    /// Branches by code, those after `after`.
    pub async fn branch_list_within(
        &mut self,
        scope: Scope,
        after: Option<&str>,
        rows: PageRows,
    ) -> Result<Vec<BranchSummary>, StoreError> {
        let text = format!(
            "{SUMMARY} WHERE {IN_SCOPE} AND branches.code > $3 ORDER BY branches.code LIMIT $4"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(after.unwrap_or_default())
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("branch_list_within"))
    }

    /// One branch with what is counted of it.
    pub async fn branch_summary(&mut self, id: i64) -> Result<Option<BranchSummary>, StoreError> {
        let text = format!("{SUMMARY} WHERE branches.id = $1");
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(c).await
        })
        .map_err(StoreError::during("branch_summary"))
    }

    /// Agents by id, those after `after`, each with its branch's code; revoked ones too.
    pub async fn agent_list_within(
        &mut self,
        scope: Scope,
        after: Option<Uuid>,
        rows: PageRows,
    ) -> Result<Vec<(AgentRow, String)>, StoreError> {
        let text = format!(
            "SELECT agents.*, branches.code AS branch
             FROM agents JOIN branches ON branches.id = agents.branch_id
             WHERE {IN_SCOPE} AND agents.id > $3 ORDER BY agents.id LIMIT $4"
        );
        let kept: Vec<KeptListing> = on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(after.map_or_else(String::new, |id| id.to_string()))
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("agent_list_within"))?;
        kept.into_iter()
            .map(|listing| Ok((listing.agent.read()?, listing.branch)))
            .collect()
    }

    /// Findings by number, newest first, those before `before`; closed ones when asked.
    pub async fn finding_list_within(
        &mut self,
        wanted: FindingWanted,
        rows: PageRows,
    ) -> Result<Vec<FindingListed>, StoreError> {
        let text = format!(
            "SELECT findings.*, alerts.id AS alert_id, alerts.condition, alerts.handling,
               alerts.since_ms AS alert_since_ms, alerts.changed_at_ms AS alert_changed_at_ms,
               alerts.handled_by, alerts.assigned_to, alerts.snoozed_until_ms,
               branches.code AS branch
             FROM findings JOIN alerts ON alerts.finding_id = findings.id
             JOIN branches ON branches.id = findings.branch_id
             WHERE {IN_SCOPE} AND findings.id < $3 AND ($4 = 0 OR findings.branch_id = $4)
               AND ($5 = 1 OR findings.closed_at_ms IS NULL)
             ORDER BY findings.id DESC LIMIT $6"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(wanted.scope.region_kept())
                .bind(wanted.scope.branch_kept())
                .bind(wanted.before.unwrap_or(i64::MAX))
                .bind(wanted.branch_id.unwrap_or(0))
                .bind(i64::from(wanted.closed))
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("finding_list_within"))
    }

    /// How many agents may report.
    pub async fn agent_count(&mut self) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar("SELECT count(*) FROM agents WHERE revoked_at_ms IS NULL")
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("agent_count"))
    }
}
