//! How far our clock is ahead of the coordinator's.
//!
//! Measured at each welcome and carried on by monotonic time, so that a clock set by hand during a
//! connection shows at once. Pure.

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::time::Instant;

/// What time it is at the coordinator.
#[derive(Debug, Clone, Copy)]
pub(super) struct CoordinatorTime {
    at: Instant,
    since: Tick,
}

impl CoordinatorTime {
    /// From its clock in its answer, which took half of the round trip to come.
    pub(super) fn heard(clock_ms: i64, round_trip_ms: u64, now: Tick) -> Self {
        let half = i64::try_from(round_trip_ms / 2).unwrap_or(0);
        Self {
            at: Instant::from_ms(clock_ms) + half,
            since: now,
        }
    }

    /// Its time now.
    pub(super) fn now(&self, now: Tick) -> Instant {
        self.at + i64::try_from(now.since(self.since)).unwrap_or(i64::MAX)
    }

    /// How far our clock is ahead, in milliseconds; negative when it is behind.
    pub(super) fn offset_ms(&self, clock: &dyn Clock) -> i64 {
        clock.now().since(self.now(clock.tick()))
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::ManualClock;
    use keepwatch_common::time::DAY_MS;

    use super::*;

    #[test]
    fn half_of_the_round_trip_is_taken_for_the_way_back() {
        let clock = ManualClock::at(Instant::from_s(1_000));
        let time = CoordinatorTime::heard(1_000_000 - 40, 80, clock.tick());
        assert_eq!(time.offset_ms(&clock), 0);
        clock.advance(60_000);
        assert_eq!(time.offset_ms(&clock), 0);
        assert_eq!(time.now(clock.tick()), Instant::from_s(1_060));
    }

    #[test]
    fn a_clock_set_during_a_connection_shows_at_once() {
        let clock = ManualClock::at(Instant::from_s(1_000));
        let time = CoordinatorTime::heard(1_000_000, 0, clock.tick());
        clock.set(Instant::from_s(1_000) - DAY_MS);
        assert_eq!(time.offset_ms(&clock), -DAY_MS);
    }
}
