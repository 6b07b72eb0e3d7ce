//! Watched files against their baselines: the list of those that differ, one file, and approving
//! what was read of it.

use axum::http::StatusCode;
use axum::response::Response;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::tree::Tree;
use keepwatch_common::time::{Instant, Zone};
use serde::Deserialize;

use super::alerts::form_key;
use super::filled::Filled;
use super::setting::{self, Listed};
use super::visitor::Visitor;
use crate::assess::{Compared, FileState as Stands, compared, differences};
use crate::auth::LOCAL_NAME;
use crate::domain::place::PlaceCode;
use crate::domain::role::Action;
use crate::store::branches::BranchRow;
use crate::store::page::PageRows;
use crate::store::readings::ReadingRow;
use crate::store::watched::WatchedRow;
use crate::store::{Reader, StoreError};
use crate::web::act::{self, Wish};
use crate::web::address;
use crate::web::api::branches::known_code;
use crate::web::api::drift::{REASON_CHARS_MIN, known_name};
use crate::web::api::exchange::{At, NOTE_CHARS_MAX, text};
use crate::web::failure::Failure;
use crate::web::frame::Notice;
use crate::web::moment::Moment;
use crate::web::page;
use crate::web::page::drift::{Approval, Baseline, DriftView, FileState};

/// Of a reason that was refused so much is given back, in characters: enough to be shortened.
const TYPED_CHARS_MAX: usize = 2 * NOTE_CHARS_MAX;

/// `GET /branches/{branch}/drift/{name}`
pub async fn show(
    visitor: Visitor,
    At((code, name)): At<(String, String)>,
) -> Result<Response, Failure> {
    let place = Place::new(code, name)?;
    place.page(&visitor, Outcome::Looked).await
}

/// The form that makes a reading the baseline.
#[derive(Debug, Deserialize)]
pub struct Form {
    version: i64,
    reason: String,
    #[serde(default)]
    idempotency_key: String,
}

/// `POST /branches/{branch}/drift/{name}`
pub async fn approve(
    visitor: Visitor,
    At((code, name)): At<(String, String)>,
    Filled(form): Filled<Form>,
) -> Result<Response, Failure> {
    let place = Place::new(code, name)?;
    let (services, viewer) = (visitor.services(), &visitor.viewer);
    // Browsers end lines as printers did.
    let typed = form.reason.replace("\r\n", "\n");
    let Ok(reason) = text("reason", &typed, (REASON_CHARS_MIN, NOTE_CHARS_MAX)) else {
        place.may_approve(&visitor).await?;
        return place.page(&visitor, Outcome::Reason(typed)).await;
    };
    let wish = Wish {
        code: &place.code,
        name: &place.name,
        reading: form.version,
        reason: &reason,
        form: Some(&form.idempotency_key),
    };
    if !act::is_approved(services, viewer, wish).await? {
        match act::approve(services, viewer, wish).await {
            Ok(_) => {}
            Err(refused) if refused.status == StatusCode::CONFLICT => {
                return place.page(&visitor, Outcome::Conflict(typed)).await;
            }
            Err(refused) => return Err(refused),
        }
    }
    Ok(visitor.lead(&place.address(), Notice::Approved))
}

/// What led to the page.
enum Outcome {
    /// Nothing but the wish to see it.
    Looked,
    /// This reason is none.
    Reason(String),
    /// The file changed meanwhile; what was typed is kept.
    Conflict(String),
}

/// Which file is asked for.
struct Place {
    code: PlaceCode,
    name: Name,
}

impl Place {
    fn new(code: String, name: String) -> Result<Self, Failure> {
        Ok(Self {
            code: known_code(code)?,
            name: known_name(name)?,
        })
    }

    fn address(&self) -> String {
        address::drift(self.code.as_str(), self.name.as_str())
    }

    async fn may_approve(&self, visitor: &Visitor) -> Result<(), Failure> {
        let mut reader = visitor.read().await?;
        let (code, action) = (self.code.as_str(), Action::ApproveBaseline);
        visitor.viewer.branch(&mut reader, code, action).await?;
        Ok(())
    }

    async fn page(&self, visitor: &Visitor, outcome: Outcome) -> Result<Response, Failure> {
        let mut reader = visitor.read().await?;
        let (viewer, code) = (&visitor.viewer, self.code.as_str());
        let branch = viewer.branch(&mut reader, code, Action::See).await?;
        let file = File::read(&mut reader, branch, &self.name).await?;
        let mut around = visitor.surroundings(&mut reader).await?;
        around.frame.here = self.address();
        let (status, reason, refused) = match outcome {
            Outcome::Looked => (StatusCode::OK, String::new(), false),
            Outcome::Reason(typed) => (StatusCode::UNPROCESSABLE_ENTITY, typed, true),
            Outcome::Conflict(typed) => {
                around.frame.notice = Some(Notice::Conflict);
                (StatusCode::CONFLICT, typed, false)
            }
        };
        let may = viewer.role().has(Action::ApproveBaseline) && file.can_be_approved();
        let approval = may.then(|| Approval {
            version: file.version(),
            idempotency_key: form_key(visitor.services().randomness.as_ref()),
            reason: reason.chars().take(TYPED_CHARS_MAX).collect(),
            refused,
        });
        let view = file.view(&mut reader, approval).await?;
        let drawn = page::drift::render(&view, &around.frame, visitor.text());
        let mut response = visitor.page(drawn)?;
        *response.status_mut() = status;
        Ok(response)
    }
}

