//! Volumes into the store, and judged.

use std::collections::BTreeSet;

use super::group::Group;
use crate::store::volumes::VolumeTold;
use crate::store::{StoreError, Tx};

/// Writes a group's volumes down and says which branches to judge.
pub(super) async fn keep(tx: &mut Tx, group: &Group) -> Result<BTreeSet<i64>, StoreError> {
    let bytes = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let told: Vec<_> = group
        .volumes
        .values()
        .map(|said| VolumeTold {
            branch_id: said.origin.branch_id,
            agent: said.origin.agent,
            name: said.what.volume.to_string(),
            path: said.what.path.clone(),
            presence: said.what.presence.word().to_owned(),
            total_bytes: bytes(said.what.total_bytes),
            free_bytes: bytes(said.what.free_bytes),
            kind: said.what.kind.clone(),
            at_ms: said.origin.at.ms(),
        })
        .collect();
    tx.volumes_tell(&told).await?;
    Ok(told.into_iter().map(|volume| volume.branch_id).collect())
}
