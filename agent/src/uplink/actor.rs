//! The uplink's loop: one task that owns the spool and at most one connection.
//!
//! ```text
//! observers ─► queue ─► keeper (spool) ─► call (session) ─► link ─► coordinator
//!                            ▲                  │
//!                            └────── acks ◄─────┘
//! ```
//!
//! Observations are taken whether or not there is a connection. Nothing here waits for the network:
//! dialling is a future that is polled beside the queue, links are served by tasks of their own.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::model::observation::{Lane, Observation};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tracing::debug;

use super::course::Course;
use super::keeper::{BATCH_MAX, Keeper};
use super::standing::{UplinkStanding, Waiting};
use crate::spool::DatabaseError;

/// How often the standing is told, in milliseconds, unless a connection comes or goes.
const TELL_MS: u64 = 2_000;

/// After the wish to stop, observers may still put away what they saw, in milliseconds.
const DRAIN_MS_MAX: u64 = 2_000;

/// What the loop is made of.
pub(super) struct Actor {
    pub(super) keeper: Keeper,
    pub(super) course: Course,
    pub(super) observations: mpsc::Receiver<Observation>,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) told: watch::Sender<UplinkStanding>,
    /// When the standing is told the next time.
    pub(super) tell_at: Tick,
}

impl Actor {
    /// Runs until the token is cancelled and the queue has ended.
    pub(super) async fn run(mut self, stop: CancellationToken) -> Result<(), DatabaseError> {
        let mut inbox = Vec::with_capacity(BATCH_MAX);
        let mut stopping_since = None;
        loop {
            let wait_ms = self.due(stopping_since).since(self.clock.tick());
            tokio::select! {
                () = stop.cancelled(), if stopping_since.is_none() => {
                    stopping_since = Some(self.clock.tick());
                }
                count = self.observations.recv_many(&mut inbox, BATCH_MAX),
                    if self.keeper.is_free() =>
                {
                    if count == 0 {
                        break;
                    }
                    self.keeper.take(&mut inbox).await?;
                }
                happened = self.course.happened() => {
                    self.course.on(happened, self.keeper.epoch());
                }
                () = tokio::time::sleep(Duration::from_millis(wait_ms)) => {}
            }
            let now = self.clock.tick();
            if stopping_since.is_some_and(|since| now.since(since) >= DRAIN_MS_MAX) {
                break;
            }
            self.act(stopping_since.is_some()).await?;
        }
        self.close().await
    }

    /// When the loop has something to do without anything having come.
    fn due(&self, stopping_since: Option<Tick>) -> Tick {
        let stop = stopping_since.map(|since| since.after(DRAIN_MS_MAX));
        let course = self.course.due(stopping_since.is_some());
        let known = [stop, course, Some(self.keeper.due())];
        known.into_iter().flatten().fold(self.tell_at, Tick::min)
    }

    async fn act(&mut self, stopping: bool) -> Result<(), DatabaseError> {
        self.keeper.flush().await?;
        self.keeper.keep_house(self.course.clock_is_good()).await?;
        if !stopping {
            self.course.dial_when_due();
        }
        self.course.drive(&mut self.keeper).await?;
        if self.clock.tick() >= self.tell_at || self.course.has_news() {
            self.tell().await?;
        }
        Ok(())
    }

    async fn tell(&mut self) -> Result<(), DatabaseError> {
        self.tell_at = self.clock.tick().after(TELL_MS);
        let mut told = self.course.standing();
        for lane in Lane::BY_URGENCY {
            let standing = self.keeper.standing(lane).await?;
            told.waiting.push(Waiting {
                lane,
                assigned: standing.assigned_seq,
                acked: standing.acked_seq,
                kept: standing.count,
                bytes: standing.bytes,
            });
        }
        self.told.send_replace(told);
        Ok(())
    }

    async fn close(mut self) -> Result<(), DatabaseError> {
        self.tell().await?;
        if let Some(dialler) = self.course.close() {
            // What is still to be said to a coordinator that is gone is said to nobody.
            let limit = Duration::from_millis(DRAIN_MS_MAX);
            if tokio::time::timeout(limit, dialler.close()).await.is_err() {
                debug!("the connection was not closed in time");
            }
        }
        self.keeper.close().await
    }
}
