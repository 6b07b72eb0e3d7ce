//! One PostgreSQL for all test processes, which ends by itself.
//!
//! Each test may run in a process of its own, and a server a process would cost more than the tests.
//! So they share one. It lives in a folder under the temporary one, listens on a socket in it alone
//! and keeps nothing safe from a power cut. Who uses it holds a shared lock on the file `lease`,
//! which the operating system takes back however the process ends. A guard outside of all tests
//! waits until nobody has held the lease for a while, stops the server and removes the folder.
//!
//! PostgreSQL refuses to run as root; then it runs as the user `postgres`.
//!
//! Long because starting, sharing and ending one server are one story.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio, id};
use std::sync::atomic::{AtomicU64, Ordering};

use keepwatch_common::time::Instant;
use keepwatch_coordinator::store::url::DatabaseUrlError;
use keepwatch_coordinator::store::{DatabaseUrl, OpenError, Opening, Schema, Sharing, Store};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection};

/// The user inside the database.
const USER: &str = "keepwatch";

/// What the server is told: a socket of its own, nothing on the network, nothing made durable.
const SETTINGS: &str = "-c listen_addresses='' -c fsync=off -c full_page_writes=off \
                        -c autovacuum=off -c max_connections=300 -c shared_buffers=64MB";

/// Ends the server when the lease was free and untouched for two seconds. `$1` is the folder, the
/// rest the command that stops the server. There is one guard: it holds a lock of its own. While it
/// stops the server it holds the lease, so whoever comes now waits and then finds no folder.
const GUARD: &str = r#"
folder=$1; shift
exec 8>>"$folder/guard" && flock -n 8 || exit 0
while [ -e "$folder/lease" ]; do
  before=$(stat -c %y "$folder/lease")
  sleep 2
  [ "$before" = "$(stat -c %y "$folder/lease")" ] || continue
  exec 9<"$folder/lease" || exit 0
  if flock -n 9; then
    "$@" 8>&- 9<&-
    rm -rf "$folder"
  fi
  exec 9<&-
done
"#;

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
    /// Its programs are not installed.
    #[error("PostgreSQL's server is not installed; tests/run installs what the tests need")]
    NoPrograms,
    /// A file or program cannot be used.
    #[error("the throw-away PostgreSQL cannot be set up")]
    Io(#[from] io::Error),
    /// A program failed.
    #[error("{program} failed: {said}")]
    Program {
        /// Which.
        program: String,
        /// What it said.
        said: String,
    },
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
    pub fn lease() -> Result<Self, ServerError> {
        let programs = programs().ok_or(ServerError::NoPrograms)?;
        let folder = folder();
        let lease = loop {
            // Made by the server's user, who must be able to write in it.
            run(
                Path::new("/tmp"),
                as_server_user("mkdir").arg("-p").arg(&folder),
            )?;
            if let Some(lease) = lease(&folder.join("lease"))? {
                break lease;
            }
        };
        let starting = open_lock(&folder.join("starting"))?;
        starting.lock()?;
        if UnixStream::connect(folder.join(".s.PGSQL.5432")).is_err() {
            start(&programs, &folder)?;
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

fn open_lock(path: &Path) -> Result<fs_err::File, io::Error> {
    fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
}

fn start(programs: &Path, folder: &Path) -> Result<(), ServerError> {
    let data = folder.join("data");
    run(folder, as_server_user("rm").arg("-rf").arg(&data))?;
    run(
        folder,
        as_server_user(programs.join("initdb"))
            .args([
                "--auth=trust",
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ])
            .args(["-U", USER, "-D"])
            .arg(&data),
    )?;
    run(
        folder,
        as_server_user(programs.join("pg_ctl"))
            .args(["start", "-w", "-t", "60", "-s", "-D"])
            .arg(&data)
            .arg("-l")
            .arg(folder.join("log"))
            .arg("-o")
            .arg(format!("-k {} {SETTINGS}", folder.display())),
    )
}

/// Leaves a guard behind if there is none. It outlives this process on purpose.
fn guard(programs: &Path, folder: &Path) -> Result<(), ServerError> {
    if open_lock(&folder.join("guard"))?.try_lock().is_err() {
        return Ok(());
    }
    let mut stop = as_server_user(programs.join("pg_ctl"));
    stop.args(["stop", "-s", "-m", "immediate", "-D"])
        .arg(folder.join("data"));
    Command::new("sh")
        .args(["-c", GUARD, "guard"])
        .arg(folder)
        .arg(stop.get_program())
        .args(stop.get_args())
        .current_dir("/")
        // Not in the group of processes that ends with this test.
        .process_group(0)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    Ok(())
}

/// The newest PostgreSQL installed.
fn programs() -> Option<PathBuf> {
    let mut versions: Vec<_> = fs_err::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version: u32 = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, programs)| programs.join("initdb").exists())
        .collect();
    versions.sort();
    versions.pop().map(|(_, programs)| programs)
}

/// One for each checkout and user: two of them may be at different schemas.
fn folder() -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    let (user, checkout) = (user(), hasher.finish());
    // A socket's path has room for about a hundred bytes, so not in the build's own folder.
    Path::new("/tmp").join(format!("keepwatch-postgres-{user}-{checkout:016x}"))
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

fn user() -> u32 {
    fs_err::metadata("/proc/self").map_or(0, |process| process.uid())
}

fn as_server_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    if user() != 0 {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

/// Runs a program to its end, in a folder that its user may enter.
fn run(folder: &Path, command: &mut Command) -> Result<(), ServerError> {
    let output = command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?
        .wait_with_output()?;
    if output.status.success() {
        return Ok(());
    }
    Err(ServerError::Program {
        program: format!("{command:?}"),
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
