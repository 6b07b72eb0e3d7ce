//! Writes down who is here, and forgets who a dead coordinator left behind.

use std::sync::Arc;

use keepwatch_common::clock::Clock;

use super::chore::{Chore, ChoreError, Done};
use crate::intake::roll::{Roll, STALE_MS};
use crate::store::Store;

/// Runs between two looks for agents that nobody holds any more: it reads all agents.
const RUNS_A_SWEEP: u32 = 15;

/// See the module.
#[derive(Debug)]
pub struct Presence {
    roll: Arc<Roll>,
    store: Store,
    clock: Arc<dyn Clock>,
    runs: u32,
}

impl Presence {
    /// Of the agents on this roll.
    pub fn new(roll: Arc<Roll>, store: Store, clock: Arc<dyn Clock>) -> Self {
        let runs = 0;
        Self {
            roll,
            store,
            clock,
            runs,
        }
    }
}

impl Chore for Presence {
    const NAME: &'static str = "presence";
    const PERIOD_MS: u64 = 1_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        self.roll.write_down().await?;
        self.runs += 1;
        if self.runs % RUNS_A_SWEEP != 1 {
            return Ok(Done::default());
        }
        let before = self.clock.now() - STALE_MS;
        let mut tx = self.store.begin().await?;
        let left = tx.agents_disconnect_unheard(before).await?;
        tx.commit().await?;
        Ok(Done::with(left))
    }
}
