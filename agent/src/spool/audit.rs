//! Reads the ledger from the tables and checks that they agree with each other.
//!
//! The check of the file's structure does not see a counter whose bits have flipped, and one that is
//! too high would take evidence for delivered.

use keepwatch_common::model::observation::Lane;
use sqlx::SqliteConnection;

use super::evidence;
use super::ledger::{LaneLedger, Ledger, SEQ_END};
use super::record::counted;
use super::schema::NotOurs;
use super::slot;

/// Counts everything anew. A contradiction is damage.
pub(super) async fn ledger(conn: &mut SqliteConnection) -> sqlx::Result<Ledger> {
    let epoch: i64 = sqlx::query_scalar("SELECT epoch FROM spool")
        .fetch_one(&mut *conn)
        .await?;
    let mut ledger = Ledger::of_epoch(epoch.cast_unsigned());
    for lane in Lane::BY_URGENCY {
        let (assigned, handed_out, acked): (i64, i64, i64) =
            sqlx::query_as("SELECT assigned, handed_out, acked FROM lane WHERE lane = $1")
                .bind(lane.number())
                .fetch_one(&mut *conn)
                .await?;
        let tally = match lane {
            Lane::State => slot::tally(conn).await?,
            Lane::Urgent | Lane::Routine => evidence::tally(conn, lane).await?,
        };
        let in_order = [0, acked, handed_out, assigned].is_sorted() && counted(assigned) < SEQ_END;
        // Evidence up to the ack is gone; a slot stays after its ack.
        let seq_min = if lane == Lane::State { 0 } else { acked };
        let holds = |seq: Option<i64>| seq.is_none_or(|seq| seq_min < seq && seq <= assigned);
        if !in_order || !holds(tally.first_seq) || !holds(tally.last_seq) {
            return Err(NotOurs::Counters { lane }.into());
        }
        ledger.reports_pending += tally.reports;
        *ledger.lane_mut(lane) = LaneLedger {
            assigned: counted(assigned),
            handed_out: counted(handed_out),
            acked: counted(acked),
            count: tally.count,
            bytes: tally.bytes,
            oldest_at: tally.oldest_at,
        };
    }
    Ok(ledger)
}
