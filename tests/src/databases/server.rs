//! One PostgreSQL for all test processes, which ends by itself.
//!
//! Each test may run in a process of its own, and a server a process would cost more than the tests.
//! So they share one. It lives in a folder under the temporary one, listens on a socket in it alone
//! and keeps nothing safe from a power cut. Who uses it holds a shared lock on the file `lease`,
//! which the operating system takes back however the process ends. A guard outside of all tests
//! waits until nobody has held the lease for a while, stops the server and removes the folder.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::id;
use std::sync::atomic::{AtomicU64, Ordering};

use keepwatch_common::time::Instant;
use keepwatch_coordinator::store::url::DatabaseUrlError;
use keepwatch_coordinator::store::{DatabaseUrl, OpenError, Opening, Schema, Sharing, Store};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

use super::cluster::{
    ClusterError, Keeping, USER, folder, folder_ensure, guard, open_lock, programs, start,
};

/// Databases made by this process.
static MADE: AtomicU64 = AtomicU64::new(0);

/// The running server, and the right to use it until this is dropped.
#[derive(Debug)]
pub struct Server {
    folder: PathBuf,
    _lease: fs_err::File,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It cannot be started.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// A file cannot be used.
    #[error("the folder of the throw-away PostgreSQL cannot be used")]
    Io(#[from] io::Error),
    /// The server refused a statement.
    #[error("the throw-away PostgreSQL refused a statement")]
    Statement(#[from] sqlx::Error),
    /// The address is not understood.
    #[error("the throw-away PostgreSQL's address is not understood")]
    Url(#[from] DatabaseUrlError),
    /// The tables cannot be made.
    #[error("the tables cannot be made")]
    Tables(#[source] Box<OpenError>),
}

impl Server {
    /// Starts the server unless it runs, and keeps it running until the lease is dropped.
    pub fn lease(keeping: Keeping) -> Result<Self, ServerError> {
        let programs = programs().ok_or(ClusterError::NoPrograms)?;
        let folder = folder(keeping);
        let lease = loop {
            if !folder.exists() {
                folder_ensure(&folder)?;
            }
            if let Some(lease) = lease(&folder.join("lease"))? {
                break lease;
            }
        };
        let starting = open_lock(&folder.join("starting"))?;
        starting.lock()?;
        if UnixStream::connect(folder.join(".s.PGSQL.5432")).is_err() {
            start(&programs, &folder, keeping)?;
        }
        guard(&programs, &folder)?;
        Ok(Self {
            folder,
            _lease: lease,
        })
    }

    /// The address of one of its databases.
    pub fn address(&self, database: &str) -> String {
        let folder = self.folder.display();
        format!("postgres://{USER}@localhost/{database}?host={folder}")
    }

    /// A connection beside the store.
    pub async fn connect(&self, database: &str) -> Result<PgConnection, sqlx::Error> {
        PgConnectOptions::new_without_pgpass()
            .socket(&self.folder)
            .username(USER)
            .database(database)
            .connect()
            .await
    }

    /// The name of a database with all tables and no rows, made once for each set of migrations.
    pub async fn template(&self) -> Result<String, ServerError> {
        let name = format!("tables_{:016x}", migrations_hash()?);
        let starting = open_lock(&self.folder.join("starting"))?;
        starting.lock()?;
        let mut connection = self.connect("postgres").await?;
        let there: i64 = sqlx::query_scalar("SELECT count(*) FROM pg_database WHERE datname = $1")
            .bind(&name)
            .fetch_one(&mut connection)
            .await?;
        if there == 0 {
            // Under another name until it is whole: this process may be killed.
            let unfinished = format!("{name}_unfinished");
            create(&mut connection, &unfinished, "template0").await?;
            let opening = Opening {
                sharing: Sharing::Alone,
                schema: Schema::Migrate { at: Instant::EPOCH },
            };
            let url = DatabaseUrl::parse(&self.address(&unfinished))?;
            let store = Store::open(&url, opening).await;
            store
                .map_err(|error| ServerError::Tables(Box::new(error)))?
                .close()
                .await;
            execute(
                &mut connection,
                format!("ALTER DATABASE {unfinished} RENAME TO {name}"),
            )
            .await?;
        }
        connection.close().await?;
        Ok(name)
    }

    /// Makes a database after a template and gives its name.
    pub async fn database_create(&self, template: &str) -> Result<String, ServerError> {
        let name = format!("t{}_{}", id(), MADE.fetch_add(1, Ordering::SeqCst));
        let mut connection = self.connect("postgres").await?;
        create(&mut connection, &name, template).await?;
        connection.close().await?;
        Ok(name)
    }

    /// Removes a database, whoever is connected.
    pub async fn database_drop(&self, name: &str) -> Result<(), ServerError> {
        let mut connection = self.connect("postgres").await?;
        execute(
            &mut connection,
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
        )
        .await?;
        connection.close().await?;
        Ok(())
    }
}

async fn create(
    connection: &mut PgConnection,
    name: &str,
    template: &str,
) -> Result<(), sqlx::Error> {
    execute(
        connection,
        format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
    )
    .await?;
    execute(
        connection,
        format!("CREATE DATABASE {name} TEMPLATE {template}"),
    )
    .await
}

/// Neither statement can run inside a transaction, nor take its names as values.
async fn execute(connection: &mut PgConnection, statement: String) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement))
        .execute(connection)
        .await
        .map(|_| ())
}

/// Takes the lease, unless the guard removed the folder meanwhile.
fn lease(path: &Path) -> Result<Option<fs_err::File>, io::Error> {
    let mut lease = match open_lock(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    lease.lock_shared()?;
    let (held, named) = (lease.metadata()?, fs_err::metadata(path));
    let named = match named {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read?,
    };
    if (held.dev(), held.ino()) != (named.dev(), named.ino()) {
        return Ok(None);
    }
    // The guard sees by the time of the last write that someone was here.
    io::Write::write_all(&mut lease, b".")?;
    Ok(Some(lease))
}

fn migrations_hash() -> Result<u64, io::Error> {
    let folder = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../coordinator/migrations/postgres"
    );
    let mut paths = fs_err::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<Vec<_>, io::Error>>()?;
    paths.sort();
    let mut hasher = DefaultHasher::new();
    for path in paths {
        fs_err::read(path)?.hash(&mut hasher);
    }
    Ok(hasher.finish())
}
