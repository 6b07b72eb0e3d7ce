//! One listed segment: what it was when it was listed, and what became of it since.

use keepwatch_common::interval::Interval;
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};

/// A segment as it was listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    /// The file below the recorder's root.
    pub(super) path: String,
    /// Its size.
    pub(super) bytes: u64,
    /// When it was written last, in seconds since 1970.
    pub(super) written_s: i64,
    /// Its first instant, in milliseconds since 1970.
    pub(super) start_ms: i64,
    /// Its end.
    pub(super) end_ms: i64,
    /// BLAKE3 of its bytes, in hexadecimal.
    pub(super) blake3: String,
}

impl Listed {
    /// What it covers; a segment without a length covers its first millisecond.
    pub(super) fn span(&self) -> Option<Interval> {
        let end = self.end_ms.max(self.start_ms.saturating_add(1));
        Interval::new(Instant::from_ms(self.start_ms), Instant::from_ms(end))
    }

    /// Whether its path stays below whatever it is put on: the list is our own file, and one that
    /// was tampered with must not lead us elsewhere.
    pub(super) fn is_safe(&self) -> bool {
        !self.path.is_empty()
            && self
                .path
                .split('/')
                .all(|part| !matches!(part, "" | "." | ".."))
            && !self.path.contains('\0')
    }
}

/// What became of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Fate {
    /// It is as it was, as far as was looked.
    #[default]
    Whole,
    /// It is not there any more.
    Gone,
    /// It is another.
    Changed,
}

/// A listed segment now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) listed: Listed,
    pub(super) fate: Fate,
    /// The vault has a copy.
    pub(super) copied: bool,
}
