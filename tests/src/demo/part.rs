//! The parts that the demo's program plays when it runs itself again: the coordinator's and the
//! agent's own command lines, under their own names.
//!
//! Which part is played is told by the name a process is started under, so that a list of processes
//! shows `keepwatch serve` and `keepwatch-agent run`. It must not know the scene.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use rustix::process::{Signal, getpid, kill_process};

/// How long an orphan takes to put things away before it just ends: longer than the coordinator's
/// own twenty seconds.
const ORPHAN_ENDS: Duration = Duration::from_secs(25);

/// What an orphan that did not put things away in time ends with.
const CUT_SHORT: i32 = 70;

/// Commands that go on until they are stopped.
const LASTING: [&str; 2] = ["serve", "run"];

/// A program of the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// `keepwatch`
    Coordinator,
    /// `keepwatch-agent`
    Agent,
}

impl Part {
    /// The program's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Coordinator => "keepwatch",
            Self::Agent => "keepwatch-agent",
        }
    }

    /// The part of a process that was started under this name, if it plays one.
    pub(super) fn of(started_as: &OsStr) -> Option<Self> {
        let name = Path::new(started_as).file_name()?;
        let parts = [Self::Coordinator, Self::Agent];
        parts.into_iter().find(|part| name == part.name())
    }

    /// Plays it with this process's arguments; the exit code is the program's own.
    pub(super) fn play(self) -> ExitCode {
        let lasts = std::env::args_os().any(|word| LASTING.iter().any(|one| word == *one));
        if lasts {
            // Without this thread the process would still end with its parent's signal.
            std::thread::spawn(end_with_parent);
        }
        match self {
            Self::Coordinator => keepwatch_coordinator::cli::main(),
            Self::Agent => keepwatch_agent::cli::main(),
        }
    }
}

/// Standing input ends when whoever holds its other end is gone, however that came about.
fn end_with_parent() {
    let (Ok(_) | Err(_)) = io::copy(&mut io::stdin().lock(), &mut io::sink());
    let (Ok(()) | Err(_)) = kill_process(getpid(), Signal::TERM);
    std::thread::sleep(ORPHAN_ENDS);
    std::process::exit(CUT_SHORT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_the_name_it_is_started_under() {
        for part in [Part::Coordinator, Part::Agent] {
            assert_eq!(Part::of(OsStr::new(part.name())), Some(part));
        }
        assert_eq!(Part::of(OsStr::new("target/debug/demo")), None);
    }
}
