//! Readings of watched files into the store, and which files to compare with their baselines.

use std::collections::BTreeSet;

use keepwatch_common::model::watched::Reading;

use super::group::Group;
use crate::store::watched::NewReading;
use crate::store::{StoreError, Tx};

/// Writes a group's readings down and says which files to judge, by branch and name. A reading that
/// equals the newest one changes nothing.
pub(super) async fn keep(
    tx: &mut Tx,
    group: &Group,
) -> Result<BTreeSet<(i64, String)>, StoreError> {
    let mut changed = BTreeSet::new();
    for said in &group.watched {
        let (origin, what) = (&said.origin, &said.what);
        let name = what.name.as_str();
        let file = tx
            .watched_ensure(origin.branch_id, origin.agent, name, &what.path)
            .await?;
        let (status, canonical, owner, reason) = match &what.reading {
            Reading::Tree { canonical, owner } => {
                ("tree", Some(canonical.clone()), owner.clone(), None)
            }
            Reading::Missing => ("missing", None, None, None),
            Reading::Unreadable { reason } => ("unreadable", None, None, Some(reason.clone())),
        };
        let newest = match file.latest_id {
            Some(id) => tx.reading_fetch(id).await?,
            None => None,
        };
        let same = newest.is_some_and(|newest| {
            newest.status == status && newest.canonical == canonical && newest.reason == reason
        });
        if same {
            continue;
        }
        tx.reading_keep(&NewReading {
            watched_id: file.id,
            at_ms: origin.at.ms(),
            received_ms: origin.received.ms(),
            status,
            canonical,
            owner,
            reason,
        })
        .await?;
        changed.insert((origin.branch_id, name.to_owned()));
    }
    Ok(changed)
}