/// A watched file as it stands, ready to be shown.
#[derive(Debug)]
pub struct File {
    branch: BranchRow,
    watched: WatchedRow,
    found: Compared,
    zone: Zone,
    /// Whether its agent is heard.
    known: bool,
}

impl File {
    /// Reads a file of a branch; one that was never read is not there.
    pub async fn read(
        reader: &mut Reader,
        branch: BranchRow,
        name: &Name,
    ) -> Result<Self, Failure> {
        let not_there = || Failure::not_found("watched file", name.as_str());
        let file = reader.watched_fetch(branch.id, name.as_str()).await?;
        let file = file.ok_or_else(not_there)?;
        let found = compared(reader, &file).await?.ok_or_else(not_there)?;
        let silent = reader.agents_silent(&[branch.id]).await?;
        let known = !silent.iter().any(|(_, agent)| *agent == file.agent_id);
        let zone = Zone::named(&branch.time_zone).unwrap_or_else(|_| Zone::utc());
        Ok(Self {
            branch,
            watched: file,
            found,
            zone,
            known,
        })
    }

    /// Whether there is something to approve: a configuration that is not the baseline.
    pub fn can_be_approved(&self) -> bool {
        let latest = &self.found.latest;
        latest.canonical.is_some() && self.found.state != Stands::Same
    }

    /// The newest reading: what an approval is about.
    pub fn version(&self) -> u64 {
        u64::try_from(self.found.latest.id).unwrap_or(0)
    }

    /// Fills the page.
    pub async fn view(
        self,
        reader: &mut Reader,
        approval: Option<Approval>,
    ) -> Result<DriftView, StoreError> {
        let moment = |ms: i64| Moment::new(Instant::from_ms(ms), &self.zone);
        let baseline = match self.watched.baseline_id {
            Some(_) => reader
                .baseline_list(self.watched.id, PageRows::new(1))
                .await?
                .pop(),
            None => None,
        };
        let version = reader.baseline_count(self.watched.id).await?;
        let listed = listed(&self.found);
        let found = self.found;
        let same = found.state == Stands::Same;
        let state = file_state(Some(&found), same, self.known);
        Ok(DriftView {
            branch_code: self.branch.code,
            branch_name: self.branch.name,
            name: self.watched.name,
            path: self.watched.path,
            state,
            unreadable_because: found.latest.reason,
            changed: moment(found.latest.at_ms),
            owner: found.latest.owner,
            baseline: baseline.map(|row| Baseline {
                version: u64::try_from(version).unwrap_or(0),
                approved_at: moment(row.approved_at_ms),
                approved_by: Some(row.approved_by).filter(|name| name != LOCAL_NAME),
                reason: row.reason,
            }),
            sections: listed.sections,
            changes_more: listed.more,
            unchanged: listed.unchanged,
            approval,
            zone: self.branch.time_zone,
        })
    }
}

fn tree(reading: &ReadingRow) -> Option<Tree> {
    Tree::from_canonical_json(reading.canonical.as_deref()?).ok()
}

fn listed(found: &Compared) -> Listed {
    let Some(latest) = tree(&found.latest) else {
        return Listed::default();
    };
    match found.approved.as_ref().and_then(tree) {
        None => setting::proposed(&latest),
        Some(approved) => differences(found)
            .map_or_else(Listed::default, |diff| setting::differing(&approved, &diff)),
    }
}

/// How a file stands. What is as approved is known to be so only while its agent is heard.
pub fn file_state(found: Option<&Compared>, same: bool, known: bool) -> FileState {
    let as_approved = if known {
        FileState::Unchanged
    } else {
        FileState::Unknown
    };
    let Some(found) = found else {
        return if same {
            as_approved
        } else {
            FileState::Unreadable
        };
    };
    match (found.state, found.latest.status.as_str()) {
        (Stands::Same, _) => as_approved,
        (Stands::Changed, _) => FileState::Drifted {
            changes: u64::try_from(found.changes).unwrap_or(u64::MAX),
        },
        (Stands::NoBaseline, "tree") => FileState::Proposed,
        (Stands::Removed, _) | (Stands::NoBaseline, "missing") => FileState::Missing,
        (Stands::OtherKey, _) => FileState::OtherKey,
        (Stands::Unreadable | Stands::NoBaseline, _) => FileState::Unreadable,
    }
}
