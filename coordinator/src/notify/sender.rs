//! The sender: takes what is due from the outbox, sends it, and notes what became of it.
//!
//! ```text
//! bell, or the next one due ──► take (lent) ──► post, a few at once ──► settle
//! ```
//!
//! What it holds when it dies is due again when the loan runs out. Several senders share one outbox:
//! what one has taken the others pass over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::ids::{Randomness, nonce};
use keepwatch_common::time::Instant;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, warn};

use super::backoff::due_again;
use super::channels::Channels;
use super::rest::{Resting, Rests};
use super::webhook::{Reply, Webhook};
use crate::activator::Activator;
use crate::store::outbox::{NotificationTaken, Outcome};
use crate::store::page::PageRows;
use crate::store::{Store, StoreError};

/// Notifications on their way at once, to all receivers together.
const SENDS_MAX: usize = 16;

/// How long one is lent, in milliseconds: several times as long as a receiver may take to answer.
const LOAN_MS: i64 = 60_000;

/// What is due is looked for at least this often: another coordinator's bell is not heard here.
const LOOK_MS: i64 = 5_000;

/// Sends what waits.
#[derive(Debug, Clone)]
pub struct Sender(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    store: Store,
    channels: Channels,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    bell: Activator,
    rests: Mutex<Rests>,
}

impl Sender {
    /// Sends on these channels, and looks when the bell rings.
    pub fn new(
        store: Store,
        channels: Channels,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        bell: Activator,
    ) -> Self {
        let rests = Mutex::default();
        Self(Arc::new(Parts {
            store,
            channels,
            clock,
            randomness,
            bell,
            rests,
        }))
    }

    /// Sends until asked to stop; then finishes what is on its way.
    pub async fn run(self, stop: CancellationToken) {
        let mut under_way = JoinSet::new();
        while !stop.is_cancelled() {
            let wait_ms = match self.round(&mut under_way).await {
                Ok(wait_ms) => wait_ms,
                Err(failed) => {
                    error!(error = %chain(&failed), "notifications wait; the database fails");
                    LOOK_MS
                }
            };
            let wait = Duration::from_millis(u64::try_from(wait_ms).unwrap_or(0));
            tokio::select! {
                () = stop.cancelled() => {}
                () = self.0.bell.woken() => {}
                Some(done) = under_way.join_next() => complain(done),
                () = tokio::time::sleep(wait) => {}
            }
        }
        while let Some(done) = under_way.join_next().await {
            complain(done);
        }
    }

    /// Takes as many as there is room for and sends them off; how long nothing else is to be done.
    async fn round(&self, under_way: &mut JoinSet<()>) -> Result<i64, StoreError> {
        let room = SENDS_MAX.saturating_sub(under_way.len());
        let now = self.0.clock.now();
        let Some(due) = self.0.store.read().await?.outbox_next_due().await? else {
            return Ok(LOOK_MS);
        };
        if room == 0 || now < due {
            return Ok(due
                .since(now)
                .clamp(0, LOOK_MS)
                .max(i64::from(room == 0) * LOOK_MS));
        }
        let rows = PageRows::new(u32::try_from(room).unwrap_or(1));
        for (notification, webhook) in self.take(now, rows).await? {
            let sender = self.clone();
            under_way.spawn(async move { sender.deliver(notification, webhook).await });
        }
        Ok(0)
    }

    /// Takes those that are due.
    async fn take(
        &self,
        now: Instant,
        rows: PageRows,
    ) -> Result<Vec<(NotificationTaken, Webhook)>, StoreError> {
        let mut let_through = Vec::new();
        match self.lend(now, rows, &mut let_through).await {
            Ok(()) => Ok(let_through),
            Err(failed) => {
                for (notification, _) in &let_through {
                    self.rests().not_tried(&notification.channel);
                }
                Err(failed)
            }
        }
    }

