//! When to try the coordinator again.
//!
//! Pure: the draw is an argument. A connection that was lost is sought again inside the window that
//! the coordinator asked for, so that a fleet comes back spread over it; one that cannot be had is
//! tried ever more rarely; one that was refused for good is tried slowly, because a person has to act
//! first.

use keepwatch_common::backoff::Backoff;
use keepwatch_common::time::MINUTE_MS;

/// Ceiling of the first wait, in milliseconds.
const FIRST_MS: u64 = 500;

/// Ceiling of every wait for a coordinator that may be back any moment, in milliseconds: all agents
/// are to be back within a minute.
const AWAY_MS_MAX: u64 = 60_000;

/// Between two tries when a person has to act first, in milliseconds: a re-admitted agent is back
/// within this, and a thousand revoked ones cost the coordinator nothing.
const SLOW_MS: u64 = 10 * MINUTE_MS.unsigned_abs();

/// Longest window that a coordinator can ask for, in milliseconds: it must not be able to keep a
/// branch away.
const WINDOW_MS_MAX: u64 = 10 * MINUTE_MS.unsigned_abs();

/// A connection that lasted this long, in milliseconds, did not fail: what ended it was something
/// new.
const LASTED_MS: u64 = 30_000;

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Away {
    /// None was had.
    Unreached,
    /// One was had and lost.
    Lost {
        /// How long it lasted, in milliseconds.
        lasted_ms: u64,
        /// The window asked for, in milliseconds.
        window_ms: u32,
    },
    /// The coordinator sent us away, to come back inside its window.
    Dismissed {
        /// The window, in milliseconds.
        window_ms: u32,
    },
    /// Refused until a person acts.
    Refused,
    /// We left, to come back as someone new.
    Changing,
}

/// Counts failures and says how long to wait.
#[derive(Debug)]
pub(super) struct Pacing(Backoff);

impl Pacing {
    pub(super) fn new() -> Self {
        Self(Backoff::new(FIRST_MS, AWAY_MS_MAX))
    }

    /// How long to wait, in milliseconds; `draw` is any random number.
    pub(super) fn wait_ms(&mut self, away: Away, draw: u64) -> u64 {
        match away {
            Away::Unreached => self.0.failed(draw),
            Away::Lost {
                lasted_ms,
                window_ms,
            } => {
                if lasted_ms >= LASTED_MS {
                    self.0.worked();
                }
                within(window_ms, draw).max(self.0.failed(draw))
            }
            Away::Dismissed { window_ms } => within(window_ms, draw).max(self.0.failed(draw)),
            Away::Refused => SLOW_MS / 2 + draw % (SLOW_MS / 2 + 1),
            Away::Changing => 0,
        }
    }
}

fn within(window_ms: u32, draw: u64) -> u64 {
    draw % (u64::from(window_ms).min(WINDOW_MS_MAX) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Away = Away::Lost {
        lasted_ms: 3_600_000,
        window_ms: 45_000,
    };

    #[test]
    fn a_fleet_that_lost_its_coordinator_spreads_over_the_window_asked_for() {
        let waits: Vec<_> = (0..=4)
            .map(|part| Pacing::new().wait_ms(LONG, part * 11_250))
            .collect();
        assert_eq!(waits, [0, 11_250, 22_500, 33_750, 45_000]);
    }

    #[test]
    fn a_coordinator_that_stays_away_is_tried_ever_more_rarely_but_every_minute() {
        let mut pacing = Pacing::new();
        let longest = |pacing: &mut Pacing| {
            let mut probe = Pacing(pacing.0.clone());
            let ceiling = probe.0.ceiling_ms();
            assert_eq!(probe.wait_ms(Away::Unreached, ceiling), ceiling);
            pacing.wait_ms(Away::Unreached, 1);
            ceiling
        };
        let ceilings: Vec<_> = (0..9).map(|_| longest(&mut pacing)).collect();
        assert_eq!(ceilings[..4], [500, 1_000, 2_000, 4_000]);
        assert_eq!(ceilings[7..], [60_000, 60_000]);
    }

    #[test]
    fn connections_that_break_at_once_are_failures() {
        let mut pacing = Pacing::new();
        let broken = Away::Lost {
            lasted_ms: 20,
            window_ms: 0,
        };
        for _ in 0..10 {
            pacing.wait_ms(broken, 1);
        }
        assert_eq!(pacing.wait_ms(broken, 60_000), 60_000);
        // One that lasted starts over.
        assert!(
            pacing.wait_ms(
                Away::Lost {
                    lasted_ms: LASTED_MS,
                    window_ms: 0
                },
                60_000
            ) <= FIRST_MS
        );
    }

    #[test]
    fn a_refused_agent_comes_back_slowly_but_does_come_back() {
        for draw in [0, 1, u64::MAX] {
            let wait = Pacing::new().wait_ms(Away::Refused, draw);
            assert!((SLOW_MS / 2..=SLOW_MS).contains(&wait), "{wait}");
        }
    }

    #[test]
    fn no_window_keeps_a_branch_away() {
        let asked = Away::Dismissed {
            window_ms: u32::MAX,
        };
        assert!(Pacing::new().wait_ms(asked, u64::MAX - 5) <= WINDOW_MS_MAX);
    }
}
