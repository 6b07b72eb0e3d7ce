//! The page of alerts and its form: who looks and acts, and which alerts are asked for.

use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use serde::Deserialize;

use super::alerts::{self, Wanted, handling, key, severity};
use super::back::Back;
use super::filled::Filled;
use super::visitor::Visitor;
use crate::auth::AccessError;
use crate::domain::role::Action;
use crate::store::Reader;
use crate::web::act::{self, Acknowledgement};
use crate::web::address;
use crate::web::api::branches::known_code;
use crate::web::api::exchange::{Asked, At, NOTE_CHARS_MAX, text};
use crate::web::failure::Failure;
use crate::web::frame::Notice;
use crate::web::page;
use crate::web::page::alerts::{AlertFilter, AlertsView, Refused, Why};

/// Of a note that was refused so much is given back, in characters: enough to be shortened.
const TYPED_CHARS_MAX: usize = 2 * NOTE_CHARS_MAX;

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
    /// What was sent was not taken.
    Refused(Refused),
}

async fn page(
    visitor: &Visitor,
    mut reader: Reader,
    wanted: Wanted,
    outcome: Outcome,
) -> Result<Response, Failure> {
    let mut around = visitor.surroundings(&mut reader).await?;
    let (status, refused) = match outcome {
        Outcome::Looked => (StatusCode::OK, None),
        Outcome::Refused(refused) => {
            around.frame.here = wanted.filter.address();
            let status = match refused.why {
                Why::Note => StatusCode::UNPROCESSABLE_ENTITY,
                Why::Changed | Why::Yours => StatusCode::CONFLICT,
            };
            (status, Some(refused))
        }
    };
    let randomness = visitor.services().randomness.as_ref();
    let view = alerts::view(&mut reader, wanted, around.now, randomness).await?;
    let view = AlertsView {
        last_signal: around.heard_at.map(|at| around.moment(at)),
        may_acknowledge: visitor.viewer.role().has(Action::HandleAlerts),
        refused,
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
        let branch_id = match &branch {
            Some(code) => branch_id(visitor, reader, code).await?,
            None => None,
        };
        Ok(Wanted {
            scope: visitor.viewer.scope(),
            no_branch: branch.is_some() && branch_id.is_none(),
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

/// The number of a branch; none where there is none with this code for the visitor, whether nobody has
/// it or somebody else: the two look alike.
async fn branch_id(
    visitor: &Visitor,
    reader: &mut Reader,
    code: &str,
) -> Result<Option<i64>, Failure> {
    let Ok(code) = known_code(code.to_owned()) else {
        return Ok(None);
    };
    let row = visitor.viewer.branch(reader, code.as_str(), Action::See);
    match row.await {
        Ok(row) => Ok(Some(row.id)),
        Err(AccessError::NotThere { .. }) => Ok(None),
        Err(error) => Err(error.into()),
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
    let typed = form.note.replace("\r\n", "\n");
    let Ok(note) = text("note", &typed, (0, NOTE_CHARS_MAX)) else {
        return form.again(&visitor, alert, typed, Why::Note).await;
    };
    let wish = Acknowledgement {
        alert,
        note: &note,
        seen: Some(form.version),
        form: Some(&form.idempotency_key),
    };
    match act::acknowledge(visitor.services(), &visitor.viewer, wish).await {
        Ok(_) => Ok(visitor.lead(&form.then, Notice::Acknowledged)),
        Err(refused) if refused.status == StatusCode::CONFLICT => {
            let why = if refused.said.code == act::YOURS_ALREADY {
                Why::Yours
            } else {
                Why::Changed
            };
            form.again(&visitor, alert, typed, why).await
        }
        Err(refused) => Err(refused),
    }
}

impl Form {
    /// The list it was sent from, as it stands now, with what was typed; where that is none of ours,
    /// the alerts of the branch.
    async fn again(
        &self,
        visitor: &Visitor,
        alert: i64,
        typed: String,
        why: Why,
    ) -> Result<Response, Failure> {
        let mut reader = visitor.read().await?;
        let row = reader.alert_fetch(alert).await?;
        let not_there = || Failure::not_found("alert", &alert.to_string());
        let row = row.ok_or_else(not_there)?;
        let number = alert.to_string();
        let part = ("alert", number.as_str());
        let viewer = &visitor.viewer;
        viewer
            .part_of_branch(&mut reader, row.branch_id, part, Action::HandleAlerts)
            .await?;
        let asked = sent_from(&self.then).unwrap_or(Filter {
            severity: None,
            handling: None,
            branch: Some(row.branch),
            after: None,
        });
        let wanted = asked.read(visitor, &mut reader).await?;
        let refused = Refused {
            alert: number,
            note: typed.chars().take(TYPED_CHARS_MAX).collect(),
            why,
        };
        page(visitor, reader, wanted, Outcome::Refused(refused)).await
    }
}

/// The filter of a list of alerts by its address.
fn sent_from(then: &str) -> Option<Filter> {
    let uri: Uri = Back::to(then).as_str().parse().ok()?;
    let asked = Query::try_from_uri(&uri).ok()?;
    (uri.path() == address::ALERTS).then_some(asked.0)
}
