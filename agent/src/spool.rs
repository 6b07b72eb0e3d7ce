//! The spool: what the agent has observed and the coordinator has not yet acknowledged.
//!
//! A *face*: it uses its children. It keeps opaque payloads on three lanes: state, of which only the
//! newest per key counts, and two ordered logs of evidence. It must not know what a payload means,
//! nor the wire, nor why a record is acknowledged.
//!
//! - What `Spool::put` has accepted survives a kill and the loss of power. Delivered evidence goes
//!   with its ack; undelivered evidence goes only when a cap forces it, is then counted durably, and
//!   the count itself becomes evidence (`Spool::report_loss`).
//! - The key of a record is (agent, epoch, lane, sequence). Sequences ascend and begin at 1 with a
//!   new file; a dropped record leaves a hole in them.
//! - A spool restored from a copy, or one whose log someone deleted, stands earlier in its own history
//!   and would give out sequences twice. Nothing inside the file can tell; the coordinator can. So
//!   the uplink must hand every mark of the coordinator to `Spool::ack` *before* its first
//!   `Spool::peek` of a session. The spool remembers how far its sequences went when it last
//!   handed records out; a mark beyond that is refused, and `Spool::renew_epoch` is the answer.
//! - One task owns a spool. Any of its futures may be dropped half way: nothing is then half done.
//!
//! Long because everything that may be asked of a spool stands beside what it promises.

mod audit;
mod books;
mod database;
mod evidence;
mod ledger;
mod limit;
mod loss;
mod opening;
mod quarantine;
mod record;
mod refusal;
mod room;
mod schema;
mod slot;
mod space;
mod tally;

use std::path::{Path, PathBuf};

use keepwatch_common::ids::{self, Randomness};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

use books::Books;

pub use database::{Condition, DatabaseError};
pub use limit::{
    BATCH_BYTES_MAX, BATCH_RECORDS_MAX, KEY_BYTES_MAX, LOSS_REPORTS_PENDING_MAX, Limits,
    PAYLOAD_BYTES_MAX, PEEK_RECORDS_MAX, RECORD_OVERHEAD_BYTES,
};
pub use loss::{Loss, LossReason};
pub use opening::OpenError;
pub use record::{Put, Record};
pub use refusal::{AckError, PutError, ReportLossError};
pub use space::{DiskSpace, FolderSpace};

/// An open spool.
#[derive(Debug)]
pub struct Spool {
    books: Books,
}

/// A spool and how it came to be.
#[derive(Debug)]
pub struct Opened {
    pub spool: Spool,
    /// Names this life of the spool; random, new with each new file.
    pub epoch: u64,
    /// It began empty just now: all state must be put again.
    pub fresh: bool,
    /// Where a damaged one was moved; what it held is lost, and that is worth evidence.
    pub quarantined: Option<PathBuf>,
}

/// How a lane stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The last sequence given to a record.
    pub assigned_seq: u64,
    /// Everything up to here is delivered.
    pub acked_seq: u64,
    /// Records kept: undelivered evidence, or state slots whether delivered or not.
    pub count: u64,
    /// Bytes they weigh under the caps.
    pub bytes: u64,
}

impl Spool {
    /// Opens the spool in `folder`, which is the spool's own, and makes it where there is none. A
    /// damaged one is moved aside; `now` goes into its name.
    pub async fn open(
        folder: &Path,
        limits: Limits,
        space: Box<dyn DiskSpace>,
        now: Instant,
        randomness: &dyn Randomness,
    ) -> Result<Opened, OpenError> {
        let ready = opening::open(folder, now, randomness).await?;
        Ok(Self::opened(folder.to_owned(), limits, space, ready))
    }

    /// Moves this spool aside and begins a new one: the answer when an operation found it
    /// [`Condition::Damaged`].
    pub async fn start_anew(
        self,
        now: Instant,
        randomness: &dyn Randomness,
    ) -> Result<Opened, OpenError> {
        let Books {
            folder,
            limits,
            space,
            database,
            ..
        } = self.books;
        // It may fail to write its log back into a damaged file; both are moved as they are.
        drop(database.close().await);
        let ready = opening::start_anew(&folder, now, randomness).await?;
        Ok(Self::opened(folder, limits, space, ready))
    }

    /// Closes the file and waits until it is closed. A spool that is merely dropped loses nothing.
    pub async fn close(self) -> Result<(), DatabaseError> {
        self.books.close().await
    }

    /// The number that names this life of the spool.
    pub async fn epoch(&mut self) -> Result<u64, DatabaseError> {
        Ok(self.books.ledger().await?.epoch)
    }

