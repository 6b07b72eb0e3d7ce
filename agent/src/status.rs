//! How the running agent stands: a small file in the state folder that the status command reads.
//!
//! A file and not a socket: it is there when the agent is not, and says since when. It is written
//! whole or not at all and never waited for by the disk; after a power cut it may be missing. It
//! holds no secret.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use keepwatch_common::model::health::{SourceHealth, VolumeHealth};
use keepwatch_common::model::volume::VolumeState;
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

use crate::device::source::follower::WatchedStanding;
use crate::footage::standing::RecorderStanding;
use crate::uplink::UplinkStanding;

/// The file in the state folder.
const FILE: &str = "status.json";

/// How often it is written, in milliseconds.
pub const WRITE_MS: u64 = 5_000;

/// Without a new one for so long, in milliseconds, it may be out of date: two periods.
pub const LATE_MS: i64 = 10_000;

/// Without a new one for so long, in milliseconds, the agent is not running.
pub const STALE_MS: i64 = 20_000;

/// Largest file read, in bytes: a few hundred for each of 256 entries of a kind, and as many for each
/// of 64 sources of a volume's health.
const FILE_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// The version of the file's shape.
const VERSION: u16 = 1;

/// How the agent stands. Keys of its JSON are only ever added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The shape's version.
    pub version: u16,
    /// The agent's version.
    pub agent_version: String,
    /// When this was written, by the agent's clock.
    pub written_at: Instant,
    /// When the agent started.
    pub started_at: Instant,
    /// Whether it stopped in order after this.
    pub stopped: bool,
    /// Its connection and what waits to be told.
    pub uplink: UplinkStanding,
    /// Its recorders.
    pub recorders: Vec<RecorderStanding>,
    /// Its volumes.
    pub volumes: Vec<VolumeStanding>,
    /// Its watched files.
    pub watched: Vec<WatchedStanding>,
}

/// A volume in the status file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeStanding {
    /// Its name in the branch's words.
    pub volume: String,
    /// Where it should be mounted.
    pub path: String,
    /// Whether it is there.
    pub presence: String,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes free for the recorder.
    pub free_bytes: u64,
    /// How well what is under it is; nothing before it was examined.
    #[serde(default)]
    pub health: HealthStanding,
}

/// How well what is under a volume is, in the status file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthStanding {
    /// The worst word of all sources; empty before anything was examined.
    pub word: String,
    /// What each source says.
    pub sources: Vec<SourceStanding>,
}

/// What one source says of a volume's health, in the status file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceStanding {
    /// Which kind of source.
    pub source: String,
    /// What it speaks of.
    pub subject: String,
    /// `good`, `worn`, `failing` or `unknown`.
    pub word: String,
    /// Why.
    pub reason: String,
    /// The figures by their names, which have the unit in them.
    pub figures: BTreeMap<String, i64>,
    /// For a person.
    pub detail: String,
}

impl From<&VolumeHealth> for HealthStanding {
    fn from(health: &VolumeHealth) -> Self {
        Self {
            word: health.word().word().to_owned(),
            sources: health.sources.iter().map(Into::into).collect(),
        }
    }
}

impl From<&SourceHealth> for SourceStanding {
    fn from(health: &SourceHealth) -> Self {
        let figures = health.figures.iter();
        Self {
            source: health.source.word().to_owned(),
            subject: health.subject.to_string(),
            word: health.word.word().to_owned(),
            reason: health.reason.word().to_owned(),
            figures: figures
                .map(|figure| (figure.measure.word().to_owned(), figure.value))
                .collect(),
            detail: health.detail.clone(),
        }
    }
}

impl From<&VolumeState> for VolumeStanding {
    fn from(state: &VolumeState) -> Self {
        Self {
            volume: state.volume.to_string(),
            path: state.path.clone(),
            presence: state.presence.word().to_owned(),
            total_bytes: state.total_bytes,
            free_bytes: state.free_bytes,
            health: HealthStanding::default(),
        }
    }
}

