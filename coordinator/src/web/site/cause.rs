//! What is known of why footage of one camera is missing on a day, read from the store.

use std::collections::BTreeMap;

use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::Instant;

use super::finding::volume_presence;
use crate::assess::camera_gaps;
use crate::domain::cause::{Circumstances, Neighbour};
use crate::domain::evidence::Evidence;
use crate::store::cameras::CameraRow;
use crate::store::coverage::HoleRow;
use crate::store::{Reader, StoreError};

/// Other cameras of the recorder that are asked why a gap is there.
const NEIGHBOURS_MAX: usize = 64;

/// Of whom, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Question<'a> {
    /// The camera.
    pub(super) camera: &'a CameraRow,
    /// All cameras of its branch.
    pub(super) cameras: &'a [CameraRow],
    /// The day.
    pub(super) whole: Interval,
    /// Now: until when what lasts has lasted.
    pub(super) now: Instant,
}

/// Reads all but what vanished of the camera itself.
pub(super) async fn circumstances(
    reader: &mut Reader,
    question: Question<'_>,
) -> Result<Circumstances, StoreError> {
    let mut found = Circumstances {
        neighbours: neighbours(reader, question).await?,
        ..Circumstances::default()
    };
    let camera = question.camera;
    let owner = reader
        .recorder_owner(camera.branch_id, &camera.recorder)
        .await?;
    let volumes: BTreeMap<_, _> = reader
        .volume_list_of_branch(camera.branch_id)
        .await?
        .into_iter()
        .map(|volume| (volume.name, volume.agent_id))
        .collect();
    let lasting = |from_ms, until_ms: Option<i64>| {
        let until = until_ms.map_or(question.now, Instant::from_ms);
        Interval::new(Instant::from_ms(from_ms), until)
    };
    let absences = reader
        .absence_list(camera.branch_id, question.whole)
        .await?;
    for row in absences {
        let Some(span) = lasting(row.since_ms, row.closed_at_ms) else {
            continue;
        };
        match Evidence::from_json(&row.evidence) {
            Ok(Evidence::Silence { agent, .. }) if owner.as_ref() == Some(&agent) => {
                found.silence.insert(span);
            }
            Ok(Evidence::Volume {
                volume, presence, ..
            }) if volumes.get(&volume) == owner.as_ref()
                && volume_presence(&presence) != Presence::ReadOnly =>
            {
                found.volume.insert(span);
            }
            _ => {}
        }
    }
    for row in reader.outage_list(camera.branch_id, question.whole).await? {
        let Some(span) = lasting(row.from_ms, row.until_ms) else {
            continue;
        };
        let concerned = match row.kind.as_str() {
            "agent" if owner.as_ref() == Some(&row.subject) => &mut found.agent,
            "recorder" if row.subject == camera.recorder => &mut found.recorder,
            "camera" if row.subject == camera.recorder && row.camera == camera.name => {
                &mut found.camera
            }
            "room" if volumes.get(&row.subject) == owner.as_ref() => &mut found.room,
            _ => continue,
        };
        concerned.insert(span);
    }
    Ok(found)
}

/// What the other cameras of the same recorder show of the day.
async fn neighbours(
    reader: &mut Reader,
    question: Question<'_>,
) -> Result<Vec<Neighbour>, StoreError> {
    let camera = question.camera;
    let others = question.cameras.iter();
    let others = others.filter(|one| one.recorder == camera.recorder && one.id != camera.id);
    let mut seen = Vec::new();
    for other in others.take(NEIGHBOURS_MAX) {
        let gaps = camera_gaps(reader, other.id, question.whole).await?;
        let missing: IntervalSet = gaps.gaps.iter().map(|row: &HoleRow| row.at.span).collect();
        seen.push(Neighbour {
            missing: missing.intersection(&gaps.measured),
            measured: gaps.measured,
        });
    }
    Ok(seen)
}
