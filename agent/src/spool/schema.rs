//! The tables of a spool, how a new file gets them, and what is checked in an old one.
//!
//! The version stands twice, in the file's header and in a row: a flipped bit must not look like a
//! newer version, which would keep the agent from starting.

use keepwatch_common::ids::{self, Randomness};
use keepwatch_common::model::observation::Lane;
use sqlx::SqliteConnection;

use super::database::Database;

/// The version of the tables below.
pub(super) const VERSION: i64 = 1;

/// "kwsp": tells a spool from any other database.
const APPLICATION_ID: i64 = 0x6b77_7370;

/// `evidence.place` is the lane's number times 2^56 plus the sequence, so that one tree without an
/// index holds each lane as one run in order. A state's sequence is the key of its slot.
const TABLES: &str = "
    CREATE TABLE spool (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        version INTEGER NOT NULL,
        epoch INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE lane (
        lane INTEGER PRIMARY KEY CHECK (lane BETWEEN 0 AND 2),
        assigned INTEGER NOT NULL,
        handed_out INTEGER NOT NULL,
        acked INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE slot (
        seq INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        gone INTEGER NOT NULL CHECK (gone IN (0, 1)),
        observed_ms INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        payload BLOB NOT NULL
    ) STRICT;
    CREATE TABLE evidence (
        place INTEGER PRIMARY KEY,
        is_report INTEGER NOT NULL CHECK (is_report IN (0, 1)),
        observed_ms INTEGER NOT NULL,
        checksum INTEGER NOT NULL,
        payload BLOB NOT NULL
    ) STRICT;
    CREATE TABLE loss (
        lane INTEGER NOT NULL CHECK (lane BETWEEN 0 AND 2),
        reason INTEGER NOT NULL CHECK (reason BETWEEN 0 AND 3),
        first_seq INTEGER NOT NULL,
        last_seq INTEGER NOT NULL,
        count INTEGER NOT NULL,
        bytes INTEGER NOT NULL,
        oldest_ms INTEGER NOT NULL,
        newest_ms INTEGER NOT NULL,
        PRIMARY KEY (lane, reason)
    ) STRICT, WITHOUT ROWID;";

/// Why the file is not a spool that this agent can use.
#[derive(Debug)]
pub(super) enum SchemaFault {
    /// A newer agent wrote it.
    Newer { found: i64 },
    /// The database failed, or is not a spool.
    Database(sqlx::Error),
}

impl From<sqlx::Error> for SchemaFault {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// What is in the file is not what we wrote. It travels as a decoding error, which is damage.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotOurs {
    #[error("the check of the file found: {finding}")]
    Check { finding: String },
    #[error("the file is a database of another program")]
    OtherProgram,
    #[error("the file names two schema versions, {header} and {row}")]
    TwoVersions { header: i64, row: i64 },
    #[error("the counters of lane {lane:?} contradict its records")]
    Counters { lane: Lane },
}

impl From<NotOurs> for sqlx::Error {
    fn from(fault: NotOurs) -> Self {
        Self::Decode(Box::new(fault))
    }
}

/// Makes the tables in an empty file, or checks those of an old one; says whether it was empty.
pub(super) async fn ensure(
    database: &mut Database,
    randomness: &dyn Randomness,
) -> Result<bool, SchemaFault> {
    let finding: String = scalar(database, "PRAGMA quick_check(1)").await?;
    if finding != "ok" {
        return Err(sqlx::Error::from(NotOurs::Check { finding }).into());
    }
    let application: i64 = scalar(database, "PRAGMA application_id").await?;
    let header: i64 = scalar(database, "PRAGMA user_version").await?;
    let tables: i64 = scalar(database, "SELECT count(*) FROM sqlite_schema").await?;
    if (application, header, tables) == (0, 0, 0) {
        create(database, randomness).await?;
        return Ok(true);
    }
    if application != APPLICATION_ID {
        return Err(sqlx::Error::from(NotOurs::OtherProgram).into());
    }
    // Every version keeps this column, or an older agent could not tell a newer spool from damage.
    let row: i64 = scalar(database, "SELECT version FROM spool").await?;
    match row {
        _ if row != header => Err(sqlx::Error::from(NotOurs::TwoVersions { header, row }).into()),
        VERSION => Ok(false),
        found => Err(SchemaFault::Newer { found }),
    }
}

async fn create(database: &mut Database, randomness: &dyn Randomness) -> sqlx::Result<()> {
    database.begin().await?;
    let conn = database.conn();
    sqlx::raw_sql(TABLES).execute(&mut *conn).await?;
    sqlx::query("INSERT INTO spool (one, version, epoch) VALUES (1, $1, $2)")
        .bind(VERSION)
        .bind(ids::nonce(randomness).cast_signed())
        .execute(&mut *conn)
        .await?;
    sqlx::query(
        "INSERT INTO lane (lane, assigned, handed_out, acked) \
         VALUES (0, 0, 0, 0), (1, 0, 0, 0), (2, 0, 0, 0)",
    )
    .execute(&mut *conn)
    .await?;
    stamp(conn).await?;
    database.commit().await
}

/// Writes into the file's header whose it is. A pragma takes no parameters, hence the built text.
async fn stamp(conn: &mut SqliteConnection) -> sqlx::Result<()> {
    let pragmas =
        format!("PRAGMA application_id = {APPLICATION_ID}; PRAGMA user_version = {VERSION}");
    sqlx::raw_sql(sqlx::AssertSqlSafe(pragmas))
        .execute(conn)
        .await?;
    Ok(())
}

async fn scalar<T>(database: &mut Database, statement: &'static str) -> sqlx::Result<T>
where
    T: Send + Unpin + for<'r> sqlx::Decode<'r, sqlx::Sqlite> + sqlx::Type<sqlx::Sqlite>,
{
    sqlx::query_scalar(statement)
        .fetch_one(database.conn())
        .await
}
