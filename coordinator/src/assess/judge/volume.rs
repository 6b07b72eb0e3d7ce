//! Volumes before the judge: whether they are there, and whether what is under them is well.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::model::health::{Measure, Reason, Source, Word};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::Instant;

use super::sights::Sights;
use crate::assess::conclude::Judged;
use crate::domain::assess::health::{self, Concern, HealthFacts, SourceFacts};
use crate::domain::assess::volume::{self, VolumeFacts};
use crate::domain::judgement::Sight;
use crate::domain::pack::{Check, Pack};
use crate::store::volume_health::HealthRow;
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
    let mut away = BTreeSet::new();
    for row in reader.volume_list_of_branches(&ids).await? {
        let (Ok(name), Some(presence)) = (Name::new(row.name.as_str()), presence(&row.presence))
        else {
            continue;
        };
        if !matches!(presence, Presence::Present | Presence::ReadOnly) {
            away.insert((row.branch_id, row.name.clone()));
        }
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
    let mut under: BTreeMap<(i64, String), Vec<HealthRow>> = BTreeMap::new();
    for row in reader.volume_health_of_branches(&ids).await? {
        let key = (row.branch_id, row.volume.clone());
        under.entry(key).or_default().push(row);
    }
    for (key, rows) in under {
        let (Ok(name), Some(first)) = (Name::new(key.1.as_str()), rows.first()) else {
            continue;
        };
        let sight = match sights.of_agent(&first.agent_id) {
            Sight::Clear if away.contains(&key) => Sight::VolumeAway,
            sight => sight,
        };
        let sources: Vec<_> = rows.iter().filter_map(source).collect();
        let facts = HealthFacts {
            volume: &name,
            sources: &sources,
            sight,
        };
        let of_branch = judgements.entry(key.0).or_default();
        for control in &pack.controls {
            let concern = match control.check {
                Check::Disk => Concern::Disks,
                Check::Redundancy => Concern::Redundancy,
                _ => continue,
            };
            let judged = health::judge(control, concern, &facts);
            of_branch.extend(judged.into_iter().map(|one| (None, one)));
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

/// What a source says; words that another version wrote are left out.
fn source(row: &HealthRow) -> Option<SourceFacts> {
    let figures: BTreeMap<String, i64> = serde_json::from_str(&row.figures).unwrap_or_default();
    let figures = figures
        .iter()
        .filter_map(|(word, value)| Some((Measure::from_word(word)?, *value)));
    Some(SourceFacts {
        source: Source::from_word(&row.source)?,
        subject: row.subject.clone(),
        word: Word::from_word(&row.word)?,
        reason: Reason::from_word(&row.reason)?,
        figures: figures.collect(),
        detail: row.detail.clone(),
        since: Instant::from_ms(row.since_ms),
    })
}
