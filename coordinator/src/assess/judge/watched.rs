//! Watched files before the judge: compared with what a person approved.

use std::collections::BTreeSet;

use keepwatch_common::diff::{Shown, diff};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::tree::{Node, Tree};
use keepwatch_common::time::Instant;

use crate::assess::conclude::Judged;
use crate::domain::assess::drift::{self, CHANGES_SHOWN_MAX, Comparison, DriftFacts};
use crate::domain::evidence::Change;
use crate::domain::judgement::Sight;
use crate::domain::pack::{Check, Pack};
use crate::store::readings::ReadingRow;
use crate::store::{Reader, StoreError};

/// Judges watched files against their baselines. Their agents are heard: a file is judged when it was
/// read, or when somebody approved a reading.
pub(in crate::assess) async fn watched(
    reader: &mut Reader,
    pack: &Pack,
    files: &BTreeSet<(i64, String)>,
) -> Result<Judged, StoreError> {
    let mut judgements = Judged::new();
    let names: Vec<_> = files.iter().cloned().collect();
    let files = reader.watched_fetch_many(&names).await?;
    let wanted = files
        .iter()
        .flat_map(|file| [file.latest_id, file.baseline_id]);
    let wanted: BTreeSet<i64> = wanted.flatten().collect();
    let wanted: Vec<i64> = wanted.into_iter().collect();
    let readings = reader.reading_fetch_many(&wanted).await?;
    let reading = |id: Option<i64>| id.and_then(|id| readings.get(&id));
    let approved = files.iter().filter_map(|file| {
        let canonical = reading(file.baseline_id)?.canonical.clone()?;
        Some((file.id, canonical))
    });
    let approved: Vec<_> = approved.collect();
    let since = reader.readings_first_unlike(&approved).await?;
    for file in &files {
        let (Ok(name), Some(latest)) = (Name::new(file.name.as_str()), reading(file.latest_id))
        else {
            continue;
        };
        let comparison = compare(reading(file.baseline_id), latest);
        let since = since.get(&file.id).copied();
        let facts = DriftFacts {
            name: &name,
            path: &file.path,
            comparison: &comparison,
            since: Instant::from_ms(since.unwrap_or(latest.at_ms)),
            owner: latest.owner.as_deref(),
            sight: Sight::Clear,
        };
        let controls = pack
            .controls
            .iter()
            .filter(|c| matches!(c.check, Check::Drift));
        let judged = controls.map(|control| (None, drift::judge(control, &facts)));
        judgements.entry(file.branch_id).or_default().extend(judged);
    }
    Ok(judgements)
}

/// How a reading compares with the approved one.
pub(in crate::assess) fn compare(baseline: Option<&ReadingRow>, latest: &ReadingRow) -> Comparison {
    let Some(approved) = baseline.and_then(|reading| reading.canonical.as_deref()) else {
        return Comparison::NoBaseline;
    };
    match (latest.status.as_str(), latest.canonical.as_deref()) {
        ("missing", _) => Comparison::Removed,
        ("tree", Some(read)) if read == approved => Comparison::Same,
        ("tree", Some(read)) => {
            let trees = (
                Tree::from_canonical_json(approved),
                Tree::from_canonical_json(read),
            );
            match trees {
                (Ok(before), Ok(after)) => differences(&before, &after),
                _ => Comparison::Unreadable,
            }
        }
        _ => Comparison::Unreadable,
    }
}

fn differences(before: &Tree, after: &Tree) -> Comparison {
    let found = diff(before, after);
    if found.changes.is_empty() {
        return if found.unknown.is_empty() {
            Comparison::Same
        } else {
            Comparison::OtherKey
        };
    }
    let shown = |node: Option<&Node>| node.map(|node| Shown(node).to_string());
    Comparison::Changed {
        changes: found.changes.len() + found.changes_more,
        shown: found
            .changes
            .iter()
            .take(CHANGES_SHOWN_MAX)
            .map(|change| Change {
                path: change.path.to_string(),
                before: shown(change.before()),
                after: shown(change.after()),
            })
            .collect(),
    }
}
