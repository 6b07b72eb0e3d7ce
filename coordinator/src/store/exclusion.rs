//! Who may open the database at the same time.
//!
//! Only one coordinator may serve from an SQLite file; several may share a PostgreSQL. What must
//! have the database to itself (a migration, the first person) finds out here, not by damaging what
//! runs. The operating system and PostgreSQL let go of the lock when its holder dies, so there is
//! never a stale one to remove.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use fs_err::os::unix::fs::OpenOptionsExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, PgConnection};

use super::url::Place;

/// How a program means to use the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// As a coordinator that serves: alone on SQLite, with other coordinators on PostgreSQL.
    Serving,
    /// Alone, on both.
    Alone,
}

/// The number of PostgreSQL's advisory lock that stands for *in use*.
const POSTGRES_USE_LOCK: i64 = 0x6b77_7573_6564;

/// Why the database could not be had.
#[derive(Debug, thiserror::Error)]
pub enum ExclusionError {
    /// Someone else has it.
    #[error("another keepwatch program is using the database; stop it first")]
    InUse,
    /// The lock file cannot be had.
    #[error("the lock beside the database cannot be taken")]
    File(#[source] std::io::Error),
    /// The server could not be asked.
    #[error("PostgreSQL could not be asked whether the database is in use")]
    Postgres(#[source] sqlx::Error),
}

/// The right to use the database; ends when the last clone is dropped.
#[derive(Debug, Clone)]
pub(super) enum Exclusion {
    /// An open file with a lock on it.
    File { _lock: Arc<fs_err::File> },
    /// A connection of its own with a lock on its session. It is never used again; the mutex only
    /// makes it shareable.
    Session { _lock: Arc<Mutex<PgConnection>> },
}

impl Exclusion {
    /// Takes the lock, or says at once that it is not to be had.
    pub(super) async fn take(place: &Place, sharing: Sharing) -> Result<Self, ExclusionError> {
        match place {
            Place::Sqlite(path) => Self::of_file(path),
            Place::Postgres(options) => Self::of_server(options, sharing).await,
        }
    }

    /// Locks `PATH.lock`. The file stays behind: removing it would let two programs lock two files.
    fn of_file(database: &Path) -> Result<Self, ExclusionError> {
        let lock = fs_err::OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(lock_path(database))
            .map_err(ExclusionError::File)?;
        match lock.file().try_lock() {
            Ok(()) => Ok(Self::File {
                _lock: Arc::new(lock),
            }),
            Err(std::fs::TryLockError::WouldBlock) => Err(ExclusionError::InUse),
            Err(std::fs::TryLockError::Error(source)) => Err(ExclusionError::File(source)),
        }
    }

    /// Locks a number in the database: shared among coordinators, exclusive for who must be alone.
    /// Needs a session of its own, so a pooler between must not share connections by transaction.
    async fn of_server(
        options: &PgConnectOptions,
        sharing: Sharing,
    ) -> Result<Self, ExclusionError> {
        let mut session = options.connect().await.map_err(ExclusionError::Postgres)?;
        let statement = match sharing {
            Sharing::Serving => "SELECT pg_try_advisory_lock_shared($1)",
            Sharing::Alone => "SELECT pg_try_advisory_lock($1)",
        };
        let granted: bool = sqlx::query_scalar(statement)
            .bind(POSTGRES_USE_LOCK)
            .fetch_one(&mut session)
            .await
            .map_err(ExclusionError::Postgres)?;
        if !granted {
            return Err(ExclusionError::InUse);
        }
        Ok(Self::Session {
            _lock: Arc::new(Mutex::new(session)),
        })
    }
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    PathBuf::from(name)
}
