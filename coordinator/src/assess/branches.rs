//! Which branches a group touches, and what they are called: read once, used by all judging.

use std::collections::BTreeMap;

use keepwatch_common::time::{Instant, Zone};

use crate::store::{Reader, StoreError};

/// A branch as judging needs it.
#[derive(Debug, Clone)]
pub(super) struct Branch {
    pub(super) code: String,
    pub(super) name: String,
    pub(super) zone: Zone,
    pub(super) since: Instant,
}

/// Reads the branches; one that is not known any more is left out.
pub(super) async fn branches(
    reader: &mut Reader,
    ids: &[i64],
) -> Result<BTreeMap<i64, Branch>, StoreError> {
    let rows = reader.branch_fetch_many(ids).await?;
    let found = rows.into_iter().map(|row| {
        // A zone is checked when a branch is entered; an unknown one can only come from a program
        // with other tables.
        let zone = Zone::named(&row.time_zone).unwrap_or_else(|_| Zone::utc());
        let since = Instant::from_ms(row.created_at_ms);
        let branch = Branch {
            code: row.code,
            name: row.name,
            zone,
            since,
        };
        (row.id, branch)
    });
    Ok(found.collect())
}