    /// One transaction; what cannot be sent now is put off in it.
    async fn lend(
        &self,
        now: Instant,
        rows: PageRows,
        let_through: &mut Vec<(NotificationTaken, Webhook)>,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.store.begin().await?;
        for notification in tx.outbox_take(now, now + LOAN_MS, rows).await? {
            match self.may_send(&notification, now) {
                Ok(webhook) => let_through.push((notification, webhook)),
                Err((outcome, why)) => {
                    tx.outbox_settle(&notification, outcome, &why).await?;
                }
            }
        }
        tx.commit().await
    }

    /// The way to send it, or what becomes of it instead.
    fn may_send(
        &self,
        notification: &NotificationTaken,
        now: Instant,
    ) -> Result<Webhook, (Outcome, String)> {
        let channel = notification.channel.as_str();
        let Some(webhook) = self.0.channels.by_name.get(channel) else {
            let why = "no channel of this name is configured".to_owned();
            return Err((self.again(notification, None), why));
        };
        let draw = self.draw();
        let admitted = self.rests().admit(channel, now, draw);
        let Err(Resting { until, why }) = admitted else {
            return Ok(webhook.clone());
        };
        let given_up = self.again(notification, None) == Outcome::GivenUp;
        let outcome = if given_up {
            Outcome::GivenUp
        } else {
            Outcome::Retry { due_at: until }
        };
        Err((outcome, why))
    }

    async fn deliver(&self, notification: NotificationTaken, webhook: Webhook) {
        let (outcome, answer) = self.send(&notification, &webhook).await;
        if let Err(failed) = self.settle(&notification, outcome, &answer).await {
            // It is due again when its loan runs out.
            error!(error = %chain(&failed), key = notification.key, "a notification's fate is not noted");
        }
    }

    async fn send(&self, notification: &NotificationTaken, webhook: &Webhook) -> (Outcome, String) {
        let (channel, key) = (notification.channel.as_str(), notification.key.as_str());
        let now = self.0.clock.now();
        match webhook.post(key, &notification.body, now).await {
            Reply::Taken { answer } => {
                self.rests().answered(channel);
                debug!(key, "a notification is sent");
                let at = self.0.clock.now();
                (Outcome::Sent { at }, answer)
            }
            Reply::Refused { answer, asked_ms } => {
                self.rests().answered(channel);
                warn!(channel, key, answer, "a notification was not taken");
                (self.again(notification, asked_ms), answer)
            }
            Reply::Silent { answer } => {
                let (now, draw) = (self.0.clock.now(), self.draw());
                self.rests().silent(channel, &answer, now, draw);
                warn!(channel, key, answer, "a receiver does not answer");
                (self.again(notification, None), answer)
            }
        }
    }

    fn again(&self, notification: &NotificationTaken, asked_ms: Option<i64>) -> Outcome {
        let created_at = Instant::from_ms(notification.created_at_ms);
        let (now, draw) = (self.0.clock.now(), self.draw());
        match due_again(created_at, notification.attempts, asked_ms, now, draw) {
            Some(due_at) => Outcome::Retry { due_at },
            None => Outcome::GivenUp,
        }
    }

    async fn settle(
        &self,
        notification: &NotificationTaken,
        outcome: Outcome,
        answer: &str,
    ) -> Result<(), StoreError> {
        let mut tx = self.0.store.begin().await?;
        if !tx.outbox_settle(notification, outcome, answer).await? {
            debug!(
                key = notification.key,
                "a notification was taken again meanwhile"
            );
        }
        tx.commit().await
    }

    fn draw(&self) -> u64 {
        nonce(self.0.randomness.as_ref())
    }

    fn rests(&self) -> MutexGuard<'_, Rests> {
        // Nothing panics while holding it; a poisoned list is still a whole list.
        self.0.rests.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn complain(done: Result<(), tokio::task::JoinError>) {
    if let Err(broken) = done {
        error!(error = %broken, "sending a notification broke off; it is due again after its loan");
    }
}
