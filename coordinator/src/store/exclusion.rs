//! Who may open the database at the same time.
//!
//! Only one coordinator may serve from an SQLite file; several may share a PostgreSQL. What must
//! have the database to itself (a migration, the first person) finds out here, not by damaging what
//! runs. The operating system and PostgreSQL let go of the lock when its holder dies, so there is
//! never a stale one to remove.

use std::ffi::OsString;
use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use fs_err::os::unix::fs::OpenOptionsExt;
use sqlx::postgres::PgConnectOptions;
use sqlx::{ConnectOptions, Connection, PgConnection};

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

/// The right to use the database. It ends when it is released or the last clone is dropped.
#[derive(Debug, Clone)]
pub(super) struct Exclusion(Arc<Mutex<Option<Lock>>>);

#[derive(Debug)]
enum Lock {
    /// An open file with a lock on it.
    File(FileLock),
    /// A connection of its own with a lock on its session; never used again. Boxed, because it is
    /// many times larger than a file.
    Session(Box<PgConnection>),
}

/// Unlocks before it closes: closing alone does not, while a child that another thread is just
/// starting still has the file open.
#[derive(Debug)]
struct FileLock(fs_err::File);

impl Drop for FileLock {
    fn drop(&mut self) {
        // A file that cannot be unlocked is unlocked by closing it, a moment later.
        let _unlocked = self.0.file().unlock();
    }
}

impl Exclusion {
    /// Takes the lock, or says at once that it is not to be had.
    pub(super) async fn take(place: &Place, sharing: Sharing) -> Result<Self, ExclusionError> {
        let lock = match place {
            Place::Sqlite(path) => file_lock(path)?,
            Place::Postgres(options) => session_lock(options, sharing).await?,
        };
        Ok(Self(Arc::new(Mutex::new(Some(lock)))))
    }

    /// Lets go, so that the next one need not wait for us to be gone.
    pub(super) async fn release(&self) {
        let lock = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        match lock {
            Some(Lock::Session(mut session)) => {
                // Unlocked first, because the server takes its time to end a session. One that
                // cannot say so has lost its lock with its connection.
                let _unlocked = sqlx::query("SELECT pg_advisory_unlock_all()")
                    .execute(&mut *session)
                    .await;
                let _goodbye = session.close().await;
            }
            Some(Lock::File(file)) => drop(file),
            None => {}
        }
    }
}

/// Locks `PATH.lock`, whatever the sharing: one coordinator has an SQLite file. The lock file stays
/// behind, because removing it would let two programs lock two files.
fn file_lock(database: &Path) -> Result<Lock, ExclusionError> {
    let file = fs_err::OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .mode(0o600)
        .open(lock_path(database))
        .map_err(ExclusionError::File)?;
    match file.file().try_lock() {
        Ok(()) => Ok(Lock::File(FileLock(file))),
        Err(TryLockError::WouldBlock) => Err(ExclusionError::InUse),
        Err(TryLockError::Error(source)) => Err(ExclusionError::File(source)),
    }
}

/// Locks a number in the database: shared among coordinators, exclusive for who must be alone. It
/// needs a session of its own, so a pooler in between must not share sessions by transaction.
async fn session_lock(
    options: &PgConnectOptions,
    sharing: Sharing,
) -> Result<Lock, ExclusionError> {
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
    Ok(Lock::Session(Box::new(session)))
}

fn lock_path(database: &Path) -> PathBuf {
    let mut name = OsString::from(database);
    name.push(".lock");
    PathBuf::from(name)
}