/// Why the status cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StatusError {
    /// The file system refuses.
    #[error("the status file cannot be used")]
    File(#[source] std::io::Error),
    /// There is none.
    #[error(
        "the agent has not run yet with this state folder: there is no {}; start it with \
         `keepwatch-agent run`", path.display()
    )]
    Absent {
        /// Where it should be.
        path: PathBuf,
    },
    /// It is none of ours.
    #[error("{} cannot be read; was it written by another version of the agent?", path.display())]
    Shape {
        /// Where it is.
        path: PathBuf,
        /// Why.
        #[source]
        source: serde_json::Error,
    },
}

impl Status {
    /// Of an agent that runs.
    pub fn new(uplink: UplinkStanding, started_at: Instant, written_at: Instant) -> Self {
        Self {
            version: VERSION,
            agent_version: env!("CARGO_PKG_VERSION").to_owned(),
            written_at,
            started_at,
            stopped: false,
            uplink,
            recorders: Vec::new(),
            volumes: Vec::new(),
            watched: Vec::new(),
        }
    }

    /// Puts it in place of the one before.
    pub fn write(&self, state: &Path) -> Result<(), StatusError> {
        let path = state.join(FILE);
        let text = serde_json::to_vec_pretty(self).map_err(|source| StatusError::Shape {
            path: path.clone(),
            source,
        })?;
        let fresh = state.join(format!(".{FILE}.new"));
        fs_err::write(&fresh, text).map_err(StatusError::File)?;
        fs_err::rename(&fresh, &path).map_err(StatusError::File)
    }

    /// The one that was written last.
    pub fn read(state: &Path) -> Result<Self, StatusError> {
        let path = state.join(FILE);
        let absent = |error: std::io::Error| match error.kind() {
            std::io::ErrorKind::NotFound => StatusError::Absent { path: path.clone() },
            _ => StatusError::File(error),
        };
        let bytes = fs_err::metadata(&path).map_err(absent)?.len();
        if bytes > FILE_BYTES_MAX {
            let error = std::io::Error::from(std::io::ErrorKind::FileTooLarge);
            return Err(StatusError::File(error));
        }
        let text = fs_err::read(&path).map_err(absent)?;
        serde_json::from_slice(&text).map_err(|source| StatusError::Shape { path, source })
    }

    /// Whether a newer one should have been written by now.
    pub fn is_stale(&self, now: Instant) -> bool {
        now.since(self.written_at) > LATE_MS
    }

    /// Whether the agent that wrote it runs, as far as the clock of the same machine tells.
    pub fn is_running(&self, now: Instant) -> bool {
        !self.stopped && now.since(self.written_at) <= STALE_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status() -> Status {
        let uplink = UplinkStanding {
            agent: "a".to_owned(),
            branch: "b".to_owned(),
            certificate_until: Instant::from_s(9_000),
            connected: None,
            away: Some("the coordinator restarts".to_owned()),
            clock_offset_ms: Some(-3),
            acked_at: None,
            refused: 0,
            waiting: Vec::new(),
        };
        Status::new(uplink, Instant::from_s(1_000), Instant::from_s(2_000))
    }

    #[test]
    fn what_was_written_is_read() {
        let state = tempfile::tempdir().unwrap();
        assert!(matches!(
            Status::read(state.path()),
            Err(StatusError::Absent { .. })
        ));
        status().write(state.path()).unwrap();
        assert_eq!(Status::read(state.path()).unwrap(), status());
    }

    #[test]
    fn an_agent_that_says_nothing_for_a_while_or_good_bye_is_not_running() {
        let written = status();
        assert!(written.is_running(written.written_at + STALE_MS));
        assert!(!written.is_running(written.written_at + STALE_MS + 1));
        let stopped = Status {
            stopped: true,
            ..written.clone()
        };
        assert!(!stopped.is_running(written.written_at));
    }
}
