//! What can be wrong with a view, how long it must last, and how a camera stands on it.

use keepwatch_common::time::{Instant, MINUTE_MS, SECOND_MS};
use serde::{Deserialize, Serialize};

/// One thing that can be wrong with a view.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Nothing is seen, and nothing is lit.
    Black,
    /// The even colour that stands in for a camera without signal.
    SignalLost,
    /// Too dark to see.
    TooDark,
    /// Too bright to see.
    TooBright,
    /// All of about one grey.
    LowContrast,
    /// Less sharp than this camera is at this hour.
    Blurred,
    /// The same picture again and again.
    Frozen,
    /// Something is held before the lens.
    Obscured,
    /// Another view than the approved one.
    Moved,
}

/// All of them, in their order.
pub const CHECKS: [Check; 9] = [
    Check::Black,
    Check::SignalLost,
    Check::TooDark,
    Check::TooBright,
    Check::LowContrast,
    Check::Blurred,
    Check::Frozen,
    Check::Obscured,
    Check::Moved,
];

/// How often, and how far apart, something must be seen before it is a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Persistence {
    /// Suspicious samples at least.
    pub hits: usize,
    /// Among this many, the last ones.
    pub of: usize,
    /// Milliseconds between two samples that count.
    pub spacing_ms: i64,
}

/// Clear samples in a row that end a fault.
pub const CLEAR: usize = 3;

/// How a camera stands on one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Looked at, and nothing is wrong.
    Good,
    /// Not yet known what is usual for this camera; never to be shown as good.
    Learning,
    /// Cannot be told, and why.
    Unknown(Why),
    /// Something seems wrong, and has not lasted.
    Suspected,
    /// Wrong, since this sample.
    Fault {
        /// The first suspicious sample.
        since: Instant,
    },
}

/// Why a check cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nothing was seen yet.
    NothingSeen,
    /// What is seen is too bad for this question: another check says so.
    NothingToSee,
    /// Nobody approved a reference view.
    NoReference,
    /// This camera's picture is always this still at this hour.
    AlwaysStill,
    /// It looks wrong, as it does at this hour of most days.
    Usual,
    /// Not yet known what is usual by this light; told as [`Standing::Learning`].
    NotLearned,
}

impl Check {
    /// What must be seen before it is a verdict: the field's numbers, spread over its minutes.
    pub fn persistence(self) -> Persistence {
        let (hits, of, spacing_ms) = match self {
            // 3 of 3 within ten minutes.
            Self::Black
            | Self::SignalLost
            | Self::TooDark
            | Self::TooBright
            | Self::LowContrast => (3, 3, 5 * MINUTE_MS),
            // 4 of 4 within half an hour.
            Self::Blurred => (4, 4, 10 * MINUTE_MS),
            // Three pairs of equal pictures, half a minute apart.
            Self::Frozen => (3, 3, 30 * SECOND_MS),
            // Five minutes.
            Self::Obscured => (3, 3, 2 * MINUTE_MS + 30 * SECOND_MS),
            // 3 of 4 within twenty minutes.
            Self::Moved => (3, 4, 6 * MINUTE_MS + 40 * SECOND_MS),
        };
        Persistence {
            hits,
            of,
            spacing_ms,
        }
    }

    /// Whether it is judged by what is usual for the camera.
    pub fn is_learned(self) -> bool {
        matches!(self, Self::Blurred | Self::Frozen | Self::Obscured)
    }
}
