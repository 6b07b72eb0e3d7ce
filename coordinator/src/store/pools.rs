//! The connections to the database, and what each is told.
//!
//! SQLite gets one connection that writes and a few that read: a transaction that begins reading and
//! wants to write later would fail at once instead of waiting, so whoever writes says so first.
//! PostgreSQL gets one pool and limits of time, so that a lost client or a page gone wild holds no
//! lock for long.

use std::path::Path;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, PgPool, SqliteConnection, SqlitePool};

use super::url::Place;

/// Readers of an SQLite file: pages are short, and more threads than this only wait for the disk.
const SQLITE_READERS_MAX: u32 = 8;

/// Connections of one coordinator to PostgreSQL: its default of 100 serves six coordinators.
const POSTGRES_CONNECTIONS_MAX: u32 = 16;

/// Prepared statements kept by each connection: all of ours, with the four sizes of each batch.
const STATEMENTS_KEPT_MAX: usize = 256;

/// How long SQLite waits for another process (a backup) that holds the file.
const SQLITE_BUSY_WAIT: Duration = Duration::from_secs(10);

/// How long a caller waits for its turn: longer than any group of reports takes.
const ACQUIRE_WAIT: Duration = Duration::from_secs(30);

/// PostgreSQL's limits for one statement, for waiting on a lock and for a transaction that does
/// nothing. Each is longer than what we ever do on purpose.
const POSTGRES_LIMITS: [(&str, &str); 3] = [
    ("statement_timeout", "30s"),
    ("lock_timeout", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
];

/// Bytes of SQLite's log that are kept after a long transaction: 64 MiB.
const SQLITE_LOG_BYTES_MAX: &str = "67108864";

/// The connections of one store.
#[derive(Debug, Clone)]
pub(super) enum Pools {
    /// To a file.
    Sqlite {
        /// Several that may not write.
        reader: SqlitePool,
        /// The one that may.
        writer: SqlitePool,
    },
    /// To a server.
    Postgres(PgPool),
}

/// Why a database cannot be worked with.
#[derive(Debug, thiserror::Error)]
pub enum PoolsError {
    /// It cannot be reached, or is no database.
    #[error("no connection to the database could be made; look whether it runs and lets us in")]
    Connect(#[from] sqlx::Error),
    /// PostgreSQL would lose what it confirmed.
    #[error(
        "synchronous_commit is off, so the server could lose what was acknowledged; \
         set it to on for this database"
    )]
    NotDurable,
    /// PostgreSQL cannot keep all names.
    #[error("texts are kept as {encoding}; create the database with ENCODING 'UTF8'")]
    NotUtf8 {
        /// Its encoding.
        encoding: String,
    },
}

impl Pools {
    /// Connects to a file that exists, or to a server.
    pub(super) async fn connect(place: &Place) -> Result<Self, PoolsError> {
        match place {
            Place::Sqlite(path) => Self::of_file(path).await,
            Place::Postgres(options) => Self::of_server(options).await,
        }
    }

    async fn of_file(path: &Path) -> Result<Self, PoolsError> {
        let writer = sqlite_pool(sqlite_options(path), 1).await?;
        let options = sqlite_options(path).pragma("query_only", "ON");
        let reader = sqlite_pool(options, SQLITE_READERS_MAX).await?;
        Ok(Self::Sqlite { reader, writer })
    }

    /// Checks, too, that the server can keep what we promise.
    async fn of_server(options: &PgConnectOptions) -> Result<Self, PoolsError> {
        let options = options
            .clone()
            .application_name("keepwatch")
            .statement_cache_capacity(STATEMENTS_KEPT_MAX)
            .options(POSTGRES_LIMITS)
            .disable_statement_logging();
        let pool = PgPoolOptions::new()
            .max_connections(POSTGRES_CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_WAIT)
            .connect_with(options)
            .await?;
        let (synchronous, encoding): (String, String) = sqlx::query_as(
            "SELECT current_setting('synchronous_commit'), current_setting('server_encoding')",
        )
        .fetch_one(&pool)
        .await?;
        if synchronous == "off" {
            return Err(PoolsError::NotDurable);
        }
        if encoding != "UTF8" {
            return Err(PoolsError::NotUtf8 { encoding });
        }
        Ok(Self::Postgres(pool))
    }
}

fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(false)
        // Space is given back in small steps, off the hot path; this must be chosen before there
        // are tables.
        .auto_vacuum(SqliteAutoVacuum::Incremental)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(SQLITE_BUSY_WAIT)
        .pragma("journal_size_limit", SQLITE_LOG_BYTES_MAX)
        .statement_cache_capacity(STATEMENTS_KEPT_MAX)
        .disable_statement_logging()
}

async fn sqlite_pool(
    options: SqliteConnectOptions,
    connections_max: u32,
) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new()
        .max_connections(connections_max)
        .acquire_timeout(ACQUIRE_WAIT)
        // A file does not hang up, and a fresh connection would begin with an empty cache.
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, _| Box::pin(is_outside_transactions(connection)))
        .connect_with(options)
        .await
}

/// Whether a connection may be used again. When SQLite cannot write (a full disk), it ends the
/// transaction by itself; the rollback that follows is refused, and sqlx counts a transaction that is
/// not there and would let nobody begin another. Such a connection is closed and made anew.
async fn is_outside_transactions(connection: &mut SqliteConnection) -> Result<bool, sqlx::Error> {
    // Its answer comes after the rollback that a dropped transaction left behind.
    connection.ping().await?;
    Ok(!connection.is_in_transaction())
}
