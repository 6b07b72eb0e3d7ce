//! Holds before the judge.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::time::Instant;

use super::sights::Sights;
use crate::assess::conclude::Judged;
use crate::assess::footage::camera_key;
use crate::domain::assess::hold::{self, HoldFacts};
use crate::domain::pack::{Check, Pack};
use crate::store::{Reader, StoreError};

/// Judges holds by their own names.
pub(in crate::assess) async fn holds(
    reader: &mut Reader,
    pack: &Pack,
    keys: &[String],
    sights: &Sights,
) -> Result<Judged, StoreError> {
    let mut judgements = Judged::new();
    if keys.is_empty() {
        return Ok(judgements);
    }
    for row in reader.hold_fetch_many(keys).await? {
        let span = Interval::new(Instant::from_ms(row.from_ms), Instant::from_ms(row.to_ms));
        let (Some(camera), Some(span)) = (camera_key(&row.recorder, &row.camera), span) else {
            continue;
        };
        let facts = HoldFacts {
            number: row.id,
            camera: &camera,
            span,
            is_released: row.released_at_ms.is_some(),
            standing: row.standing.as_deref().and_then(HoldStanding::from_word),
            since: Instant::from_ms(row.standing_since_ms.unwrap_or(row.placed_at_ms)),
            segments: (row.segments, row.gone, row.changed),
            first: row.first_ms.map(Instant::from_ms),
            sight: sights.of_agent(&row.agent_id),
        };
        let controls = pack.controls.iter();
        let controls = controls.filter(|control| matches!(control.check, Check::Hold));
        let judged = controls.map(|control| (Some(row.camera_id), hold::judge(control, &facts)));
        judgements.entry(row.branch_id).or_default().extend(judged);
    }
    Ok(judgements)
}