    /// How a lane stands.
    pub async fn standing(&mut self, lane: Lane) -> Result<Standing, DatabaseError> {
        let ledger = self.books.ledger().await?;
        let counters = ledger.lane(lane);
        let reports = u64::from(lane == Lane::Urgent) * ledger.reports_pending;
        Ok(Standing {
            assigned_seq: counters.assigned,
            acked_seq: counters.acked,
            count: counters.count + reports,
            bytes: counters.bytes,
        })
    }

    /// Keeps a batch, all of it or nothing. After `Ok` it survives whatever stops this process; to
    /// stay within the caps, older or less important evidence may have been dropped for it.
    pub async fn put(&mut self, batch: &[Put]) -> Result<(), PutError> {
        refusal::check_batch(batch)?;
        let mut ledger = self.books.begin().await?;
        let before = ledger;
        let states = slot::latest(batch);
        let limits = self.books.limits;
        let written = slot::write(self.books.conn(), &mut ledger, &states, &limits).await;
        if let Err(overgrown) = self.books.done(written)? {
            return Err(PutError::StateOvergrown {
                slots: overgrown.slots,
                slots_max: limits.state_slots_max,
                bytes: overgrown.bytes,
                bytes_max: limits.state_bytes_max,
            });
        }
        // Asked before the rows go in: what they take is no longer free afterwards.
        let budget = self.books.budget(ledger.evidence_bytes()).await?;
        let rows = evidence::rows(batch, &mut ledger);
        let appended = evidence::append(self.books.conn(), &rows).await;
        self.books.done(appended)?;
        let made = room::make(self.books.conn(), &mut ledger, budget).await;
        self.books.done(made)?;
        // State said again moves nothing, and a transaction without a write costs the disk nothing.
        let mut moved = Lane::BY_URGENCY.to_vec();
        moved.retain(|lane| ledger.lane(*lane).assigned > before.lane(*lane).assigned);
        Ok(self.books.commit(ledger, &moved).await?)
    }

    /// Undelivered records of a lane in the order of their sequences, after `after_seq`: at most
    /// `count_max` of them, and at most `bytes_max` of payload, but always one when there is one.
    pub async fn peek(
        &mut self,
        lane: Lane,
        after_seq: u64,
        count_max: usize,
        bytes_max: usize,
    ) -> Result<Vec<Record>, DatabaseError> {
        let count_max = count_max.min(PEEK_RECORDS_MAX);
        loop {
            let after_seq = self.books.ledger().await?.lane(lane).acked.max(after_seq);
            let after_seq = after_seq.min(ledger::SEQ_END - 1);
            let conn = self.books.conn();
            let read = match lane {
                Lane::State => slot::read(conn, after_seq, count_max, bytes_max).await,
                Lane::Urgent | Lane::Routine => {
                    evidence::read(conn, lane, after_seq, count_max, bytes_max).await
                }
            };
            let (sound, damaged) = self.books.done(read)?;
            if damaged.is_empty() {
                if let Some(last) = sound.last() {
                    self.books.hand_out(lane, last.seq).await?;
                }
                return Ok(sound);
            }
            let mut ledger = self.books.begin().await?;
            let conn = self.books.conn();
            let removed = room::discard_damaged(conn, &mut ledger, lane, &damaged).await;
            self.books.done(removed)?;
            self.books.commit(ledger, &[]).await?;
        }
    }

    /// Everything of a lane up to `through_seq` is delivered. An older ack changes nothing; one
    /// beyond what was handed out is refused, see the head of this module.
    pub async fn ack(&mut self, lane: Lane, through_seq: u64) -> Result<(), AckError> {
        let counters = *self.books.ledger().await?.lane(lane);
        if through_seq > counters.handed_out {
            return Err(AckError::BeyondHandedOut {
                lane,
                through_seq,
                handed_out: counters.handed_out,
            });
        }
        if through_seq <= counters.acked {
            return Ok(());
        }
        let mut ledger = self.books.begin().await?;
        let conn = self.books.conn();
        let acked = match lane {
            Lane::State => slot::ack(conn, &mut ledger, through_seq).await,
            Lane::Urgent | Lane::Routine => {
                evidence::ack(conn, &mut ledger, lane, through_seq).await
            }
        };
        self.books.done(acked)?;
        ledger.lane_mut(lane).acked = through_seq;
        Ok(self.books.commit(ledger, &[lane]).await?)
    }

    /// Makes every state slot undelivered again, under fresh sequences. Once the returned one is
    /// acked, the coordinator has the whole state: a key it was not told then is gone.
    pub async fn restate(&mut self) -> Result<u64, DatabaseError> {
        let mut ledger = self.books.begin().await?;
        let restated = slot::restate(self.books.conn(), &mut ledger).await;
        self.books.done(restated)?;
        self.books.commit(ledger, &[Lane::State]).await?;
        Ok(ledger.lane(Lane::State).assigned)
    }

