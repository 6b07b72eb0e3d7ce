//! What the spool knows of itself: its epoch and, for each lane, sequences, counts and bytes.
//!
//! It is a copy of what the database says, kept in step by whoever changes rows. The spool throws it
//! away when a transaction begins and puts it back when it has committed, so that neither an error
//! nor a dropped future can leave it saying something that is not so.

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::SqliteConnection;

use super::record::stored;
use super::tally::Tally;

/// Sequences stay below this (2^56): the lane's number stands above them.
pub(super) const SEQ_END: u64 = 1 << 56;

/// Counters of one lane.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct LaneLedger {
    /// The last sequence given to a record.
    pub(super) assigned: u64,
    /// The last sequence that had been given when records were last handed out: no ack can be
    /// beyond it, unless the spool was put back to an earlier state.
    pub(super) handed_out: u64,
    /// Everything up to here is delivered.
    pub(super) acked: u64,
    /// Records kept: evidence not delivered (reports of losses apart), or state slots.
    pub(super) count: u64,
    /// Bytes they count for under the caps.
    pub(super) bytes: u64,
    /// No record was observed before this; nothing when there is none.
    pub(super) oldest_at: Option<Instant>,
}

impl LaneLedger {
    /// Counts a record in.
    pub(super) fn add(&mut self, observed_at: Instant, payload_bytes: usize) {
        let bytes = u64::try_from(payload_bytes).unwrap_or(u64::MAX);
        self.count += 1;
        self.bytes = self.bytes.saturating_add(Tally::weight(1, bytes));
        let oldest_at = self.oldest_at.unwrap_or(observed_at);
        self.oldest_at = Some(oldest_at.min(observed_at));
    }

    /// Counts records out. What is left may be younger than `oldest_at` says, never older.
    pub(super) fn remove(&mut self, count: u64, weight: u64) {
        self.count = self.count.saturating_sub(count);
        self.bytes = self.bytes.saturating_sub(weight);
    }
}

/// What the spool knows of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ledger {
    pub(super) epoch: u64,
    /// Reports of losses that wait for their ack.
    pub(super) reports_pending: u64,
    lanes: [LaneLedger; 3],
}

impl Ledger {
    /// Nothing counted yet.
    pub(super) fn of_epoch(epoch: u64) -> Self {
        Self {
            epoch,
            reports_pending: 0,
            lanes: [LaneLedger::default(); 3],
        }
    }

    pub(super) fn lane(&self, lane: Lane) -> &LaneLedger {
        &self.lanes[usize::from(lane.number())]
    }

    pub(super) fn lane_mut(&mut self, lane: Lane) -> &mut LaneLedger {
        &mut self.lanes[usize::from(lane.number())]
    }

    /// Bytes of evidence under the caps.
    pub(super) fn evidence_bytes(&self) -> u64 {
        self.lane(Lane::Urgent)
            .bytes
            .saturating_add(self.lane(Lane::Routine).bytes)
    }

    /// Gives out the next sequence of a lane.
    pub(super) fn assign(&mut self, lane: Lane) -> u64 {
        let counters = self.lane_mut(lane);
        counters.assigned += 1;
        counters.assigned
    }

    /// Writes the sequences of a lane.
    pub(super) async fn save_lane(
        &self,
        conn: &mut SqliteConnection,
        lane: Lane,
    ) -> sqlx::Result<()> {
        let counters = self.lane(lane);
        sqlx::query("UPDATE lane SET assigned = $1, handed_out = $2, acked = $3 WHERE lane = $4")
            .bind(stored(counters.assigned))
            .bind(stored(counters.handed_out))
            .bind(stored(counters.acked))
            .bind(lane.number())
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Writes the epoch.
    pub(super) async fn save_epoch(&self, conn: &mut SqliteConnection) -> sqlx::Result<()> {
        sqlx::query("UPDATE spool SET epoch = $1")
            .bind(self.epoch.cast_signed())
            .execute(conn)
            .await?;
        Ok(())
    }
}
