//! Footage that must outlive its retention: what is wanted, and how it stands at the branch.

use uuid::Uuid;

use super::camera::CameraKey;
use crate::interval::Interval;
use crate::time::Instant;

/// A hold's own name, the same in every database and at every agent: a number of a database that was
/// restored from a copy could come to mean another hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HoldKey(pub Uuid);

impl std::fmt::Display for HoldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.simple())
    }
}

impl HoldKey {
    /// Reads the form that is displayed.
    pub fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

/// What a person wants held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WantedHold {
    /// Its name.
    pub key: HoldKey,
    /// Whose footage.
    pub camera: CameraKey,
    /// Which footage; it may reach into the future.
    pub span: Interval,
    /// When a person released it, by the coordinator's clock.
    pub released: Option<Instant>,
}

/// How a hold stands at its branch. State: the latest wins, one slot a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldState {
    /// Which.
    pub key: HoldKey,
    /// Whose footage.
    pub camera: CameraKey,
    /// How it stands.
    pub standing: HoldStanding,
    /// Segments that are listed with their digests, gone and changed ones among them.
    pub segments: u64,
    /// Their size in bytes.
    pub bytes: u64,
    /// How much of the wanted interval they cover, in milliseconds.
    pub covered_ms: i64,
    /// Segments of which the vault has a copy.
    pub copied: u64,
    /// Segments that are not where the recorder put them any more.
    pub gone: u64,
    /// Segments that are not what they were.
    pub changed: u64,
    /// When every digest had been read and compared last.
    pub verified: Option<Instant>,
    /// The first stretches that are gone or changed and of which there is no copy, or else those of
    /// which there is one; sorted.
    pub spans: Vec<Interval>,
}

/// How a hold stands. Only one of them is bad news beyond repair: *broken*.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum HoldStanding {
    /// Its list grows: not all segments are read yet, or its interval is not over.
    Making,
    /// All of it is listed, and as it was when last looked at.
    Kept,
    /// The same, and the vault has a copy of all of it.
    Copied,
    /// What was recorded is kept, and some of the interval was never recorded.
    Partly,
    /// Segments are gone or changed, and there is no copy.
    Broken,
    /// Segments are gone or changed, and the vault has a copy of each.
    InVault,
    /// What should be kept does not fit: the vault is full, or the list too long.
    NoRoom,
    /// A person released it.
    Released,
    /// The agent does not have this recorder, or takes no more holds.
    Refused,
}

impl HoldStanding {
    /// All of them, by their number on the wire; new ones are added at the end only.
    pub const ALL: [Self; 9] = [
        Self::Making,
        Self::Kept,
        Self::Copied,
        Self::Partly,
        Self::Broken,
        Self::InVault,
        Self::NoRoom,
        Self::Released,
        Self::Refused,
    ];

    /// The word in JSON and in the store; never translated.
    pub fn word(self) -> &'static str {
        match self {
            Self::Making => "making",
            Self::Kept => "kept",
            Self::Copied => "copied",
            Self::Partly => "partly",
            Self::Broken => "broken",
            Self::InVault => "in_vault",
            Self::NoRoom => "no_room",
            Self::Released => "released",
            Self::Refused => "refused",
        }
    }

    /// The standing of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|standing| standing.word() == word)
    }
}
