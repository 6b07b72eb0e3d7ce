//! Holds: what is kept beyond its time, asking for more of it, and releasing it.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

use super::branches::known_code;
use super::exchange::{Asked, At, Body, Listed, Page, text, time};
use crate::domain::hold::{Outcome, REASON_CHARS};
use crate::domain::role::Action;
use crate::store::holds::HoldRow;
use crate::web::failure::Failure;
use crate::web::holding::{self, Wish};
use crate::web::services::Services;
use crate::web::session::Caller;

/// A hold.
#[derive(Debug, Serialize)]
pub struct Hold {
    id: i64,
    key: String,
    branch: String,
    recorder: String,
    camera: String,
    from: String,
    to: String,
    reason: String,
    placed_by: String,
    placed: String,
    outcome: &'static str,
    standing: Option<String>,
    standing_since: Option<String>,
    told: Option<String>,
    segments: i64,
    bytes: i64,
    covered_ms: i64,
    wanted_ms: i64,
    copied: i64,
    gone: i64,
    changed: i64,
    first_missing: Option<String>,
    verified: Option<String>,
    released_by: Option<String>,
    released: Option<String>,
    release_reason: Option<String>,
}

impl From<HoldRow> for Hold {
    fn from(row: HoldRow) -> Self {
        let is_released = row.released_at_ms.is_some();
        Self {
            outcome: Outcome::of(row.standing.as_deref(), is_released).word(),
            id: row.id,
            key: row.key,
            branch: row.branch,
            recorder: row.recorder,
            camera: row.camera,
            from: time(row.from_ms),
            to: time(row.to_ms),
            reason: row.reason,
            placed_by: row.placed_by,
            placed: time(row.placed_at_ms),
            standing: row.standing,
            standing_since: row.standing_since_ms.map(time),
            told: row.told_at_ms.map(time),
            segments: row.segments,
            bytes: row.bytes,
            covered_ms: row.covered_ms,
            wanted_ms: row.to_ms - row.from_ms,
            copied: row.copied,
            gone: row.gone,
            changed: row.changed,
            first_missing: row.first_ms.map(time),
            verified: row.verified_at_ms.map(time),
            released_by: row.released_by,
            released: row.released_at_ms.map(time),
            release_reason: row.release_reason,
        }
    }
}

/// Which holds.
#[derive(Debug, Deserialize)]
pub struct Filter {
    #[serde(default)]
    released: bool,
    after: Option<String>,
    limit: Option<u32>,
}

/// `GET /holds`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Hold>>, Failure> {
    let page = Page {
        after: filter.after,
        limit: filter.limit,
    };
    let before = page.number()?;
    let mut reader = services.store.read().await?;
    let rows = reader
        .hold_list_within(viewer.scope(), filter.released, before, page.rows())
        .await?;
    let key = |row: &HoldRow| row.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, Hold::from)))
}

/// `GET /holds/{hold}`
pub async fn show(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At(number): At<i64>,
) -> Result<Json<Hold>, Failure> {
    let row = holding::find(&services, &viewer, number, Action::See).await?;
    Ok(Json(row.into()))
}

/// What is to be held, and why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    branch: String,
    recorder: String,
    camera: String,
    from: String,
    to: String,
    reason: String,
}

/// `POST /holds`
pub async fn place(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Body(place): Body<Place>,
) -> Result<(StatusCode, Json<Hold>), Failure> {
    let reason = text("reason", &place.reason, REASON_CHARS)?;
    let code = known_code(place.branch)?;
    let instant = |field, text: &str| {
        Instant::parse(text).map_err(|error| Failure::field(field, error.to_string()))
    };
    let wish = Wish {
        branch: code.as_str(),
        recorder: &place.recorder,
        camera: &place.camera,
        from: instant("from", &place.from)?,
        to: instant("to", &place.to)?,
        reason: &reason,
        form: None,
    };
    let row = holding::place(&services, &viewer, wish).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Why a hold is released.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    reason: String,
}

/// `POST /holds/{hold}/release`
pub async fn release(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At(number): At<i64>,
    Body(release): Body<Release>,
) -> Result<Json<Hold>, Failure> {
    let reason = text("reason", &release.reason, REASON_CHARS)?;
    let row = holding::release(&services, &viewer, number, &reason).await?;
    Ok(Json(row.into()))
}
