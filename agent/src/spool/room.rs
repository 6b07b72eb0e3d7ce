//! Makes room: drops the oldest of the least important, and writes every loss into the book.
//!
//! Routine evidence goes before urgent evidence; state and reports of losses never go. The rows,
//! the book and the counters change in the caller's one transaction.

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::SqliteConnection;

use super::evidence::{self, Candidate};
use super::ledger::Ledger;
use super::limit::Budget;
use super::loss::{self, Loss, LossReason};
use super::record::{Record, counted, stored_len};
use super::slot;
use super::tally::Tally;

/// The lanes that may lose something, the least important first.
const DROP_ORDER: [Lane; 2] = [Lane::Routine, Lane::Urgent];

/// Rows looked at in one step: it bounds the memory of dropping a whole spool.
const STEP_ROWS: usize = 500;

/// Drops until what stays is within the budget.
pub(super) async fn make(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    budget: Budget,
) -> sqlx::Result<()> {
    for lane in DROP_ORDER {
        while ledger.evidence_bytes() > budget.bytes {
            let excess = ledger.evidence_bytes() - budget.bytes;
            let oldest = evidence::candidates(conn, lane, 0, Instant::LATEST, STEP_ROWS).await?;
            let doomed = covering(&oldest, excess);
            if doomed.is_empty() {
                break;
            }
            discard(conn, ledger, lane, budget.reason, doomed).await?;
        }
    }
    Ok(())
}

/// Drops what was observed before `cutoff`.
pub(super) async fn expire(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    cutoff: Instant,
) -> sqlx::Result<()> {
    for lane in DROP_ORDER {
        if ledger
            .lane(lane)
            .oldest_at
            .is_none_or(|oldest| oldest >= cutoff)
        {
            continue;
        }
        let mut after_seq = 0;
        loop {
            let latest = cutoff - 1;
            let aged = evidence::candidates(conn, lane, after_seq, latest, STEP_ROWS).await?;
            let Some(last) = aged.last() else { break };
            after_seq = last.seq;
            discard(conn, ledger, lane, LossReason::Age, &aged).await?;
        }
        let left = evidence::tally(conn, lane).await?;
        ledger.lane_mut(lane).oldest_at = left.oldest_at;
    }
    Ok(())
}

/// Takes out records whose checksum does not match. A state comes back when it is said the next
/// time, yet it too is told as a loss: until then the coordinator holds an older one.
pub(super) async fn discard_damaged(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    lane: Lane,
    records: &[Record],
) -> sqlx::Result<()> {
    for record in records {
        let bytes = counted(stored_len(record.payload.len()));
        let damaged = Candidate {
            seq: record.seq,
            observed_at: record.observed_at,
            bytes,
        };
        if lane == Lane::State {
            slot::remove(conn, ledger, record.seq).await?;
        } else if evidence::is_report(conn, lane, record.seq).await? {
            evidence::remove(conn, lane, &[record.seq]).await?;
            ledger.reports_pending = ledger.reports_pending.saturating_sub(1);
        } else {
            discard(conn, ledger, lane, LossReason::Damage, &[damaged]).await?;
            continue;
        }
        loss::note(conn, &merged(lane, LossReason::Damage, damaged, &[])).await?;
    }
    Ok(())
}

/// The first of `oldest` that together weigh at least `excess`.
fn covering(oldest: &[Candidate], excess: u64) -> &[Candidate] {
    let mut weight = 0_u64;
    for (index, candidate) in oldest.iter().enumerate() {
        weight = weight.saturating_add(Tally::weight(1, candidate.bytes));
        if weight >= excess {
            return &oldest[..=index];
        }
    }
    oldest
}

async fn discard(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    lane: Lane,
    reason: LossReason,
    doomed: &[Candidate],
) -> sqlx::Result<()> {
    let Some((first, rest)) = doomed.split_first() else {
        return Ok(());
    };
    let seqs: Vec<u64> = doomed.iter().map(|row| row.seq).collect();
    evidence::remove(conn, lane, &seqs).await?;
    let loss = merged(lane, reason, *first, rest);
    loss::note(conn, &loss).await?;
    let weight = Tally::weight(loss.count, loss.bytes);
    ledger.lane_mut(lane).remove(loss.count, weight);
    Ok(())
}

/// One loss out of several rows in the order of their sequences.
fn merged(lane: Lane, reason: LossReason, first: Candidate, rest: &[Candidate]) -> Loss {
    let start = Loss::of_one(lane, reason, first.seq, first.observed_at, first.bytes);
    rest.iter().fold(start, |loss, row| Loss {
        last_seq: row.seq,
        count: loss.count + 1,
        bytes: loss.bytes + row.bytes,
        oldest_at: loss.oldest_at.min(row.observed_at),
        newest_at: loss.newest_at.max(row.observed_at),
        ..loss
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: u64, bytes: u64) -> Candidate {
        Candidate {
            seq,
            observed_at: Instant::EPOCH,
            bytes,
        }
    }

    #[test]
    fn no_more_is_dropped_than_covers_the_excess() {
        let rows = [row(1, 100), row(2, 100), row(3, 100)];
        let one = Tally::weight(1, 100);
        assert_eq!(covering(&rows, 1).len(), 1);
        assert_eq!(covering(&rows, one).len(), 1);
        assert_eq!(covering(&rows, one + 1).len(), 2);
        assert_eq!(covering(&rows, u64::MAX).len(), 3);
    }
}
