//! Opens the database and hands out readers and transactions.

use std::io;
use std::path::Path;

use fs_err::os::unix::fs::OpenOptionsExt;
use keepwatch_common::time::Instant;

use super::connection::{Connection, Reader, Tx};
use super::error::StoreError;
use super::exclusion::{Exclusion, ExclusionError, Sharing};
use super::migrations::SchemaError;
use super::pools::{Pools, PoolsError};
use super::url::{DatabaseUrl, Place};

/// What to do about the schema.
#[derive(Debug, Clone, Copy)]
pub enum Schema {
    /// Refuse a database that is not exactly at this program's version.
    MustBeCurrent,
    /// Create the tables, or bring them to this program's version.
    Migrate {
        /// When, for the record.
        at: Instant,
    },
}

/// How to open the database.
#[derive(Debug, Clone, Copy)]
pub struct Opening {
    /// With whom.
    pub sharing: Sharing,
    /// At which version.
    pub schema: Schema,
}

/// The database, open. Clones share it.
#[derive(Debug, Clone)]
pub struct Store {
    pools: Pools,
    migrated: Vec<&'static str>,
    exclusion: Exclusion,
}

/// Why the database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// There is no file.
    #[error("there is no database at {place}; make it with “keepwatch migrate”")]
    Missing {
        /// The address.
        place: String,
    },
    /// The file cannot be made.
    #[error("the database {place} cannot be made")]
    File {
        /// The address.
        place: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Someone else has it.
    #[error("{place} cannot be taken into use")]
    Exclusion {
        /// The address.
        place: String,
        /// Why.
        #[source]
        source: ExclusionError,
    },
    /// It cannot be reached or is not fit for us.
    #[error("{place} cannot be opened")]
    Pools {
        /// The address.
        place: String,
        /// Why.
        #[source]
        source: PoolsError,
    },
    /// The schema is not this program's.
    #[error("the schema of {place} does not fit")]
    Schema {
        /// The address.
        place: String,
        /// Why.
        #[source]
        source: SchemaError,
    },
}

impl Store {
    /// Opens a database. Only [`Schema::Migrate`] makes an SQLite file that is not there; the
    /// database on a PostgreSQL server must exist.
    pub async fn open(url: &DatabaseUrl, opening: Opening) -> Result<Self, OpenError> {
        let place = || url.to_string();
        if let Place::Sqlite(path) = url.place() {
            file_ensure(path, opening.schema, &place())?;
        }
        let exclusion = Exclusion::take(url.place(), opening.sharing).await;
        let exclusion = exclusion.map_err(|source| OpenError::Exclusion {
            place: place(),
            source,
        })?;
        let opened = Self::open_held(url, opening.schema, exclusion.clone()).await;
        if opened.is_err() {
            exclusion.release().await;
        }
        opened
    }

    async fn open_held(
        url: &DatabaseUrl,
        schema: Schema,
        exclusion: Exclusion,
    ) -> Result<Self, OpenError> {
        let pools = Pools::connect(url.place()).await;
        let pools = pools.map_err(|source| OpenError::Pools {
            place: url.to_string(),
            source,
        })?;
        let mut store = Self {
            pools,
            migrated: Vec::new(),
            exclusion,
        };
        match store.schema_settle(schema).await {
            Ok(migrated) => {
                store.migrated = migrated;
                Ok(store)
            }
            Err(source) => {
                store.close().await;
                Err(OpenError::Schema {
                    place: url.to_string(),
                    source,
                })
            }
        }
    }

    /// Names of the migrations that opening applied.
    pub fn migrated(&self) -> &[&'static str] {
        &self.migrated
    }

    /// Begins a write transaction; on SQLite it waits until it is the only one.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        let connection = match &self.pools {
            Pools::Sqlite { writer, .. } => writer
                .begin_with("BEGIN IMMEDIATE")
                .await
                .map(Connection::Sqlite),
            Pools::Postgres(pool) => pool
                .begin_with("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
                .await
                .map(Connection::Postgres),
        };
        connection.map(Tx::new).map_err(StoreError::during("begin"))
    }

    /// Takes a snapshot to read from. It is of the moment of its first query.
    pub async fn read(&self) -> Result<Reader, StoreError> {
        let connection = match &self.pools {
            Pools::Sqlite { reader, .. } => reader.begin().await.map(Connection::Sqlite),
            Pools::Postgres(pool) => pool
                .begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .await
                .map(Connection::Postgres),
        };
        connection
            .map(|connection| Reader { connection })
            .map_err(StoreError::during("read"))
    }

    /// Whether the database answers and its schema is this program's.
    pub async fn check(&self) -> Result<(), SchemaError> {
        self.read().await?.schema_check().await
    }

    /// Waits for what runs, closes every connection and lets go of the database.
    pub async fn close(&self) {
        match &self.pools {
            Pools::Sqlite { reader, writer } => {
                reader.close().await;
                writer.close().await;
            }
            Pools::Postgres(pool) => pool.close().await,
        }
        self.exclusion.release().await;
    }

    async fn schema_settle(&self, schema: Schema) -> Result<Vec<&'static str>, SchemaError> {
        match schema {
            Schema::MustBeCurrent => {
                self.read().await?.schema_check().await?;
                Ok(Vec::new())
            }
            Schema::Migrate { at } => {
                let mut tx = self.begin().await?;
                let migrated = tx.schema_migrate(at).await?;
                tx.commit().await?;
                Ok(migrated)
            }
        }
    }
}

/// Makes the file before SQLite does, readable by its owner alone; SQLite gives the files beside it
/// the same mode. A file that is there keeps its mode: someone may have chosen it.
fn file_ensure(path: &Path, schema: Schema, place: &str) -> Result<(), OpenError> {
    let missing = !path.exists();
    match schema {
        Schema::MustBeCurrent if missing => Err(OpenError::Missing {
            place: place.to_owned(),
        }),
        Schema::Migrate { .. } if missing => fs_err::OpenOptions::new()
            .create_new(true)
            .write(true)
            .mode(0o600)
            .open(path)
            .map(|_| ())
            .map_err(|source| OpenError::File {
                place: place.to_owned(),
                source,
            }),
        _ => Ok(()),
    }
}
