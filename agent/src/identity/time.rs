//! What the clock is worth, and whether a certificate's dates can be judged by it.
//!
//! A branch's machine comes up with an empty battery in 1970, or a year ahead; it must still reach
//! its coordinator, which is where the right time is. So dates are judged only while our clock is
//! near what a coordinator last told us:
//!
//! * up to ten minutes before that moment: anything earlier cannot be, for time does not go back;
//! * up to fourteen days after it: a coordinator's certificate has at least fifteen days left when
//!   it is shown, so a clock inside this bound, however wrong, never refuses a good one.
//!
//! Outside, and before a coordinator was ever heard, the pinned authority alone decides. What is
//! lost is little: a stolen key of a coordinator, its certificate ended, against an agent that was
//! cut off for two weeks. The last word heard counts and not the latest time: a coordinator whose
//! clock ran ahead for an hour must not mislead its fleet for years.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use keepwatch_common::clock::Clock;
use keepwatch_common::time::{DAY_MS, Instant, MINUTE_MS};

/// How far our clock may be before what was last heard: coordinators differ a little, and so do we.
const BEHIND_MS_MAX: i64 = 10 * MINUTE_MS;

/// How long after a coordinator was heard a certificate's dates are judged; less than the half life
/// that every coordinator's certificate has left when it is shown.
const JUDGED_MS: i64 = 14 * DAY_MS;

/// How far after anything certain a clock cannot be right: no authority lives longer.
const AHEAD_MS_MAX: i64 = 3_652 * DAY_MS;

/// Stands for a coordinator that was never heard.
const NEVER: i64 = i64::MIN;

/// What our clock is worth now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockStanding {
    /// Near what a coordinator last told: dates are judged by it.
    Plausible,
    /// A coordinator was never heard, or too long ago to tell: no fault, but no dates are judged.
    Unconfirmed,
    /// Before a time that is certainly past: a fault.
    Behind {
        /// By how much at least, in milliseconds.
        by_ms: i64,
    },
    /// Further ahead than can be: a fault.
    Ahead {
        /// By how much after the last certain time, in milliseconds.
        by_ms: i64,
    },
}

impl ClockStanding {
    /// Whether the clock is certainly wrong and must be reported as a fault.
    pub fn is_fault(self) -> bool {
        matches!(self, Self::Behind { .. } | Self::Ahead { .. })
    }
}

/// Our clock, with what is known to be past. Shared by every connection.
#[derive(Debug)]
pub struct TrustedTime {
    clock: Arc<dyn Clock>,
    built: Instant,
    heard_ms: AtomicI64,
}

impl TrustedTime {
    /// From the clock, when the program was built (see [`built`]) and when a coordinator was last
    /// heard, by its clock.
    pub fn new(clock: Arc<dyn Clock>, built: Instant, heard: Option<Instant>) -> Self {
        Self {
            clock,
            built,
            heard_ms: AtomicI64::new(heard.map_or(NEVER, Instant::ms)),
        }
    }

    /// A coordinator that has proved who it is says what time it is.
    pub fn hear(&self, at: Instant) {
        self.heard_ms.store(at.ms(), Ordering::Relaxed);
    }

    /// What the clock is worth now.
    pub fn standing(&self) -> ClockStanding {
        let now = self.clock.now();
        let heard = self.heard();
        let floor = heard.map_or(self.built, |at| at.max(self.built));
        let since_floor_ms = now.since(floor);
        if since_floor_ms < -BEHIND_MS_MAX {
            return ClockStanding::Behind {
                by_ms: -since_floor_ms,
            };
        }
        if since_floor_ms > AHEAD_MS_MAX {
            return ClockStanding::Ahead {
                by_ms: since_floor_ms,
            };
        }
        match heard {
            Some(at) if now.since(at) <= JUDGED_MS => ClockStanding::Plausible,
            _ => ClockStanding::Unconfirmed,
        }
    }

    /// The time at which to judge a certificate that begins at `not_before`. A certificate of our
    /// authority that has not begun is never refused: it only tells that we are behind.
    pub(super) fn judge_at(&self, not_before: Instant) -> Instant {
        match self.standing() {
            ClockStanding::Plausible => self.clock.now().max(not_before),
            _ => not_before,
        }
    }

