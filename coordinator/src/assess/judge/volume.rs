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
    for branch_id in branches {
        for row in reader.volume_list_of_branch(*branch_id).await? {
            let (Ok(name), Some(presence)) =
                (Name::new(row.name.as_str()), presence(&row.presence))
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
            judgements.entry(*branch_id).or_default().extend(judged);
        }
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
