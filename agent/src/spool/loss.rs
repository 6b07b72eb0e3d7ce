//! The bookkeeping of what the spool had to drop, until it was told as evidence.
//!
//! One row per lane and reason, merged: it can be neither dropped nor outgrow anything. A loss
//! leaves the book only in the transaction that appends its report to the urgent lane.

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::SqliteConnection;

use super::record::{counted, stored};

/// Why records were dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LossReason {
    /// The cap by bytes.
    Bytes,
    /// The cap by age.
    Age,
    /// The disk had less free than the recorder must be left.
    DiskFloor,
    /// The stored record did not match its checksum.
    Damage,
}

impl LossReason {
    const ALL: [Self; 4] = [Self::Bytes, Self::Age, Self::DiskFloor, Self::Damage];

    /// The number used in the database; never reused.
    fn number(self) -> i64 {
        match self {
            Self::Bytes => 0,
            Self::Age => 1,
            Self::DiskFloor => 2,
            Self::Damage => 3,
        }
    }
}

/// Records that were dropped and not yet told, merged by lane and reason.
///
/// Some may have been delivered without their ack having come back: the figure is an upper bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loss {
    /// The lane they were on; `State` only for damage.
    pub lane: Lane,
    pub reason: LossReason,
    /// The lowest sequence dropped.
    pub first_seq: u64,
    /// The highest sequence dropped; what lies between may have been delivered.
    pub last_seq: u64,
    /// How many records.
    pub count: u64,
    /// Bytes of their payloads.
    pub bytes: u64,
    /// When the oldest of them was observed.
    pub oldest_at: Instant,
    /// When the newest of them was observed.
    pub newest_at: Instant,
}

impl Loss {
    /// The loss of one record.
    pub(super) fn of_one(lane: Lane, reason: LossReason, seq: u64, at: Instant, len: u64) -> Self {
        Self {
            lane,
            reason,
            first_seq: seq,
            last_seq: seq,
            count: 1,
            bytes: len,
            oldest_at: at,
            newest_at: at,
        }
    }
}

/// Writes a loss into the book.
pub(super) async fn note(conn: &mut SqliteConnection, loss: &Loss) -> sqlx::Result<()> {
    sqlx::query(
        "INSERT INTO loss (lane, reason, first_seq, last_seq, count, bytes, oldest_ms, newest_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
         ON CONFLICT (lane, reason) DO UPDATE SET \
         first_seq = min(first_seq, excluded.first_seq), \
         last_seq = max(last_seq, excluded.last_seq), \
         count = count + excluded.count, bytes = bytes + excluded.bytes, \
         oldest_ms = min(oldest_ms, excluded.oldest_ms), \
         newest_ms = max(newest_ms, excluded.newest_ms)",
    )
    .bind(loss.lane.number())
    .bind(loss.reason.number())
    .bind(stored(loss.first_seq))
    .bind(stored(loss.last_seq))
    .bind(stored(loss.count))
    .bind(stored(loss.bytes))
    .bind(loss.oldest_at.ms())
    .bind(loss.newest_at.ms())
    .execute(conn)
    .await?;
    Ok(())
}

/// Everything in the book, by lane and reason.
pub(super) async fn all(conn: &mut SqliteConnection) -> sqlx::Result<Vec<Loss>> {
    type Row = (u8, i64, i64, i64, i64, i64, i64, i64);
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT lane, reason, first_seq, last_seq, count, bytes, oldest_ms, newest_ms \
         FROM loss ORDER BY lane, reason",
    )
    .fetch_all(conn)
    .await?;
    let parsed = rows.into_iter().filter_map(|row| {
        // The table refuses other numbers, so nothing is passed over here.
        let lane = Lane::from_number(row.0)?;
        let reason = LossReason::ALL.into_iter().find(|r| r.number() == row.1)?;
        Some(Loss {
            lane,
            reason,
            first_seq: counted(row.2),
            last_seq: counted(row.3),
            count: counted(row.4),
            bytes: counted(row.5),
            oldest_at: Instant::from_ms(row.6),
            newest_at: Instant::from_ms(row.7),
        })
    });
    Ok(parsed.collect())
}

/// Takes a loss out of the book if it still stands there exactly so; says whether it did.
pub(super) async fn clear(conn: &mut SqliteConnection, loss: &Loss) -> sqlx::Result<bool> {
    let done = sqlx::query(
        "DELETE FROM loss WHERE lane = $1 AND reason = $2 AND count = $3 AND bytes = $4 \
         AND first_seq = $5 AND last_seq = $6",
    )
    .bind(loss.lane.number())
    .bind(loss.reason.number())
    .bind(stored(loss.count))
    .bind(stored(loss.bytes))
    .bind(stored(loss.first_seq))
    .bind(stored(loss.last_seq))
    .execute(conn)
    .await?;
    Ok(done.rows_affected() == 1)
}
