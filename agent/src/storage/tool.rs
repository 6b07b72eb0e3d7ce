//! Tools of the machine, run as children with a fixed line of arguments.
//!
//! What runs is never named by anybody but this file. A child gets no input, no environment of ours,
//! so much time and so much room for its answer, and no more. One that a dying disk holds for ever
//! cannot be killed by anybody: it is left behind, counted, and when too many are left nothing more
//! is started. It must not know what an answer means.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

/// Where tools are looked for: where distributions put what administers disks.
const FOLDERS: [&str; 6] = [
    "/usr/sbin",
    "/sbin",
    "/usr/local/sbin",
    "/usr/bin",
    "/bin",
    "/usr/local/bin",
];

/// How long a tool may take, in milliseconds: a sleeping disk takes some ten seconds to spin up.
const RUN_MS_MAX: u64 = 30_000;

/// Longest answer, in bytes: `smartctl` of a disk with a full error log prints some 50 KiB.
const ANSWER_BYTES_MAX: usize = 1024 * 1024;

/// Between two looks at a child that was told to end, and how many, in milliseconds.
const END_LOOK_MS: u64 = 20;
const END_LOOKS_MAX: usize = 50;

/// Children that may be left behind.
const LEFT_MAX: usize = 4;

/// A tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// What a disk says of itself.
    Smartctl,
    /// The state of ZFS pools.
    Zpool,
}

/// What a tool answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its exit status.
    pub status: i32,
    /// What it printed.
    pub said: Vec<u8>,
}

/// Why a tool did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ToolError {
    /// It is not there.
    #[error("it is not installed")]
    Missing,
    /// It may not be run.
    #[error("it may not be run")]
    NoRight,
    /// It took too long, or too many are stuck already.
    #[error("it does not answer in time")]
    TimedOut,
    /// It was killed, or printed too much.
    #[error("its answer is none")]
    Garbled,
}

/// What can be run.
pub trait Tools: fmt::Debug + Send + Sync {
    /// Runs a tool on one thing and waits for its answer. Blocks.
    fn run(&self, tool: Tool, on: &str) -> Result<Answer, ToolError>;
}

impl Tool {
    fn name(self) -> &'static str {
        match self {
            Self::Smartctl => "smartctl",
            Self::Zpool => "zpool",
        }
    }

    /// Every argument but the last, which is what is asked about.
    fn arguments(self) -> &'static [&'static str] {
        match self {
            Self::Smartctl => &["--json=c", "-a"],
            Self::Zpool => &["status", "-j", "--"],
        }
    }
}

/// The tools installed on this machine.
#[derive(Debug, Default)]
pub struct Installed {
    left: Mutex<Vec<Child>>,
}

impl Tools for Installed {
    fn run(&self, tool: Tool, on: &str) -> Result<Answer, ToolError> {
        let program = find(tool).ok_or(ToolError::Missing)?;
        if !self.has_room() {
            return Err(ToolError::TimedOut);
        }
        let mut command = Command::new(program);
        command.args(tool.arguments()).arg(on);
        self.answer(command, RUN_MS_MAX)
    }
}

impl Installed {
    /// Forgets children that ended after all, and says whether another may be started.
    fn has_room(&self) -> bool {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.retain_mut(|child| !matches!(child.try_wait(), Ok(Some(_)) | Err(_)));
        left.len() < LEFT_MAX
    }

    fn answer(&self, mut command: Command, ms_max: u64) -> Result<Answer, ToolError> {
        command
            .env_clear()
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ToolError::Missing,
            io::ErrorKind::PermissionDenied => ToolError::NoRight,
            _ => ToolError::Garbled,
        })?;
        let said = listen(&mut child, ms_max);
        // Whoever said all it had to say ends by itself; the others are made to.
        if said.is_err() {
            // One that ended already cannot be killed any more.
            let (Ok(()) | Err(_)) = child.kill();
        }
        for _ in 0..END_LOOKS_MAX {
            if let Ok(Some(status)) = child.try_wait() {
                let status = status.code().ok_or(ToolError::Garbled);
                return said.and_then(|said| {
                    Ok(Answer {
                        status: status?,
                        said,
                    })
                });
            }
            std::thread::sleep(Duration::from_millis(END_LOOK_MS));
        }
        let (Ok(()) | Err(_)) = child.kill();
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.push(child);
        Err(ToolError::TimedOut)
    }
}

/// Reads what a child prints until it closes its end.
fn listen(child: &mut Child, ms_max: u64) -> Result<Vec<u8>, ToolError> {
    let mut pipe = child.stdout.take().ok_or(ToolError::Garbled)?;
    let (mut said, mut part) = (Vec::new(), [0; 16 * 1024]);
    // Time is counted in waits, each as long as the kernel says it was at least.
    let mut waits = ms_max.div_ceil(END_LOOK_MS);
    while waits > 0 {
        let wait = Timespec::try_from(Duration::from_millis(END_LOOK_MS)).ok();
        let mut polled = [PollFd::new(&pipe, PollFlags::IN)];
        match poll(&mut polled, wait.as_ref()) {
            Ok(0) => waits -= 1,
            Ok(_) => {
                let read = pipe.read(&mut part).map_err(|_| ToolError::Garbled)?;
                if read == 0 {
                    return Ok(said);
                }
                if said.len() + read > ANSWER_BYTES_MAX {
                    return Err(ToolError::Garbled);
                }
                said.extend_from_slice(&part[..read]);
            }
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return Err(ToolError::Garbled),
        }
    }
    Err(ToolError::TimedOut)
}

fn find(tool: Tool) -> Option<PathBuf> {
    FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(tool.name()))
        .find(|path| path.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(line: &str, ms_max: u64) -> Result<Answer, ToolError> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]);
        Installed::default().answer(command, ms_max)
    }

    #[test]
    fn what_a_tool_prints_and_how_it_ends_is_heard() {
        let answer = shell("printf '%s' \"$LC_ALL:$HOME\"; exit 4", 30_000).unwrap();
        assert_eq!((answer.status, &answer.said[..]), (4, &b"C:"[..]));
    }

    #[test]
    fn one_that_says_nothing_is_ended() {
        assert_eq!(shell("exec sleep 600", 40), Err(ToolError::TimedOut));
    }

    #[test]
    fn one_that_says_too_much_is_ended() {
        assert_eq!(shell("exec yes", 30_000), Err(ToolError::Garbled));
    }

    #[test]
    fn one_that_is_not_there_is_missing() {
        let command = Command::new("/no/such/tool");
        let asked = Installed::default().answer(command, 40);
        assert_eq!(asked, Err(ToolError::Missing));
    }
}
