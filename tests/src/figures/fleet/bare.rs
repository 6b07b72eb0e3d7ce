//! The same rows into the same kind of database, with nothing around it: what a database on this
//! machine takes when nobody reads, judges or acknowledges.
//!
//! Every observation is one row as it came on the wire, in a table with the columns and the key of
//! the coordinator's evidence. Rows go in by one statement and one transaction a batch, as durable
//! as the coordinator's.

use keepwatch_common::wire::v1::report::Report;
use sqlx::{
    AssertSqlSafe, Connection, Database, Encode, Executor, IntoArguments, PgConnection, Type,
};
use uuid::Uuid;

use super::place::{Place, sqlite};
use crate::figures::statistics::count;
use crate::figures::stopwatch::Stopwatch;

/// Rows of one batch: about what the coordinator's transactions hold when it has much to do.
const BATCH_ROWS: usize = 500;

const COLUMNS: usize = 11;

/// One observation as it came.
#[derive(Debug)]
pub struct Row {
    agent: String,
    epoch: i64,
    lane: i64,
    sequence: i64,
    at_ms: i64,
    version: i64,
    coded: Vec<u8>,
}

/// The rows of an agent's reports.
pub fn rows_of<'r>(agent: Uuid, reports: impl Iterator<Item = &'r Report>) -> Vec<Row> {
    let whole = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let rows = reports.flat_map(|report| {
        report.observations.iter().map(move |entry| Row {
            agent: agent.to_string(),
            epoch: whole(report.epoch),
            lane: i64::from(report.lane),
            sequence: whole(entry.sequence),
            at_ms: report.clock_ms,
            version: i64::from(entry.version),
            coded: entry.coded.clone(),
        })
    });
    rows.collect()
}

/// Rows a second into an empty database.
pub async fn inserts_per_s(place: &Place, rows: &[Row]) -> Result<f64, sqlx::Error> {
    let watch;
    match place {
        Place::Sqlite(file) => {
            let mut connection = sqlite(file.clone()).await?;
            create(&mut connection, "INTEGER", "BLOB", " WITHOUT ROWID").await?;
            watch = Stopwatch::start();
            for batch in rows.chunks(BATCH_ROWS) {
                let mut tx = connection.begin().await?;
                insert(&mut *tx, batch, |_| "?".to_owned()).await?;
                tx.commit().await?;
            }
        }
        Place::Postgres(address) => {
            let mut connection = PgConnection::connect(address).await?;
            create(&mut connection, "BIGINT", "BYTEA", "").await?;
            watch = Stopwatch::start();
            for batch in rows.chunks(BATCH_ROWS) {
                let mut tx = connection.begin().await?;
                insert(&mut *tx, batch, |place| format!("${place}")).await?;
                tx.commit().await?;
            }
        }
    }
    Ok(count(rows.len()) / watch.seconds())
}

/// The table, in the words of its database.
async fn create<'c, D: Database>(
    connection: impl Executor<'c, Database = D>,
    integer: &str,
    bytes: &str,
    kept: &str,
) -> Result<(), sqlx::Error> {
    let text = format!(
        "CREATE TABLE bare (agent_id TEXT NOT NULL, epoch {integer} NOT NULL,
         lane {integer} NOT NULL, sequence {integer} NOT NULL, at_ms {integer} NOT NULL,
         received_ms {integer} NOT NULL, ahead_ms {integer}, verdict TEXT NOT NULL,
         version {integer} NOT NULL, coded {bytes} NOT NULL, reason TEXT,
         PRIMARY KEY (agent_id, epoch, lane, sequence)){kept}"
    );
    let text = AssertSqlSafe(text);
    connection.execute(sqlx::raw_sql(text)).await.map(drop)
}

/// One batch by one statement.
async fn insert<'q, 'c, D>(
    connection: impl Executor<'c, Database = D>,
    batch: &'q [Row],
    place: impl Fn(usize) -> String,
) -> Result<(), sqlx::Error>
where
    D: Database,
    D::Arguments: IntoArguments<D>,
    String: Encode<'q, D> + Type<D>,
    &'q str: Encode<'q, D> + Type<D>,
    &'q [u8]: Encode<'q, D> + Type<D>,
    i64: Encode<'q, D> + Type<D>,
    Option<i64>: Encode<'q, D> + Type<D>,
    Option<String>: Encode<'q, D> + Type<D>,
{
    let mut query = sqlx::query(AssertSqlSafe(statement(batch.len(), place)));
    for row in batch {
        query = query
            .bind(row.agent.as_str())
            .bind(row.epoch)
            .bind(row.lane)
            .bind(row.sequence)
            .bind(row.at_ms)
            .bind(row.at_ms)
            .bind(Some(0_i64))
            .bind("judged")
            .bind(row.version)
            .bind(row.coded.as_slice())
            .bind(None::<String>);
    }
    query.execute(connection).await.map(drop)
}

/// An insert of so many rows; `place` writes where the value of a number goes. SQLite is much faster
/// with places that have no number.
fn statement(rows: usize, place: impl Fn(usize) -> String) -> String {
    let rows: Vec<_> = (0..rows)
        .map(|row| {
            let places: Vec<_> = (1..=COLUMNS)
                .map(|column| place(row * COLUMNS + column))
                .collect();
            format!("({})", places.join(", "))
        })
        .collect();
    format!("INSERT INTO bare VALUES {}", rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_a_place_of_its_own() {
        let text = statement(2, |place| format!("${place}"));
        assert!(
            text.starts_with("INSERT INTO bare VALUES ($1, $2,"),
            "{text}"
        );
        assert!(text.ends_with(", $21, $22)"), "{text}");
    }
}
