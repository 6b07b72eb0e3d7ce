//! Holds: who wants which footage kept, until when it was released, and how it stands.

use keepwatch_common::interval::Interval;

use super::batch::Batch;
use super::connection::{Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;
use super::scope::{IN_SCOPE, Scope};

/// A hold to be.
#[derive(Debug, Clone, Copy)]
pub struct NewHold<'a> {
    /// Its own name.
    pub key: &'a str,
    /// Its branch.
    pub branch_id: i64,
    /// Whose footage.
    pub camera_id: i64,
    /// Which.
    pub span: Interval,
    /// Why.
    pub reason: &'a str,
    /// Who wants it.
    pub by: &'a str,
    /// When they said so.
    pub at_ms: i64,
}

/// How a hold stands, as it was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldTold {
    /// Its branch: an agent tells of no other's.
    pub branch_id: i64,
    /// Its own name.
    pub key: String,
    /// The standing's word.
    pub standing: String,
    /// Segments, copied, gone, changed.
    pub segments: [i64; 4],
    /// Size.
    pub bytes: i64,
    /// Covered of the stretch.
    pub covered_ms: i64,
    /// When everything was compared last.
    pub verified_at_ms: Option<i64>,
    /// Where what is gone or changed begins.
    pub first_ms: Option<i64>,
    /// When it was so, by our clock.
    pub at_ms: i64,
}

/// A hold as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct HoldRow {
    /// Its number.
    pub id: i64,
    /// Its own name.
    pub key: String,
    /// Its branch.
    pub branch_id: i64,
    /// The branch's code.
    pub branch: String,
    /// The branch's name.
    pub branch_name: String,
    /// The branch's zone.
    pub time_zone: String,
    /// Whose footage.
    pub camera_id: i64,
    /// The recorder's name.
    pub recorder: String,
    /// The camera's name.
    pub camera: String,
    /// The agent that keeps it.
    pub agent_id: String,
    /// From here.
    pub from_ms: i64,
    /// To here.
    pub to_ms: i64,
    /// Why.
    pub reason: String,
    /// Who wants it.
    pub placed_by: String,
    /// Since when.
    pub placed_at_ms: i64,
    /// Who released it.
    pub released_by: Option<String>,
    /// When.
    pub released_at_ms: Option<i64>,
    /// Why.
    pub release_reason: Option<String>,
    /// How it stands; none until its agent told.
    pub standing: Option<String>,
    /// Since when it stands so.
    pub standing_since_ms: Option<i64>,
    /// When it was told last.
    pub told_at_ms: Option<i64>,
    /// Segments.
    pub segments: i64,
    /// Their size.
    pub bytes: i64,
    /// What they cover.
    pub covered_ms: i64,
    /// Of which the vault has a copy.
    pub copied: i64,
    /// Gone.
    pub gone: i64,
    /// Changed.
    pub changed: i64,
    /// When everything was compared last.
    pub verified_at_ms: Option<i64>,
    /// Where what is gone or changed begins.
    pub first_ms: Option<i64>,
}

/// A hold with all around it, from these tables.
macro_rules! whole {
    ($from:literal) => {
        concat!(
            "SELECT holds.*, branches.code AS branch, branches.name AS branch_name,
               branches.time_zone, recorders.name AS recorder, cameras.name AS camera,
               recorders.agent_id
             FROM ",
            $from,
            " JOIN branches ON branches.id = holds.branch_id
             JOIN cameras ON cameras.id = holds.camera_id
             JOIN recorders ON recorders.id = cameras.recorder_id"
        )
    };
}

const WHOLE: &str = whole!("holds");

