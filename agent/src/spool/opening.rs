//! Opens a spool, and starts a new one where the old one cannot be trusted.
//!
//! Only two things keep a spool from opening: what the machine refuses (permissions, a full disk,
//! another agent on the same folder) and a newer agent's file. Damage never does.

use std::io;
use std::path::{Path, PathBuf};

use keepwatch_common::ids::Randomness;
use keepwatch_common::time::Instant;

use super::audit;
use super::database::{Condition, Database, DatabaseError};
use super::ledger::Ledger;
use super::quarantine;
use super::schema::{self, SchemaFault};

/// A spool could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder or the file cannot be made.
    #[error("the spool folder {} cannot be prepared: give the agent's user a folder of its own", folder.display())]
    Folder {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The file is a newer agent's.
    #[error(
        "the spool {} has schema version {found} and this agent knows {known}: install the newer \
         agent again, or move the file away and lose what it holds", path.display()
    )]
    Newer {
        path: PathBuf,
        found: i64,
        known: i64,
    },
    /// A damaged spool cannot be moved aside.
    #[error("the damaged spool in {} cannot be moved aside: move it by hand", folder.display())]
    Quarantine {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The database failed, and not through damage.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// An open database with its ledger.
pub(super) struct Ready {
    pub(super) database: Database,
    pub(super) ledger: Ledger,
    pub(super) is_fresh: bool,
    pub(super) quarantined: Option<PathBuf>,
}

/// Opens the spool of a folder. A damaged one is moved aside and a new one begun.
pub(super) async fn open(
    folder: &Path,
    now: Instant,
    randomness: &dyn Randomness,
) -> Result<Ready, OpenError> {
    match open_existing(folder, randomness).await {
        Err(OpenError::Database(error)) if error.condition() == Condition::Damaged => {
            start_anew(folder, now, randomness).await
        }
        opened => opened,
    }
}

/// Moves what is there aside and begins a new spool.
pub(super) async fn start_anew(
    folder: &Path,
    now: Instant,
    randomness: &dyn Randomness,
) -> Result<Ready, OpenError> {
    let moved = quarantine::move_aside(folder, now).map_err(|source| OpenError::Quarantine {
        folder: folder.to_owned(),
        source,
    })?;
    let mut ready = open_existing(folder, randomness).await?;
    ready.quarantined = Some(moved);
    Ok(ready)
}

async fn open_existing(folder: &Path, randomness: &dyn Randomness) -> Result<Ready, OpenError> {
    quarantine::prepare(folder).map_err(|source| OpenError::Folder {
        folder: folder.to_owned(),
        source,
    })?;
    let path = quarantine::database_path(folder);
    let failed = |source| DatabaseError::new(&path, source);
    let mut database = Database::connect(&path).await.map_err(failed)?;
    match check(&mut database, randomness).await {
        Ok((is_fresh, ledger)) => Ok(Ready {
            database,
            ledger,
            is_fresh,
            quarantined: None,
        }),
        Err(fault) => {
            // Waited for: a connection that closed later would take away the log of the spool that
            // follows under this name. It may fail to write its own log back, and need not.
            drop(database.close().await);
            Err(match fault {
                SchemaFault::Newer { found } => OpenError::Newer {
                    path,
                    found,
                    known: schema::VERSION,
                },
                SchemaFault::Database(source) => failed(source).into(),
            })
        }
    }
}

async fn check(
    database: &mut Database,
    randomness: &dyn Randomness,
) -> Result<(bool, Ledger), SchemaFault> {
    database.own().await?;
    let is_fresh = schema::ensure(database, randomness).await?;
    let ledger = audit::ledger(database.conn()).await?;
    Ok((is_fresh, ledger))
}
