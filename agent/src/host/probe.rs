//! How somebody is asked whether he is there: an address that takes a connection, a unit or a program
//! that runs, room on a volume.
//!
//! Nothing is sent and nothing is read: a connection is opened and closed. Whoever cannot be asked is
//! not away: nothing is known, and so nothing is told. It must not know what follows from an answer.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use keepwatch_common::model::outage::OutageOf;
use tokio::net::TcpStream;

/// A connection that takes longer than this is none.
const CONNECT_MS: u64 = 3_000;

/// Programs looked through at most, so that a machine full of them costs no more.
const PROGRAMS_MAX: usize = 65_536;

/// A name longer than this is cut by the kernel.
const PROGRAM_BYTES_MAX: usize = 15;

/// A volume with less room than this takes no segment: recorders stop long before the last byte.
const ROOM_BYTES_MIN: u64 = 16 << 20;

/// Where control groups are.
const GROUPS: &str = "/sys/fs/cgroup/system.slice";

/// Where programs are.
const PROGRAMS: &str = "/proc";

/// Whom to ask, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// Who is away when the answer fails.
    pub of: OutageOf,
    /// How he is asked.
    pub how: How,
}

/// How somebody is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// By opening a connection.
    Address(SocketAddr),
    /// By a program in the unit's control group.
    Unit(String),
    /// By a program of this name.
    Program(String),
    /// By the room on the file system of a path.
    Room(PathBuf),
}

/// What is no way to ask.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{text}” is no way to ask; write tcp:ADDRESS:PORT with a numeric address, unit:NAME.service or \
     process:NAME of at most {PROGRAM_BYTES_MAX} letters"
)]
pub struct HowError {
    text: String,
}

impl How {
    /// Reads `tcp:192.168.1.20:554`, `unit:frigate.service` or `process:zmc`.
    pub fn parse(text: &str) -> Result<Self, HowError> {
        let refused = || HowError {
            text: text.to_owned(),
        };
        let (kind, rest) = text.split_once(':').ok_or_else(refused)?;
        // A unit's name becomes a path.
        let is_plain = !rest.is_empty() && !rest.contains('/') && !rest.starts_with('.');
        match kind {
            "tcp" => rest.parse().map(Self::Address).map_err(|_| refused()),
            "unit" if is_plain => Ok(Self::Unit(rest.to_owned())),
            "process" if is_plain && rest.len() <= PROGRAM_BYTES_MAX => {
                Ok(Self::Program(rest.to_owned()))
            }
            _ => Err(refused()),
        }
    }

    /// Whether he is there; none when nobody can tell.
    pub async fn ask(&self) -> Option<bool> {
        match self {
            Self::Address(address) => connects(*address).await,
            Self::Unit(unit) => runs_in(Path::new(GROUPS), unit),
            Self::Program(name) => runs(Path::new(PROGRAMS), name),
            Self::Room(path) => has_room(path),
        }
    }
}

impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "tcp:{address}"),
            Self::Unit(unit) => write!(f, "unit:{unit}"),
            Self::Program(name) => write!(f, "process:{name}"),
            Self::Room(path) => write!(f, "room on {}", path.display()),
        }
    }
}

async fn connects(address: SocketAddr) -> Option<bool> {
    let connecting = TcpStream::connect(address);
    match tokio::time::timeout(Duration::from_millis(CONNECT_MS), connecting).await {
        Ok(Ok(_)) => Some(true),
        // The agent's own want of sockets says nothing about whom it asks.
        Ok(Err(error)) if is_ours(&error) => None,
        Ok(Err(_)) | Err(_) => Some(false),
    }
}

fn is_ours(error: &io::Error) -> bool {
    use rustix::io::Errno;
    let own = [
        Errno::MFILE,
        Errno::NFILE,
        Errno::NOBUFS,
        Errno::ACCESS,
        Errno::PERM,
    ];
    Errno::from_io_error(error).is_some_and(|errno| own.contains(&errno))
}

/// A unit that stopped has no group; one without programs has an empty one.
fn runs_in(groups: &Path, unit: &str) -> Option<bool> {
    if !groups.is_dir() {
        return None;
    }
    match fs_err::read_to_string(groups.join(unit).join("cgroup.procs")) {
        Ok(programs) => Some(!programs.trim().is_empty()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Some(false),
        Err(_) => None,
    }
}

fn runs(programs: &Path, name: &str) -> Option<bool> {
    let entries = fs_err::read_dir(programs).ok()?;
    let found = entries.take(PROGRAMS_MAX).flatten().any(|entry| {
        let is_program = entry
            .file_name()
            .to_str()
            .is_some_and(|id| id.bytes().all(|b| b.is_ascii_digit()));
        is_program
            && fs_err::read_to_string(entry.path().join("comm"))
                .is_ok_and(|comm| comm.trim_end() == name)
    });
    Some(found)
}

fn has_room(path: &Path) -> Option<bool> {
    let space = rustix::fs::statvfs(path).ok()?;
    Some(space.f_bavail.saturating_mul(space.f_frsize) >= ROOM_BYTES_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ways_to_ask_are_read_and_written_alike() {
        for text in [
            "tcp:192.168.1.20:554",
            "tcp:[fe80::1]:554",
            "unit:frigate.service",
            "process:zmc",
        ] {
            assert_eq!(How::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_way_to_ask_is_refused_with_the_remedy() {
        for text in [
            "frigate",
            "tcp:nvr.local:554",
            "tcp:10.0.0.1",
            "unit:",
            "unit:../x",
            "process:a/b",
            "icmp:10.0.0.1",
        ] {
            let refused = How::parse(text).unwrap_err().to_string();
            assert!(
                refused.contains(text) && refused.contains("tcp:ADDRESS:PORT"),
                "{refused}"
            );
        }
    }

    #[tokio::test]
    async fn an_address_is_there_while_it_takes_connections() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let how = How::Address(listener.local_addr().unwrap());
        assert_eq!(how.ask().await, Some(true));
        drop(listener);
        assert_eq!(how.ask().await, Some(false));
    }

    #[test]
    fn a_unit_without_programs_is_away_and_a_system_without_groups_does_not_tell() {
        let groups = tempfile::tempdir().unwrap();
        assert_eq!(runs_in(groups.path(), "nvr.service"), Some(false));
        fs_err::create_dir(groups.path().join("nvr.service")).unwrap();
        let file = groups.path().join("nvr.service/cgroup.procs");
        fs_err::write(&file, "").unwrap();
        assert_eq!(runs_in(groups.path(), "nvr.service"), Some(false));
        fs_err::write(&file, "17\n").unwrap();
        assert_eq!(runs_in(groups.path(), "nvr.service"), Some(true));
        assert_eq!(runs_in(Path::new("/no/groups"), "nvr.service"), None);
    }

    #[test]
    fn a_program_is_found_by_the_kernels_name_of_it() {
        let programs = tempfile::tempdir().unwrap();
        for (id, name) in [("17", "zmc"), ("self", "other")] {
            fs_err::create_dir(programs.path().join(id)).unwrap();
            fs_err::write(programs.path().join(id).join("comm"), format!("{name}\n")).unwrap();
        }
        assert_eq!(runs(programs.path(), "zmc"), Some(true));
        assert_eq!(runs(programs.path(), "other"), Some(false));
    }

    #[test]
    fn a_path_that_is_not_there_tells_nothing_of_its_room() {
        assert_eq!(has_room(Path::new("/")), Some(true));
        assert_eq!(has_room(Path::new("/no/such/volume")), None);
    }
}
