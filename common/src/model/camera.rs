//! One recorded view, as a branch names it, and what its agent knows of its footage.

use super::name::Name;
use super::segment::SegmentFault;
use crate::interval::Interval;
use crate::time::{DAY_MS, Instant};

/// A camera in the branch's own words.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CameraKey {
    /// The recorder that keeps its footage.
    pub recorder: Name,
    /// The camera in that recorder's words.
    pub camera: Name,
}

/// What there is of one camera's footage. State: the latest wins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CameraFootage {
    /// Whose.
    pub camera: CameraKey,
    /// Start of the oldest segment.
    pub oldest: Option<Instant>,
    /// End of the newest footage.
    pub newest: Option<Instant>,
    /// Segments finished and whole.
    pub sealed: u64,
    /// Segments still being written.
    pub open: u64,
    /// Segments that cannot be read from outside.
    pub opaque: u64,
    /// Segments damaged.
    pub corrupt: u64,
    /// Size of all.
    pub bytes: u64,
    /// How long a segment lasts on average, in milliseconds.
    pub segment_ms: i64,
}

/// A day in UTC, counted from 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UtcDay(pub i32);

impl UtcDay {
    /// The day of an instant.
    pub fn of(at: Instant) -> Self {
        Self(i32::try_from(at.ms().div_euclid(DAY_MS)).unwrap_or(i32::MAX))
    }

    /// Its first instant.
    pub fn start(self) -> Instant {
        Instant::from_ms(i64::from(self.0).saturating_mul(DAY_MS))
    }

    /// The whole day; `None` at the very end of the calendar.
    pub fn interval(self) -> Option<Interval> {
        Interval::new(self.start(), self.start() + DAY_MS)
    }
}

/// One camera and one day in UTC: what was measured, and the holes in it. State: the latest wins,
/// but only inside its measured range; what was told about the rest of the day stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CoverageSlice {
    /// Whose.
    pub camera: CameraKey,
    /// Which day.
    pub day: UtcDay,
    /// The part of the day that was measured.
    pub measured: Interval,
    /// What is missing of it; sorted, disjoint, inside the measured range.
    pub holes: Vec<Interval>,
}

/// A fault of one segment: standing, or gone because the file is whole or deleted now. State, one
/// slot per file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultState {
    /// Whose.
    pub camera: CameraKey,
    /// What is wrong, and where.
    pub fault: SegmentFault,
    /// Whether it is still so.
    pub standing: bool,
}

/// Footage that was there and is not any more, while its volume is intact. Evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FootageVanished {
    /// Whose.
    pub camera: CameraKey,
    /// The stretches that are gone, sorted.
    pub spans: Vec<Interval>,
    /// How many files.
    pub files: u64,
}
