//! Whether something that must not stop has stopped.
//!
//! Whoever works says when it begins and when it is done; in between it should not take long. Being
//! idle is no sign of anything.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use keepwatch_common::clock::Tick;

/// Nothing is in hand.
const IDLE: u64 = u64::MAX;

/// One worker's pulse; clones share it.
#[derive(Debug, Clone)]
pub struct Pulse(Arc<AtomicU64>);

impl Default for Pulse {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(IDLE)))
    }
}

impl Pulse {
    /// A piece of work begins.
    pub fn begin(&self, now: Tick) {
        self.0.store(now.0, Ordering::Relaxed);
    }

    /// It is done.
    pub fn done(&self) {
        self.0.store(IDLE, Ordering::Relaxed);
    }

    /// For how many milliseconds the present piece of work has been in hand, 0 while idle.
    pub fn busy_ms(&self, now: Tick) -> u64 {
        match self.0.load(Ordering::Relaxed) {
            IDLE => 0,
            begun => now.since(Tick(begun)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_work_in_hand_counts() {
        let pulse = Pulse::default();
        assert_eq!(pulse.busy_ms(Tick(5_000)), 0);
        pulse.begin(Tick(1_000));
        assert_eq!(pulse.clone().busy_ms(Tick(5_000)), 4_000);
        pulse.done();
        assert_eq!(pulse.busy_ms(Tick(9_000)), 0);
    }
}
