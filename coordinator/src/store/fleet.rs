//! Branches and agents as lists across the chain show them, each cut to what somebody may see.

use uuid::Uuid;

use super::agents::{AgentRow, KeptAgent};
use super::branches::BranchRow;
use super::connection::{Reader, on_both};
use super::error::StoreError;
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
