//! The page of alerts and its form: who looks and acts, and which alerts are asked for.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::alerts::{self, Wanted, handling, key, severity};
use super::filled::Filled;
use super::visitor::Visitor;
use crate::domain::role::Action;
use crate::store::Reader;
use crate::web::act::{self, Acknowledgement};
use crate::web::api::branches::known_code;
use crate::web::api::exchange::{Asked, At, NOTE_CHARS_MAX, text};
use crate::web::failure::Failure;
use crate::web::frame::Notice;
use crate::web::page;
use crate::web::page::alerts::{AlertFilter, AlertsView};

/// Which alerts, and which page; a field that was left empty asks for nothing.
#[derive(Debug, Deserialize)]
pub struct Filter {
    severity: Option<String>,
    handling: Option<String>,
    branch: Option<String>,
    after: Option<String>,
}

/// `GET /alerts`
pub async fn show(visitor: Visitor, Asked(asked): Asked<Filter>) -> Result<Response, Failure> {
    let mut reader = visitor.read().await?;
    let wanted = asked.read(&visitor, &mut reader).await?;
    page(&visitor, reader, wanted, Outcome::Looked).await
}

/// What led to the page.
enum Outcome {
    /// Nothing but the wish to see it.
    Looked,
    /// Somebody else was first.
    Conflict,
}

async fn page(
    visitor: &Visitor,
    mut reader: Reader,
    wanted: Wanted,
    outcome: Outcome,
) -> Result<Response, Failure> {
    let mut around = visitor.surroundings(&mut reader).await?;
    let mut status = StatusCode::OK;
    if matches!(outcome, Outcome::Conflict) {
        around.frame.here = wanted.filter.address();
        around.frame.notice = Some(Notice::Conflict);
        status = StatusCode::CONFLICT;
    }
    let randomness = visitor.services().randomness.as_ref();
    let view = alerts::view(&mut reader, wanted, around.now, randomness).await?;
    let view = AlertsView {
        last_signal: around.heard_at.map(|at| around.moment(at)),
        may_acknowledge: visitor.viewer.role().has(Action::HandleAlerts),
        ..view
    };
    let drawn = page::alerts::render(&view, &around.frame, visitor.text());
    let mut response = visitor.page(drawn)?;
    *response.status_mut() = status;
    Ok(response)
}

impl Filter {
    async fn read(self, visitor: &Visitor, reader: &mut Reader) -> Result<Wanted, Failure> {
        let severity = word("severity", self.severity.as_deref(), severity)?;
        let handling = word("handling", self.handling.as_deref(), handling)?;
        let after = word("after", self.after.as_deref(), key)?;
        let branch = self.branch.map(|code| code.trim().to_owned());
        let branch = branch.filter(|code| !code.is_empty());
        let branch_id = match branch.clone() {
            Some(code) => {
                let code = known_code(code)?;
                let row = visitor.viewer.branch(reader, code.as_str(), Action::See);
                Some(row.await?.id)
            }
            None => None,
        };
        Ok(Wanted {
            scope: visitor.viewer.scope(),
            filter: AlertFilter {
                severity,
                branch,
                handling,
            },
            branch_id,
            after,
        })
    }
}

/// A word of an address; what is none is refused.
fn word<T>(
    field: &'static str,
    text: Option<&str>,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Failure> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    read(text).map(Some).ok_or_else(|| {
        let message = format!("{field} is none of the words that exist");
        Failure::new(StatusCode::BAD_REQUEST, "invalid", message)
    })
}

/// The form to take an alert on.
#[derive(Debug, Deserialize)]
pub struct Form {
    version: i64,
    #[serde(default)]
    note: String,
    #[serde(default)]
    then: String,
    #[serde(default)]
    idempotency_key: String,
}

/// `POST /alerts/{alert}/acknowledge`
pub async fn acknowledge(
    visitor: Visitor,
    At(alert): At<i64>,
    Filled(form): Filled<Form>,
) -> Result<Response, Failure> {
    // Browsers end lines as printers did.
    let note = form.note.replace("\r\n", "\n");
    let note = text("note", &note, (0, NOTE_CHARS_MAX))?;
    let wish = Acknowledgement {
        alert,
        note: &note,
        seen: Some(form.version),
        form: Some(&form.idempotency_key),
    };
    match act::acknowledge(visitor.services(), &visitor.viewer, wish).await {
        Ok(_) => Ok(visitor.lead(&form.then, Notice::Acknowledged)),
        Err(refused) if refused.status == StatusCode::CONFLICT => conflict(&visitor, alert).await,
        Err(refused) => Err(refused),
    }
}

/// The alerts of the branch as they stand now.
async fn conflict(visitor: &Visitor, alert: i64) -> Result<Response, Failure> {
    let mut reader = visitor.read().await?;
    let row = reader.alert_fetch(alert).await?;
    let row = row.ok_or_else(|| Failure::not_found("alert", &alert.to_string()))?;
    let asked = Filter {
        severity: None,
        handling: None,
        branch: Some(row.branch),
        after: None,
    };
    let wanted = asked.read(visitor, &mut reader).await?;
    page(visitor, reader, wanted, Outcome::Conflict).await
}
