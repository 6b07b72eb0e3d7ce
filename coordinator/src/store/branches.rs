//! Regions and branches: the tree that everything else hangs on.

use keepwatch_common::time::Instant;

use super::batch::Batch;
use super::connection::{Connection, Reader, Tx, on_both};
use super::error::StoreError;
use super::page::PageRows;

/// A region to be.
#[derive(Debug, Clone)]
pub struct NewRegion<'a> {
    /// The region above, none at the top.
    pub parent_id: Option<i64>,
    /// What people and files call it; unique.
    pub code: &'a str,
    /// What pages show.
    pub name: &'a str,
    /// When.
    pub created_at: Instant,
}

/// A region as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct RegionRow {
    /// Its number.
    pub id: i64,
    /// The region above.
    pub parent_id: Option<i64>,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
}

/// A branch to be.
#[derive(Debug, Clone)]
pub struct NewBranch<'a> {
    /// The region it belongs to.
    pub region_id: Option<i64>,
    /// What people and tokens call it; unique.
    pub code: &'a str,
    /// What pages show.
    pub name: &'a str,
    /// The IANA name of the zone whose days are the branch's days.
    pub time_zone: &'a str,
    /// When.
    pub created_at: Instant,
}

/// A branch as it stands.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct BranchRow {
    /// Its number.
    pub id: i64,
    /// Its region.
    pub region_id: Option<i64>,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its time zone.
    pub time_zone: String,
    /// When it was made, in milliseconds since 1970.
    pub created_at_ms: i64,
    /// When it was closed.
    pub closed_at_ms: Option<i64>,
}

/// Why a region or a branch was not added.
#[derive(Debug, thiserror::Error)]
pub enum CodeError {
    /// The code is in use.
    #[error("the code “{code}” is taken; choose another")]
    Taken {
        /// The code.
        code: String,
    },
    /// The database did not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Reader {
    /// The region of a code.
    pub async fn region_fetch_by_code(
        &mut self,
        code: &str,
    ) -> Result<Option<RegionRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, parent_id, code, name, created_at_ms FROM regions WHERE code = $1",
            )
            .bind(code)
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("region_fetch_by_code"))
    }

    /// The region of a number.
    pub async fn region_fetch(&mut self, id: i64) -> Result<Option<RegionRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, parent_id, code, name, created_at_ms FROM regions WHERE id = $1",
            )
            .bind(id)
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("region_fetch"))
    }

    /// Regions by number, those after `after`.
    pub async fn region_list(
        &mut self,
        after: Option<i64>,
        rows: PageRows,
    ) -> Result<Vec<RegionRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, parent_id, code, name, created_at_ms FROM regions
                 WHERE id > $1 ORDER BY id LIMIT $2",
            )
            .bind(after.unwrap_or(i64::MIN))
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("region_list"))
    }

    /// The branch of a number.
    pub async fn branch_fetch(&mut self, id: i64) -> Result<Option<BranchRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, region_id, code, name, time_zone, created_at_ms, closed_at_ms
                 FROM branches WHERE id = $1",
            )
            .bind(id)
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("branch_fetch"))
    }

    /// The branches of these numbers; one that is not known is left out.
    pub async fn branch_fetch_many(&mut self, ids: &[i64]) -> Result<Vec<BranchRow>, StoreError> {
        let batch = Batch::over(ids).column("wanted_id", |id| *id);
        self.batch_fetch(
            "branch_fetch_many",
            &batch,
            "SELECT branches.id, branches.region_id, branches.code, branches.name,
               branches.time_zone, branches.created_at_ms, branches.closed_at_ms
             FROM batch JOIN branches ON branches.id = batch.wanted_id",
        )
        .await
    }

    /// The branch of a code.
    pub async fn branch_fetch_by_code(
        &mut self,
        code: &str,
    ) -> Result<Option<BranchRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, region_id, code, name, time_zone, created_at_ms, closed_at_ms
                 FROM branches WHERE code = $1",
            )
            .bind(code)
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("branch_fetch_by_code"))
    }

    /// Branches by code, those after `after`; closed ones too.
    pub async fn branch_list(
        &mut self,
        after: Option<&str>,
        rows: PageRows,
    ) -> Result<Vec<BranchRow>, StoreError> {
        on_both!(self, c => {
            sqlx::query_as(
                "SELECT id, region_id, code, name, time_zone, created_at_ms, closed_at_ms
                 FROM branches WHERE code > $1 ORDER BY code LIMIT $2",
            )
            .bind(after.unwrap_or_default())
            .bind(rows.limit())
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("branch_list"))
    }
}

impl Tx {
    /// Adds a region and gives its number.
    pub async fn region_insert(&mut self, region: &NewRegion<'_>) -> Result<i64, CodeError> {
        let id: Option<i64> = on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO regions (parent_id, code, name, created_at_ms)
                 VALUES ($1, $2, $3, $4) ON CONFLICT (code) DO NOTHING RETURNING id",
            )
            .bind(region.parent_id)
            .bind(region.code)
            .bind(region.name)
            .bind(region.created_at.ms())
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("region_insert"))?;
        id.ok_or_else(|| CodeError::Taken {
            code: region.code.to_owned(),
        })
    }

    /// Adds a branch and gives its number.
    pub async fn branch_insert(&mut self, branch: &NewBranch<'_>) -> Result<i64, CodeError> {
        let id = self.branch_insert_new(branch).await?;
        id.ok_or_else(|| CodeError::Taken {
            code: branch.code.to_owned(),
        })
    }

    /// Gives the number of the branch with this code, adding it where there is none. One that is
    /// there is left as it is.
    pub async fn branch_ensure(&mut self, branch: &NewBranch<'_>) -> Result<i64, StoreError> {
        if let Some(id) = self.branch_insert_new(branch).await? {
            return Ok(id);
        }
        // Branches are never deleted, so one that stood in the way is still there; on PostgreSQL it
        // is committed by now, because the insertion waited for that.
        on_both!(self, c => {
            sqlx::query_scalar("SELECT id FROM branches WHERE code = $1")
                .bind(branch.code)
                .fetch_one(c)
                .await
        })
        .map_err(StoreError::during("branch_ensure"))
    }

    /// Holds these branches until the transaction ends, so that no other coordinator judges them
    /// meanwhile. Taken in the order of their numbers: two groups never wait for each other in a
    /// circle. SQLite has one writer and needs nothing.
    pub async fn branches_lock(&mut self, ids: &[i64]) -> Result<(), StoreError> {
        let Connection::Postgres(transaction) = &mut self.connection else {
            return Ok(());
        };
        // Not the strongest lock: rows that refer to a branch may still be added by others.
        sqlx::query("SELECT id FROM branches WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE")
            .bind(ids)
            .execute(&mut **transaction)
            .await
            .map(|_| ())
            .map_err(StoreError::during("branches_lock"))
    }

    async fn branch_insert_new(
        &mut self,
        branch: &NewBranch<'_>,
    ) -> Result<Option<i64>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "INSERT INTO branches (region_id, code, name, time_zone, created_at_ms)
                 VALUES ($1, $2, $3, $4, $5) ON CONFLICT (code) DO NOTHING RETURNING id",
            )
            .bind(branch.region_id)
            .bind(branch.code)
            .bind(branch.name)
            .bind(branch.time_zone)
            .bind(branch.created_at.ms())
            .fetch_optional(c)
            .await
        })
        .map_err(StoreError::during("branch_insert"))
    }
}
