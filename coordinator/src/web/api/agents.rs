//! Agents: who is connected, when each was heard, and shutting one out.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::exchange::{Asked, At, Body, Listed, NOTE_CHARS_MAX, Page, text, time};
use crate::domain::role::Action;
use crate::store::agents::AgentRow;
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// An agent. `state` is `connected`, `away`, `never` (it joined and did not connect yet) or
/// `revoked`.
#[derive(Debug, Serialize)]
pub struct Agent {
    id: String,
    branch: String,
    state: &'static str,
    host: String,
    version: String,
    joined: String,
    certificate_ends: String,
    connected_since: Option<String>,
    heard: Option<String>,
    clock_ahead_ms: Option<i64>,
    revoked: Option<String>,
    revoked_reason: Option<String>,
}

impl From<(AgentRow, String)> for Agent {
    fn from((row, branch): (AgentRow, String)) -> Self {
        Self {
            state: state(&row),
            id: row.id.to_string(),
            branch,
            host: row.host,
            version: row.version,
            joined: time(row.joined_at_ms),
            certificate_ends: time(row.certificate_ends_ms),
            connected_since: row.connected_since_ms.map(time),
            heard: row.heard_at_ms.map(time),
            clock_ahead_ms: row.clock_ahead_ms,
            revoked: row.revoked_at_ms.map(time),
            revoked_reason: row.revoked_reason,
        }
    }
}

fn state(row: &AgentRow) -> &'static str {
    if row.revoked_at_ms.is_some() {
        "revoked"
    } else if row.connected_since_ms.is_some() {
        "connected"
    } else if row.heard_at_ms.is_some() {
        "away"
    } else {
        "never"
    }
}

/// `GET /agents`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Listed<Agent>>, Failure> {
    let after = page.after.as_deref().map(Uuid::parse_str).transpose();
    let after = after.map_err(|_| Failure::field("after", "this is not the id of an agent"))?;
    let mut reader = services.store.read().await?;
    let rows = reader
        .agent_list_within(viewer.scope(), after, page.rows())
        .await?;
    let key = |(row, _): &(AgentRow, String)| row.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, Agent::from)))
}

/// Why.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Revoke {
    reason: String,
}

/// `POST /agents/{agent}/revoke`
pub async fn revoke(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At(id): At<String>,
    Body(Revoke { reason }): Body<Revoke>,
) -> Result<Json<Agent>, Failure> {
    let reason = text("reason", &reason, (1, NOTE_CHARS_MAX))?;
    let shown = id.escape_debug().take(80).collect::<String>();
    let not_there = || Failure::not_found("agent", &shown);
    let agent = Uuid::parse_str(&id).map_err(|_| not_there())?;
    let mut reader = services.store.read().await?;
    let row = reader.agent_fetch(agent).await?.ok_or_else(not_there)?;
    let part = ("agent", shown.as_str());
    let branch = viewer
        .part_of_branch(&mut reader, row.branch_id, part, Action::ManageAgents)
        .await?;
    drop(reader);
    if !services.roll.revoke(agent, &viewer, &reason).await? {
        return Err(Failure::conflict(
            "revoked",
            "this agent was revoked before",
        ));
    }
    let mut reader = services.store.read().await?;
    let row = reader.agent_fetch(agent).await?.ok_or_else(not_there)?;
    Ok(Json((row, branch.code).into()))
}
