//! Writes how the agent stands: every few seconds, at once when the connection comes or goes or a
//! recorder was walked for the first time, and a last time when the agent stops.

use std::convert::Infallible;
use std::future::{pending, poll_fn};
use std::path::PathBuf;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::time::Instant;
use tokio::sync::watch;
use tokio::time::Interval;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::observers::Observers;
use crate::footage::standing::RecorderStanding;
use crate::status::{Status, WRITE_MS};
use crate::uplink::UplinkStanding;

/// What it tells of, and where.
pub(super) struct Teller {
    pub(super) state: PathBuf,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) started_at: Instant,
    pub(super) uplink: watch::Receiver<UplinkStanding>,
    pub(super) observers: Observers,
}

impl Teller {
    /// Writes until the token is cancelled. That it cannot write is no reason to stop measuring.
    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<(), Infallible> {
        let mut beat = tokio::time::interval(Duration::from_millis(WRITE_MS));
        let mut complained = false;
        let mut written = self.status();
        loop {
            let due = self.due(&mut beat, &written);
            let goes_on = stop.run_until_cancelled(due).await.is_some();
            let status = Status {
                stopped: !goes_on,
                ..self.status()
            };
            match status.write(&self.state) {
                Ok(()) => complained = false,
                Err(error) if !complained => {
                    warn!(error = %chain(&error), "the status command will know nothing new");
                    complained = true;
                }
                Err(_) => {}
            }
            if !goes_on {
                return Ok(());
            }
            written = status;
        }
    }

    /// Waits until the next beat, or until there is news that is not written down.
    async fn due(&mut self, beat: &mut Interval, written: &Status) {
        loop {
            tokio::select! {
                _ = beat.tick() => return,
                () = changed(&mut self.uplink) => {}
                () = any_changed(&mut self.observers.recorders) => {}
            }
            if is_news(written, &self.status()) {
                return;
            }
        }
    }

    fn status(&self) -> Status {
        let uplink = self.uplink.borrow().clone();
        let mut status = Status::new(uplink, self.started_at, self.clock.now());
        let recorders = self.observers.recorders.iter();
        status.recorders = recorders
            .map(|standing| standing.borrow().clone())
            .collect();
        let volumes = self.observers.volumes.borrow();
        status.volumes = volumes.iter().map(Into::into).collect();
        drop(volumes);
        let health = self.observers.health.borrow();
        for standing in &mut status.volumes {
            let of_it = health
                .iter()
                .find(|one| one.volume.as_str() == standing.volume);
            standing.health = of_it.map(Into::into).unwrap_or_default();
        }
        drop(health);
        status.watched.clone_from(&self.observers.watched.borrow());
        status
    }
}

/// Waits for a change; for ever, when whoever changes it has gone.
async fn changed<T>(receiver: &mut watch::Receiver<T>) {
    if receiver.changed().await.is_err() {
        pending::<()>().await;
    }
}

/// Waits until one of the recorders says something.
async fn any_changed(recorders: &mut [watch::Receiver<RecorderStanding>]) {
    let mut waits: Vec<_> = recorders
        .iter_mut()
        .map(|recorder| Box::pin(changed(recorder)))
        .collect();
    poll_fn(|context| {
        let is_ready = waits
            .iter_mut()
            .any(|wait| wait.as_mut().poll(context).is_ready());
        if is_ready {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

/// Whether a person who asks how the agent stands should not wait for the next beat to see this.
/// Acknowledgements and sizes change all the time and are none.
fn is_news(written: &Status, now: &Status) -> bool {
    let walked = |status: &Status| -> Vec<bool> {
        let recorders = status.recorders.iter();
        recorders.map(|recorder| recorder.walk.is_some()).collect()
    };
    written.uplink.connected != now.uplink.connected
        || written.uplink.away != now.uplink.away
        || walked(written) != walked(now)
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::SystemClock;

    use super::*;
    use crate::footage::standing::{Walk, WalkOutcome};

    fn uplink(away: Option<&str>) -> UplinkStanding {
        UplinkStanding {
            agent: "a".to_owned(),
            branch: "b".to_owned(),
            certificate_until: Instant::from_s(9_000),
            connected: None,
            away: away.map(str::to_owned),
            clock_offset_ms: None,
            acked_at: None,
            refused: 0,
            waiting: Vec::new(),
        }
    }

    /// Whether the next writing is due without any wait.
    async fn is_due(teller: &mut Teller, beat: &mut Interval, written: &Status) -> bool {
        tokio::select! {
            biased;
            () = teller.due(beat, written) => true,
            () = std::future::ready(()) => false,
        }
    }

    #[tokio::test]
    async fn a_connection_that_goes_and_a_first_walk_do_not_wait_for_the_beat() {
        let (tell_uplink, heard_uplink) = watch::channel(uplink(None));
        let (tell_recorder, heard_recorder) =
            watch::channel(RecorderStanding::new("nvr".to_owned()));
        let (_volumes, volumes) = watch::channel(Vec::new());
        let (_health, health) = watch::channel(Vec::new());
        let (_watched, watched) = watch::channel(Vec::new());
        let mut teller = Teller {
            state: PathBuf::new(),
            clock: Arc::new(SystemClock::new()),
            started_at: Instant::from_s(1),
            uplink: heard_uplink,
            observers: Observers {
                recorders: vec![heard_recorder],
                volumes,
                health,
                watched,
            },
        };
        // A beat that never comes: only news ends the wait.
        let never = Duration::from_secs(1 << 30);
        let mut beat = tokio::time::interval(never);
        beat.tick().await;
        let written = teller.status();
        tell_uplink.send_modify(|standing| standing.refused = 1);
        let due = is_due(&mut teller, &mut beat, &written).await;
        assert!(!due, "a count is no news");
        tell_uplink.send_replace(uplink(Some("shut out")));
        let due = is_due(&mut teller, &mut beat, &written).await;
        assert!(due, "the connection is news");
        let written = teller.status();
        tell_recorder.send_modify(|standing| {
            standing.walk = Some(Walk {
                at: Instant::from_s(2),
                took_ms: 1,
                outcome: WalkOutcome::Whole,
            });
        });
        let due = is_due(&mut teller, &mut beat, &written).await;
        assert!(due, "a first walk is news");
    }
}
