//! Lets pending alerts fire and snoozed ones wake.

use super::chore::{Chore, ChoreError, Done};
use crate::assess::Bench;
use crate::store::page::PageRows;

/// Alerts of one transaction.
const ALERTS_AT_ONCE: u32 = 200;

/// See the module.
#[derive(Debug)]
pub struct Waiting {
    bench: Bench,
    after: i64,
}

impl Waiting {
    /// Begins with the oldest.
    pub fn new(bench: Bench) -> Self {
        Self { bench, after: 0 }
    }
}

impl Chore for Waiting {
    const NAME: &'static str = "waiting";
    const PERIOD_MS: u64 = 5_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let rows = PageRows::new(ALERTS_AT_ONCE);
        let round = self.bench.judge_waiting(self.after, rows).await?;
        self.after = round.next.unwrap_or(0);
        Ok(Done {
            changed: round.changed,
            more: round.next.is_some(),
        })
    }
}
