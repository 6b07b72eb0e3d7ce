//! The processes and files of the throw-away PostgreSQL: making, starting and guarding it.
//!
//! PostgreSQL refuses to run as root; then it runs as the user `postgres`.

use std::ffi::OsStr;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The user inside the database.
pub(super) const USER: &str = "keepwatch";

/// What the server is told: a socket of its own, nothing on the network.
const SETTINGS: &str = "-c listen_addresses='' -c max_connections=300 -c shared_buffers=64MB";

/// What tests add: nothing is made durable.
const NOTHING_KEPT: &str = "-c fsync=off -c full_page_writes=off -c autovacuum=off";

/// Whether what the server confirms survives a power cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It does not: tests are faster so.
    Nothing,
    /// It does, as in real life: figures mean nothing otherwise.
    Everything,
}

impl Keeping {
    fn settings(self) -> &'static str {
        match self {
            Self::Nothing => NOTHING_KEPT,
            Self::Everything => "",
        }
    }
}

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

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
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
}

/// Makes the folder, as the server's user, who must be able to write in it.
pub(super) fn folder_ensure(folder: &Path) -> Result<(), ClusterError> {
    let temporary = Path::new("/tmp");
    run(temporary, as_server_user("mkdir").arg("-p").arg(folder))
}

/// Makes a cluster anew and starts it.
pub(super) fn start(programs: &Path, folder: &Path, keeping: Keeping) -> Result<(), ClusterError> {
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
            .arg(format!(
                "-k {} {SETTINGS} {}",
                folder.display(),
                keeping.settings()
            )),
    )
}

/// Leaves a guard behind if there is none. It outlives this process on purpose.
pub(super) fn guard(programs: &Path, folder: &Path) -> Result<(), ClusterError> {
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
pub(super) fn programs() -> Option<PathBuf> {
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
pub(super) fn folder(keeping: Keeping) -> PathBuf {
    let mut hasher = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut hasher);
    let (user, checkout) = (user(), hasher.finish());
    // A socket's path has room for about a hundred bytes, so not in the build's own folder.
    let name = match keeping {
        Keeping::Nothing => "keepwatch-postgres",
        Keeping::Everything => "keepwatch-durable",
    };
    Path::new("/tmp").join(format!("{name}-{user}-{checkout:016x}"))
}

/// Opens a file to lock it.
pub(super) fn open_lock(path: &Path) -> Result<fs_err::File, io::Error> {
    fs_err::OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
}

fn user() -> u32 {
    fs_err::metadata("/proc/self").map_or(0, |process| process.uid())
}

fn as_server_user(program: impl AsRef<OsStr>) -> Command {
    if user() != 0 {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program);
    command
}

/// Runs a program to its end, in a folder that its user may enter.
fn run(folder: &Path, command: &mut Command) -> Result<(), ClusterError> {
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
    Err(ClusterError::Program {
        program: format!("{command:?}"),
        said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
    })
}
