//! Volumes before the judge.

use std::collections::BTreeSet;

use keepwatch_common::model::name::Name;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::Instant;

use super::sights::Sights;
use crate::assess::conclude::Judged;
use crate::domain::assess::volume::{self, VolumeFacts};
use crate::domain::pack::{Check, Pack};
use crate::store::{Reader, StoreError};

/// Judges all volumes of some branches.
pub(in crate::assess) async fn volumes(
    reader: &mut Reader,
    pack: &Pack,
    branches: &BTreeSet<i64>,
    sights: &Sights,
) -> Result<Judged, StoreError> {
    let mut judgements = Judged::new();
    let ids: Vec<i64> = branches.iter().copied().collect();
    for row in reader.volume_list_of_branches(&ids).await? {
        let (Ok(name), Some(presence)) = (Name::new(row.name.as_str()), presence(&row.presence))
        else {
            continue;
        };
        let facts = VolumeFacts {
            volume: &name,
            path: &row.path,
            presence,
            since: Instant::from_ms(row.presence_since_ms),
            sight: sights.of_agent(&row.agent_id),
        };
        let controls = pack
            .controls
            .iter()
            .filter(|c| matches!(c.check, Check::Volume));
        let judged = controls.map(|control| (None, volume::judge(control, &facts)));
        judgements.entry(row.branch_id).or_default().extend(judged);
    }
    Ok(judgements)
}

fn presence(word: &str) -> Option<Presence> {
    [
        Presence::Present,
        Presence::Missing,
        Presence::Swapped,
        Presence::ReadOnly,
        Presence::Unreadable,
    ]
    .into_iter()
    .find(|presence| presence.word() == word)
}
