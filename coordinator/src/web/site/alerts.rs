//! Alerts, filtered and page by page.

use std::collections::BTreeMap;

use keepwatch_common::ids::{Randomness, nonce};
use keepwatch_common::time::Instant;

use super::finding;
use crate::store::alerts::{AlertRow as Kept, AlertWanted};
use crate::store::open_alerts::{OpenCountRow, OpenWanted};
use crate::store::page::PageRows;
use crate::store::scope::Scope;
use crate::store::{Reader, StoreError};
use crate::web::page::alerts::{AlertFilter, AlertRow, AlertsView, Handling, Severity};

/// Rows of one page: what a person works through before looking up.
const ROWS: u32 = 50;

/// Open alerts shown on the page of their branch; the rest is one link away.
const ROWS_OF_BRANCH: u32 = 20;

/// Which page of which alerts is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What the viewer sees.
    pub scope: Scope,
    /// The filter of the address.
    pub filter: AlertFilter,
    /// The number of the branch that the filter names.
    pub branch_id: Option<i64>,
    /// Whether it names one that is not there for the viewer.
    pub no_branch: bool,
    /// Where the page begins: after an alert of a severity with a number.
    pub after: Option<(Severity, i64)>,
}

/// Fills a page of alerts; who may act and when anybody was heard is set by whoever knows.
pub async fn view(
    reader: &mut Reader,
    wanted: Wanted,
    now: Instant,
    randomness: &dyn Randomness,
) -> Result<AlertsView, StoreError> {
    if wanted.no_branch {
        return Ok(AlertsView {
            filter: wanted.filter,
            no_branch: true,
            ..AlertsView::default()
        });
    }
    let (scope, branch_id) = (wanted.scope, wanted.branch_id);
    let mut counts = reader.alert_counts_open(scope, branch_id).await?;
    counts.extend(reader.alert_counts_closed(scope, branch_id).await?);
    let rows = PageRows::new(ROWS);
    let kept = match wanted.filter.handling {
        Some(Handling::Closed) => closed(reader, &wanted, rows).await?,
        handling => open(reader, &wanted, handling, rows).await?,
    };
    let last = kept.last().filter(|_| rows.is_filled_by(kept.len()));
    let next = last.map(|last| {
        let key = format!("{}.{}", last.severity, last.id);
        let page = wanted.filter.address();
        let joint = if page.contains('?') { '&' } else { '?' };
        format!("{page}{joint}after={key}")
    });
    let rows = told(reader, &kept, now, randomness).await?;
    let of = |wanted: &dyn Fn(&OpenCountRow) -> bool| {
        let counts = counts.iter().filter(|row| wanted(row));
        counts
            .map(|row| u64::try_from(row.alerts).unwrap_or(0))
            .sum()
    };
    // Each count is of the rows that its link leads to: what stands in the filter besides.
    let (severity, handling) = (wanted.filter.severity, wanted.filter.handling);
    let handled = |row: &OpenCountRow| match handling {
        Some(one) => row.handling == one.slug(),
        None => row.handling != Handling::Closed.slug(),
    };
    let grave = |row: &OpenCountRow| severity.is_none_or(|one| row.severity == one.slug());
    let by_handling = |one: Handling| of(&|row| row.handling == one.slug() && grave(row));
    Ok(AlertsView {
        by_severity: Severity::ALL.map(|one| of(&|row| row.severity == one.slug() && handled(row))),
        by_handling: Handling::OPEN.map(by_handling),
        closed: by_handling(Handling::Closed),
        filter: wanted.filter,
        rows,
        next,
        ..AlertsView::default()
    })
}

async fn open(
    reader: &mut Reader,
    wanted: &Wanted,
    handling: Option<Handling>,
    rows: PageRows,
) -> Result<Vec<Kept>, StoreError> {
    let asked = OpenWanted {
        scope: wanted.scope,
        branch_id: wanted.branch_id,
        severity: wanted.filter.severity.map(Severity::slug),
        handling: handling.map(Handling::slug),
        after: wanted.after.map(|(severity, id)| (severity.slug(), id)),
    };
    reader.alert_list_open(&asked, rows).await
}

/// Closed alerts are history: the newest first, however grave.
async fn closed(
    reader: &mut Reader,
    wanted: &Wanted,
    rows: PageRows,
) -> Result<Vec<Kept>, StoreError> {
    let mut asked = AlertWanted::within(wanted.scope);
    asked.branch_id = wanted.branch_id;
    asked.severity = wanted.filter.severity.map(Severity::slug);
    asked.handling = Some(Handling::Closed.slug());
    asked.settled = true;
    asked.before = wanted.after.map(|(_, id)| id);
    reader.alert_list(&asked, rows).await
}

/// The gravest open alerts of one branch.
pub async fn rows_of_branch(
    reader: &mut Reader,
    branch_id: i64,
    now: Instant,
    randomness: &dyn Randomness,
) -> Result<Vec<AlertRow>, StoreError> {
    let asked = OpenWanted {
        scope: Scope::Everything,
        branch_id: Some(branch_id),
        severity: None,
        handling: None,
        after: None,
    };
    let rows = PageRows::new(ROWS_OF_BRANCH);
    let kept = reader.alert_list_open(&asked, rows).await?;
    told(reader, &kept, now, randomness).await
}

async fn told(
    reader: &mut Reader,
    kept: &[Kept],
    now: Instant,
    randomness: &dyn Randomness,
) -> Result<Vec<AlertRow>, StoreError> {
    let ids: Vec<i64> = kept.iter().map(|row| row.id).collect();
    let handled = reader.alert_handled_last(&ids).await?;
    let handled: BTreeMap<_, _> = handled.into_iter().map(|row| (row.alert_id, row)).collect();
    let row = |row: &Kept| {
        // An alert that is raised again was handled, and is nobody's now.
        let last = handled.get(&row.id).filter(|_| row.state.handling != "new");
        finding::alert(row, last, now, form_key(randomness))
    };
    Ok(kept.iter().map(row).collect())
}

/// A key for one form, so that the record tells two sendings of it from two acts.
pub fn form_key(randomness: &dyn Randomness) -> String {
    format!("{:016x}", nonce(randomness))
}

/// How many alerts are open.
pub fn total(counts: &[OpenCountRow]) -> u64 {
    let counts = counts
        .iter()
        .map(|row| u64::try_from(row.alerts).unwrap_or(0));
    counts.sum()
}

/// How many of them nobody has taken on.
pub fn unclaimed(counts: &[OpenCountRow]) -> u64 {
    let new = counts.iter().filter(|row| row.handling == "new");
    new.map(|row| u64::try_from(row.alerts).unwrap_or(0)).sum()
}

/// The key of a page as it stands in an address.
pub fn key(text: &str) -> Option<(Severity, i64)> {
    let (word, id) = text.split_once('.')?;
    Some((severity(word)?, id.parse().ok()?))
}

/// The severity of a word in an address.
pub fn severity(word: &str) -> Option<Severity> {
    Severity::ALL.into_iter().find(|one| one.slug() == word)
}

/// The handling of a word in an address.
pub fn handling(word: &str) -> Option<Handling> {
    let all = Handling::OPEN.into_iter().chain([Handling::Closed]);
    all.into_iter().find(|one| one.slug() == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_severity_and_a_number() {
        assert_eq!(key("major.17"), Some((Severity::Major, 17)));
        for bad in [
            "",
            "major",
            "dire.17",
            "major.x",
            "major.99999999999999999999",
        ] {
            assert_eq!(key(bad), None, "{bad}");
        }
    }
}
