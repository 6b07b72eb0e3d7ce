//! Outages into the store. Nothing is judged by them: they say why a gap is there.

use std::collections::BTreeMap;

use keepwatch_common::model::outage::OutageOf;
use keepwatch_common::time::Instant;

use super::group::Group;
use crate::store::outages::OutageRow;
use crate::store::{StoreError, Tx};

/// Writes a group's outages down.
pub(super) async fn keep(tx: &mut Tx, group: &Group) -> Result<(), StoreError> {
    let mut told: BTreeMap<_, OutageRow> = BTreeMap::new();
    for said in &group.outages {
        let outage = &said.what;
        let (subject, camera) = match &outage.of {
            OutageOf::Agent => (said.origin.agent.to_string(), String::new()),
            OutageOf::Recorder(name) | OutageOf::Room(name) => (name.to_string(), String::new()),
            OutageOf::Camera(key) => (key.recorder.to_string(), key.camera.to_string()),
        };
        let row = OutageRow {
            branch_id: said.origin.branch_id,
            kind: outage.of.word().to_owned(),
            subject,
            camera,
            from_ms: outage.from.ms(),
            until_ms: outage.until.map(Instant::ms),
        };
        let key = (
            row.branch_id,
            row.from_ms,
            row.kind.clone(),
            row.subject.clone(),
            row.camera.clone(),
        );
        match told.get_mut(&key) {
            Some(known) => known.until_ms = row.until_ms.or(known.until_ms),
            None => {
                told.insert(key, row);
            }
        }
    }
    tx.outages_tell(&told.into_values().collect::<Vec<_>>())
        .await
}
