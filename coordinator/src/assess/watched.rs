//! Readings of watched files into the store, and which files to compare with their baselines.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::model::watched::Reading;

use super::group::Group;
use crate::store::readings::NewReading;
use crate::store::watched::WatchedTold;
use crate::store::{StoreError, Tx};

/// A reading as far as two of them can be compared: its status, its text, and why there is none.
type Said = (String, Option<String>, Option<String>);

/// A file while its readings of a group are gone through: our id, and the newest reading with its
/// time.
type Known = (i64, Option<(i64, Said)>);

/// Writes a group's readings down and says which files to judge, by branch and name. A reading that
/// equals the newest one before it changes nothing.
pub(super) async fn keep(
    tx: &mut Tx,
    group: &Group,
) -> Result<BTreeSet<(i64, String)>, StoreError> {
    let told: BTreeMap<_, _> = group
        .watched
        .iter()
        .map(|said| {
            let told = WatchedTold {
                branch_id: said.origin.branch_id,
                name: said.what.name.to_string(),
                agent: said.origin.agent,
                path: said.what.path.clone(),
            };
            ((told.branch_id, told.name.clone()), told)
        })
        .collect();
    let told: Vec<_> = told.into_values().collect();
    let files = tx.watched_ensure_many(&told).await?;
    let newest: Vec<i64> = files.iter().filter_map(|file| file.latest_id).collect();
    let mut newest = tx.reading_fetch_many(&newest).await?;
    let mut known: BTreeMap<(i64, String), Known> = BTreeMap::new();
    for file in files {
        let newest = file.latest_id.and_then(|id| newest.remove(&id));
        let newest = newest.map(|row| (row.at_ms, (row.status, row.canonical, row.reason)));
        known.insert((file.branch_id, file.name), (file.id, newest));
    }
    let (mut changed, mut readings) = (BTreeSet::new(), Vec::new());
    for said in &group.watched {
        let (origin, what) = (&said.origin, &said.what);
        let key = (origin.branch_id, what.name.to_string());
        let Some((watched_id, newest)) = known.get_mut(&key) else {
            continue;
        };
        let (status, canonical, owner, reason) = parts(&what.reading);
        let (at_ms, told) = (origin.at.ms(), (status.to_owned(), canonical, reason));
        if newest.as_ref().is_some_and(|(_, newest)| *newest == told) {
            continue;
        }
        readings.push(NewReading {
            watched_id: *watched_id,
            at_ms,
            received_ms: origin.received.ms(),
            status,
            canonical: told.1.clone(),
            owner,
            reason: told.2.clone(),
        });
        if newest
            .as_ref()
            .is_none_or(|(newest_ms, _)| *newest_ms <= at_ms)
        {
            *newest = Some((at_ms, told));
        }
        changed.insert(key);
    }
    tx.readings_keep(&readings).await?;
    Ok(changed)
}

/// Status, canonical text, owner and reason.
fn parts(reading: &Reading) -> (&'static str, Option<String>, Option<String>, Option<String>) {
    match reading {
        Reading::Tree { canonical, owner } => {
            ("tree", Some(canonical.clone()), owner.clone(), None)
        }
        Reading::Missing => ("missing", None, None, None),
        Reading::Unreadable { reason } => ("unreadable", None, None, Some(reason.clone())),
    }
}
