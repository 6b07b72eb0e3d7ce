//! The ordered logs of evidence, one run of rows per lane.
//!
//! Rows that report losses are marked: no cap counts or drops them. Only an ack, a cap or a broken
//! checksum takes a row away, and the last two are written into the book of losses by the caller.

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::ledger::Ledger;
use super::record::{Put, Record, checksum, counted, last_fitting, stored, stored_len};
use super::tally::{Tally, TallyRow};

/// Rows per statement: five values each, far below SQLite's 32 766 parameters; more gain nothing.
const ROWS_PER_STATEMENT: usize = 100;

/// A row to append.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    pub(super) lane: Lane,
    pub(super) seq: u64,
    pub(super) is_report: bool,
    pub(super) observed_at: Instant,
    pub(super) payload: &'a [u8],
}

/// The key of a row. Sequences stay below 2^56, which the ledger sees to.
fn place(lane: Lane, seq: u64) -> i64 {
    base(lane) | stored(seq)
}

fn base(lane: Lane) -> i64 {
    i64::from(lane.number()) << 56
}

/// The last key a lane can have.
fn end(lane: Lane) -> i64 {
    base(lane) | ((1 << 56) - 1)
}

fn seq(lane: Lane, place: i64) -> u64 {
    counted(place - base(lane))
}

/// Everything a lane holds.
pub(super) async fn tally(conn: &mut SqliteConnection, lane: Lane) -> sqlx::Result<Tally> {
    tally_through(conn, lane, end(lane)).await
}

async fn tally_through(conn: &mut SqliteConnection, lane: Lane, last: i64) -> sqlx::Result<Tally> {
    let row: TallyRow = sqlx::query_as(
        "SELECT count(*) - coalesce(sum(is_report), 0), \
         coalesce(sum(CASE is_report WHEN 0 THEN length(payload) END), 0), \
         coalesce(sum(is_report), 0), min(place) - $1, max(place) - $1, \
         min(CASE is_report WHEN 0 THEN observed_ms END) \
         FROM evidence WHERE place >= $1 AND place <= $2",
    )
    .bind(base(lane))
    .bind(last)
    .fetch_one(conn)
    .await?;
    Ok(Tally::from_row(row))
}

/// The evidence of a batch with its sequences, counted in the ledger.
pub(super) fn rows<'a>(batch: &'a [Put], ledger: &mut Ledger) -> Vec<Row<'a>> {
    let is_evidence = |put: &&Put| put.lane() != Lane::State;
    let row = |put: &'a Put| {
        let lane = put.lane();
        let seq = ledger.assign(lane);
        ledger
            .lane_mut(lane)
            .add(put.observed_at(), put.payload().len());
        Row {
            lane,
            seq,
            is_report: false,
            observed_at: put.observed_at(),
            payload: put.payload(),
        }
    };
    batch.iter().filter(is_evidence).map(row).collect()
}

