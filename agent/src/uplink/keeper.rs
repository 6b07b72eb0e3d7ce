//! The uplink's hold on the spool: takes observations in, gives reports out, keeps house.
//!
//! It decides what an error of the spool means: a full disk is waited out with the batch in hand (the
//! observers wait behind their queue), state that outgrows its bounds is dropped and said so, anything
//! else ends the process, whose next start begins with a spool that can be trusted. It must not know
//! connections.

use std::sync::Arc;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::error_chain::chain;
use keepwatch_common::ids::Randomness;
use keepwatch_common::limits::OBSERVATIONS_PER_REPORT_MAX;
use keepwatch_common::model::observation::{
    Body, COVERAGE_KEY_START, EvidenceLost, Lane, Observation,
};
use keepwatch_common::time::DAY_MS;
use tracing::{error, warn};

use super::coded;
use crate::spool::{
    AckError, BATCH_BYTES_MAX, Condition, DatabaseError, Loss, Put, PutError, Record,
    ReportLossError, Spool, Standing,
};

/// Observations taken from the queue in one go; one transaction of the spool.
pub(super) const BATCH_MAX: usize = 500;

/// Bytes of payload in one report, but always one observation: a report must not hold back what is
/// more urgent for long on a slow line, and a few of each lane wait in memory.
const REPORT_BYTES_MAX: usize = 64 * 1024;

/// Between two tries to write on a full disk, in milliseconds.
const FULL_RETRY_MS: u64 = 1_000;

/// Between two rounds of housekeeping, in milliseconds: losses are told, space is given back.
const HOUSE_MS: u64 = 10_000;

/// Between two looks for evidence that is too old, in milliseconds.
const EXPIRE_MS: u64 = 3_600_000;

/// A day of coverage that nothing was said of for so long, in milliseconds, is not kept to be told
/// again: no recorder here keeps footage for longer, and the coordinator has it.
const COVERAGE_KEPT_MS: i64 = 400 * DAY_MS;

/// What came of an ack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delivered {
    /// It is out of the spool.
    Taken,
    /// The coordinator has more than this spool ever gave out: the spool has a new epoch now, and
    /// the connection must be made anew.
    AnotherLife,
}

/// The spool and what waits to go in.
#[derive(Debug)]
pub(super) struct Keeper {
    spool: Spool,
    epoch: u64,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    /// By lane number: there may be something to give out.
    may_have: [bool; 3],
    pending: Vec<Put>,
    retry_at: Tick,
    house_at: Tick,
    expire_at: Tick,
}

impl Keeper {
    pub(super) fn new(
        spool: Spool,
        epoch: u64,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
    ) -> Self {
        Self {
            spool,
            epoch,
            clock,
            randomness,
            may_have: [true; 3],
            pending: Vec::new(),
            retry_at: Tick(0),
            house_at: Tick(0),
            expire_at: Tick(0),
        }
    }

    pub(super) fn epoch(&self) -> u64 {
        self.epoch
    }

    /// Whether more observations may be taken from the queue.
    pub(super) fn is_free(&self) -> bool {
        self.pending.is_empty()
    }

    /// Takes observations; they are on disk when this returns and [`Self::is_free`].
    pub(super) async fn take(
        &mut self,
        observations: &mut Vec<Observation>,
    ) -> Result<(), DatabaseError> {
        for observation in observations.drain(..) {
            match coded::put(observation) {
                Ok(put) => self.pending.push(put),
                Err(refused) => error!(error = %chain(&refused), "an observation is not told"),
            }
        }
        self.flush().await
    }

    /// Writes what waits, when it is time to.
    pub(super) async fn flush(&mut self) -> Result<(), DatabaseError> {
        while !self.pending.is_empty() && self.clock.tick() >= self.retry_at {
            let count = leading(&self.pending);
            let mut batch: Vec<_> = self.pending.drain(..count).collect();
            match self.put(&mut batch).await {
                Ok(()) => {}
                Err(failed) if failed.condition() == Condition::Full => {
                    warn!(error = %chain(&failed), "observations wait for room on the disk");
                    batch.append(&mut self.pending);
                    self.pending = batch;
                    self.retry_at = self.clock.tick().after(FULL_RETRY_MS);
                }
                Err(failed) => return Err(failed),
            }
        }
        Ok(())
    }

    /// What a report of the lane would hold after a sequence; nothing when all is told.
    pub(super) async fn report(
        &mut self,
        lane: Lane,
        after_seq: u64,
    ) -> Result<Vec<Record>, DatabaseError> {
        if !self.may_have[index(lane)] {
            return Ok(Vec::new());
        }
        let records = self
            .spool
            .peek(
                lane,
                after_seq,
                OBSERVATIONS_PER_REPORT_MAX,
                REPORT_BYTES_MAX,
            )
            .await?;
        self.may_have[index(lane)] = !records.is_empty();
        Ok(records)
    }

    /// A new connection: everything that is not acknowledged is given out again.
    pub(super) fn begin(&mut self) {
        self.may_have = [true; 3];
    }

