//! One process that we started, and that nobody but we end.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use keepwatch_tests::programs::program;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

/// A process that is there until it is killed, asked to end, or its test is over.
pub(crate) struct Process(Child);

impl Process {
    /// Starts one of our programs; what it logs goes to the end of a file.
    pub(crate) fn start(name: &str, arguments: &[&OsStr], log: &Path) -> Self {
        let mut command = Command::new(program(name).unwrap());
        command.args(arguments);
        Self::of(command, log)
    }

    /// The same, where the kernel gives no watches.
    pub(crate) fn start_deaf(name: &str, arguments: &[&OsStr], log: &Path) -> Self {
        let mut command = deaf("exec \"$0\" \"$@\"");
        command.arg(program(name).unwrap()).args(arguments);
        Self::of(command, log)
    }

    fn of(mut command: Command, log: &Path) -> Self {
        let log = fs_err::OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .unwrap();
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::from(log.into_parts().0))
            .kill_on_drop(true)
            .spawn();
        Self(child.unwrap())
    }

    /// Ends it between two of its instructions.
    pub(crate) async fn kill(mut self) {
        self.0.kill().await.unwrap();
    }

    /// Asks it to end and waits until it has.
    pub(crate) async fn terminate(mut self) -> ExitStatus {
        let id = i32::try_from(self.0.id().unwrap()).unwrap();
        kill_process(Pid::from_raw(id).unwrap(), Signal::TERM).unwrap();
        self.0.wait().await.unwrap()
    }

    /// Whether it ended by itself.
    pub(crate) fn has_ended(&mut self) -> bool {
        self.0.try_wait().unwrap().is_some()
    }
}

/// A shell command where the kernel gives no watches: in a user namespace of its own, so that nobody
/// else loses theirs.
fn deaf(command: &str) -> Command {
    let first = "echo 0 > /proc/sys/user/max_inotify_instances || exit 1; ";
    let mut unshare = Command::new("unshare");
    unshare.args(["--user", "--map-root-user", "sh", "-c"]);
    unshare.arg(format!("{first}{command}"));
    unshare
}

/// The reason when this machine lets nobody have a user namespace.
pub(crate) async fn cannot_be_deaf() -> Option<String> {
    match deaf("true").output().await {
        Ok(done) if done.status.success() => None,
        Ok(done) => Some(String::from_utf8_lossy(&done.stderr).into_owned()),
        Err(error) => Some(error.to_string()),
    }
}

/// Runs one of our programs to its end; what it wrote to standard output.
pub(crate) async fn run(name: &str, arguments: &[&OsStr]) -> String {
    let done = Command::new(program(name).unwrap())
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let complaint = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "{name} {arguments:?}: {complaint}");
    String::from_utf8(done.stdout).unwrap()
}

/// Waits until something is so. The story's own deadline ends this.
pub(crate) async fn until(mut so: impl AsyncFnMut() -> bool) {
    while !so().await {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A log to look at when a story failed; its path stands in the failure.
pub(crate) fn log_of(folder: &Path, name: &str) -> PathBuf {
    folder.join(format!("{name}.log"))
}
