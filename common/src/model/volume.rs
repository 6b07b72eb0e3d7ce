//! A file system that holds footage. State: the latest wins.

use super::name::Name;

/// What an agent sees of a volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VolumeState {
    /// Its name in the agent's configuration.
    pub volume: Name,
    /// Where it should be mounted.
    pub path: String,
    /// Whether it is there.
    pub presence: Presence,
    /// Bytes in all, 0 when it is not there.
    pub total_bytes: u64,
    /// Bytes free for the recorder.
    pub free_bytes: u64,
    /// The file system's kind, e.g. `ext4`.
    pub kind: String,
}

/// Whether a volume is the one it should be. Anything but *present* means that nothing about its
/// footage is known: it never means that footage was deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Presence {
    /// Mounted, and the one seen before.
    Present,
    /// The path is no mount point, or does not exist.
    Missing,
    /// Another file system is mounted there than before.
    Swapped,
    /// Mounted read-only: the recorder cannot record.
    ReadOnly,
    /// The system did not say.
    Unreadable,
}

impl Presence {
    /// The word in JSON and in the store; never translated.
    pub fn word(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Missing => "missing",
            Self::Swapped => "swapped",
            Self::ReadOnly => "read_only",
            Self::Unreadable => "unreadable",
        }
    }
}