    /// Everything of a lane up to a sequence is stored at the coordinator.
    pub(super) async fn delivered(
        &mut self,
        lane: Lane,
        through: u64,
    ) -> Result<Delivered, DatabaseError> {
        match self.spool.ack(lane, through).await {
            Ok(()) => Ok(Delivered::Taken),
            Err(AckError::Database(failed)) if failed.condition() == Condition::Full => {
                // It is given out again after the next connection, and acknowledged again.
                warn!(error = %chain(&failed), "an acknowledgement is not kept");
                Ok(Delivered::Taken)
            }
            Err(AckError::Database(failed)) => Err(failed),
            Err(beyond @ AckError::BeyondHandedOut { .. }) => {
                warn!(error = %chain(&beyond), "the spool takes a new epoch");
                self.epoch = self.spool.renew_epoch(self.randomness.as_ref()).await?;
                Ok(Delivered::AnotherLife)
            }
        }
    }

    /// All state is told again.
    pub(super) async fn restate(&mut self) -> Result<(), DatabaseError> {
        self.spool.restate().await?;
        self.may_have[index(Lane::State)] = true;
        Ok(())
    }

    /// How a lane stands.
    pub(super) async fn standing(&mut self, lane: Lane) -> Result<Standing, DatabaseError> {
        self.spool.standing(lane).await
    }

    /// When [`Self::flush`] and [`Self::keep_house`] have something to do.
    pub(super) fn due(&self) -> Tick {
        if self.pending.is_empty() {
            self.house_at
        } else {
            self.retry_at.min(self.house_at)
        }
    }

    /// Tells losses, drops what is too old when the clock can be trusted, gives space back.
    pub(super) async fn keep_house(&mut self, clock_is_good: bool) -> Result<(), DatabaseError> {
        let now = self.clock.tick();
        if now < self.house_at {
            return Ok(());
        }
        self.house_at = now.after(HOUSE_MS);
        let kept = self.round(clock_is_good, now).await;
        match kept {
            Err(failed) if failed.condition() == Condition::Full => {
                warn!(error = %chain(&failed), "the spool cannot be tidied");
                Ok(())
            }
            kept => kept,
        }
    }

    pub(super) async fn close(self) -> Result<(), DatabaseError> {
        self.spool.close().await
    }

    async fn round(&mut self, clock_is_good: bool, now: Tick) -> Result<(), DatabaseError> {
        if clock_is_good && now >= self.expire_at {
            self.expire_at = now.after(EXPIRE_MS);
            let now = self.clock.now();
            self.spool.expire(now).await?;
            let before = now - COVERAGE_KEPT_MS;
            self.spool.release(COVERAGE_KEY_START, before).await?;
        }
        for loss in self.spool.unreported_losses().await? {
            self.tell_loss(&loss).await?;
        }
        // More to give back is given back in the next rounds: nothing hurries.
        self.spool.tidy().await.map(drop)
    }

    async fn tell_loss(&mut self, loss: &Loss) -> Result<(), DatabaseError> {
        let at = self.clock.now();
        warn!(?loss, "evidence was dropped");
        let told = coded::bytes(Observation {
            at,
            body: Body::Lost(EvidenceLost {
                lane: loss.lane,
                sequences: (loss.first_seq, loss.last_seq),
                count: loss.count,
                observed: (loss.oldest_at, loss.newest_at),
            }),
        });
        let payload = match told {
            Ok(payload) => payload,
            Err(refused) => {
                error!(error = %chain(&refused), "a loss is not told");
                return Ok(());
            }
        };
        match self.spool.report_loss(loss, at, &payload).await {
            Ok(()) => self.may_have[index(Lane::Urgent)] = true,
            // Told in the next round.
            Err(ReportLossError::Changed | ReportLossError::TooManyPending) => {}
            Err(ReportLossError::Database(failed)) => return Err(failed),
            Err(refused @ ReportLossError::PayloadTooLarge { .. }) => {
                error!(error = %chain(&refused), "a loss is not told");
            }
        }
        Ok(())
    }

    /// Keeps a batch; of state that has outgrown its bounds, what still fits. What is left in
    /// `batch` after an error was not kept.
    async fn put(&mut self, batch: &mut Vec<Put>) -> Result<(), DatabaseError> {
        match self.spool.put(batch).await {
            Ok(()) => {
                self.note(batch);
                Ok(())
            }
            Err(PutError::Database(failed)) => Err(failed),
            Err(refused) => {
                let (mut done, mut dropped, mut outcome) = (0, 0_usize, Ok(()));
                for put in batch.iter() {
                    match self.spool.put(std::slice::from_ref(put)).await {
                        Ok(()) => self.note(std::slice::from_ref(put)),
                        Err(PutError::Database(failed)) => {
                            outcome = Err(failed);
                            break;
                        }
                        Err(_) => dropped += 1,
                    }
                    done += 1;
                }
                batch.drain(..done);
                if dropped > 0 {
                    error!(error = %chain(&refused), dropped, "observations are not kept");
                }
                outcome
            }
        }
    }

    fn note(&mut self, batch: &[Put]) {
        for put in batch {
            self.may_have[index(put.lane())] = true;
        }
    }
}

/// How many of the first records make one batch.
fn leading(pending: &[Put]) -> usize {
    let mut bytes = 0;
    let fits = |put: &&Put| {
        bytes += put.payload().len() + put.key().map_or(0, str::len);
        bytes <= BATCH_BYTES_MAX
    };
    pending
        .iter()
        .take(BATCH_MAX)
        .take_while(fits)
        .count()
        .max(1)
}

fn index(lane: Lane) -> usize {
    usize::from(lane.number())
}
