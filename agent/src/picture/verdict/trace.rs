//! From suspicion to verdict and back: what was seen of one check lately, and since when it is wrong.

use std::collections::VecDeque;

use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};
use serde::{Deserialize, Serialize};

use super::check::{CLEAR, Persistence};

/// What is remembered of one check at most, in samples.
const SEEN_MAX: usize = 8;

/// After this long without a sample, what was seen before says nothing about now.
const STALE_MS: i64 = 6 * HOUR_MS;

/// How long something that may be usual must last to be wrong all the same: no night is this long.
const TENTATIVE_MS: i64 = DAY_MS;

/// Part of the spacing, in tenths, after which a sample counts: timers are not exact.
const SPACING_TENTHS: i64 = 9;

/// What one sample says of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nothing is wrong.
    Clear,
    /// Something is wrong.
    Suspect,
    /// Something is wrong that may be usual for this camera at this hour.
    Tentative,
    /// It says nothing.
    Nothing,
}

/// What was seen of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Trace {
    /// The last samples that counted: when, and whether they were suspicious.
    seen: VecDeque<(Instant, bool)>,
    /// The last sample that said anything, counted or not.
    heard: Option<Instant>,
    /// The first of an unbroken row of suspicious or tentative samples.
    unbroken_since: Option<Instant>,
    /// The first sample of the fault that holds.
    fault_since: Option<Instant>,
}

/// How a trace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// No sample said anything.
    Unseen,
    Clear,
    Suspected,
    Fault(Instant),
}

impl Trace {
    /// Takes in a sample.
    pub(super) fn see(&mut self, at: Instant, seen: Seen, persistence: Persistence) {
        let stale = |heard: Instant| at < heard || at.since(heard) > STALE_MS;
        if seen != Seen::Nothing && self.heard.replace(at).is_some_and(stale) {
            self.seen.clear();
            self.unbroken_since = None;
        }
        let last = self.seen.back().map(|(at, _)| *at);
        let suspect = match seen {
            Seen::Nothing => return,
            Seen::Clear => {
                self.unbroken_since = None;
                false
            }
            Seen::Suspect => {
                self.unbroken_since.get_or_insert(at);
                true
            }
            Seen::Tentative => {
                let since = *self.unbroken_since.get_or_insert(at);
                at.since(since) >= TENTATIVE_MS
            }
        };
        let spacing = persistence.spacing_ms * SPACING_TENTHS / 10;
        if last.is_some_and(|last| (0..spacing).contains(&at.since(last))) {
            return;
        }
        // What is only tentative neither raises a fault nor ends one.
        if suspect || seen == Seen::Clear {
            self.seen.push_back((at, suspect));
            if self.seen.len() > persistence.of.clamp(CLEAR, SEEN_MAX) {
                self.seen.pop_front();
            }
        }
        self.settle(persistence);
    }

    /// How it stands.
    pub(super) fn state(&self) -> State {
        match self.fault_since {
            Some(since) => State::Fault(since),
            None if self.seen.back().is_some_and(|(_, suspect)| *suspect) => State::Suspected,
            None if self.seen.is_empty() => State::Unseen,
            None => State::Clear,
        }
    }

    fn settle(&mut self, persistence: Persistence) {
        let newest = || self.seen.iter().rev();
        if self.fault_since.is_some() {
            let clear = newest().take(CLEAR).filter(|(_, suspect)| !suspect);
            if clear.count() == CLEAR {
                self.fault_since = None;
            }
            return;
        }
        let hits = newest()
            .take(persistence.of)
            .filter(|(_, suspect)| *suspect);
        if hits.clone().count() >= persistence.hits {
            self.fault_since = hits.min().map(|(at, _)| *at);
        }
    }

    /// Whether it could have come from here.
    pub(super) fn is_sound(&self) -> bool {
        self.seen.len() <= SEEN_MAX
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepwatch_common::time::MINUTE_MS;
    use proptest::prelude::*;

    const THREE_OF_FOUR: Persistence = Persistence {
        hits: 3,
        of: 4,
        spacing_ms: 5 * MINUTE_MS,
    };

    fn after(samples: &[Seen]) -> State {
        let mut trace = Trace::default();
        for (minute, seen) in (0..).step_by(5).zip(samples) {
            trace.see(Instant::from_ms(minute * MINUTE_MS), *seen, THREE_OF_FOUR);
        }
        trace.state()
    }

    use Seen::{Clear, Nothing, Suspect, Tentative};

    #[test]
    fn three_of_four_are_a_fault_since_the_first_of_them() {
        assert_eq!(after(&[Suspect, Suspect]), State::Suspected);
        assert_eq!(
            after(&[Clear, Suspect, Clear, Suspect, Suspect]),
            State::Fault(Instant::from_ms(5 * MINUTE_MS))
        );
    }

    #[test]
    fn a_fault_ends_after_three_clear_samples_and_not_before() {
        let fault = [Suspect, Suspect, Suspect];
        let and = |more: &[Seen]| after(&[&fault[..], more].concat());
        assert!(matches!(and(&[Clear, Clear]), State::Fault(_)));
        assert!(matches!(
            and(&[Clear, Clear, Suspect, Clear, Clear]),
            State::Fault(_)
        ));
        assert_eq!(and(&[Clear, Clear, Clear]), State::Clear);
    }

    #[test]
    fn samples_that_say_nothing_change_nothing() {
        assert_eq!(after(&[Suspect, Nothing, Nothing]), State::Suspected);
    }

    #[test]
    fn what_may_be_usual_is_wrong_after_a_whole_day() {
        let day = 24 * 12;
        assert_eq!(after(&vec![Tentative; day]), State::Unseen);
        assert!(matches!(after(&vec![Tentative; day + 5]), State::Fault(_)));
        let mut broken = vec![Tentative; day + 5];
        broken[day / 2] = Clear;
        assert_eq!(after(&broken), State::Clear);
    }

    #[test]
    fn samples_too_near_do_not_count_twice() {
        let mut trace = Trace::default();
        for second in 0..200 {
            trace.see(Instant::from_s(second), Suspect, THREE_OF_FOUR);
        }
        assert_eq!(trace.state(), State::Suspected);
    }

    proptest! {
        #[test]
        fn the_state_agrees_with_counting(samples in proptest::collection::vec(any::<bool>(), 1..60)) {
            let mut fault = false;
            for at in 0..samples.len() {
                let last = |n: usize| &samples[(at + 1).saturating_sub(n)..=at];
                if fault {
                    fault = at + 1 < CLEAR || last(CLEAR).iter().any(|suspect| *suspect);
                } else {
                    fault = last(4).iter().filter(|suspect| **suspect).count() >= 3;
                }
            }
            let seen: Vec<_> = samples.iter().map(|s| if *s { Suspect } else { Clear }).collect();
            prop_assert_eq!(matches!(after(&seen), State::Fault(_)), fault);
        }
    }
}