    /// Our clock as it is.
    pub(super) fn now(&self) -> Instant {
        self.clock.now()
    }

    fn heard(&self) -> Option<Instant> {
        match self.heard_ms.load(Ordering::Relaxed) {
            NEVER => None,
            ms => Some(Instant::from_ms(ms)),
        }
    }
}

/// When this program was built.
pub fn built() -> Instant {
    // Written by the build script; 1970 if it wrote no number, which is a floor all the same.
    Instant::from_s(env!("KEEPWATCH_BUILT_S").parse().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::ManualClock;
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    fn heard() -> Instant {
        at("2026-11-23T08:00:00Z")
    }

    fn time(now: Instant, heard: Option<Instant>) -> TrustedTime {
        let clock = Arc::new(ManualClock::at(now));
        TrustedTime::new(clock, at("2026-06-01T00:00:00Z"), heard)
    }

    fn standing(now: &str, heard: Option<Instant>) -> ClockStanding {
        time(at(now), heard).standing()
    }

    #[test]
    fn a_clock_near_what_was_heard_is_plausible() {
        for now in [
            "2026-11-23T07:51:00Z",
            "2026-11-23T08:00:00Z",
            "2026-12-07T08:00:00Z",
        ] {
            assert_eq!(standing(now, Some(heard())), ClockStanding::Plausible);
        }
    }

    #[test]
    fn a_clock_before_a_time_that_is_past_is_a_fault() {
        for (now, heard) in [
            ("1970-01-01T00:00:00Z", None),
            ("2026-05-31T00:00:00Z", None),
            ("1970-01-01T00:00:00Z", Some(heard())),
            ("2026-11-22T08:00:00Z", Some(heard())),
        ] {
            assert!(standing(now, heard).is_fault(), "{now}");
        }
    }

    #[test]
    fn a_clock_further_ahead_than_any_authority_lives_is_a_fault() {
        assert!(standing("2037-01-01T00:00:00Z", None).is_fault());
        assert!(standing("2037-01-01T00:00:00Z", Some(heard())).is_fault());
    }

    #[test]
    fn a_long_silence_is_no_fault_but_judges_no_dates() {
        assert_eq!(
            standing("2027-02-01T00:00:00Z", Some(heard())),
            ClockStanding::Unconfirmed
        );
        assert_eq!(
            standing("2026-11-23T08:00:00Z", None),
            ClockStanding::Unconfirmed
        );
    }

    #[test]
    fn the_last_word_counts_and_not_the_latest_time() {
        let time = time(heard(), Some(at("2035-01-01T00:00:00Z")));
        assert!(time.standing().is_fault());
        time.hear(heard());
        assert_eq!(time.standing(), ClockStanding::Plausible);
    }

    #[test]
    fn the_build_time_is_past_the_year_this_was_written() {
        assert!(built() > at("2026-01-01T00:00:00Z"));
    }

    proptest! {
        /// A coordinator's certificate was made at most fifteen days ago, back-dated by two, for
        /// thirty; whatever our clock says and however long we were cut off, it is not refused.
        #[test]
        fn no_clock_refuses_a_certificate_that_is_good(
            clock_error_ms in -60 * 365 * DAY_MS..60 * 365 * DAY_MS,
            silent_ms in 0..400 * DAY_MS,
            age_ms in 0..15 * DAY_MS,
            ever_heard: bool,
        ) {
            let true_now = heard() + silent_ms;
            let time = time(true_now + clock_error_ms, ever_heard.then(heard));
            let made = true_now - age_ms;
            let (not_before, not_after) = (made - 2 * DAY_MS, made + 30 * DAY_MS);
            let judged = time.judge_at(not_before);
            prop_assert!(not_before <= judged && judged <= not_after);
        }

        /// Near what was heard, one that has ended is refused.
        #[test]
        fn a_right_clock_refuses_a_certificate_that_ended(
            silent_ms in 0..14 * DAY_MS,
            ended_ms in 1..1_000 * DAY_MS,
        ) {
            let now = heard() + silent_ms;
            let not_after = now - ended_ms;
            let time = time(now, Some(heard()));
            prop_assert!(time.judge_at(not_after - 32 * DAY_MS) > not_after);
        }
    }
}
