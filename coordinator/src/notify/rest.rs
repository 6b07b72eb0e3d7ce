//! A receiver that does not answer rests, so that it takes no time from those that do. Pure.
//!
//! Each try at a receiver that is down lasts until its timeout. Were every notification tried, they
//! would hold all places and delay what goes elsewhere. So after one that was not answered the
//! channel rests; then one is tried, and only when it is answered the others follow.

use std::collections::BTreeMap;

use keepwatch_common::backoff::Backoff;
use keepwatch_common::time::Instant;

/// Between two tries at a receiver that does not answer, in milliseconds: first and longest.
const REST_MS: (u64, u64) = (1_000, 60_000);

/// What is looked at again while another is tried, in milliseconds: about as long as that takes.
const TRY_MS: i64 = 5_000;

/// The channels that rest.
#[derive(Debug, Default)]
pub(super) struct Rests(BTreeMap<String, Rest>);

#[derive(Debug)]
struct Rest {
    backoff: Backoff,
    until: Instant,
    trying: bool,
    why: String,
}

/// When to look again at a notification of a channel that rests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Resting {
    /// Not before this.
    pub(super) until: Instant,
    /// What went wrong last.
    pub(super) why: String,
}

impl Rests {
    /// Whether to send on a channel now; otherwise when to look again, which `draw`, any random
    /// number, spreads. Who is let through says afterwards how it went.
    pub(super) fn admit(&mut self, channel: &str, now: Instant, draw: u64) -> Result<(), Resting> {
        let Some(rest) = self.0.get_mut(channel) else {
            return Ok(());
        };
        let wait_ms = if rest.trying {
            TRY_MS
        } else {
            rest.until.since(now)
        };
        if wait_ms <= 0 {
            rest.trying = true;
            return Ok(());
        }
        let spread_ms = draw % u64::try_from(wait_ms).unwrap_or(1);
        Err(Resting {
            until: now + wait_ms + i64::try_from(spread_ms).unwrap_or(0),
            why: rest.why.clone(),
        })
    }

    /// Who was let through did not get to trying.
    pub(super) fn not_tried(&mut self, channel: &str) {
        if let Some(rest) = self.0.get_mut(channel) {
            rest.trying = false;
        }
    }

    /// The receiver answered, whatever it said.
    pub(super) fn answered(&mut self, channel: &str) {
        self.0.remove(channel);
    }

    /// It did not; of many at once the first counts.
    pub(super) fn silent(&mut self, channel: &str, why: &str, now: Instant, draw: u64) {
        let rest = self.0.entry(channel.to_owned()).or_insert_with(|| Rest {
            backoff: Backoff::new(REST_MS.0, REST_MS.1),
            until: now,
            trying: true,
            why: String::new(),
        });
        if rest.trying {
            let ceiling = i64::try_from(rest.backoff.ceiling_ms()).unwrap_or(i64::MAX);
            let drawn = i64::try_from(rest.backoff.failed(draw)).unwrap_or(i64::MAX);
            rest.until = now + ceiling.midpoint(drawn);
            rest.trying = false;
            why.clone_into(&mut rest.why);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Instant {
        Instant::from_s(1_000 + s)
    }

    fn is_let_through(rests: &mut Rests, channel: &str, now: Instant) -> bool {
        rests.admit(channel, now, 0).is_ok()
    }

    #[test]
    fn a_silent_receiver_is_tried_by_one_at_a_time() {
        let mut rests = Rests::default();
        rests.silent("ops", "no route", at(0), 0);
        let resting = rests.admit("ops", at(0), 0).unwrap_err();
        assert_eq!(resting.why, "no route");
        assert!(is_let_through(&mut rests, "ops", at(10)));
        assert!(!is_let_through(&mut rests, "ops", at(10)));
        assert!(is_let_through(&mut rests, "mail", at(0)));
    }

    #[test]
    fn one_that_answers_again_gets_everything() {
        let mut rests = Rests::default();
        rests.silent("ops", "", at(0), 0);
        assert!(is_let_through(&mut rests, "ops", at(10)));
        rests.answered("ops");
        assert!(is_let_through(&mut rests, "ops", at(10)));
        assert!(is_let_through(&mut rests, "ops", at(10)));
    }

    #[test]
    fn one_that_was_let_through_and_not_tried_leaves_its_place_to_another() {
        let mut rests = Rests::default();
        rests.silent("ops", "", at(0), 0);
        assert!(is_let_through(&mut rests, "ops", at(10)));
        rests.not_tried("ops");
        assert!(is_let_through(&mut rests, "ops", at(10)));
    }

    #[test]
    fn many_that_fail_at_once_count_as_one() {
        let mut rests = Rests::default();
        for _ in 0..100 {
            rests.silent("ops", "", at(0), u64::MAX);
        }
        assert!(is_let_through(&mut rests, "ops", at(1)));
    }

    #[test]
    fn a_receiver_that_stays_silent_rests_longer_and_at_most_a_minute() {
        let mut rests = Rests::default();
        let mut now = at(0);
        let mut longest = 0;
        for _ in 0..20 {
            rests.silent("ops", "", now, u64::MAX);
            let until = rests.admit("ops", now, 0).unwrap_err().until;
            longest = longest.max(until.since(now));
            now = until;
            assert!(is_let_through(&mut rests, "ops", now));
        }
        assert!((30_000..=60_000).contains(&longest), "{longest}");
    }
}
