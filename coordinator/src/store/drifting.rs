//! Watched files that are not as approved, across branches.
//!
//! A reading that equals the one before is not kept, so a file whose newest reading *is* the approved
//! one is as approved, and no tree has to be read to know it. The trees are compared only where a
//! newer reading came.

use super::connection::{Reader, on_both};
use super::error::StoreError;
use super::page::PageRows;
use super::scope::{IN_SCOPE, Scope};
use super::watched::WatchedRow;

/// A watched file that is not as approved.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct DriftingRow {
    /// The file.
    #[sqlx(flatten)]
    pub file: WatchedRow,
    /// The branch's code.
    pub branch: String,
    /// The branch's name.
    pub branch_name: String,
    /// The branch's zone.
    pub time_zone: String,
    /// When the newest reading was made, which is when the file became what it is.
    pub read_at_ms: i64,
    /// The file's owner.
    pub owner: Option<String>,
}

/// How many files are watched, how many of them are not as approved, and of how many nobody knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct WatchedCounts {
    /// All.
    pub files: i64,
    /// Not as approved, or never approved, when last read.
    pub differing: i64,
    /// As approved when last read, by an agent that is silent.
    pub unknown: i64,
}

/// Holds for a file that is not as approved.
const DIFFERS: &str = "(watched.baseline_id IS NULL OR (watched.latest_id <> watched.baseline_id
   AND (latest.canonical IS NULL OR approved.canonical IS NULL
     OR latest.canonical <> approved.canonical)))";

/// Holds for a file whose newest reading is not the approved one: asked first, because it is known
/// without looking at any reading.
const NEWER: &str = "watched.latest_id IS NOT NULL
   AND (watched.baseline_id IS NULL OR watched.latest_id <> watched.baseline_id)";

const JOINED: &str = "FROM watched JOIN branches ON branches.id = watched.branch_id
 JOIN readings AS latest ON latest.id = watched.latest_id
 LEFT JOIN readings AS approved ON approved.id = watched.baseline_id";

impl Reader {
    /// Files that are not as approved, the newest change first; those after the file that changed
    /// at an instant and has a number.
    pub async fn watched_list_drifting(
        &mut self,
        scope: Scope,
        after: Option<(i64, i64)>,
        rows: PageRows,
    ) -> Result<Vec<DriftingRow>, StoreError> {
        // The owner stands behind the tree in its row, so it is read for the rows of the page only.
        let text = format!(
            "WITH page AS (
               SELECT watched.id, branches.code AS branch, branches.name AS branch_name,
                 branches.time_zone, latest.at_ms AS read_at_ms {JOINED}
               WHERE {IN_SCOPE} AND {NEWER} AND {DIFFERS}
                 AND (latest.at_ms < $3 OR (latest.at_ms = $3 AND watched.id < $4))
               ORDER BY latest.at_ms DESC, watched.id DESC LIMIT $5)
             SELECT watched.*, page.branch, page.branch_name, page.time_zone, page.read_at_ms,
               readings.owner
             FROM page JOIN watched ON watched.id = page.id
             JOIN readings ON readings.id = watched.latest_id
             ORDER BY page.read_at_ms DESC, page.id DESC"
        );
        let (at_ms, id) = after.unwrap_or((i64::MAX, i64::MAX));
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(at_ms)
                .bind(id)
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("watched_list_drifting"))
    }

    /// How many files are watched, how many of them are not as approved, and of how many that were
    /// the agent is silent.
    pub async fn watched_counts(&mut self, scope: Scope) -> Result<WatchedCounts, StoreError> {
        let text = format!(
            "SELECT (SELECT count(*) FROM watched JOIN branches ON branches.id = watched.branch_id
                WHERE watched.latest_id IS NOT NULL AND {IN_SCOPE}) AS files,
               (SELECT count(*) {JOINED}
                WHERE {IN_SCOPE} AND {NEWER} AND {DIFFERS}) AS differing,
               (SELECT count(*) {JOINED} JOIN findings ON findings.branch_id = watched.branch_id
                 AND findings.subject = watched.agent_id
                WHERE findings.kind = 'agent_silent' AND findings.closed_at_ms IS NULL
                 AND {IN_SCOPE} AND NOT ({NEWER} AND {DIFFERS})) AS unknown"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("watched_counts"))
    }

    /// How often somebody approved a reading of a file.
    pub async fn baseline_count(&mut self, watched_id: i64) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar("SELECT count(*) FROM baselines WHERE watched_id = $1")
                .bind(watched_id)
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("baseline_count"))
    }
}