    /// Takes a new epoch, for a spool that stands behind what the coordinator has of it. Sequences
    /// go on; all undelivered evidence and all state are delivered under the new epoch.
    pub async fn renew_epoch(&mut self, randomness: &dyn Randomness) -> Result<u64, DatabaseError> {
        let mut ledger = self.books.begin().await?;
        ledger.epoch = ids::nonce(randomness);
        let restated = slot::restate(self.books.conn(), &mut ledger).await;
        self.books.done(restated)?;
        for lane in Lane::BY_URGENCY {
            let counters = ledger.lane_mut(lane);
            counters.handed_out = counters.acked;
        }
        let saved = ledger.save_epoch(self.books.conn()).await;
        self.books.done(saved)?;
        self.books.commit(ledger, &Lane::BY_URGENCY).await?;
        Ok(ledger.epoch)
    }

    /// Losses that no evidence tells yet. Empty while [`LOSS_REPORTS_PENDING_MAX`] reports wait for
    /// their ack: further losses merge meanwhile.
    pub async fn unreported_losses(&mut self) -> Result<Vec<Loss>, DatabaseError> {
        if self.books.ledger().await?.reports_pending >= LOSS_REPORTS_PENDING_MAX {
            return Ok(Vec::new());
        }
        let losses = loss::all(self.books.conn()).await;
        self.books.done(losses)
    }

    /// Appends the caller's account of a loss to the urgent lane and takes the loss out of the book,
    /// in one transaction. No cap drops the account. `loss` must be as just read: one that has grown
    /// since is refused.
    pub async fn report_loss(
        &mut self,
        loss: &Loss,
        observed_at: Instant,
        payload: &[u8],
    ) -> Result<(), ReportLossError> {
        refusal::check_report(payload)?;
        let mut ledger = self.books.begin().await?;
        if ledger.reports_pending >= LOSS_REPORTS_PENDING_MAX {
            return Err(ReportLossError::TooManyPending);
        }
        let cleared = loss::clear(self.books.conn(), loss).await;
        if !self.books.done(cleared)? {
            return Err(ReportLossError::Changed);
        }
        let row = evidence::Row {
            lane: Lane::Urgent,
            seq: ledger.assign(Lane::Urgent),
            is_report: true,
            observed_at,
            payload,
        };
        let appended = evidence::append(self.books.conn(), &[row]).await;
        self.books.done(appended)?;
        ledger.reports_pending += 1;
        Ok(self.books.commit(ledger, &[Lane::Urgent]).await?)
    }

    /// Drops evidence older than the cap by age. Not part of `put`: only a caller who trusts the
    /// clock may call it, or a clock set to 2099 would drop everything.
    pub async fn expire(&mut self, now: Instant) -> Result<(), DatabaseError> {
        let cutoff = now - self.books.limits.evidence_age_ms_max;
        let mut ledger = self.books.begin().await?;
        let expired = room::expire(self.books.conn(), &mut ledger, cutoff).await;
        self.books.done(expired)?;
        self.books.commit(ledger, &[]).await
    }

    /// Frees the slots of delivered state whose key begins so and that was last said before an
    /// instant, because nobody will say it again; how many. Like [`Self::expire`], only for a caller
    /// who trusts the clock.
    pub async fn release(
        &mut self,
        key_start: &str,
        before: Instant,
    ) -> Result<u64, DatabaseError> {
        let mut ledger = self.books.begin().await?;
        let released = slot::release(self.books.conn(), &mut ledger, key_start, before).await;
        let count = self.books.done(released)?;
        self.books.commit(ledger, &[]).await?;
        Ok(count)
    }

    /// Gives space back to the file system, a small step at a time; says whether there is more to
    /// give. For a quiet moment: after a drain, and every minute or so.
    pub async fn tidy(&mut self) -> Result<bool, DatabaseError> {
        let stored = self.books.ledger().await?.evidence_bytes();
        let budget = self.books.budget(stored).await?;
        if stored > budget.bytes {
            let mut ledger = self.books.begin().await?;
            let made = room::make(self.books.conn(), &mut ledger, budget).await;
            self.books.done(made)?;
            self.books.commit(ledger, &[]).await?;
        }
        self.books.shrink().await
    }

    fn opened(
        folder: PathBuf,
        limits: Limits,
        space: Box<dyn DiskSpace>,
        ready: opening::Ready,
    ) -> Opened {
        Opened {
            epoch: ready.ledger.epoch,
            fresh: ready.is_fresh,
            quarantined: ready.quarantined,
            spool: Self {
                books: Books {
                    folder,
                    limits,
                    space,
                    database: ready.database,
                    ledger: Some(ready.ledger),
                },
            },
        }
    }
}
