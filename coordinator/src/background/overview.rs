//! How the chores are doing, and their bells. Cheap to clone; pages and figures read it.

use std::collections::BTreeMap;
use std::sync::Arc;

use keepwatch_common::error_chain::chain;
use keepwatch_common::time::Instant;
use tokio::sync::watch;

use super::chore::{ChoreError, Done};
use crate::activator::Activator;

/// How a chore is doing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Runs that ended, failed ones too.
    pub runs: u64,
    /// Runs that failed.
    pub failures: u64,
    /// How many things it changed in all.
    pub changed: u64,
    /// When the last run that went well ended.
    pub done_at: Option<Instant>,
    /// Why the last run failed; none when it went well.
    pub error: Option<String>,
}

/// All chores.
#[derive(Debug, Clone)]
pub struct Overview(Arc<watch::Sender<BTreeMap<&'static str, Noted>>>);

#[derive(Debug, Clone, Default)]
struct Noted {
    status: Status,
    bell: Activator,
}

impl Default for Overview {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(BTreeMap::new())))
    }
}

impl Overview {
    /// Every chore by name.
    pub fn statuses(&self) -> BTreeMap<&'static str, Status> {
        let noted = self.0.borrow();
        noted
            .iter()
            .map(|(name, noted)| (*name, noted.status.clone()))
            .collect()
    }

    /// Rings for a chore, so that it runs now; false when there is none of this name.
    pub fn ring(&self, name: &str) -> bool {
        let noted = self.0.borrow();
        let found = noted.get(name);
        if let Some(noted) = found {
            noted.bell.wake();
        }
        found.is_some()
    }

    /// Rings for a chore and waits until a run that began afterwards has ended; its status, none when
    /// there is no chore of this name.
    pub async fn run_now(&self, name: &str) -> Option<Status> {
        let mut changes = self.0.subscribe();
        let before = changes.borrow().get(name)?.status.runs;
        // The run that goes on now may have begun before; the one after it has not.
        for runs in [before + 1, before + 2] {
            self.ring(name);
            let ran = |noted: &BTreeMap<_, Noted>| {
                noted
                    .get(name)
                    .is_some_and(|noted| noted.status.runs >= runs)
            };
            // It fails only when the sender, which is ours, is gone.
            changes.wait_for(ran).await.ok()?;
        }
        self.statuses().remove(name)
    }

    /// Enters a chore; its bell.
    pub(super) fn enter(&self, name: &'static str) -> Activator {
        let mut bell = Activator::default();
        self.0.send_modify(|noted| {
            bell = noted.entry(name).or_default().bell.clone();
        });
        bell
    }

    pub(super) fn note(
        &self,
        name: &'static str,
        outcome: &Result<Done, ChoreError>,
        now: Instant,
    ) {
        self.0.send_modify(|noted| {
            let status = &mut noted.entry(name).or_default().status;
            status.runs += 1;
            match outcome {
                Ok(done) => {
                    status.changed += done.changed;
                    status.done_at = Some(now);
                    status.error = None;
                }
                Err(failed) => {
                    status.failures += 1;
                    status.error = Some(chain(failed).to_string());
                }
            }
        });
    }
}
