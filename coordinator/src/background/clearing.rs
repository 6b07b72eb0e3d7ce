//! Clears away what is not needed any more: sessions that ended, tokens that expired, notifications
//! and evidence that are old enough. A limited number of rows at once, the oldest first.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::time::{DAY_MS, Instant};

use super::chore::{Chore, ChoreError, Done};
use crate::config::Keep;
use crate::store::lanes::LaneKey;
use crate::store::page::PageRows;
use crate::store::{Store, StoreError};

/// Lanes looked at in one transaction; most have nothing to clear.
const LANES_AT_ONCE: u32 = 100;

/// A token that expired is shown for this long, in milliseconds.
const TOKEN_SHOWN_MS: i64 = 30 * DAY_MS;

/// See the module.
#[derive(Debug)]
pub struct Clearing {
    store: Store,
    keep: Keep,
    clock: Arc<dyn Clock>,
    after: Option<LaneKey>,
}

impl Clearing {
    /// Keeps what the configuration says.
    pub fn new(store: Store, keep: Keep, clock: Arc<dyn Clock>) -> Self {
        let after = None;
        Self {
            store,
            keep,
            clock,
            after,
        }
    }

    /// The oldest evidence of some lanes; where to go on is remembered.
    async fn clear_evidence(&mut self, now: Instant) -> Result<u64, StoreError> {
        let rows = PageRows::new(LANES_AT_ONCE);
        let mut reader = self.store.read().await?;
        let lanes = reader.lanes_after(self.after, rows).await?;
        drop(reader);
        let filled = rows.is_filled_by(lanes.len());
        self.after = lanes.last().copied().filter(|_| filled);
        let mut tx = self.store.begin().await?;
        let mut cleared = 0;
        for lane in &lanes {
            cleared += tx
                .evidence_clear(*lane, now - self.keep.evidence_ms)
                .await?;
        }
        tx.commit().await?;
        Ok(cleared)
    }
}

impl Chore for Clearing {
    const NAME: &'static str = "clearing";
    const PERIOD_MS: u64 = 10 * 60 * 1_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let now = self.clock.now();
        let mut changed = 0;
        if self.after.is_none() {
            let mut tx = self.store.begin().await?;
            changed += tx.sessions_clear_ended(now).await?;
            changed += tx.tokens_clear_expired(now - TOKEN_SHOWN_MS).await?;
            changed += tx.outbox_clear(now - self.keep.notification_ms).await?;
            tx.commit().await?;
        }
        changed += self.clear_evidence(now).await?;
        Ok(Done {
            changed,
            more: self.after.is_some(),
        })
    }
}
