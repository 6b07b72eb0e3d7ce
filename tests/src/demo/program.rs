//! Programs of the product as real processes: asked once, or started and stopped.
//!
//! Secrets travel over pipes, never in arguments or the environment, which others on the machine can
//! read. A process that lasts is in a group of its own, so that Ctrl-C on a terminal reaches the demo
//! alone, and it holds a pipe whose end tells it that the demo is gone.

use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

use super::part::Part;

/// How long a program may take to put things away before it is killed: longer than the coordinator's
/// own twenty seconds.
const STOPS_WITHIN: Duration = Duration::from_secs(25);

/// Lines of a log that are repeated when its program died.
const LAST_LINES: usize = 5;

/// Why a program did not do what it should.
#[derive(Debug, thiserror::Error)]
pub(super) enum ProgramError {
    /// It cannot be started or heard.
    #[error("{name} cannot be run")]
    Run {
        /// Which program.
        name: &'static str,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// It said no.
    #[error("“{command}” failed ({status}): {said}")]
    Refused {
        /// What was asked, without secrets.
        command: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said.
        said: String,
    },
    /// It answered something else than JSON.
    #[error("“{command}” answered no JSON")]
    Answer {
        /// What was asked.
        command: String,
        /// Where it is none.
        #[source]
        source: serde_json::Error,
    },
    /// It ended while it was needed.
    #[error("{name} ended while it was needed ({status}); its log ends with: {said}")]
    Died {
        /// Which program.
        name: &'static str,
        /// How.
        status: ExitStatus,
        /// The last lines of its log.
        said: String,
    },
}

/// A program with its configuration.
#[derive(Debug, Clone)]
pub(super) struct Program {
    part: Part,
    config: PathBuf,
}

impl Program {
    /// One of the product's programs.
    pub(super) fn new(part: Part, config: PathBuf) -> Self {
        Self { part, config }
    }

    /// Runs it to its end with something to read; what it printed.
    pub(super) async fn ask(&self, words: &[&str], input: &str) -> Result<String, ProgramError> {
        let mut child = self
            .command(words)?
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(self.failed())?;
        if let Some(mut stdin) = child.stdin.take() {
            // A program that reads nothing may be gone already.
            let (Ok(()) | Err(_)) = stdin.write_all(input.as_bytes()).await;
        }
        let output = child.wait_with_output().await.map_err(self.failed())?;
        if !output.status.success() {
            return Err(ProgramError::Refused {
                command: self.told(words),
                status: output.status,
                said: String::from_utf8_lossy(&output.stderr).trim().to_owned(),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// Runs it to its end; its answer as JSON.
    pub(super) async fn answer(&self, words: &[&str]) -> Result<Value, ProgramError> {
        let words = [words, &["--format", "json"]].concat();
        let text = self.ask(&words, "").await?;
        serde_json::from_str(&text).map_err(|source| ProgramError::Answer {
            command: self.told(&words),
            source,
        })
    }

    /// Starts it; what it logs goes to a file.
    pub(super) fn start(&self, words: &[&str], log: &Path) -> Result<Running, ProgramError> {
        let file = fs_err::File::create(log).map_err(self.failed())?;
        let mut child = self
            .command(words)?
            .stdout(Stdio::null())
            .stderr(file.into_parts().0)
            .process_group(0)
            .spawn()
            .map_err(self.failed())?;
        Ok(Running {
            name: self.part.name(),
            lifeline: child.stdin.take(),
            child,
            log: log.to_owned(),
        })
    }

    fn command(&self, words: &[&str]) -> Result<Command, ProgramError> {
        let mut command = Command::new(std::env::current_exe().map_err(self.failed())?);
        command
            .arg0(self.part.name())
            .args(words)
            .arg("--config")
            .arg(&self.config)
            .stdin(Stdio::piped())
            .kill_on_drop(true);
        Ok(command)
    }

    fn told(&self, words: &[&str]) -> String {
        format!("{} {}", self.part.name(), words.join(" "))
    }

    fn failed(&self) -> impl Fn(std::io::Error) -> ProgramError {
        let name = self.part.name();
        move |source| ProgramError::Run { name, source }
    }
}

/// A program that lasts.
#[derive(Debug)]
pub(super) struct Running {
    name: &'static str,
    child: Child,
    lifeline: Option<ChildStdin>,
    log: PathBuf,
}

impl Running {
    /// Refuses when it has ended.
    pub(super) fn lives(&mut self) -> Result<(), ProgramError> {
        let ended = self.child.try_wait().map_err(|source| ProgramError::Run {
            name: self.name,
            source,
        })?;
        match ended {
            None => Ok(()),
            Some(status) => Err(ProgramError::Died {
                name: self.name,
                status,
                said: last_lines(&self.log),
            }),
        }
    }

    /// Asks it to end.
    pub(super) fn ask_to_end(&self) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok());
        if let Some(pid) = id.and_then(Pid::from_raw) {
            // One that is gone already has nothing to put away.
            let (Ok(()) | Err(_)) = kill_process(pid, Signal::TERM);
        }
    }

    /// Waits until it is gone; one that takes too long is killed.
    pub(super) async fn ended(mut self) {
        let gone = tokio::time::timeout(STOPS_WITHIN, self.child.wait()).await;
        if gone.is_err() {
            let (Ok(()) | Err(_)) = self.child.kill().await;
        }
        drop(self.lifeline);
    }
}

fn last_lines(log: &Path) -> String {
    let text = fs_err::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().collect();
    lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
}
