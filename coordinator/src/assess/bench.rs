//! Judges again without a report: what time alone brings about.
//!
//! It plans on a snapshot and takes a write transaction only for branches where something changes, so
//! that looking at the whole fleet every half minute delays no report.

use std::collections::BTreeMap;
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::time::Instant;

use super::branches::Branch;
use super::conclude::{ConcludeError, Judged, conclude_all};
use super::policy::Policy;
use super::rows::open_finding;
use crate::activator::Activator;
use crate::domain::finding::reconcile;
use crate::domain::judgement::Judgement;
use crate::store::findings::FindingRow;
use crate::store::{Store, StoreError, Tx};

/// Judges again. Clones judge by the same.
#[derive(Debug, Clone)]
pub struct Bench {
    pub(super) store: Store,
    pub(super) policy: Policy,
    clock: Arc<dyn Clock>,
    outbox: Activator,
}

/// One step of a round over many things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// How many things changed.
    pub changed: u64,
    /// Where to go on; none when this was the end of the round.
    pub next: Option<i64>,
}

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub enum JudgeError {
    /// The store fails.
    #[error("the store fails")]
    Store(#[from] StoreError),
    /// The findings cannot be written down.
    #[error("what was judged cannot be written down")]
    Conclude(#[from] ConcludeError),
}

impl Bench {
    /// Judges by a policy; rings when notifications wait.
    pub fn new(store: Store, policy: Policy, clock: Arc<dyn Clock>, outbox: Activator) -> Self {
        Self {
            store,
            policy,
            clock,
            outbox,
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    /// Writes judgements down, commits, and rings when there is something to tell.
    pub(super) async fn finish(
        &self,
        mut tx: Tx,
        branches: &BTreeMap<i64, Branch>,
        judged: &Judged,
        now: Instant,
    ) -> Result<(), JudgeError> {
        let told = conclude_all(&mut tx, &self.policy, branches, judged, now).await?;
        self.commit(tx, told).await
    }

    /// Commits, and rings when so many notifications were queued.
    pub(super) async fn commit(&self, tx: Tx, told: usize) -> Result<(), JudgeError> {
        tx.commit().await?;
        if told > 0 {
            self.outbox.wake();
        }
        Ok(())
    }
}

/// Whether writing judgements down would change anything in their branch.
pub(super) fn would_change(open: &[FindingRow], judged: &[(Option<i64>, Judgement)]) -> bool {
    let open: Vec<_> = open.iter().filter_map(open_finding).collect();
    let judgements: Vec<_> = judged.iter().map(|(_, one)| one.clone()).collect();
    !reconcile(&open, &judgements).is_empty()
}
