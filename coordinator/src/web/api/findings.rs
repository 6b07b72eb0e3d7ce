//! Findings: controls that fail, since when, with their numbers.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::branches::known_code;
use super::exchange::{Asked, Listed, Page, time};
use crate::domain::role::Action;
use crate::store::findings::{FindingListed, FindingWanted};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// A finding. The instants inside its evidence are milliseconds since 1970.
#[derive(Debug, Serialize)]
pub struct Finding {
    id: i64,
    control: String,
    clause: String,
    kind: String,
    branch: String,
    subject: String,
    severity: String,
    pack: String,
    evidence: Value,
    since: String,
    opened: String,
    closed: Option<String>,
    closed_why: Option<String>,
    alert: i64,
}

impl From<FindingListed> for Finding {
    fn from(row: FindingListed) -> Self {
        let finding = row.finding;
        Self {
            id: finding.id,
            control: finding.control,
            clause: finding.clause,
            kind: finding.kind,
            branch: row.branch,
            subject: finding.subject,
            severity: finding.severity,
            pack: finding.pack_version,
            evidence: serde_json::from_str(&finding.evidence).unwrap_or(Value::Null),
            since: time(finding.since_ms),
            opened: time(finding.opened_at_ms),
            closed: finding.closed_at_ms.map(time),
            closed_why: finding.closed_why,
            alert: finding.alert_id,
        }
    }
}

/// Which findings, and which page.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Filter {
    branch: Option<String>,
    #[serde(default)]
    closed: bool,
    after: Option<String>,
    limit: Option<u32>,
}

/// `GET /findings`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(filter): Asked<Filter>,
) -> Result<Json<Listed<Finding>>, Failure> {
    let page = Page {
        after: filter.after,
        limit: filter.limit,
    };
    let before = page.number()?;
    let mut reader = services.store.read().await?;
    let branch_id = match filter.branch {
        None => None,
        Some(code) => {
            let code = known_code(code)?;
            let row = viewer.branch(&mut reader, code.as_str(), Action::See);
            Some(row.await?.id)
        }
    };
    let wanted = FindingWanted {
        scope: viewer.scope(),
        branch_id,
        closed: filter.closed,
        before,
    };
    let rows = reader.finding_list_within(wanted, page.rows()).await?;
    let key = |row: &FindingListed| row.finding.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, Finding::from)))
}
