//! Where several coordinators share one database: takes over whom another one let in or shut out.

use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::time::{Instant, MINUTE_MS};
use keepwatch_common::wire::coordinator_session::Reason;

use super::chore::{Chore, ChoreError, Done};
use crate::authority::admission::{Admission as _, AdmittedKeys};
use crate::intake::roll::Roll;
use crate::store::Store;

/// How far back a look for revoked agents reaches: further than the clocks of two coordinators are
/// apart, and than a transaction takes.
const OVERLAP_MS: i64 = 5 * MINUTE_MS;

/// Runs between two readings of all keys. A new agent waits so long at other coordinators than the
/// one it joined.
const RUNS_A_READING: u32 = 5;

/// See the module.
#[derive(Debug)]
pub struct Admission {
    store: Store,
    roll: Arc<Roll>,
    admitted: Arc<AdmittedKeys>,
    clock: Arc<dyn Clock>,
    looked_at: Instant,
    runs: u32,
}

impl Admission {
    /// Of these keys and connections.
    pub fn new(
        store: Store,
        roll: Arc<Roll>,
        admitted: Arc<AdmittedKeys>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let looked_at = clock.now();
        Self {
            store,
            roll,
            admitted,
            clock,
            looked_at,
            runs: 0,
        }
    }
}

impl Chore for Admission {
    const NAME: &'static str = "admission";
    const PERIOD_MS: u64 = 1_000;

    async fn run(&mut self) -> Result<Done, ChoreError> {
        let now = self.clock.now();
        let mut changed = 0;
        let mut reader = self.store.read().await?;
        if self.runs.is_multiple_of(RUNS_A_READING) {
            for key in reader.agent_keys_admitted().await? {
                let key = Fingerprint::from_bytes(key);
                if !self.admitted.admits(&key) {
                    self.admitted.admit(key);
                    changed += 1;
                }
            }
        }
        // After the keys: one that was revoked in between must not come back.
        let mut reader = self.store.read().await?;
        for (agent, key) in reader
            .agents_revoked_since(self.looked_at - OVERLAP_MS)
            .await?
        {
            let was_admitted = self.admitted.revoke(&Fingerprint::from_bytes(key));
            let was_here = self.roll.registry().end(agent, Reason::Revoked);
            changed += u64::from(was_admitted || was_here);
        }
        self.looked_at = now;
        self.runs = self.runs.wrapping_add(1);
        Ok(Done::with(changed))
    }
}
