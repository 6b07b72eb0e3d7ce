//! Watched files against their baselines, and approving what was read.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use keepwatch_common::diff::{ChangeKind, Shown};
use keepwatch_common::model::name::Name;
use serde::{Deserialize, Serialize};

use super::branches::known_code;
use super::exchange::{Asked, At, Body, Listed, NOTE_CHARS_MAX, Page, text, time};
use crate::assess::{Compared, FileState, compared, differences};
use crate::domain::role::Action;
use crate::store::page::PageRows;
use crate::store::watched::{BaselineRow, WatchedListed, WatchedRow};
use crate::store::{Reader, StoreError};
use crate::web::act::{self, Wish};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// Fewest characters of a reason to approve: less says nothing.
pub const REASON_CHARS_MIN: usize = 4;

/// A watched file.
#[derive(Debug, Serialize)]
pub struct File {
    branch: String,
    name: String,
    path: String,
    state: &'static str,
    changes: usize,
    reading: Option<i64>,
    read: Option<String>,
    owner: Option<String>,
    reason: Option<String>,
}

/// `GET /drift`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Listed<File>>, Failure> {
    let after = page.number()?;
    let mut reader = services.store.read().await?;
    let rows = reader
        .watched_list_within(viewer.scope(), after, page.rows())
        .await?;
    let mut files = Vec::with_capacity(rows.len());
    for row in rows {
        let id = row.file.id;
        files.push((id, file(&mut reader, row).await?));
    }
    let key = |(id, _): &(i64, File)| id.to_string();
    Ok(Json(Listed::page(&page, files, key, |(_, file)| file)))
}

async fn file(reader: &mut Reader, row: WatchedListed) -> Result<File, StoreError> {
    let (state, changes) = stands(reader, &row).await?;
    Ok(File {
        branch: row.branch,
        name: row.file.name,
        path: row.file.path,
        state: state.word(),
        changes,
        reading: row.file.latest_id,
        read: row.read_at_ms.map(time),
        owner: row.owner,
        reason: row.reason,
    })
}

/// How a file stands. The trees are fetched and compared only where they can differ.
async fn stands(
    reader: &mut Reader,
    row: &WatchedListed,
) -> Result<(FileState, usize), StoreError> {
    if row.file.baseline_id.is_none() {
        return Ok((FileState::NoBaseline, 0));
    }
    if row.same == 1 {
        return Ok((FileState::Same, 0));
    }
    let found = compared(reader, &row.file).await?;
    Ok(found.map_or((FileState::Unreadable, 0), |found| {
        (found.state, found.changes)
    }))
}

/// A watched file with all that differs.
#[derive(Debug, Serialize)]
pub struct FileWhole {
    branch: String,
    name: String,
    path: String,
    state: &'static str,
    reading: Option<i64>,
    read: Option<String>,
    owner: Option<String>,
    reason: Option<String>,
    baseline: Option<Baseline>,
    changes: Vec<Change>,
    changes_more: usize,
    unknown: Vec<String>,
    unknown_more: usize,
}

/// What was approved last.
#[derive(Debug, Serialize)]
pub struct Baseline {
    reading: i64,
    approved_by: String,
    approved: String,
    reason: String,
}

impl From<BaselineRow> for Baseline {
    fn from(row: BaselineRow) -> Self {
        Self {
            reading: row.reading_id,
            approved_by: row.approved_by,
            approved: time(row.approved_at_ms),
            reason: row.reason,
        }
    }
}

/// One difference; a secret shows as dots.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names in the API"
)]
pub struct Change {
    path: String,
    change: &'static str,
    before: Option<String>,
    after: Option<String>,
}

impl From<&keepwatch_common::diff::Change> for Change {
    fn from(change: &keepwatch_common::diff::Change) -> Self {
        let word = match change.kind {
            ChangeKind::Removed { .. } => "removed",
            ChangeKind::Added { .. } => "added",
            ChangeKind::Changed { .. } => "changed",
            ChangeKind::Moved { .. } => "moved",
            ChangeKind::Unknown { .. } => "unknown",
        };
        let (before, after) = match change.kind {
            ChangeKind::Moved { from, to } => (Some(from.to_string()), Some(to.to_string())),
            _ => (
                change.before().map(|node| Shown(node).to_string()),
                change.after().map(|node| Shown(node).to_string()),
            ),
        };
        Self {
            path: change.path.to_string(),
            change: word,
            before,
            after,
        }
    }
}

/// `GET /drift/{branch}/{name}`
pub async fn show(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At((code, name)): At<(String, String)>,
) -> Result<Json<FileWhole>, Failure> {
    let code = known_code(code)?;
    let name = known_name(name)?;
    let mut reader = services.store.read().await?;
    let branch = viewer
        .branch(&mut reader, code.as_str(), Action::See)
        .await?;
    let file = reader.watched_fetch(branch.id, name.as_str()).await?;
    let file = file.ok_or_else(|| Failure::not_found("watched file", name.as_str()))?;
    let found = compared(&mut reader, &file).await?;
    let baseline = match file.baseline_id {
        Some(_) => reader.baseline_list(file.id, PageRows::new(1)).await?.pop(),
        None => None,
    };
    Ok(Json(whole(branch.code, file, found.as_ref(), baseline)))
}

fn whole(
    branch: String,
    file: WatchedRow,
    found: Option<&Compared>,
    baseline: Option<BaselineRow>,
) -> FileWhole {
    let diff = found.and_then(differences).unwrap_or_default();
    let latest = found.map(|found| &found.latest);
    let state = found.map_or(FileState::NoBaseline, |found| found.state);
    FileWhole {
        branch,
        name: file.name,
        path: file.path,
        state: state.word(),
        reading: file.latest_id,
        read: latest.map(|latest| time(latest.at_ms)),
        owner: latest.and_then(|latest| latest.owner.clone()),
        reason: latest.and_then(|latest| latest.reason.clone()),
        baseline: baseline.map(Baseline::from),
        changes: diff.changes.iter().map(Change::from).collect(),
        changes_more: diff.changes_more,
        unknown: diff
            .unknown
            .iter()
            .map(|change| change.path.to_string())
            .collect(),
        unknown_more: diff.unknown_more,
    }
}

/// Why, and which reading: the one that was looked at.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approve {
    reason: String,
    reading: i64,
}

/// `POST /drift/{branch}/{name}/approve`
pub async fn approve(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At((code, name)): At<(String, String)>,
    Body(wish): Body<Approve>,
) -> Result<Json<FileWhole>, Failure> {
    let reason = text("reason", &wish.reason, (REASON_CHARS_MIN, NOTE_CHARS_MAX))?;
    let code = known_code(code)?;
    let name = known_name(name)?;
    let wish = Wish {
        code: &code,
        name: &name,
        reading: wish.reading,
        reason: &reason,
        form: None,
    };
    let branch = act::approve(&services, &viewer, wish).await?;
    let mut reader = services.store.read().await?;
    let file = reader.watched_fetch(branch.id, name.as_str()).await?;
    let file = file.ok_or_else(|| Failure::not_found("watched file", name.as_str()))?;
    let found = compared(&mut reader, &file).await?;
    let baseline = reader.baseline_list(file.id, PageRows::new(1)).await?.pop();
    Ok(Json(whole(branch.code, file, found.as_ref(), baseline)))
}

/// A name from an address: what can be no name is nowhere.
pub fn known_name(name: String) -> Result<Name, Failure> {
    let shown = name.escape_debug().take(80).collect::<String>();
    Name::new(name).map_err(|_| Failure::not_found("watched file", &shown))
}
