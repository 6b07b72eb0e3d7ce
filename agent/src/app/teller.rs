//! Writes how the agent stands, every few seconds and a last time when it stops.

use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::time::Instant;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::observers::Observers;
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
    pub(super) async fn run(self, stop: CancellationToken) -> Result<(), Infallible> {
        let mut beat = tokio::time::interval(Duration::from_millis(WRITE_MS));
        let mut complained = false;
        loop {
            let goes_on = stop.run_until_cancelled(beat.tick()).await.is_some();
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
        status.watched.clone_from(&self.observers.watched.borrow());
        status
    }
}
