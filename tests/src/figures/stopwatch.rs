//! Time, finer than the product needs it: its own clock counts milliseconds, a check takes less.

use std::time::Instant;

/// Runs from when it was made.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts it.
    #[expect(
        clippy::disallowed_methods,
        reason = "a figure is a span of real time; nothing is decided by it"
    )]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// Microseconds so far.
    pub fn us(&self) -> f64 {
        self.0.elapsed().as_secs_f64() * 1e6
    }

    /// Milliseconds so far.
    pub fn ms(&self) -> f64 {
        self.us() / 1e3
    }

    /// Seconds so far.
    pub fn seconds(&self) -> f64 {
        self.us() / 1e6
    }
}
