//! What people do to holds, whether through a page or through `/api/v1`: the same check, the same
//! act and the same line in the record.

use keepwatch_common::ids::time_ordered;
use keepwatch_common::interval::Interval;
use keepwatch_common::model::hold::HoldKey;
use keepwatch_common::time::Instant;
use serde_json::json;
use uuid::Uuid;

use super::failure::Failure;
use super::services::Services;
use crate::assess::{Placing, place_hold, release_hold};
use crate::auth::{Viewer, deed};
use crate::domain::hold;
use crate::domain::role::Action;
use crate::store::digest::sha256;
use crate::store::holds::HoldRow;

/// Somebody wants footage held.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The branch's code.
    pub branch: &'a str,
    /// The recorder's name.
    pub recorder: &'a str,
    /// The camera's name.
    pub camera: &'a str,
    /// From here.
    pub from: Instant,
    /// To here.
    pub to: Instant,
    /// Why.
    pub reason: &'a str,
    /// The key of the form they sent: the same form sent twice is one hold.
    pub form: Option<&'a str>,
}

/// Places it; the hold as it stands.
pub async fn place(
    services: &Services,
    viewer: &Viewer,
    wish: Wish<'_>,
) -> Result<HoldRow, Failure> {
    let now = services.clock.now();
    let span = hold::span(wish.from, wish.to, now)
        .map_err(|refused| Failure::field("to", refused.to_string()))?;
    let key = name(services, viewer, &wish, now);
    let mut tx = services.store.begin().await?;
    let branch = viewer
        .branch(&mut tx, wish.branch, Action::HoldFootage)
        .await?;
    if let Some(known) = tx.hold_fetch_many(std::slice::from_ref(&key)).await?.pop() {
        return Ok(known);
    }
    let cameras = tx.camera_list_of_branch(branch.id).await?;
    let camera = cameras
        .iter()
        .find(|row| row.recorder == wish.recorder && row.name == wish.camera)
        .ok_or_else(|| {
            Failure::not_found("camera", &format!("{}/{}", wish.recorder, wish.camera))
        })?;
    let placing = Placing {
        key: &key,
        branch_id: branch.id,
        camera_id: camera.id,
        span,
        reason: wish.reason,
        by: viewer.name(),
        at: now,
    };
    let number = place_hold(&mut tx, placing).await?;
    let body = json!({
        "branch": wish.branch, "recorder": wish.recorder, "camera": wish.camera,
        "from": wish.from.to_string(), "to": wish.to.to_string(), "reason": wish.reason,
        "key": key,
    });
    let subject = number.to_string();
    deed::record(&mut tx, now, viewer, ("hold_place", &subject), &body).await?;
    let row = tx.hold_fetch(number).await?;
    tx.commit().await?;
    row.ok_or_else(|| Failure::not_found("hold", &subject))
}

/// The hold's own name: of the form that asks for it, or new.
fn name(services: &Services, viewer: &Viewer, wish: &Wish<'_>, now: Instant) -> String {
    let of_form = wish.form.filter(|form| !form.is_empty()).map(|form| {
        let stretch = [wish.from.ms().to_be_bytes(), wish.to.ms().to_be_bytes()].concat();
        let pieces = [viewer.name(), wish.branch, wish.recorder, wish.camera, form];
        let joined = pieces.join("\u{1f}");
        let digest = sha256(&[joined.as_bytes(), &stretch]);
        let (first, _) = digest.split_first_chunk().unwrap_or((&[0; 16], &[]));
        Uuid::from_bytes(*first)
    });
    let key = of_form.unwrap_or_else(|| time_ordered(now, services.randomness.as_ref()));
    HoldKey(key).to_string()
}

/// A hold that somebody may see, or do something to.
pub async fn find(
    services: &Services,
    viewer: &Viewer,
    number: i64,
    action: Action,
) -> Result<HoldRow, Failure> {
    let mut reader = services.store.read().await?;
    let shown = number.to_string();
    let row = reader.hold_fetch(number).await?;
    let row = row.ok_or_else(|| Failure::not_found("hold", &shown))?;
    let part = ("hold", shown.as_str());
    viewer
        .part_of_branch(&mut reader, row.branch_id, part, action)
        .await?;
    Ok(row)
}

/// Releases a hold; as it stands afterwards.
pub async fn release(
    services: &Services,
    viewer: &Viewer,
    number: i64,
    reason: &str,
) -> Result<HoldRow, Failure> {
    let row = find(services, viewer, number, Action::HoldFootage).await?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let done = (viewer.name(), now, reason);
    let told = release_hold(&mut tx, &services.policy, &row, done).await?;
    let subject = number.to_string();
    let body = json!({
        "branch": row.branch, "recorder": row.recorder, "camera": row.camera, "reason": reason,
        "key": row.key,
    });
    deed::record(&mut tx, now, viewer, ("hold_release", &subject), &body).await?;
    let row = tx.hold_fetch(number).await?;
    tx.commit().await?;
    if told > 0 {
        services.outbox.wake();
    }
    row.ok_or_else(|| Failure::not_found("hold", &subject))
}

/// The stretch of a row; none when the row is no stretch.
pub fn stretch(row: &HoldRow) -> Option<Interval> {
    Interval::new(Instant::from_ms(row.from_ms), Instant::from_ms(row.to_ms))
}
