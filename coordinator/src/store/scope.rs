//! How far somebody sees: everything, a region with all below it, or one branch.
//!
//! Every list across branches takes a [`Scope`] and puts [`IN_SCOPE`] into its statement, so that
//! what lies outside is never read and cannot leak by a forgotten check further up. Who has which
//! scope is not known here.

use super::connection::{Reader, on_both};
use super::error::StoreError;

/// Regions above one region at most: a chain with more levels than this has a loop in it.
const REGION_LEVELS_MAX: i64 = 32;

/// The condition on `branches` that keeps a list inside a scope. Its statement binds
/// [`Scope::region_kept`] as `$1` and [`Scope::branch_kept`] as `$2`.
pub(super) const IN_SCOPE: &str = "($1 = 0 OR branches.region_id IN (
   WITH RECURSIVE below (id) AS (
     SELECT id FROM regions WHERE id = $1
     UNION SELECT regions.id FROM regions JOIN below ON regions.parent_id = below.id)
   SELECT id FROM below)) AND ($2 = 0 OR branches.id = $2)";

/// See the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// All branches.
    Everything,
    /// The branches of a region and of all regions below it.
    Region(i64),
    /// One branch.
    Branch(i64),
}

impl Scope {
    /// The region, 0 for none: ids begin at 1.
    pub(super) fn region_kept(self) -> i64 {
        match self {
            Self::Region(id) => id,
            Self::Everything | Self::Branch(_) => 0,
        }
    }

    /// The branch, 0 for none.
    pub(super) fn branch_kept(self) -> i64 {
        match self {
            Self::Branch(id) => id,
            Self::Everything | Self::Region(_) => 0,
        }
    }
}

/// The condition that keeps the rows of a table with a branch inside a scope. Whoever sees everything
/// has the table read in its own order, which is much faster than asking for each branch.
pub(super) fn within(scope: Scope, table: &str) -> String {
    match scope {
        Scope::Everything => "$1 = $2".to_owned(),
        Scope::Region(_) | Scope::Branch(_) => {
            format!("{table}.branch_id IN (SELECT branches.id FROM branches WHERE {IN_SCOPE})")
        }
    }
}

impl Reader {
    /// A region and all regions above it, the nearest first.
    pub async fn region_line(&mut self, region_id: i64) -> Result<Vec<i64>, StoreError> {
        on_both!(self, c => {
            sqlx::query_scalar(
                "WITH RECURSIVE line (id, level) AS (
                   SELECT id, 1 FROM regions WHERE id = $1
                   UNION ALL SELECT regions.parent_id, line.level + 1
                    FROM line JOIN regions ON regions.id = line.id
                    WHERE regions.parent_id IS NOT NULL AND line.level < $2)
                 SELECT id FROM line ORDER BY level",
            )
            .bind(region_id)
            .bind(REGION_LEVELS_MAX)
            .fetch_all(c)
            .await
        })
        .map_err(StoreError::during("region_line"))
    }
}
