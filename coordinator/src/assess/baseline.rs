//! Watched files against what was approved: how each stands, what differs, and approving it.
//!
//! Approving says: what was read is as it should be. It is always about one reading, the one a
//! person looked at; when a newer one came meanwhile, nothing is approved. The file is judged again
//! in the same transaction, so its finding closes with the approval and not some time later.

use std::collections::BTreeSet;

use keepwatch_common::diff::{Diff, diff};
use keepwatch_common::model::tree::Tree;
use keepwatch_common::time::Instant;

use super::branches::branches;
use super::conclude::{ConcludeError, conclude_all};
use super::judge;
use super::policy::Policy;
use crate::domain::assess::drift::Comparison;
use crate::store::readings::ReadingRow;
use crate::store::watched::WatchedRow;
use crate::store::{Reader, StoreError, Tx};

/// How a watched file stands to its baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileState {
    /// Nobody approved a reading yet.
    NoBaseline,
    /// As approved.
    Same,
    /// It differs.
    Changed,
    /// It is gone.
    Removed,
    /// It could not be read or understood.
    Unreadable,
    /// Its secrets are hashed under another key, so nobody knows.
    OtherKey,
}

impl FileState {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::NoBaseline => "no_baseline",
            Self::Same => "same",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Unreadable => "unreadable",
            Self::OtherKey => "other_key",
        }
    }
}

/// A watched file, its newest reading, its baseline, and how they compare.
#[derive(Debug, Clone)]
pub struct Compared {
    /// How it stands.
    pub state: FileState,
    /// In how many places it differs.
    pub changes: usize,
    /// The newest reading.
    pub latest: ReadingRow,
    /// The approved reading.
    pub approved: Option<ReadingRow>,
}

/// Compares a file's newest reading with its baseline; none before the first reading.
pub async fn compared(
    reader: &mut Reader,
    file: &WatchedRow,
) -> Result<Option<Compared>, StoreError> {
    let Some(latest) = reading(reader, file.latest_id).await? else {
        return Ok(None);
    };
    let approved = reading(reader, file.baseline_id).await?;
    let (state, changes) = match judge::compare(approved.as_ref(), &latest) {
        Comparison::NoBaseline => (FileState::NoBaseline, 0),
        Comparison::Same => (FileState::Same, 0),
        Comparison::Changed { changes, .. } => (FileState::Changed, changes),
        Comparison::Removed => (FileState::Removed, 0),
        Comparison::Unreadable => (FileState::Unreadable, 0),
        Comparison::OtherKey => (FileState::OtherKey, 0),
    };
    Ok(Some(Compared {
        state,
        changes,
        latest,
        approved,
    }))
}

/// Everything that differs between baseline and newest reading; none where one of them is no tree.
pub fn differences(compared: &Compared) -> Option<Diff> {
    let tree = |reading: &ReadingRow| Tree::from_canonical_json(reading.canonical.as_deref()?).ok();
    let approved = compared.approved.as_ref().and_then(tree)?;
    Some(diff(&approved, &tree(&compared.latest)?))
}

/// A person's approval.
#[derive(Debug, Clone, Copy)]
pub struct Approval<'a> {
    /// Whose file.
    pub branch_id: i64,
    /// Which file.
    pub name: &'a str,
    /// The reading that the person looked at.
    pub reading_id: i64,
    /// Who approves.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub at: Instant,
}

/// Why a reading was not approved.
#[derive(Debug, thiserror::Error)]
pub enum ApproveError {
    /// The branch has no such file, or nothing was read of it.
    #[error("nothing is watched under the name “{name}” at this branch")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Something newer was read since the person looked.
    #[error(
        "reading {seen} is not the newest any more, reading {latest} is; look at that one first"
    )]
    Stale {
        /// What the person looked at.
        seen: i64,
        /// What is newest now.
        latest: i64,
    },
    /// There is no configuration in it.
    #[error("the file was {status} when it was last read; there is nothing to approve")]
    Nothing {
        /// `missing` or `unreadable`.
        status: String,
    },
    /// The store fails.
    #[error("the store does not take the approval")]
    Store(#[from] StoreError),
    /// The finding cannot be written down.
    #[error("what follows from the approval cannot be written down")]
    Conclude(#[from] ConcludeError),
}

/// Approves a reading and judges its file again; says how many notifications that queued.
pub async fn approve_baseline(
    tx: &mut Tx,
    policy: &Policy,
    approval: &Approval<'_>,
) -> Result<usize, ApproveError> {
    let unknown = || ApproveError::Unknown {
        name: approval.name.to_owned(),
    };
    tx.branches_lock(&[approval.branch_id]).await?;
    let file = tx.watched_fetch(approval.branch_id, approval.name).await?;
    let file = file.ok_or_else(unknown)?;
    let latest = reading(tx, file.latest_id).await?.ok_or_else(unknown)?;
    if latest.id != approval.reading_id {
        return Err(ApproveError::Stale {
            seen: approval.reading_id,
            latest: latest.id,
        });
    }
    if latest.canonical.is_none() {
        let status = latest.status;
        return Err(ApproveError::Nothing { status });
    }
    let (by, reason) = (approval.by, approval.reason);
    tx.baseline_approve(file.id, latest.id, by, approval.at.ms(), reason)
        .await?;
    judge_again(tx, policy, approval).await
}

async fn judge_again(
    tx: &mut Tx,
    policy: &Policy,
    approval: &Approval<'_>,
) -> Result<usize, ApproveError> {
    let files = BTreeSet::from([(approval.branch_id, approval.name.to_owned())]);
    let judged = judge::watched(tx, &policy.pack, &files).await?;
    let branches = branches(tx, &[approval.branch_id]).await?;
    let now = approval.at;
    Ok(conclude_all(tx, policy, &branches, &judged, now).await?)
}

async fn reading(reader: &mut Reader, id: Option<i64>) -> Result<Option<ReadingRow>, StoreError> {
    match id {
        Some(id) => reader.reading_fetch(id).await,
        None => Ok(None),
    }
}
