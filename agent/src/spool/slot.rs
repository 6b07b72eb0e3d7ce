//! The slots of state: one per key, the latest wins.
//!
//! A slot keeps its payload after the ack, so that the same state said again is no change (also when
//! it was seen again later, as after a restart) and the whole state can be told anew. It is delivered
//! when its sequence is acked; nothing else marks it.

use std::collections::BTreeSet;

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use sqlx::{QueryBuilder, Sqlite, SqliteConnection};

use super::ledger::Ledger;
use super::limit::Limits;
use super::record::{Put, Record, checksum, counted, last_fitting, stored, stored_len};
use super::tally::{Tally, TallyRow};

/// Rows per statement: five values each, far below SQLite's 32 766 parameters.
const ROWS_PER_STATEMENT: usize = 100;

/// What the slots would grow to, when that is too much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Overgrown {
    pub(super) slots: u64,
    pub(super) bytes: u64,
}

/// How a key's slot stands before the batch.
struct Before {
    is_same: bool,
    bytes: i64,
}

/// Everything in the slots.
pub(super) async fn tally(conn: &mut SqliteConnection) -> sqlx::Result<Tally> {
    let row: TallyRow = sqlx::query_as(
        "SELECT count(*), coalesce(sum(length(CAST(key AS BLOB)) + length(payload)), 0), 0, \
         min(seq), max(seq), min(observed_ms) FROM slot",
    )
    .fetch_one(conn)
    .await?;
    Ok(Tally::from_row(row))
}

/// Of each key only what the batch says last, in the order of saying.
pub(super) fn latest(batch: &[Put]) -> Vec<&Put> {
    let mut seen = BTreeSet::new();
    let keyed = batch.iter().filter_map(|put| Some((put.key()?, put)));
    let last = keyed.rev().filter(|(key, _)| seen.insert(*key));
    let mut kept: Vec<_> = last.map(|(_, put)| put).collect();
    kept.reverse();
    kept
}

/// Writes what changes into the slots. Nothing is written when they would outgrow their caps.
pub(super) async fn write(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    puts: &[&Put],
    limits: &Limits,
) -> sqlx::Result<Result<(), Overgrown>> {
    let mut changed = Vec::new();
    let mut after = *ledger.lane(Lane::State);
    for chunk in puts.chunks(ROWS_PER_STATEMENT) {
        for (put, before) in chunk
            .iter()
            .zip(compare(conn, chunk, limits.state_stamp_bytes).await?)
        {
            let is_gone = matches!(put, Put::Forget { .. });
            match before {
                // What was never said needs no tombstone; what was said last is no change.
                None if is_gone => continue,
                Some(before) if before.is_same => continue,
                None => after.count += 1,
                Some(before) => {
                    let weight = Tally::weight(1, counted(before.bytes));
                    after.bytes = after.bytes.saturating_sub(weight);
                }
            }
            let bytes = put.payload().len() + put.key().map_or(0, str::len);
            after.bytes += Tally::weight(1, counted(stored_len(bytes)));
            changed.push(*put);
        }
    }
    let before = ledger.lane(Lane::State);
    let too_many = after.count > before.count && after.count > limits.state_slots_max;
    let too_large = after.bytes > before.bytes && after.bytes > limits.state_bytes_max;
    if too_many || too_large {
        return Ok(Err(Overgrown {
            slots: after.count,
            bytes: after.bytes,
        }));
    }
    *ledger.lane_mut(Lane::State) = after;
    for chunk in changed.chunks(ROWS_PER_STATEMENT) {
        replace(conn, ledger, chunk).await?;
    }
    Ok(Ok(()))
}

/// How the slots of some keys stand, in the order of the puts. The database compares, so that
/// payloads need not come back; one that rotted differs and is thereby written anew.
async fn compare(
    conn: &mut SqliteConnection,
    puts: &[&Put],
    stamp_bytes: usize,
) -> sqlx::Result<Vec<Option<Before>>> {
    let mut query = QueryBuilder::<Sqlite>::new("WITH said (at, key, gone, payload) AS (");
    query.push_values(puts.iter().enumerate(), |mut row, (at, put)| {
        row.push_bind(stored_len(at))
            .push_bind(put.key().unwrap_or_default())
            .push_bind(matches!(put, Put::Forget { .. }))
            .push_bind(put.payload());
    });
    // What follows the stamp is the state; one that is no longer than its stamp has none.
    query
        .push("), stamp (bytes) AS (SELECT ")
        .push_bind(stored_len(stamp_bytes))
        .push(
            ") SELECT said.at, slot.gone = said.gone AND (slot.payload IS said.payload \
             OR length(said.payload) > bytes \
             AND substr(slot.payload, bytes + 1) IS substr(said.payload, bytes + 1)), \
             length(CAST(slot.key AS BLOB)) + length(slot.payload) \
             FROM said JOIN slot ON slot.key = said.key, stamp",
        );
    let rows: Vec<(i64, bool, i64)> = query
        .build_query_as()
        .persistent(false)
        .fetch_all(conn)
        .await?;
    let mut found: Vec<Option<Before>> = puts.iter().map(|_| None).collect();
    for (at, is_same, bytes) in rows {
        let place = usize::try_from(at).ok().and_then(|at| found.get_mut(at));
        if let Some(place) = place {
            *place = Some(Before { is_same, bytes });
        }
    }
    Ok(found)
}

