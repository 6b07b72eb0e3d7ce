//! Where time comes from. The one file that reads the system's clocks.
//!
//! Two kinds: *civil* time, which can jump and is never used for pacing, and *monotonic* time,
//! which only says how long. Everything else takes a [`Clock`] or a value; a test takes
//! [`ManualClock`] and turns it by hand.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::time::Instant;

/// Monotonic milliseconds since some point in this process's life; only differences mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Tick(pub u64);

impl Tick {
    /// Milliseconds since an earlier tick, 0 when it is later.
    pub fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This tick and some milliseconds.
    #[must_use]
    pub fn after(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// Gives the time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Civil time as this machine believes it.
    fn now(&self) -> Instant;
    /// Monotonic time.
    fn tick(&self) -> Tick;
}

/// The machine's clocks.
#[derive(Debug)]
pub struct SystemClock {
    born: std::time::Instant,
}

impl SystemClock {
    /// Starts counting ticks now.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    pub fn new() -> Self {
        Self {
            born: std::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock"
    )]
    fn now(&self) -> Instant {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock before 1970 is as wrong as one at 1970: both are reported as a clock fault.
        Instant::from_ms(since_epoch.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(0)))
    }

    fn tick(&self) -> Tick {
        Tick(u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX))
    }
}

/// A clock for tests: it stands still until turned. Clones share one face.
#[derive(Debug, Clone)]
pub struct ManualClock {
    civil_ms: Arc<AtomicI64>,
    tick_ms: Arc<AtomicU64>,
}

impl ManualClock {
    /// Stands at `now`.
    pub fn at(now: Instant) -> Self {
        Self {
            civil_ms: Arc::new(AtomicI64::new(now.ms())),
            tick_ms: Arc::default(),
        }
    }

    /// Lets time pass: both kinds move on.
    pub fn advance(&self, ms: u64) {
        self.civil_ms
            .fetch_add(i64::try_from(ms).unwrap_or(i64::MAX), Ordering::SeqCst);
        self.tick_ms.fetch_add(ms, Ordering::SeqCst);
    }

    /// Sets the civil clock as an administrator or a faulty battery would; ticks do not move.
    pub fn set(&self, now: Instant) {
        self.civil_ms.store(now.ms(), Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Instant {
        Instant::from_ms(self.civil_ms.load(Ordering::SeqCst))
    }

    fn tick(&self) -> Tick {
        Tick(self.tick_ms.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn setting_the_civil_clock_does_not_move_ticks() {
        let clock = ManualClock::at(Instant::from_s(1_000));
        clock.advance(5);
        clock.set(Instant::from_s(1));
        assert_eq!(clock.now(), Instant::from_s(1));
        assert_eq!(clock.tick(), Tick(5));
    }

    #[test]
    fn the_system_clock_is_past_the_year_this_was_written() {
        assert!(SystemClock::new().now() > Instant::parse("2026-01-01T00:00:00Z").unwrap());
    }
}
