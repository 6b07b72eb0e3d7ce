//! Birth and death of the agent's parts.
//!
//! Tasks and threads are born here and end on one token. A part that dies takes the process down in
//! order: the others are stopped, what was observed is put away, and the process ends with a failure,
//! so that its supervisor starts it again. It must not know what the parts do.

use std::error::Error;
use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use keepwatch_common::error_chain::chain;
use sd_notify::NotifyState;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{debug, error, info, warn};

/// Threads that run tasks: there is little to run.
const WORKERS: usize = 2;

/// How long parts may take to end, in milliseconds. What is still running then only reads.
const GRACE_MS: u64 = 8_000;

/// Why a part brought the process down.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// It could not go on.
    #[error("{part} cannot go on")]
    Failed {
        /// Which.
        part: String,
        /// Why.
        #[source]
        source: Box<dyn Error + Send + Sync>,
    },
    /// A fault of ours.
    #[error("{part} panicked; this is a fault of the agent")]
    Panicked {
        /// Which.
        part: String,
    },
    /// It ended although nobody asked it to.
    #[error("{part} ended of its own accord; this is a fault of the agent")]
    Ended {
        /// Which.
        part: String,
    },
    /// The system gives no thread.
    #[error("no thread can be had for {part}")]
    Thread {
        /// Which.
        part: String,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The parts of one agent.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    stop: CancellationToken,
    tasks: TaskTracker,
    failure: Arc<Mutex<Option<Failure>>>,
}

/// A runtime for the agent's tasks.
pub fn runtime() -> io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("keepwatch")
        .enable_all()
        .build()
}

/// Cancels the token at the first SIGTERM or SIGINT, and returns at the second: whoever asks twice
/// does not want to wait.
pub async fn heed_signals(stop: CancellationToken) -> io::Result<()> {
    let (mut terminate, mut interrupt) = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    for is_first in [true, false] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if is_first {
            info!("asked to stop");
            stop.cancel();
        }
    }
    Ok(())
}

impl Lifecycle {
    /// Parts end when the token is cancelled.
    pub fn new(stop: CancellationToken) -> Self {
        Self {
            stop,
            tasks: TaskTracker::new(),
            failure: Arc::default(),
        }
    }

    /// The token that all parts end on.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Where parts give birth to tasks of their own, which end with their part.
    pub fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    /// A part that is a task.
    pub fn task<E>(&self, part: &str, work: impl Future<Output = Result<(), E>> + Send + 'static)
    where
        E: Error + Send + Sync + 'static,
    {
        let watch = self.watch(part);
        self.tasks.spawn(async move {
            let outcome = work.await;
            watch.ended(outcome);
        });
    }

    /// A part that is a thread of its own, because it waits for disks.
    pub fn thread<E>(
        &self,
        part: &str,
        work: impl FnOnce() -> Result<(), E> + Send + 'static,
    ) -> Result<(), Failure>
    where
        E: Error + Send + Sync + 'static,
    {
        let watch = self.watch(part);
        let (done, ended) = oneshot::channel::<()>();
        std::thread::Builder::new()
            .name(short(part))
            .spawn(move || {
                // Dropped when this ends, however it ends.
                let _done = done;
                let outcome = work();
                watch.ended(outcome);
            })
            .map_err(|source| Failure::Thread {
                part: part.to_owned(),
                source,
            })?;
        self.tasks.spawn(async move {
            // Nothing is ever sent: the sender's end is the thread's end.
            let (Ok(()) | Err(_)) = ended.await;
        });
        Ok(())
    }

    /// Tells the supervisor that the agent is ready, and from then on that it is alive.
    pub fn ready(&self) {
        tell_supervisor(NotifyState::Ready);
        let Some(every) = sd_notify::watchdog_enabled() else {
            return;
        };
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let mut beat = tokio::time::interval(every / 2);
            while stop.run_until_cancelled(beat.tick()).await.is_some() {
                tell_supervisor(NotifyState::Watchdog);
            }
        });
    }

    /// Waits for the wish to stop or for a part's death, then for all parts to end.
    pub async fn finish(self) -> Result<(), Failure> {
        self.stop.cancelled().await;
        tell_supervisor(NotifyState::Stopping);
        self.tasks.close();
        let grace = Duration::from_millis(GRACE_MS);
        if tokio::time::timeout(grace, self.tasks.wait())
            .await
            .is_err()
        {
            warn!("some parts did not end in time and are left behind");
        }
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }

    fn watch(&self, part: &str) -> Watch {
        Watch {
            part: part.to_owned(),
            stop: self.stop.clone(),
            failure: Arc::clone(&self.failure),
            is_over: false,
        }
    }
}

/// Sees a part end. When it is dropped before it was told how, the part panicked.
struct Watch {
    part: String,
    stop: CancellationToken,
    failure: Arc<Mutex<Option<Failure>>>,
    is_over: bool,
}

impl Watch {
    fn ended<E: Error + Send + Sync + 'static>(mut self, outcome: Result<(), E>) {
        self.is_over = true;
        let part = self.part.clone();
        match outcome {
            Ok(()) if self.stop.is_cancelled() => debug!(part, "ended"),
            Ok(()) => self.fail(Failure::Ended { part }),
            Err(source) => self.fail(Failure::Failed {
                part,
                source: source.into(),
            }),
        }
    }

    /// The first failure is the one that is told at the end: the others follow from it.
    fn fail(&self, failure: Failure) {
        error!(error = %chain(&failure), "the agent stops");
        let mut first = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(failure);
        drop(first);
        self.stop.cancel();
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if !self.is_over {
            let part = self.part.clone();
            self.fail(Failure::Panicked { part });
        }
    }
}

/// A thread's name as the kernel shows it: fifteen bytes.
fn short(part: &str) -> String {
    part.chars().filter(char::is_ascii).take(15).collect()
}

fn tell_supervisor(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        debug!(%error, "the supervisor does not listen");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the disk is gone")]
    struct Gone;

    fn lifecycle() -> Lifecycle {
        Lifecycle::new(CancellationToken::new())
    }

    #[tokio::test]
    async fn parts_that_end_when_asked_are_no_failure() {
        let lifecycle = lifecycle();
        let stop = lifecycle.stop().clone();
        let waits = stop.clone();
        lifecycle.task("uplink", async move {
            waits.cancelled().await;
            Ok::<_, Gone>(())
        });
        stop.cancel();
        assert!(lifecycle.finish().await.is_ok());
    }

    #[tokio::test]
    async fn a_thread_that_fails_stops_the_others_and_is_named() {
        let lifecycle = lifecycle();
        let waits = lifecycle.stop().clone();
        lifecycle.task("uplink", async move {
            waits.cancelled().await;
            Ok::<_, Gone>(())
        });
        lifecycle.thread("recorder nvr", || Err(Gone)).unwrap();
        let failure = lifecycle.finish().await.unwrap_err();
        assert_eq!(
            chain(&failure).to_string(),
            "recorder nvr cannot go on: the disk is gone"
        );
    }

    #[tokio::test]
    async fn a_thread_that_panics_or_leaves_is_a_failure() {
        let panics = lifecycle();
        panics
            .thread("volumes", || -> Result<(), Gone> { panic!("on purpose") })
            .unwrap();
        let failure = panics.finish().await.unwrap_err();
        assert!(matches!(failure, Failure::Panicked { .. }), "{failure}");
        let leaves = lifecycle();
        leaves.thread("volumes", || Ok::<_, Gone>(())).unwrap();
        let failure = leaves.finish().await.unwrap_err();
        assert!(matches!(failure, Failure::Ended { .. }), "{failure}");
    }
}
