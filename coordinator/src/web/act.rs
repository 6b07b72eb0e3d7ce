//! What people do to alerts and baselines, whether through a page or through `/api/v1`: the same
//! check, the same act and the same line in the record.

use keepwatch_common::model::name::Name;
use serde_json::{Value, json};

use super::failure::Failure;
use super::services::Services;
use crate::assess::{Approval, Handled, approve_baseline, handle_alert};
use crate::auth::{Viewer, deed};
use crate::domain::alert::Act;
use crate::domain::place::PlaceCode;
use crate::domain::role::Action;
use crate::store::alerts::AlertRow;
use crate::store::branches::BranchRow;
use crate::store::page::PageRows;

/// Longest key of a form that the record keeps: ours have sixteen signs.
const FORM_KEY_BYTES_MAX: usize = 40;

/// The code of the refusal to keep another note on an alert that is theirs.
pub const YOURS_ALREADY: &str = "yours_already";

/// Somebody takes an alert on.
#[derive(Debug, Clone, Copy)]
pub struct Acknowledgement<'a> {
    /// Which alert.
    pub alert: i64,
    /// What they say about it; may be empty.
    pub note: &'a str,
    /// When the alert had changed last as they saw it; none when they do not say.
    pub seen: Option<i64>,
    /// The key of the form they sent, for the record.
    pub form: Option<&'a str>,
}

/// Does it; the alert as it stands afterwards. Whoever says what they saw may say it twice: it
/// counts once; with another note the second time it is refused, so that no note is lost silently.
pub async fn acknowledge(
    services: &Services,
    viewer: &Viewer,
    wish: Acknowledgement<'_>,
) -> Result<AlertRow, Failure> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let number = wish.alert.to_string();
    let row = tx.alert_fetch(wish.alert).await?;
    let row = row.ok_or_else(|| Failure::not_found("alert", &number))?;
    let part = ("alert", number.as_str());
    viewer
        .part_of_branch(&mut tx, row.branch_id, part, Action::HandleAlerts)
        .await?;
    if wish.seen.is_some() && is_theirs(&row, viewer) {
        let last = tx.alert_handled_last(&[row.id]).await?.pop();
        let kept = last.and_then(|last| last.note).unwrap_or_default();
        if !wish.note.is_empty() && wish.note != kept {
            let message = "the alert is yours already; this note was not kept";
            return Err(Failure::conflict(YOURS_ALREADY, message));
        }
        return Ok(row);
    }
    let done = Handled {
        alert_id: wish.alert,
        act: Act::Acknowledge,
        by: viewer.name(),
        note: Some(wish.note).filter(|note| !note.is_empty()),
        at: now,
        seen: wish.seen,
    };
    let row = handle_alert(&mut tx, done).await?;
    let body = json!({ "branch": row.branch, "subject": row.subject, "note": wish.note });
    let body = of_form(body, wish.form);
    let deed = ("alert_acknowledge", number.as_str());
    deed::record(&mut tx, now, viewer, deed, &body).await?;
    tx.commit().await?;
    Ok(row)
}

/// A deed's body with the key of the form it came from.
fn of_form(mut body: Value, form: Option<&str>) -> Value {
    let key = form.filter(|key| !key.is_empty() && key.len() <= FORM_KEY_BYTES_MAX);
    if let Some(key) = key {
        body["form"] = key.into();
    }
    body
}

/// What the form asks for is done already, by whoever sends it again.
fn is_theirs(row: &AlertRow, viewer: &Viewer) -> bool {
    row.state.handling == "acknowledged" && row.state.handled_by.as_deref() == Some(viewer.name())
}

/// Somebody approves a reading.
#[derive(Debug, Clone, Copy)]
pub struct Wish<'a> {
    /// The branch's code.
    pub code: &'a PlaceCode,
    /// The file's name.
    pub name: &'a Name,
    /// The reading they looked at.
    pub reading: i64,
    /// Why.
    pub reason: &'a str,
    /// The key of the form they sent, for the record.
    pub form: Option<&'a str>,
}

/// Does it; the file's branch.
pub async fn approve(
    services: &Services,
    viewer: &Viewer,
    wish: Wish<'_>,
) -> Result<BranchRow, Failure> {
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    let (code, name) = (wish.code.as_str(), wish.name.as_str());
    let branch = viewer
        .branch(&mut tx, code, Action::ApproveBaseline)
        .await?;
    let approval = Approval {
        branch_id: branch.id,
        name,
        reading_id: wish.reading,
        by: viewer.name(),
        reason: wish.reason,
        at: now,
    };
    let told = approve_baseline(&mut tx, &services.policy, &approval).await?;
    let subject = format!("{code}/{name}");
    let body = json!({ "reading": wish.reading, "reason": wish.reason });
    let body = of_form(body, wish.form);
    let deed = ("baseline_approve", subject.as_str());
    deed::record(&mut tx, now, viewer, deed, &body).await?;
    tx.commit().await?;
    if told > 0 {
        services.outbox.wake();
    }
    Ok(branch)
}

/// Whether a reading is the baseline already, approved by this person for this reason: the same form
/// sent again.
pub async fn is_approved(
    services: &Services,
    viewer: &Viewer,
    wish: Wish<'_>,
) -> Result<bool, Failure> {
    let mut reader = services.store.read().await?;
    let code = wish.code.as_str();
    let branch = viewer
        .branch(&mut reader, code, Action::ApproveBaseline)
        .await?;
    let file = reader.watched_fetch(branch.id, wish.name.as_str()).await?;
    let Some(file) = file.filter(|file| file.baseline_id == Some(wish.reading)) else {
        return Ok(false);
    };
    let last = reader.baseline_list(file.id, PageRows::new(1)).await?.pop();
    Ok(last.is_some_and(|last| {
        last.reading_id == wish.reading
            && last.approved_by == viewer.name()
            && last.reason == wish.reason
    }))
}
