//! Branches.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use keepwatch_common::model::name::Name;
use keepwatch_common::time::{Instant, Zone};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::exchange::{Asked, At, Body, Listed, Page, time};
use crate::auth::{Viewer, deed};
use crate::domain::place::PlaceCode;
use crate::domain::role::Action;
use crate::store::branches::{CodeError, NewBranch};
use crate::store::fleet::BranchSummary;
use crate::store::{StoreError, Tx};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// The zone of a branch whose zone nobody names: the rules are those of a country with one zone.
const ZONE_DEFAULT: &str = "Asia/Shanghai";

/// A branch.
#[derive(Debug, Serialize)]
pub struct Branch {
    code: String,
    name: String,
    region: Option<String>,
    time_zone: String,
    created: String,
    closed: Option<String>,
    agents: i64,
    agents_connected: i64,
    heard: Option<String>,
    cameras: i64,
    alerts_standing: i64,
}

impl From<BranchSummary> for Branch {
    fn from(row: BranchSummary) -> Self {
        Self {
            code: row.branch.code,
            name: row.branch.name,
            region: row.region,
            time_zone: row.branch.time_zone,
            created: time(row.branch.created_at_ms),
            closed: row.branch.closed_at_ms.map(time),
            agents: row.agents,
            agents_connected: row.agents_connected,
            heard: row.heard_at_ms.map(time),
            cameras: row.cameras,
            alerts_standing: row.alerts_standing,
        }
    }
}

/// `GET /branches`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Listed<Branch>>, Failure> {
    let after = page.after.as_deref().map(PlaceCode::new).transpose();
    let after = after.map_err(|error| Failure::field("after", error.to_string()))?;
    let mut reader = services.store.read().await?;
    let after = after.as_ref().map(PlaceCode::as_str);
    let rows = reader
        .branch_list_within(viewer.scope(), after, page.rows())
        .await?;
    let key = |row: &BranchSummary| row.branch.code.clone();
    Ok(Json(Listed::page(&page, rows, key, Branch::from)))
}

/// `GET /branches/{branch}`
pub async fn show(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At(code): At<String>,
) -> Result<Json<Branch>, Failure> {
    let code = known_code(code)?;
    let mut reader = services.store.read().await?;
    let row = viewer
        .branch(&mut reader, code.as_str(), Action::See)
        .await?;
    let row = reader.branch_summary(row.id).await?;
    let row = row.ok_or_else(|| Failure::not_found("branch", code.as_str()))?;
    Ok(Json(row.into()))
}

/// A branch to be, as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WantedBranch {
    /// Its code.
    pub code: String,
    /// Its name; the code, when nobody gives one.
    pub name: Option<String>,
    /// Its IANA zone.
    pub time_zone: Option<String>,
    /// The code of its region.
    pub region: Option<String>,
}

/// `POST /branches`
pub async fn add(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Body(wanted): Body<WantedBranch>,
) -> Result<(StatusCode, Json<Branch>), Failure> {
    viewer.need(Action::ManageBranches)?;
    let mut tx = services.store.begin().await?;
    let id = insert(&mut tx, &viewer, &wanted, services.clock.now()).await?;
    let row = tx.branch_summary(id).await?;
    tx.commit().await?;
    let row = row.ok_or_else(|| Failure::not_found("branch", &wanted.code))?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Adds a branch and its deed; its number. Whether the viewer may is settled before.
pub async fn insert(
    tx: &mut Tx,
    viewer: &Viewer,
    wanted: &WantedBranch,
    now: Instant,
) -> Result<i64, Failure> {
    let code = PlaceCode::new(wanted.code.as_str())
        .map_err(|error| Failure::field("code", error.to_string()))?;
    let name = wanted.name.as_deref().unwrap_or(code.as_str());
    let name = Name::new(name).map_err(|error| Failure::field("name", error.to_string()))?;
    let zone = Zone::named(wanted.time_zone.as_deref().unwrap_or(ZONE_DEFAULT))
        .map_err(|error| Failure::field("time_zone", error.to_string()))?;
    let region_id = match wanted.region.as_deref() {
        None => None,
        Some(region) => Some(region_id(tx, region).await?),
    };
    let added = tx
        .branch_insert(&NewBranch {
            region_id,
            code: code.as_str(),
            name: name.as_str(),
            time_zone: zone.name(),
            created_at: now,
        })
        .await;
    let id = added.map_err(taken)?;
    let body = json!({ "name": name, "time_zone": zone.name(), "region": wanted.region });
    deed::record(tx, now, viewer, ("branch_add", code.as_str()), &body).await?;
    Ok(id)
}

/// A code from an address: what can be no code is nowhere.
pub fn known_code(code: String) -> Result<PlaceCode, Failure> {
    let shown = code.escape_debug().take(80).collect::<String>();
    PlaceCode::new(code).map_err(|_| Failure::not_found("branch", &shown))
}

/// A code or its place is taken.
pub fn taken(error: CodeError) -> Failure {
    match error {
        CodeError::Taken { .. } => Failure::conflict("taken", error.to_string()),
        CodeError::Store(error) => error.into(),
    }
}

async fn region_id(tx: &mut Tx, code: &str) -> Result<i64, Failure> {
    let row = match PlaceCode::new(code) {
        Ok(code) => region_fetch(tx, &code).await?,
        Err(_) => None,
    };
    row.ok_or_else(|| {
        Failure::field("region", "there is no region with this code")
            .remedy("add it first: POST /api/v1/regions or “keepwatch region add”")
    })
}

async fn region_fetch(tx: &mut Tx, code: &PlaceCode) -> Result<Option<i64>, StoreError> {
    let row = tx.region_fetch_by_code(code.as_str()).await?;
    Ok(row.map(|row| row.id))
}
