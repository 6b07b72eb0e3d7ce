//! Spreads the opening of files over time, so that reading never takes the disk from recording.

use std::ops::ControlFlow;

use keepwatch_common::clock::Tick;

/// Spreads work over time and hears the wish to stop.
pub trait Pacer {
    /// One file was opened; waits when that was too fast. Breaks when the agent stops.
    fn opened(&mut self) -> ControlFlow<()>;
}

/// Opens at most so many files a second.
#[derive(Debug)]
pub struct Steady {
    files_per_second: u64,
    since: Tick,
    opened: u64,
}

impl Steady {
    /// Begins to count now.
    pub fn new(files_per_second: u32, now: Tick) -> Self {
        Self {
            files_per_second: u64::from(files_per_second.max(1)),
            since: now,
            opened: 0,
        }
    }

    /// Counts one file and says how long to wait, in milliseconds.
    pub fn wait_ms(&mut self, now: Tick) -> u64 {
        self.opened += 1;
        let due_ms = self.opened * 1_000 / self.files_per_second;
        due_ms.saturating_sub(now.since(self.since))
    }
}