impl Tx {
    /// Writes a new hold down; its number.
    pub async fn hold_insert(&mut self, hold: &NewHold<'_>) -> Result<i64, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO holds (key, branch_id, camera_id, from_ms, to_ms, reason, placed_by,
                   placed_at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id",
            )
            .bind(hold.key)
            .bind(hold.branch_id)
            .bind(hold.camera_id)
            .bind(hold.span.start().ms())
            .bind(hold.span.end().ms())
            .bind(hold.reason)
            .bind(hold.by)
            .bind(hold.at_ms)
            .fetch_one(c)
            .await
        })
        .map_err(StoreError::during("hold_insert"))
    }

    /// Releases a hold; `false` when it is released already.
    pub async fn hold_release(
        &mut self,
        id: i64,
        by: &str,
        at_ms: i64,
        reason: &str,
    ) -> Result<bool, StoreError> {
        let rows = on_both!(self, c => {
            sqlx::query(
                "UPDATE holds SET released_by = $1, released_at_ms = $2, release_reason = $3
                 WHERE id = $4 AND released_at_ms IS NULL",
            )
            .bind(by)
            .bind(at_ms)
            .bind(reason)
            .bind(id)
            .execute(c)
            .await
            .map(|done| done.rows_affected())
        })
        .map_err(StoreError::during("hold_release"))?;
        Ok(rows > 0)
    }

    /// Keeps how holds stand; each at most once. What no hold of the branch is called is passed over.
    pub async fn holds_tell(&mut self, told: &[HoldTold]) -> Result<(), StoreError> {
        let batch = Batch::over(told)
            .column("told_branch", |one| one.branch_id)
            .column("told_key", |one| one.key.clone())
            .column("told_standing", |one| one.standing.clone())
            .column("told_segments", |one| one.segments[0])
            .column("told_copied", |one| one.segments[1])
            .column("told_gone", |one| one.segments[2])
            .column("told_changed", |one| one.segments[3])
            .column("told_bytes", |one| one.bytes)
            .column("told_covered", |one| one.covered_ms)
            .column("told_verified", |one| one.verified_at_ms)
            .column("told_first", |one| one.first_ms)
            .column("told_at", |one| one.at_ms);
        self.batch_execute(
            "holds_tell",
            &batch,
            "UPDATE holds SET
               standing_since_ms = CASE WHEN standing = told_standing
                 THEN standing_since_ms ELSE told_at END,
               standing = told_standing, segments = told_segments, copied = told_copied,
               gone = told_gone, changed = told_changed, bytes = told_bytes,
               covered_ms = told_covered, verified_at_ms = told_verified, first_ms = told_first,
               told_at_ms = told_at
             FROM batch WHERE holds.key = told_key AND holds.branch_id = told_branch",
        )
        .await?;
        Ok(())
    }
}

impl Reader {
    /// A hold by its number.
    pub async fn hold_fetch(&mut self, id: i64) -> Result<Option<HoldRow>, StoreError> {
        let text = format!("{WHOLE} WHERE holds.id = $1");
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(id).fetch_optional(c).await
        })
        .map_err(StoreError::during("hold_fetch"))
    }

    /// The holds of some names, in the order of their numbers.
    pub async fn hold_fetch_many(&mut self, keys: &[String]) -> Result<Vec<HoldRow>, StoreError> {
        let batch = Batch::over(keys).column("wanted_key", String::clone);
        let mut found: Vec<HoldRow> = self
            .batch_fetch(
                "hold_fetch_many",
                &batch,
                whole!("batch JOIN holds ON holds.key = wanted_key"),
            )
            .await?;
        found.sort_by_key(|row| row.id);
        Ok(found)
    }

    /// Holds by number, newest first, those before `before`; released ones only when asked for.
    pub async fn hold_list_within(
        &mut self,
        scope: Scope,
        released_too: bool,
        before: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<HoldRow>, StoreError> {
        let text = format!(
            "{WHOLE} WHERE {IN_SCOPE} AND holds.id < $3 AND ($4 = 1 OR holds.released_at_ms IS NULL)
             ORDER BY holds.id DESC LIMIT $5"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(scope.region_kept())
                .bind(scope.branch_kept())
                .bind(before.unwrap_or(i64::MAX))
                .bind(i64::from(released_too))
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("hold_list_within"))
    }

    /// The holds of a camera, newest first.
    pub async fn hold_list_of_camera(
        &mut self,
        camera_id: i64,
        rows: PageRows,
    ) -> Result<Vec<HoldRow>, StoreError> {
        let text = format!("{WHOLE} WHERE holds.camera_id = $1 ORDER BY holds.id DESC LIMIT $2");
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text))
                .bind(camera_id)
                .bind(rows.limit())
                .fetch_all(c)
                .await
        })
        .map_err(StoreError::during("hold_list_of_camera"))
    }

    /// The holds of a branch that were not released.
    pub async fn hold_list_of_branch(
        &mut self,
        branch_id: i64,
    ) -> Result<Vec<HoldRow>, StoreError> {
        let text = format!(
            "{WHOLE} WHERE holds.branch_id = $1 AND holds.released_at_ms IS NULL ORDER BY holds.id"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(branch_id).fetch_all(c).await
        })
        .map_err(StoreError::during("hold_list_of_branch"))
    }

    /// What agents have to know of: all that was not released, and what was and is not put away.
    pub async fn hold_list_wanted(&mut self) -> Result<Vec<HoldRow>, StoreError> {
        let text = format!(
            "{WHOLE} WHERE holds.released_at_ms IS NULL
               OR holds.standing IS NULL OR holds.standing <> 'released' ORDER BY holds.id"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).fetch_all(c).await
        })
        .map_err(StoreError::during("hold_list_wanted"))
    }

    /// The same of one agent.
    pub async fn hold_list_wanted_of(&mut self, agent: &str) -> Result<Vec<HoldRow>, StoreError> {
        let text = format!(
            "{WHOLE} WHERE recorders.agent_id = $1
               AND (holds.released_at_ms IS NULL
                 OR holds.standing IS NULL OR holds.standing <> 'released')
             ORDER BY holds.id"
        );
        on_both!(self, c => {
            sqlx::query_as(sqlx::AssertSqlSafe(text)).bind(agent).fetch_all(c).await
        })
        .map_err(StoreError::during("hold_list_wanted_of"))
    }
}
