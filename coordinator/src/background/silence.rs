//! Judges whether agents are silent.
//!
//! A coordinator that was away itself (its machine slept, or it just started) does not know who is
//! silent: it listens for a while first.

use std::collections::BTreeSet;
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::time::{Instant, MINUTE_MS};

use super::chore::{Chore, ChoreError, Done};
use crate::assess::{Bench, Listening};
use crate::intake::roll::Roll;

/// Branches of one transaction: a branch whose agent falls silent writes a few rows.
const BRANCHES_AT_ONCE: usize = 50;

/// Branches of one run; when a whole fleet falls silent the next run goes on.
const BRANCHES_A_RUN: usize = 1_000;

/// Between two runs that are this far apart we were away ourselves: several periods.
const AWAY_MS: i64 = 2 * MINUTE_MS;

/// See the module.
#[derive(Debug)]
pub struct Silence {
    bench: Bench,
    roll: Arc<Roll>,
    clock: Arc<dyn Clock>,
    listening_since: Instant,
    ran_at: Instant,
    left: Vec<i64>,
}

impl Silence {
    /// Listens from now on.
    pub fn new(bench: Bench, roll: Arc<Roll>, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        Self {
            bench,
            roll,
            clock,
            listening_since: now,
            ran_at: now,
            left: Vec::new(),
        }
    }
}

impl Chore for Silence {
    const NAME: &'static str = "silence";
    const PERIOD_MS: u64 = 30_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let now = self.clock.now();
        if now.since(self.ran_at) > AWAY_MS {
            self.listening_since = now;
        }
        self.ran_at = now;
        if self.left.is_empty() {
            self.left = self.bench.branches_in_doubt().await?;
        }
        let here: BTreeSet<_> = self
            .roll
            .registry()
            .connected()
            .into_iter()
            .map(|(agent, _)| agent)
            .collect();
        let listening = Listening {
            here: &here,
            since: self.listening_since,
        };
        let beyond = self.left.split_off(self.left.len().min(BRANCHES_A_RUN));
        let now_due = std::mem::replace(&mut self.left, beyond);
        let mut changed = 0;
        for branches in now_due.chunks(BRANCHES_AT_ONCE) {
            changed += self.bench.judge_silence(branches, listening).await?;
        }
        Ok(Done {
            changed,
            more: !self.left.is_empty(),
        })
    }
}
