//! The health of volumes into the store.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::model::health::SourceHealth;

use super::group::Group;
use crate::store::volume_health::{HealthTold, SourceTold};
use crate::store::{StoreError, Tx};

/// Writes down how well a group's volumes are and says which branches to judge.
pub(super) async fn keep(tx: &mut Tx, group: &Group) -> Result<BTreeSet<i64>, StoreError> {
    if group.healths.is_empty() {
        return Ok(BTreeSet::new());
    }
    let told: Vec<_> = group
        .healths
        .values()
        .map(|said| HealthTold {
            branch_id: said.origin.branch_id,
            agent: said.origin.agent,
            volume: said.what.volume.to_string(),
            at_ms: said.origin.at.ms(),
            sources: said.what.sources.iter().map(source).collect(),
        })
        .collect();
    tx.volume_health_tell(&told).await?;
    Ok(told.into_iter().map(|health| health.branch_id).collect())
}

fn source(said: &SourceHealth) -> SourceTold {
    let figures = said.figures.iter();
    let figures: BTreeMap<_, _> = figures
        .map(|figure| (figure.measure.word(), figure.value))
        .collect();
    SourceTold {
        source: said.source.word().to_owned(),
        subject: said.subject.to_string(),
        word: said.word.word().to_owned(),
        reason: said.reason.word().to_owned(),
        // An object of whole numbers can always be written.
        figures: serde_json::to_string(&figures).unwrap_or_else(|_| "{}".to_owned()),
        detail: said.detail.clone(),
    }
}