/// Appends rows whose sequences are already given out.
pub(super) async fn append(conn: &mut SqliteConnection, rows: &[Row<'_>]) -> sqlx::Result<()> {
    for chunk in rows.chunks(ROWS_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO evidence (place, is_report, observed_ms, checksum, payload) ",
        );
        query.push_values(chunk, |mut values, row| {
            let observed_ms = row.observed_at.ms();
            values
                .push_bind(place(row.lane, row.seq))
                .push_bind(row.is_report)
                .push_bind(observed_ms)
                .push_bind(checksum(observed_ms, row.is_report, "", row.payload))
                .push_bind(row.payload);
        });
        // Only the two commonest lengths are worth keeping prepared.
        let is_common = chunk.len() == 1 || chunk.len() == ROWS_PER_STATEMENT;
        query
            .build()
            .persistent(is_common)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// A run of records after `after_seq`, and those in it whose checksum does not match.
pub(super) async fn read(
    conn: &mut SqliteConnection,
    lane: Lane,
    after_seq: u64,
    count_max: usize,
    bytes_max: usize,
) -> sqlx::Result<(Vec<Record>, Vec<Record>)> {
    let sizes: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT place, length(payload) FROM evidence WHERE place > $1 AND place <= $2 \
         ORDER BY place LIMIT $3",
    )
    .bind(place(lane, after_seq))
    .bind(end(lane))
    .bind(stored_len(count_max))
    .fetch_all(&mut *conn)
    .await?;
    let Some(last) = last_fitting(&sizes, bytes_max) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let rows: Vec<(i64, bool, i64, i64, Vec<u8>)> = sqlx::query_as(
        "SELECT place, is_report, observed_ms, checksum, payload FROM evidence \
         WHERE place > $1 AND place <= $2 ORDER BY place",
    )
    .bind(place(lane, after_seq))
    .bind(last)
    .fetch_all(conn)
    .await?;
    let (mut sound, mut damaged) = (Vec::new(), Vec::new());
    for (at, is_report, observed_ms, sum, payload) in rows {
        let is_sound = sum == checksum(observed_ms, is_report, "", &payload);
        let record = Record {
            seq: seq(lane, at),
            observed_at: Instant::from_ms(observed_ms),
            payload,
        };
        if is_sound { &mut sound } else { &mut damaged }.push(record);
    }
    Ok((sound, damaged))
}

/// Deletes what is delivered.
pub(super) async fn ack(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    lane: Lane,
    through_seq: u64,
) -> sqlx::Result<()> {
    let last = place(lane, through_seq);
    let gone = tally_through(conn, lane, last).await?;
    sqlx::query("DELETE FROM evidence WHERE place >= $1 AND place <= $2")
        .bind(base(lane))
        .bind(last)
        .execute(conn)
        .await?;
    ledger.lane_mut(lane).remove(gone.count, gone.bytes);
    ledger.reports_pending = ledger.reports_pending.saturating_sub(gone.reports);
    Ok(())
}

/// A row that a cap may drop; `bytes` are those of its payload.
#[derive(Debug, Clone, Copy)]
pub(super) struct Candidate {
    pub(super) seq: u64,
    pub(super) observed_at: Instant,
    pub(super) bytes: u64,
}

/// The first rows of a lane after `after_seq` that were not observed later than `latest`, reports of
/// losses apart.
pub(super) async fn candidates(
    conn: &mut SqliteConnection,
    lane: Lane,
    after_seq: u64,
    latest: Instant,
    count_max: usize,
) -> sqlx::Result<Vec<Candidate>> {
    let rows: Vec<(i64, i64, i64)> = sqlx::query_as(
        "SELECT place, observed_ms, length(payload) FROM evidence WHERE place > $1 \
         AND place <= $2 AND is_report = 0 AND observed_ms <= $3 ORDER BY place LIMIT $4",
    )
    .bind(place(lane, after_seq))
    .bind(end(lane))
    .bind(latest.ms())
    .bind(stored_len(count_max))
    .fetch_all(conn)
    .await?;
    let candidate = |(at, observed_ms, bytes)| Candidate {
        seq: seq(lane, at),
        observed_at: Instant::from_ms(observed_ms),
        bytes: counted(bytes),
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// Deletes the given rows.
pub(super) async fn remove(
    conn: &mut SqliteConnection,
    lane: Lane,
    seqs: &[u64],
) -> sqlx::Result<()> {
    for chunk in seqs.chunks(ROWS_PER_STATEMENT) {
        let mut query = QueryBuilder::<Sqlite>::new("DELETE FROM evidence WHERE place IN ");
        query.push_tuples(chunk, |mut values, seq| {
            values.push_bind(place(lane, *seq));
        });
        let is_common = chunk.len() == ROWS_PER_STATEMENT;
        query
            .build()
            .persistent(is_common)
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Whether a record reports a loss.
pub(super) async fn is_report(
    conn: &mut SqliteConnection,
    lane: Lane,
    seq: u64,
) -> sqlx::Result<bool> {
    sqlx::query_scalar("SELECT is_report FROM evidence WHERE place = $1")
        .bind(place(lane, seq))
        .fetch_one(conn)
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_keep_lanes_apart_and_sequences_in_order() {
        let last = (1 << 56) - 1;
        assert!(place(Lane::Urgent, 1) < place(Lane::Urgent, last));
        assert!(place(Lane::Urgent, last) < place(Lane::Routine, 1));
        assert_eq!(place(Lane::Routine, last), end(Lane::Routine));
        assert_eq!(seq(Lane::Routine, place(Lane::Routine, 7)), 7);
    }
}
