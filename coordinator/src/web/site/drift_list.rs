//! Every watched file that is not as approved.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use axum::response::Response;
use keepwatch_common::time::{Instant, Zone};
use serde::Deserialize;

use super::drift::file_state;
use super::visitor::Visitor;
use crate::assess::compared;
use crate::store::page::PageRows;
use crate::store::scope::Scope;
use crate::store::{Reader, StoreError};
use crate::web::address;
use crate::web::api::exchange::Asked;
use crate::web::failure::Failure;
use crate::web::moment::Moment;
use crate::web::page;
use crate::web::page::drift::{DriftListView, DriftRow};

/// Rows of one page: each may hold two trees to compare.
const ROWS: u32 = 50;

/// Which page.
#[derive(Debug, Deserialize)]
pub struct Part {
    after: Option<String>,
}

/// `GET /drift`
pub async fn show(visitor: Visitor, Asked(part): Asked<Part>) -> Result<Response, Failure> {
    let after = part
        .after
        .as_deref()
        .map(|text| key(text).ok_or_else(no_page));
    let mut reader = visitor.read().await?;
    let around = visitor.surroundings(&mut reader).await?;
    let after = after.transpose()?;
    let view = view(&mut reader, visitor.viewer.scope(), after, &around.zone).await?;
    let view = DriftListView {
        last_signal: around.heard_at.map(|at| around.moment(at)),
        ..view
    };
    visitor.page(page::drift::render_list(
        &view,
        &around.frame,
        visitor.text(),
    ))
}

fn no_page() -> Failure {
    let message = "this is not the address of a page of this list";
    Failure::new(StatusCode::BAD_REQUEST, "invalid", message)
}

/// Fills a page of the list. `after` is the instant and the number in the address of this page, and
/// `zone` the wall clock that all of its branches are told by.
pub async fn view(
    reader: &mut Reader,
    scope: Scope,
    after: Option<(i64, i64)>,
    zone: &Zone,
) -> Result<DriftListView, StoreError> {
    let rows = PageRows::new(ROWS);
    let counts = reader.watched_counts(scope).await?;
    let drifting = reader.watched_list_drifting(scope, after, rows).await?;
    let last = drifting
        .last()
        .filter(|_| rows.is_filled_by(drifting.len()));
    let next = last.map(|last| {
        let key = format!("{}.{}", last.read_at_ms, last.file.id);
        address::query(address::DRIFT, &[("after", &key)])
    });
    let branches: BTreeSet<i64> = drifting.iter().map(|row| row.file.branch_id).collect();
    let branches: Vec<i64> = branches.into_iter().collect();
    let silent = reader.agents_silent(&branches).await?;
    let mut listed = Vec::with_capacity(drifting.len());
    for row in drifting {
        let found = compared(reader, &row.file).await?;
        let known = !silent.iter().any(|(_, agent)| *agent == row.file.agent_id);
        listed.push(DriftRow {
            branch_code: row.branch,
            branch_name: row.branch_name,
            name: row.file.name,
            path: row.file.path,
            state: file_state(found.as_ref(), false, known),
            since: Moment::new(Instant::from_ms(row.read_at_ms), zone),
            owner: row.owner,
        });
    }
    let count = |n: i64| u64::try_from(n).unwrap_or(0);
    Ok(DriftListView {
        rows: listed,
        unchanged: count(counts.files - counts.differing - counts.unknown),
        unknown: count(counts.unknown),
        files: count(counts.files),
        first: after.is_none(),
        last_signal: None,
        next,
    })
}

/// The key of a page as it stands in an address.
pub fn key(text: &str) -> Option<(i64, i64)> {
    let (at_ms, id) = text.split_once('.')?;
    Some((at_ms.parse().ok()?, id.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_two_numbers() {
        assert_eq!(key("17.4"), Some((17, 4)));
        for bad in ["", "17", "x.4", "17.", "99999999999999999999.1"] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }
}
