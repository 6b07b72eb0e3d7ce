//! How the program lives and ends: tasks are born on one tracker, and a task that dies takes the
//! program down, orderly.
//!
//! There are two ends. The *soft* one asks everybody to finish what they hold; the *hard* one, a
//! second signal or a deadline later, drops what is still there. It must not know what the tasks do.

use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{error, info, warn};

/// From the soft end to the hard one: longer than one slow receiver of notifications and one group
/// of reports, shorter than the 90 s after which systemd kills.
pub const SOFT_END: Duration = Duration::from_secs(20);

/// Why a task's end was no good one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Death {
    /// It panicked.
    #[error("the task “{name}” panicked")]
    Panicked {
        /// Which.
        name: &'static str,
    },
    /// It returned while it was needed.
    #[error("the task “{name}” ended while it was needed")]
    Ended {
        /// Which.
        name: &'static str,
    },
}

/// The tasks of one program and their end. Clones share it.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    tracker: TaskTracker,
    stop: CancellationToken,
    death: Arc<Mutex<Option<Death>>>,
}

impl Lifecycle {
    /// Lives until `stop` is cancelled, or until a task dies.
    pub fn until(stop: &CancellationToken) -> Self {
        Self {
            tracker: TaskTracker::new(),
            stop: stop.child_token(),
            death: Arc::default(),
        }
    }

    /// Cancelled when everybody should finish.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Starts a task that is needed until the end: when it returns earlier, or panics, the end has
    /// come for all.
    pub fn spawn_named(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let watched = Watched {
            name,
            life: self.clone(),
        };
        self.tracker.spawn(async move {
            task.await;
            watched.returned();
        });
    }

    /// Waits until every task is gone; what died first, if anything did.
    pub async fn ended(&self) -> Option<Death> {
        self.tracker.close();
        self.tracker.wait().await;
        self.death()
    }

    /// What died first, so far.
    pub fn death(&self) -> Option<Death> {
        *self.death.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn died(&self, death: Death) {
        error!(error = %death, "the program ends");
        let mut first = self.death.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(death);
        self.stop.cancel();
    }
}

/// Notices how a task goes: a panic drops it on its way.
struct Watched {
    name: &'static str,
    life: Lifecycle,
}

impl Watched {
    fn returned(self) {
        if !self.life.stop.is_cancelled() {
            self.life.died(Death::Ended { name: self.name });
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.life.died(Death::Panicked { name: self.name });
        }
    }
}

/// The signals that end the program.
#[derive(Debug)]
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Listens from now on; needs a running tokio runtime.
    pub fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    /// Cancels `soft` at the first signal, and returns at the second or when `patience` is over after
    /// the soft end, whoever brought it about: then it is time for the hard one.
    pub async fn conduct(mut self, soft: CancellationToken, patience: Duration) {
        tokio::select! {
            () = self.next() => info!("asked to stop; a second signal stops at once"),
            () = soft.cancelled() => {}
        }
        soft.cancel();
        tokio::select! {
            () = self.next() => warn!("asked to stop at once"),
            () = tokio::time::sleep(patience) => warn!("stopping took too long"),
        }
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn tasks_that_end_when_asked_end_well() {
        let stop = CancellationToken::new();
        let life = Lifecycle::until(&stop);
        let asked = life.stop().clone();
        life.spawn_named("worker", async move { asked.cancelled().await });
        stop.cancel();
        assert_eq!(life.ended().await, None);
    }

    #[tokio::test]
    async fn a_task_that_ends_too_early_ends_all() {
        let life = Lifecycle::until(&CancellationToken::new());
        let asked = life.stop().clone();
        life.spawn_named("other", async move { asked.cancelled().await });
        life.spawn_named("worker", async {});
        let death = Some(Death::Ended { name: "worker" });
        assert_eq!(life.ended().await, death);
    }

    #[tokio::test]
    async fn a_task_that_panics_ends_all() {
        let life = Lifecycle::until(&CancellationToken::new());
        let asked = life.stop().clone();
        life.spawn_named("other", async move { asked.cancelled().await });
        life.spawn_named("worker", async { panic!("as it should") });
        let death = Some(Death::Panicked { name: "worker" });
        assert_eq!(life.ended().await, death);
    }

    #[tokio::test]
    async fn the_death_of_one_program_is_not_the_end_of_who_asked_for_it() {
        let stop = CancellationToken::new();
        let life = Lifecycle::until(&stop);
        life.spawn_named("worker", async {});
        life.ended().await;
        assert!(!stop.is_cancelled());
    }
}
