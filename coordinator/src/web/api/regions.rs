//! Regions: the tree that branches hang on. It is headquarters' matter; others see their branches.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use keepwatch_common::model::name::Name;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::branches::taken;
use super::exchange::{Asked, Body, Listed, Page};
use crate::auth::deed;
use crate::domain::place::PlaceCode;
use crate::domain::role::Action;
use crate::store::branches::{NewRegion, RegionRow};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// A region.
#[derive(Debug, Serialize)]
pub struct Region {
    id: i64,
    code: String,
    name: String,
    above: Option<i64>,
}

impl From<RegionRow> for Region {
    fn from(row: RegionRow) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            above: row.parent_id,
        }
    }
}

/// `GET /regions`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Listed<Region>>, Failure> {
    viewer.need(Action::See)?;
    let after = page.number()?;
    let mut reader = services.store.read().await?;
    let rows = reader.region_list(after, page.rows()).await?;
    let key = |row: &RegionRow| row.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, Region::from)))
}

/// A region to be, as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedRegion {
    code: String,
    name: Option<String>,
    above: Option<String>,
}

/// `POST /regions`
pub async fn add(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Body(wanted): Body<WantedRegion>,
) -> Result<(StatusCode, Json<Region>), Failure> {
    viewer.need(Action::ManageBranches)?;
    let code = PlaceCode::new(wanted.code.as_str())
        .map_err(|error| Failure::field("code", error.to_string()))?;
    let name = wanted.name.as_deref().unwrap_or(code.as_str());
    let name = Name::new(name).map_err(|error| Failure::field("name", error.to_string()))?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let parent_id = match wanted.above.as_deref().map(PlaceCode::new) {
        None => None,
        Some(above) => {
            let above = above.map_err(|error| Failure::field("above", error.to_string()))?;
            let row = tx.region_fetch_by_code(above.as_str()).await?;
            let none = || Failure::field("above", "there is no region with this code");
            Some(row.ok_or_else(none)?.id)
        }
    };
    let region = NewRegion {
        parent_id,
        code: code.as_str(),
        name: name.as_str(),
        created_at: now,
    };
    let id = tx.region_insert(&region).await.map_err(taken)?;
    let body = json!({ "name": name, "above": wanted.above });
    deed::record(&mut tx, now, &viewer, ("region_add", code.as_str()), &body).await?;
    tx.commit().await?;
    let region = Region {
        id,
        code: code.to_string(),
        name: name.to_string(),
        above: parent_id,
    };
    Ok((StatusCode::CREATED, Json(region)))
}
