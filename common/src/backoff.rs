//! How long to wait before trying again: exponential with full jitter.
//!
//! Full jitter (a uniform draw from zero to the ceiling) spreads a fleet that lost its coordinator
//! in one second over the whole window, where equal waits would bring it back in one second.
//! The draw is an argument; nothing here reads a clock or waits.

/// Doubles a ceiling from `first_ms` to `max_ms`.
#[derive(Debug, Clone)]
pub struct Backoff {
    first_ms: u64,
    max_ms: u64,
    failures: u32,
}

impl Backoff {
    /// Starts with no failures counted.
    pub fn new(first_ms: u64, max_ms: u64) -> Self {
        Self {
            first_ms: first_ms.max(1),
            max_ms: max_ms.max(first_ms),
            failures: 0,
        }
    }

    /// Counts a failure and says how long to wait; `draw` is any random number.
    pub fn failed(&mut self, draw: u64) -> u64 {
        let ceiling = self.ceiling_ms();
        self.failures = self.failures.saturating_add(1);
        draw % (ceiling + 1)
    }

    /// The longest that the next wait can be.
    pub fn ceiling_ms(&self) -> u64 {
        let doubled = 1_u64.checked_shl(self.failures).unwrap_or(u64::MAX);
        self.first_ms.saturating_mul(doubled).min(self.max_ms)
    }

    /// How often in a row it failed.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// It worked: the next failure waits as the first did.
    pub fn worked(&mut self) {
        self.failures = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ceiling_doubles_and_stops() {
        let mut backoff = Backoff::new(100, 1_000);
        let ceilings: Vec<_> = (0..6)
            .map(|_| {
                let ceiling = backoff.ceiling_ms();
                backoff.failed(0);
                ceiling
            })
            .collect();
        assert_eq!(ceilings, [100, 200, 400, 800, 1_000, 1_000]);
    }

    #[test]
    fn no_number_of_failures_overflows() {
        let mut backoff = Backoff::new(u64::MAX / 2, u64::MAX - 1);
        for draw in 0_u64..200 {
            backoff.failed(draw.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
        assert_eq!(backoff.ceiling_ms(), u64::MAX - 1);
    }

    #[test]
    fn every_wait_is_within_the_ceiling() {
        let mut backoff = Backoff::new(100, 1_000);
        for draw in [0, 1, 99, 100, 101, u64::MAX] {
            let ceiling = backoff.ceiling_ms();
            assert!(backoff.failed(draw) <= ceiling);
        }
    }

    #[test]
    fn success_starts_over() {
        let mut backoff = Backoff::new(100, 1_000);
        backoff.failed(5);
        backoff.worked();
        assert_eq!(backoff.ceiling_ms(), 100);
    }
}
