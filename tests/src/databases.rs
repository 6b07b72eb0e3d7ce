//! Databases to try the store on: a file, and a database of a PostgreSQL that is thrown away.
//!
//! A story about the store is told once and runs on both: [`for_each_database`]. Nothing is skipped:
//! where PostgreSQL is missing, the test fails and says what to do.

use std::path::PathBuf;
use std::thread;

use keepwatch_common::error_chain::chain;
use keepwatch_common::time::Instant;
use keepwatch_coordinator::store::url::DatabaseUrlError;
use keepwatch_coordinator::store::{DatabaseUrl, OpenError, Opening, Schema, Sharing, Store};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};

use cluster::Keeping;
use server::{Server, ServerError};

/// The processes and files of the throw-away PostgreSQL.
pub mod cluster;
/// Starts one PostgreSQL for all test processes and sees that it ends.
pub mod server;

/// A database of its own for one story, empty but for its tables, and the store over it.
#[derive(Debug)]
pub struct Database {
    /// The store, as a coordinator has it.
    pub store: Store,
    /// Where the database is.
    pub url: DatabaseUrl,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Sqlite { folder: tempfile::TempDir },
    Postgres { server: Server, name: String },
}

/// Why there is no database to try the store on.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// No PostgreSQL.
    #[error(transparent)]
    Server(#[from] ServerError),
    /// No folder for a file.
    #[error("no folder for a database could be made")]
    Folder(#[source] std::io::Error),
    /// The address is not understood.
    #[error("the database's address is not understood")]
    Url(#[from] DatabaseUrlError),
    /// The store does not open.
    #[error("the store does not open")]
    Open(#[from] OpenError),
    /// No thread or no runtime to run it on.
    #[error("no thread could be had")]
    Thread(#[source] std::io::Error),
    /// A statement beside the store failed.
    #[error("a statement beside the store failed")]
    Statement(#[from] sqlx::Error),
}

/// Tells a story on SQLite and then on PostgreSQL. A failure names the database: it is the name of
/// the thread.
#[expect(
    clippy::panic,
    reason = "a test that cannot have its database has failed"
)]
pub fn for_each_database(story: impl AsyncFn(&Database) + Sync) {
    for kind in ["sqlite", "postgresql"] {
        if let Err(error) = tell(kind, &story) {
            panic!("no story on {kind}: {}", chain(&error));
        }
    }
}

fn tell(kind: &str, story: &(impl AsyncFn(&Database) + Sync)) -> Result<(), DatabaseError> {
    let told = thread::scope(|scope| {
        thread::Builder::new()
            .name(kind.to_owned())
            .spawn_scoped(scope, || {
                let runtime = tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .map_err(DatabaseError::Thread)?;
                runtime.block_on(async {
                    let database = match kind {
                        "sqlite" => Database::on_sqlite().await?,
                        _ => Database::on_postgres().await?,
                    };
                    story(&database).await;
                    database.remove().await
                })
            })
            .map_err(DatabaseError::Thread)
            .map(thread::ScopedJoinHandle::join)
    })?;
    told.unwrap_or_else(|failure| std::panic::resume_unwind(failure))
}

impl Database {
    /// A file in a folder that goes with the database.
    pub async fn on_sqlite() -> Result<Self, DatabaseError> {
        let folder = tempfile::tempdir().map_err(DatabaseError::Folder)?;
        let url = DatabaseUrl::sqlite(file(&folder));
        let store = open(&url).await?;
        Ok(Self {
            store,
            url,
            place: Place::Sqlite { folder },
        })
    }

    /// A copy of a database that has the tables already.
    pub async fn on_postgres() -> Result<Self, DatabaseError> {
        Self::on_server(Keeping::Nothing).await
    }

    /// The same on a server that keeps what it confirms.
    pub async fn on_durable_postgres() -> Result<Self, DatabaseError> {
        Self::on_server(Keeping::Everything).await
    }

    async fn on_server(keeping: Keeping) -> Result<Self, DatabaseError> {
        let server = Server::lease(keeping)?;
        let template = server.template().await?;
        let name = server.database_create(&template).await?;
        let url = DatabaseUrl::parse(&server.address(&name))?;
        let store = open(&url).await?;
        Ok(Self {
            store,
            url,
            place: Place::Postgres { server, name },
        })
    }

    /// The address with everything in it; none for a file.
    pub fn address(&self) -> Option<String> {
        match &self.place {
            Place::Sqlite { .. } => None,
            Place::Postgres { server, name } => Some(server.address(name)),
        }
    }

    /// The file; none on PostgreSQL.
    pub fn path(&self) -> Option<PathBuf> {
        match &self.place {
            Place::Sqlite { folder } => Some(file(folder)),
            Place::Postgres { .. } => None,
        }
    }

    /// Opens the same database once more, as another process would.
    pub async fn open_again(&self, opening: Opening) -> Result<Store, OpenError> {
        Store::open(&self.url, opening).await
    }

    /// Runs a statement beside the store, as someone with the administrator's rights could.
    pub async fn tamper(&self, statement: &str) -> Result<(), DatabaseError> {
        let statement = AssertSqlSafe(statement.to_owned());
        match &self.place {
            Place::Sqlite { folder } => {
                let mut connection = sqlite(folder).await?;
                sqlx::raw_sql(statement).execute(&mut connection).await?;
                connection.close().await?;
            }
            Place::Postgres { server, name } => {
                let mut connection: PgConnection = server.connect(name).await?;
                sqlx::raw_sql(statement).execute(&mut connection).await?;
                connection.close().await?;
            }
        }
        Ok(())
    }

    /// Closes the store and takes all tables away.
    pub async fn empty(&self) -> Result<(), DatabaseError> {
        self.store.close().await;
        match &self.place {
            Place::Sqlite { folder } => {
                for end in ["", "-wal", "-shm"] {
                    let name = format!("keepwatch.db{end}");
                    match fs_err::remove_file(folder.path().join(name)) {
                        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                            return Err(DatabaseError::Folder(error));
                        }
                        _ => {}
                    }
                }
                fs_err::File::create(file(folder)).map_err(DatabaseError::Folder)?;
                Ok(())
            }
            Place::Postgres { .. } => {
                self.tamper("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
                    .await
            }
        }
    }

    /// Asks for one number beside the store.
    pub async fn number(&self, statement: &str) -> Result<i64, DatabaseError> {
        let statement = AssertSqlSafe(statement.to_owned());
        Ok(match &self.place {
            Place::Sqlite { folder } => {
                sqlx::query_scalar(statement)
                    .fetch_one(&mut sqlite(folder).await?)
                    .await?
            }
            Place::Postgres { server, name } => {
                sqlx::query_scalar(statement)
                    .fetch_one(&mut server.connect(name).await?)
                    .await?
            }
        })
    }

    /// Removes it; what a story that failed leaves behind goes with the server.
    pub async fn remove(self) -> Result<(), DatabaseError> {
        self.store.close().await;
        if let Place::Postgres { server, name } = &self.place {
            server.database_drop(name).await?;
        }
        Ok(())
    }
}

async fn open(url: &DatabaseUrl) -> Result<Store, OpenError> {
    let opening = Opening {
        sharing: Sharing::Serving,
        schema: Schema::Migrate { at: Instant::EPOCH },
    };
    Store::open(url, opening).await
}

fn file(folder: &tempfile::TempDir) -> PathBuf {
    folder.path().join("keepwatch.db")
}

async fn sqlite(folder: &tempfile::TempDir) -> Result<SqliteConnection, sqlx::Error> {
    sqlx::sqlite::SqliteConnectOptions::new()
        .filename(file(folder))
        .foreign_keys(false)
        .connect()
        .await
}
