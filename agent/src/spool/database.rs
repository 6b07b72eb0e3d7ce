//! The spool's one connection, its transactions, and what an error of it means.
//!
//! Transactions are begun and ended by plain statements and not by the library's guard: on a full
//! disk SQLite rolls back by itself, the guard's own rollback then fails, and it would count the
//! transaction as open for ever. Here an unfinished transaction (an error, or a future dropped half
//! way) is settled before anything else is read or written.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::record::counted;

/// How long to wait for another connection to let go of the file: an earlier spool of this process
/// that was dropped closes on its own thread and may still be writing its log back.
const BUSY_MS: u64 = 2_000;

/// Statements kept prepared; the spool has fewer.
const STATEMENTS_KEPT: usize = 48;

/// Exclusive: one process owns a spool, and no shared-memory file is needed, which on a full disk
/// could kill us. Full: what was put survives the loss of power. The log is cut back to 4 MiB.
/// The cache of 1 MiB is all the memory the spool should need.
const PRAGMAS: &str = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA auto_vacuum = INCREMENTAL; \
     PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304; \
     PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY; \
     PRAGMA cache_size = -1024";

/// What an error of the database means for the spool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// The file is no database, or not the one we wrote.
    Damaged,
    /// Another process has it open.
    InUse,
    /// The disk is full.
    Full,
    /// The file cannot be opened, read or written.
    Unreachable,
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Damaged => "is damaged: restart the agent, or move the file away",
            Self::InUse => "is in use by another process: stop the other agent first",
            Self::Full => "has no room on its disk: free some space",
            Self::Unreachable => {
                "cannot be read or written: check its permissions and the health of its disk"
            }
        })
    }
}

/// The database failed.
#[derive(Debug, thiserror::Error)]
#[error("the spool {} {condition}", path.display())]
pub struct DatabaseError {
    path: PathBuf,
    condition: Condition,
    #[source]
    source: sqlx::Error,
}

impl DatabaseError {
    pub(super) fn new(path: &Path, source: sqlx::Error) -> Self {
        Self {
            path: path.to_owned(),
            condition: condition(&source),
            source,
        }
    }

    /// What it means for the spool.
    pub fn condition(&self) -> Condition {
        self.condition
    }
}

/// Names what an error means. Everything that is not plainly the machine's fault is damage: the
/// statements are fixed and tested, so a row or a table they do not find was not left so by us.
fn condition(error: &sqlx::Error) -> Condition {
    let sqlx::Error::Database(told) = error else {
        return match error {
            sqlx::Error::Io(_) | sqlx::Error::Configuration(_) => Condition::Unreachable,
            _ => Condition::Damaged,
        };
    };
    let extended: i32 = told.code().and_then(|code| code.parse().ok()).unwrap_or(0);
    // Result codes of SQLite: the low byte is the kind, the rest the detail.
    match (extended & 0xff, extended) {
        (5 | 6, _) => Condition::InUse,
        (13, _) => Condition::Full,
        // Reading failed or fell short, the file system knows itself corrupt, checksums differ.
        (10, 266 | 522 | 8_202 | 8_458) => Condition::Damaged,
        // Permission, memory, other input and output, cannot open, lock protocol, authorisation.
        (3 | 7 | 10 | 14 | 15 | 23, _) => Condition::Unreachable,
        _ => Condition::Damaged,
    }
}

/// A connection that owns its file.
#[derive(Debug)]
pub(super) struct Database {
    path: PathBuf,
    conn: SqliteConnection,
    /// A transaction was begun and is not known to have ended.
    unfinished: bool,
}

impl Database {
    /// Opens the file without touching it; [`Self::own`] does.
    pub(super) async fn connect(path: &Path) -> sqlx::Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .busy_timeout(Duration::from_millis(BUSY_MS))
            .statement_cache_capacity(STATEMENTS_KEPT)
            .thread_name(|_| "spool".to_owned())
            .disable_statement_logging();
        Ok(Self {
            path: path.to_owned(),
            conn: options.connect().await?,
            unfinished: false,
        })
    }

    /// Takes the file for this process alone.
    pub(super) async fn own(&mut self) -> sqlx::Result<()> {
        sqlx::raw_sql(PRAGMAS).execute(&mut self.conn).await?;
        Ok(())
    }

    pub(super) fn conn(&mut self) -> &mut SqliteConnection {
        &mut self.conn
    }

    /// Says where the error happened and what it means.
    pub(super) fn fault(&self, source: sqlx::Error) -> DatabaseError {
        DatabaseError::new(&self.path, source)
    }

    /// Begins a transaction that writes; an unfinished one must be settled before.
    pub(super) async fn begin(&mut self) -> sqlx::Result<()> {
        self.unfinished = true;
        sqlx::query("BEGIN IMMEDIATE")
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }

    /// Makes it durable: after this it survives the loss of power.
    pub(super) async fn commit(&mut self) -> sqlx::Result<()> {
        sqlx::query("COMMIT").execute(&mut self.conn).await?;
        self.unfinished = false;
        Ok(())
    }

    /// Ends what an error or a dropped future left open.
    pub(super) async fn settle(&mut self) {
        if self.unfinished {
            // It fails when SQLite has rolled back by itself, and then there is nothing to do.
            let rolled_back = sqlx::query("ROLLBACK").execute(&mut self.conn).await;
            self.unfinished = false;
            drop(rolled_back);
        }
    }

    /// Pages inside the file that hold nothing.
    pub(super) async fn free_pages(&mut self) -> sqlx::Result<u64> {
        let pages: i64 = sqlx::query_scalar("PRAGMA freelist_count")
            .fetch_one(&mut self.conn)
            .await?;
        Ok(counted(pages))
    }

    /// Bytes inside the file that hold nothing.
    pub(super) async fn free_bytes(&mut self) -> sqlx::Result<u64> {
        let page_bytes: i64 = sqlx::query_scalar("PRAGMA page_size")
            .fetch_one(&mut self.conn)
            .await?;
        Ok(self.free_pages().await?.saturating_mul(counted(page_bytes)))
    }

    /// Gives up to `pages` free pages back to the file system: the file is cut when the log has been
    /// written back.
    pub(super) async fn shrink(&mut self, pages: u32) -> sqlx::Result<()> {
        // A pragma takes no parameters, hence the built text.
        let vacuum = format!("PRAGMA incremental_vacuum({pages})");
        sqlx::raw_sql(sqlx::AssertSqlSafe(vacuum))
            .execute(&mut self.conn)
            .await?;
        sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            .execute(&mut self.conn)
            .await?;
        Ok(())
    }

    /// Closes the file and waits until it is closed.
    pub(super) async fn close(self) -> sqlx::Result<()> {
        self.conn.close().await
    }
}
