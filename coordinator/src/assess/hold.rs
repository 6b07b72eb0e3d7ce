//! How holds stand, into the store; and what people do to them.

use keepwatch_common::interval::Interval;
use keepwatch_common::time::Instant;

use super::branches::branches;
use super::conclude::{ConcludeError, conclude_all};
use super::group::Group;
use super::judge::{self, Sights};
use super::policy::Policy;
use crate::store::holds::{HoldRow, HoldTold, NewHold};
use crate::store::{StoreError, Tx};

/// Most holds of one branch that are not released: as many as an agent takes.
const HOLDS_OF_BRANCH_MAX: usize = keepwatch_common::limits::HOLDS_MAX;

/// Writes down how holds stand and gives the names of those to judge.
pub(super) async fn keep(tx: &mut Tx, group: &Group) -> Result<Vec<String>, StoreError> {
    let number = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
    let told: Vec<_> = group
        .holds
        .values()
        .map(|said| {
            let what = &said.what;
            HoldTold {
                branch_id: said.origin.branch_id,
                key: what.key.to_string(),
                standing: what.standing.word().to_owned(),
                segments: [what.segments, what.copied, what.gone, what.changed].map(number),
                bytes: number(what.bytes),
                covered_ms: what.covered_ms,
                verified_at_ms: what.verified.map(Instant::ms),
                first_ms: what.spans.first().map(|span| span.start().ms()),
                at_ms: said.origin.at.ms(),
            }
        })
        .collect();
    if told.is_empty() {
        return Ok(Vec::new());
    }
    tx.holds_tell(&told).await?;
    Ok(told.into_iter().map(|hold| hold.key).collect())
}

/// Somebody wants footage held.
#[derive(Debug, Clone, Copy)]
pub struct Placing<'a> {
    /// The hold's own name.
    pub key: &'a str,
    /// Its branch.
    pub branch_id: i64,
    /// Whose footage.
    pub camera_id: i64,
    /// Which.
    pub span: Interval,
    /// Why.
    pub reason: &'a str,
    /// Who.
    pub by: &'a str,
    /// When.
    pub at: Instant,
}

/// Why a hold was not placed or released.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// The branch has as many as its agents take.
    #[error("this branch has {HOLDS_OF_BRANCH_MAX} holds already; release one first")]
    TooMany,
    /// It was released before.
    #[error("hold {number} was released already")]
    Released {
        /// Which.
        number: i64,
    },
    /// The store fails.
    #[error("the store does not take the hold")]
    Store(#[from] StoreError),
    /// The finding cannot be written down.
    #[error("what follows from the release cannot be written down")]
    Conclude(#[from] ConcludeError),
}

/// Places a hold; its number.
pub async fn place_hold(tx: &mut Tx, placing: Placing<'_>) -> Result<i64, HoldError> {
    tx.branches_lock(&[placing.branch_id]).await?;
    let standing = tx.hold_list_of_branch(placing.branch_id).await?;
    if standing.len() >= HOLDS_OF_BRANCH_MAX {
        return Err(HoldError::TooMany);
    }
    let new = NewHold {
        key: placing.key,
        branch_id: placing.branch_id,
        camera_id: placing.camera_id,
        span: placing.span,
        reason: placing.reason,
        by: placing.by,
        at_ms: placing.at.ms(),
    };
    Ok(tx.hold_insert(&new).await?)
}

/// Releases a hold, and closes what it was about; says how many notifications that queued.
pub async fn release_hold(
    tx: &mut Tx,
    policy: &Policy,
    hold: &HoldRow,
    (by, at, reason): (&str, Instant, &str),
) -> Result<usize, HoldError> {
    tx.branches_lock(&[hold.branch_id]).await?;
    if !tx.hold_release(hold.id, by, at.ms(), reason).await? {
        return Err(HoldError::Released { number: hold.id });
    }
    let keys = [hold.key.clone()];
    let judged = judge::holds(tx, &policy.pack, &keys, &Sights::default()).await?;
    let branches = branches(tx, &[hold.branch_id]).await?;
    Ok(conclude_all(tx, policy, &branches, &judged, at).await?)
}
