//! The driver's process: started on a port of its own, and ended with its browser.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::ChildStdout;

/// It starts in a fraction of a second.
const STARTS_WITHIN: Duration = Duration::from_secs(20);

/// Lines read until the port is told: the driver says a handful.
const LINES_MAX: usize = 50;

/// What the driver says before its port.
const STARTED: &str = "started successfully on port ";

/// Why there is no driver.
#[derive(Debug, thiserror::Error)]
pub enum DriverError {
    /// Not installed, or it cannot run.
    #[error("chromedriver cannot be started; install the package chromium-driver")]
    Start(#[source] io::Error),
    /// It says nothing.
    #[error("chromedriver did not tell its port")]
    Mute,
    /// A folder for the profile.
    #[error("there is no scratch folder for the browser")]
    Scratch(#[source] io::Error),
}

/// A driver that runs.
#[derive(Debug)]
pub(super) struct Driver {
    process: Child,
    port: u16,
    // Profile and caches; a driver that is killed leaves them behind otherwise.
    _scratch: TempDir,
}

impl Driver {
    pub(super) async fn start() -> Result<Self, DriverError> {
        let scratch = tempfile::tempdir().map_err(DriverError::Scratch)?;
        let mut process = Command::new("chromedriver")
            .args(["--port=0", "--allowed-ips="])
            .env("TMPDIR", scratch.path())
            .env("HOME", scratch.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            // Not what ends the test in a terminal: it must end its browser first.
            .process_group(0)
            .spawn()
            .map_err(DriverError::Start)?;
        let said = process.stdout.take();
        let mut driver = Self {
            process,
            port: 0,
            _scratch: scratch,
        };
        let said = said.ok_or(DriverError::Mute)?;
        let said = ChildStdout::from_std(said).map_err(DriverError::Start)?;
        let port = tokio::time::timeout(STARTS_WITHIN, port(said)).await;
        driver.port = port.ok().flatten().ok_or(DriverError::Mute)?;
        Ok(driver)
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

/// The port it tells.
async fn port(said: ChildStdout) -> Option<u16> {
    let mut lines = BufReader::new(said).lines();
    for _ in 0..LINES_MAX {
        let line = lines.next_line().await.ok()??;
        if let Some((_, port)) = line.split_once(STARTED) {
            return port.trim_end_matches('.').parse().ok();
        }
    }
    None
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Asked politely it ends its browser too.
        let (Ok(()) | Err(_)) = kill_process(Pid::from_child(&self.process), Signal::TERM);
        let (Ok(_) | Err(_)) = self.process.wait();
    }
}
