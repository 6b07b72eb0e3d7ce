//! Alerts, and acknowledging one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};

use super::branches::known_code;
use super::exchange::{Asked, At, Body, Listed, NOTE_CHARS_MAX, Page, text, time, word};
use crate::domain::alert::Condition;
use crate::domain::kind::{AlertKind, Severity};
use crate::domain::role::Action;
use crate::store::alerts::{AlertRow, AlertWanted};
use crate::web::act::{self, Acknowledgement};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// The words of what people did about an alert.
const HANDLINGS: [&str; 5] = ["new", "acknowledged", "snoozed", "assigned", "closed"];

/// An alert. Its words are never translated.
#[derive(Debug, Serialize)]
pub struct Alert {
    id: i64,
    kind: String,
    clause: String,
    branch: String,
    subject: String,
    severity: String,
    condition: String,
    handling: String,
    since: String,
}

impl From<AlertRow> for Alert {
    fn from(row: AlertRow) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            clause: row.clause,
            branch: row.branch,
            subject: row.subject,
            severity: row.severity,
            condition: row.state.condition,
            handling: row.state.handling,
            since: time(row.state.since_ms),
        }
    }
}

/// Which alerts, and which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    branch: Option<String>,
    kind: Option<String>,
    severity: Option<String>,
    condition: Option<String>,
    handling: Option<String>,
    #[serde(default)]
    settled: bool,
    after: Option<String>,
    limit: Option<u32>,
}

/// `GET /alerts`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Alert>>, Failure> {
    let page = Page {
        after: filter.after,
        limit: filter.limit,
    };
    let mut wanted = AlertWanted::within(viewer.scope());
    wanted.before = page.number()?;
    wanted.settled = filter.settled;
    let known = AlertKind::ALL.map(AlertKind::word);
    wanted.kind = word("kind", filter.kind.as_deref(), &known)?;
    let known = Severity::ALL.map(Severity::word);
    wanted.severity = word("severity", filter.severity.as_deref(), &known)?;
    let known = Condition::ALL.map(Condition::word);
    wanted.condition = word("condition", filter.condition.as_deref(), &known)?;
    wanted.handling = word("handling", filter.handling.as_deref(), &HANDLINGS)?;
    let mut reader = services.store.read().await?;
    if let Some(code) = filter.branch {
        let code = known_code(code)?;
        let row = viewer.branch(&mut reader, code.as_str(), Action::See);
        wanted.branch_id = Some(row.await?.id);
    }
    let rows = reader.alert_list(&wanted, page.rows()).await?;
    let key = |row: &AlertRow| row.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, Alert::from)))
}

/// What is said about an act.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    #[serde(default)]
    note: String,
}

/// `POST /alerts/{alert}/acknowledge`
pub async fn acknowledge(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At(id): At<i64>,
    Body(Note { note }): Body<Note>,
) -> Result<Json<Alert>, Failure> {
    let note = text("note", &note, (0, NOTE_CHARS_MAX))?;
    let wish = Acknowledgement {
        alert: id,
        note: &note,
        seen: None,
        form: None,
    };
    let row = act::acknowledge(&services, &viewer, wish).await?;
    Ok(Json(row.into()))
}
