//! Whether the coordinator lives, is ready, and what it counted: for machines, without signing in.
//!
//! A stranger learns *ready* or *not ready*. What is wrong, and the counters, are for this machine and
//! for people who see the whole chain.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use keepwatch_common::error_chain::chain;
use tracing::warn;

use super::arrival::Arrival;
use super::failure::Failure;
use super::services::Services;
use super::session::{Guest, Visit};
use crate::domain::role::Action;
use crate::metrics::{AlertCount, Standing};
use crate::store::StoreError;

/// Longest time that the writer may have one group of reports in hand: several times what the largest
/// takes on a slow disk. Beyond that, agents wait for acknowledgements that do not come.
const WRITER_BUSY_MS_MAX: u64 = 30_000;

/// What `OpenMetrics` text is (its version 1.0.0).
const METRICS_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Where machines ask.
const PATHS: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Whether a path is asked for by machines, which read no pages.
pub fn answers_at(path: &str) -> bool {
    PATHS.contains(&path)
}

/// `/healthz`, `/readyz` and `/metrics`.
pub fn routes() -> Router<Arc<Services>> {
    Router::new()
        .route(PATHS[0], get(alive))
        .route(PATHS[1], get(ready))
        .route(PATHS[2], get(metrics))
}

async fn alive() -> &'static str {
    "alive\n"
}

async fn ready(State(services): State<Arc<Services>>, visit: Visit) -> Response {
    let Some(reason) = hindrance(&services).await else {
        return "ready\n".into_response();
    };
    warn!(reason, "not ready");
    let here = visit.arrival.is_some_and(Arrival::is_from_here);
    let told = if here { reason.as_str() } else { "not ready" };
    (StatusCode::SERVICE_UNAVAILABLE, format!("{told}\n")).into_response()
}

/// Why no report could be taken now.
async fn hindrance(services: &Services) -> Option<String> {
    let busy_ms = services
        .metrics
        .intake
        .writer
        .busy_ms(services.clock.tick());
    if busy_ms > WRITER_BUSY_MS_MAX {
        return Some(format!(
            "the writer has had one group of reports in hand for {} s",
            busy_ms / 1_000
        ));
    }
    if let Some(reason) = services.metrics.intake.hindrance.reason() {
        return Some(format!("reports cannot be written down: {reason}"));
    }
    let checked = services.store.check().await;
    checked.err().map(|error| chain(&error).to_string())
}

async fn metrics(
    State(services): State<Arc<Services>>,
    Guest(viewer): Guest,
    visit: Visit,
) -> Result<Response, Failure> {
    let here = visit.arrival.is_some_and(Arrival::is_from_here);
    if !here {
        viewer.ok_or_else(Failure::sign_in)?.need(Action::See)?;
    }
    let standing = standing(&services).await?;
    let text = services.metrics.text(&standing);
    let text = text.map_err(|error| Failure::inside(&error))?;
    Ok(([(CONTENT_TYPE, METRICS_TYPE)], text).into_response())
}

async fn standing(services: &Services) -> Result<Standing, StoreError> {
    let mut reader = services.store.read().await?;
    let connected = services.roll.registry().len();
    let alerts = reader.alert_counts_standing().await?;
    let alerts = alerts.into_iter().map(|row| AlertCount {
        kind: row.kind,
        severity: row.severity,
        alerts: row.alerts,
    });
    Ok(Standing {
        agents: reader.agent_count().await?,
        agents_connected: i64::try_from(connected).unwrap_or(i64::MAX),
        outbox_waiting: reader.outbox_count_waiting().await?,
        alerts: alerts.collect(),
    })
}
