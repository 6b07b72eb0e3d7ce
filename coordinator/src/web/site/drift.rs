//! Watched files against their baselines: the list of those that differ, one file, and approving
//! what was read of it.

use axum::http::StatusCode;
use axum::response::Response;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::tree::Tree;
use keepwatch_common::time::{Instant, Zone};
use serde::Deserialize;

use super::setting::{self, Listed};
use crate::assess::{Compared, FileState as Stands, compared, differences};
use crate::domain::place::PlaceCode;
use crate::domain::role::Action;
use crate::store::branches::BranchRow;
use crate::store::page::PageRows;
use crate::store::watched::{ReadingRow, WatchedRow};
use crate::store::{Reader, StoreError};
use crate::web::failure::Failure;
use crate::web::moment::Moment;
use crate::web::page::drift::{Approval, Baseline, DriftView, FileState};

/// A watched file as it stands, ready to be shown.
#[derive(Debug)]
pub struct File {
    branch: BranchRow,
    file: WatchedRow,
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
        Ok(Self { branch, file, found, zone, known })
    }

    /// Whether there is something to approve: a configuration that is not the baseline.
    pub fn can_be_approved(&self) -> bool {
        let latest = &self.found.latest;
        latest.canonical.is_some() && self.file.baseline_id != Some(latest.id)
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
        let baseline = match self.file.baseline_id {
            Some(_) => reader.baseline_list(self.file.id, PageRows::new(1)).await?.pop(),
            None => None,
        };
        let version = reader.baseline_count(self.file.id).await?;
        let listed = listed(&self.found);
        let found = self.found;
        let same = found.state == Stands::Same;
        let state = file_state(Some(&found), same, self.known);
        Ok(DriftView {
            branch_code: self.branch.code,
            branch_name: self.branch.name,
            name: self.file.name,
            path: self.file.path,
            state,
            unreadable_because: found.latest.reason,
            changed: moment(found.latest.at_ms),
            owner: found.latest.owner,
            baseline: baseline.map(|row| Baseline {
                version: u64::try_from(version).unwrap_or(0),
                approved_at: moment(row.approved_at_ms),
                approved_by: row.approved_by,
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
        Some(approved) => differences(found).map_or_else(Listed::default, |diff| {
            setting::differing(&approved, &diff)
        }),
    }
}

/// How a file stands. What is as approved is known to be so only while its agent is heard.
pub fn file_state(found: Option<&Compared>, same: bool, known: bool) -> FileState {
    let as_approved = if known { FileState::Unchanged } else { FileState::Unknown };
    let Some(found) = found else {
        return if same { as_approved } else { FileState::Unreadable };
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
