//! One file to be: when it was recorded by the recorder's own clock, and everything that befell it.
//!
//! It must not know how recorders name files.

use keepwatch_common::time::{Instant, SECOND_MS};

use super::media::Look;

/// A file that a recorder began.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Take {
    /// The how manieth file of its recorder, from 1: what recorders that count their events use.
    pub number: u32,
    /// When it began, by the recorder's clock.
    pub start: Instant,
    /// How long it was recorded, by the same clock, in seconds. Longer than its media where the
    /// camera's own clock is slow.
    pub wall_s: i64,
    /// What it shows.
    pub look: Look,
    /// What became of it.
    pub condition: Condition,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// Finished and whole.
    Whole,
    /// Finished, and later lost its end.
    Cut,
    /// Finished, and bits of what tells where things are have turned over.
    IndexFlipped,
    /// Finished, and bits of the pictures have turned over.
    MediaFlipped,
    /// The disk was full: a name and no bytes.
    Empty,
    /// Its recorder was killed while writing it.
    Killed,
    /// It is being written.
    Open,
    /// Finished, listed, and deleted by somebody who is not the recorder.
    Gone,
}

impl Take {
    /// When it ended, or would have.
    pub fn end(&self) -> Instant {
        self.start + self.wall_s * SECOND_MS
    }

    /// Whether its recorder has closed it.
    pub fn is_closed(&self) -> bool {
        !matches!(self.condition, Condition::Killed | Condition::Open)
    }
}