async fn replace(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    puts: &[&Put],
) -> sqlx::Result<()> {
    let mut query = QueryBuilder::<Sqlite>::new(
        "INSERT OR REPLACE INTO slot (seq, key, gone, observed_ms, checksum, payload) ",
    );
    query.push_values(puts, |mut row, put| {
        let gone = matches!(put, Put::Forget { .. });
        let key = put.key().unwrap_or_default();
        let observed_ms = put.observed_at().ms();
        row.push_bind(stored(ledger.assign(Lane::State)))
            .push_bind(key)
            .push_bind(gone)
            .push_bind(observed_ms)
            .push_bind(checksum(observed_ms, gone, key, put.payload()))
            .push_bind(put.payload());
    });
    query.build().persistent(false).execute(conn).await?;
    Ok(())
}

/// A run of states not yet delivered, and the sequences of those whose checksum does not match.
pub(super) async fn read(
    conn: &mut SqliteConnection,
    after_seq: u64,
    count_max: usize,
    bytes_max: usize,
) -> sqlx::Result<(Vec<Record>, Vec<Record>)> {
    type Row = (i64, String, bool, i64, i64, Vec<u8>);
    let sizes: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT seq, length(payload) FROM slot WHERE seq > $1 ORDER BY seq LIMIT $2",
    )
    .bind(stored(after_seq))
    .bind(stored_len(count_max))
    .fetch_all(&mut *conn)
    .await?;
    let Some(last) = last_fitting(&sizes, bytes_max) else {
        return Ok((Vec::new(), Vec::new()));
    };
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT seq, key, gone, observed_ms, checksum, payload FROM slot \
         WHERE seq > $1 AND seq <= $2 ORDER BY seq",
    )
    .bind(stored(after_seq))
    .bind(last)
    .fetch_all(conn)
    .await?;
    let (mut sound, mut damaged) = (Vec::new(), Vec::new());
    for (seq, key, gone, observed_ms, sum, payload) in rows {
        let is_sound = sum == checksum(observed_ms, gone, &key, &payload);
        let record = Record {
            seq: counted(seq),
            observed_at: Instant::from_ms(observed_ms),
            payload,
        };
        if is_sound { &mut sound } else { &mut damaged }.push(record);
    }
    Ok((sound, damaged))
}

/// Frees the slots of forgotten keys whose tombstones are delivered, and counts what is left.
pub(super) async fn ack(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    through_seq: u64,
) -> sqlx::Result<()> {
    let done = sqlx::query("DELETE FROM slot WHERE seq <= $1 AND gone = 1")
        .bind(stored(through_seq))
        .execute(&mut *conn)
        .await?;
    if done.rows_affected() > 0 {
        recount(conn, ledger).await?;
    }
    Ok(())
}

/// Frees the delivered slots whose key begins so and whose state was last said before an instant.
pub(super) async fn release(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    key_start: &str,
    before: Instant,
) -> sqlx::Result<u64> {
    let done = sqlx::query(
        "DELETE FROM slot WHERE seq <= $1 AND observed_ms < $2 \
         AND substr(key, 1, length($3)) = $3",
    )
    .bind(stored(ledger.lane(Lane::State).acked))
    .bind(before.ms())
    .bind(key_start)
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() > 0 {
        recount(conn, ledger).await?;
    }
    Ok(done.rows_affected())
}

/// Removes one slot; its state comes back when it is said the next time.
pub(super) async fn remove(
    conn: &mut SqliteConnection,
    ledger: &mut Ledger,
    seq: u64,
) -> sqlx::Result<()> {
    sqlx::query("DELETE FROM slot WHERE seq = $1")
        .bind(stored(seq))
        .execute(&mut *conn)
        .await?;
    recount(conn, ledger).await
}

async fn recount(conn: &mut SqliteConnection, ledger: &mut Ledger) -> sqlx::Result<()> {
    let left = tally(conn).await?;
    let counters = ledger.lane_mut(Lane::State);
    counters.count = left.count;
    counters.bytes = left.bytes;
    Ok(())
}

/// Gives every slot a fresh sequence, in the old order, so that all of them are undelivered.
pub(super) async fn restate(conn: &mut SqliteConnection, ledger: &mut Ledger) -> sqlx::Result<()> {
    let counters = ledger.lane_mut(Lane::State);
    // Fresh sequences are above all old ones, so no step of the update meets a taken one.
    let done = sqlx::query(
        "UPDATE slot SET seq = $1 + numbered.position FROM \
         (SELECT seq AS old, row_number() OVER (ORDER BY seq) AS position FROM slot) AS numbered \
         WHERE slot.seq = numbered.old",
    )
    .bind(stored(counters.assigned))
    .execute(conn)
    .await?;
    counters.assigned += done.rows_affected();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(key: &str, payload: u8) -> Put {
        Put::State {
            key: key.to_owned(),
            observed_at: Instant::EPOCH,
            payload: vec![payload],
        }
    }

    #[test]
    fn a_batch_keeps_what_it_says_last_of_each_key() {
        let batch = [state("a", 1), state("b", 2), state("a", 3)];
        assert_eq!(latest(&batch), [&batch[1], &batch[2]]);
    }
}
