//! Watched files, and which reading of each a person approved. Nothing is approved by itself.

use uuid::Uuid;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;
use super::scope::{IN_SCOPE, Scope};

/// The watched files that a batch names.
const WATCHED_OF_BATCH: &str = "SELECT watched.* FROM batch
    JOIN watched ON watched.branch_id = batch.branch_id AND watched.name = batch.name";

/// A watched file.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WatchedRow {
    /// Our id.
    pub id: i64,
    /// Its branch.
    pub branch_id: i64,
    /// Who tells of it.
    pub agent_id: String,
    /// Its name in the branch's words.
    pub name: String,
    /// Its path at the branch.
    pub path: String,
    /// The newest reading.
    pub latest_id: Option<i64>,
    /// The approved reading.
    pub baseline_id: Option<i64>,
}

/// A watched file as lists across branches show it.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct WatchedListed {
    /// The file.
    #[sqlx(flatten)]
    pub file: WatchedRow,
    /// The branch's code.
    pub branch: String,
    /// `tree`, `missing`, `unreadable`: the newest reading; none before the first.
    pub status: Option<String>,
    /// When it was read.
    pub read_at_ms: Option<i64>,
    /// The file's owner.
    pub owner: Option<String>,
    /// Why it could not be read.
    pub reason: Option<String>,
    /// 1 when the newest reading is the approved one, letter by letter.
    pub same: i64,
}

/// Who made which reading the baseline.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct BaselineRow {
    /// The reading.
    pub reading_id: i64,
    /// Who.
    pub approved_by: String,
    /// When.
    pub approved_at_ms: i64,
    /// Why.
    pub reason: String,
}

/// A watched file as it was told of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchedTold {
    /// Its branch.
    pub branch_id: i64,
    /// Its name in the branch's words.
    pub name: String,
    /// Who tells of it.
    pub agent: Uuid,
    /// Its path at the branch.
    pub path: String,
}

impl Tx {
    /// The watched files of these names, each at most once; new ones are entered.
    pub async fn watched_ensure_many(
        &mut self,
        told: &[WatchedTold],
    ) -> Result<Vec<WatchedRow>, StoreError> {
        let batch = Batch::over(told)
            .column("branch_id", |one| one.branch_id)
            .column("agent_id", |one| one.agent.to_string())
            .column("name", |one| one.name.clone())
            .column("path", |one| one.path.clone());
        self.batch_execute(
            "watched_ensure_many",
            &batch,
            "INSERT INTO watched (branch_id, agent_id, name, path)
             SELECT branch_id, agent_id, name, path FROM batch WHERE true
             ON CONFLICT (branch_id, name) DO UPDATE SET agent_id = excluded.agent_id,
               path = excluded.path",
        )
        .await?;
        self.batch_fetch("watched_ensure_many", &batch, WATCHED_OF_BATCH)
            .await
    }

    /// A person approves a reading as the baseline.
    pub async fn baseline_approve(
        &mut self,
        watched_id: i64,
        reading_id: i64,
        by: &str,
        at_ms: i64,
        reason: &str,
    ) -> Result<(), StoreError> {
        on_both!(self, c => {
            sqlx::query(
                "INSERT INTO baselines (watched_id, reading_id, approved_by, approved_at_ms, reason)
                 VALUES ($1, $2, $3, $4, $5)",
            )
            .bind(watched_id)
            .bind(reading_id)
            .bind(by)
            .bind(at_ms)
            .bind(reason)
            .execute(c)
            .await
            .map(drop)
        })
        .map_err(StoreError::during("baseline_approve"))?;
        on_both!(self, c => {
            sqlx::query("UPDATE watched SET baseline_id = $1 WHERE id = $2")
                .bind(reading_id)
                .bind(watched_id)
                .execute(c)
            .await
            .map(drop)
        })
        .map_err(StoreError::during("baseline_approve"))?;
        Ok(())
    }
}

impl Reader {
    /// A branch's watched files in the order of their names.
    pub async fn watched_list_of_branch(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<WatchedRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT * FROM watched WHERE branch_id = $1 ORDER BY name")
                .bind(branch_id)
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("watched_list_of_branch"))
    }

    /// One watched file.
    pub async fn watched_fetch(
        &mut self,
        branch_id: i64,
        name: &str,
    ) -> Result<Option<WatchedRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as("SELECT * FROM watched WHERE branch_id = $1 AND name = $2")
                .bind(branch_id)
                .bind(name)
                .fetch_optional(c)
                .await
        })
        .map_err(StoreError::during("watched_fetch"))
    }

    /// Watched files by branch and name.
    pub async fn watched_fetch_many(
        &mut self,
        names: &[(i64, String)],
    ) -> Result<Vec<WatchedRow>, StoreError> {
        let batch = Batch::over(names)
            .column("branch_id", |(branch_id, _)| *branch_id)
            .column("name", |(_, name)| name.clone());
        self.batch_fetch("watched_fetch_many", &batch, WATCHED_OF_BATCH)
            .await
    }

    /// Watched files by number, those after `after`.
    pub async fn watched_list_within(
        &mut self,
        scope: Scope,
        after: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<WatchedListed>, StoreError> {
        let text = format!(
            "SELECT watched.id, watched.branch_id, watched.agent_id, watched.name, watched.path,
               watched.latest_id, watched.baseline_id, branches.code AS branch, latest.status,
               latest.at_ms AS read_at_ms, latest.owner, latest.reason,
               CAST(CASE WHEN latest.status = 'tree' AND latest.canonical = approved.canonical
                 THEN 1 ELSE 0 END AS BIGINT) AS same
             FROM watched JOIN branches ON branches.id = watched.branch_id
             LEFT JOIN readings AS latest ON latest.id = watched.latest_id
             LEFT JOIN readings AS approved ON approved.id = watched.baseline_id
             WHERE {IN_SCOPE} AND watched.id > $3 ORDER BY watched.id LIMIT $4"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(after.unwrap_or(0))
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("watched_list_within"))
    }

    /// Who approved what of a file, newest first.
    pub async fn baseline_list(
        &mut self,
        watched_id: i64,
        rows: PageRows,
    ) -> Result<Vec<BaselineRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT reading_id, approved_by, approved_at_ms, reason FROM baselines
                 WHERE watched_id = $1 ORDER BY id DESC LIMIT $2",
            )
            .bind(watched_id)
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("baseline_list"))
    }
}
