//! From answers to outages: who did not answer twice in a row was away since the first time.
//!
//! Pure. A single lost answer is no outage, because networks lose packets; one answer ends it. It must
//! not know how anybody is asked.

use std::collections::BTreeMap;

use keepwatch_common::model::outage::{Outage, OutageOf};
use keepwatch_common::time::Instant;

/// Answers that fail in a row before it is an outage.
const FAILURES_MIN: u32 = 2;

/// What is known of each one asked. At most as many as are asked.
#[derive(Debug, Default)]
pub struct Spells {
    failing: BTreeMap<OutageOf, Failing>,
}

#[derive(Debug, Clone, Copy)]
struct Failing {
    since: Instant,
    times: u32,
}

impl Spells {
    /// Goes on with outages that lasted when the agent stopped.
    pub fn resume(open: impl IntoIterator<Item = Outage>) -> Self {
        let failing = open.into_iter().map(|outage| {
            let failing = Failing {
                since: outage.from,
                times: FAILURES_MIN,
            };
            (outage.of, failing)
        });
        Self {
            failing: failing.collect(),
        }
    }

    /// Takes an answer; tells an outage that begins or ends by it.
    pub fn answered(&mut self, of: &OutageOf, is_there: bool, at: Instant) -> Option<Outage> {
        if is_there {
            let was = self.failing.remove(of)?;
            return (was.times >= FAILURES_MIN).then(|| Outage {
                of: of.clone(),
                from: was.since,
                until: Some(at.max(was.since)),
            });
        }
        let failing = self.failing.entry(of.clone()).or_insert(Failing {
            since: at,
            times: 0,
        });
        failing.times = failing.times.saturating_add(1);
        (failing.times == FAILURES_MIN).then(|| Outage {
            of: of.clone(),
            from: failing.since,
            until: None,
        })
    }

    /// The outages that last.
    pub fn open(&self) -> Vec<Outage> {
        let lasting = self.failing.iter().filter(|(_, f)| f.times >= FAILURES_MIN);
        lasting
            .map(|(of, failing)| Outage {
                of: of.clone(),
                from: failing.since,
                until: None,
            })
            .collect()
    }

    /// Forgets whoever is not asked any more; his outage ends now.
    pub fn keep_only(&mut self, asked: &[OutageOf], at: Instant) -> Vec<Outage> {
        let left: Vec<_> = self
            .failing
            .keys()
            .filter(|of| !asked.contains(of))
            .cloned()
            .collect();
        left.iter()
            .filter_map(|of| self.answered(of, true, at))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use proptest::prelude::*;

    use super::*;

    fn recorder() -> OutageOf {
        OutageOf::Recorder(Name::new("nvr").unwrap())
    }

    fn told(answers: &[bool]) -> Vec<(i64, Option<i64>)> {
        let mut spells = Spells::default();
        let mut told = Vec::new();
        for (at, is_there) in (0..).zip(answers) {
            let outage = spells.answered(&recorder(), *is_there, Instant::from_s(at));
            told.extend(outage.map(|o| (o.from.ms() / 1_000, o.until.map(|u| u.ms() / 1_000))));
        }
        told
    }

    #[test]
    fn one_lost_answer_is_no_outage() {
        assert_eq!(told(&[true, false, true, false, true]), []);
    }

    #[test]
    fn who_does_not_answer_twice_was_away_since_the_first_time() {
        let answers = [true, false, false, false, true, true];
        assert_eq!(told(&answers), [(1, None), (1, Some(4))]);
    }

    #[test]
    fn an_outage_goes_on_after_a_restart() {
        let open = Outage {
            of: recorder(),
            from: Instant::from_s(5),
            until: None,
        };
        let mut spells = Spells::resume([open.clone()]);
        assert_eq!(spells.open(), [open]);
        assert_eq!(
            spells.answered(&recorder(), false, Instant::from_s(9)),
            None
        );
        let ended = spells.answered(&recorder(), true, Instant::from_s(10));
        assert_eq!(ended.unwrap().until, Some(Instant::from_s(10)));
    }

    #[test]
    fn who_is_not_asked_any_more_is_away_no_more() {
        let mut spells = Spells::default();
        for at in 0..3 {
            spells.answered(&recorder(), false, Instant::from_s(at));
        }
        assert_eq!(spells.keep_only(&[recorder()], Instant::from_s(7)), []);
        let ended = spells.keep_only(&[], Instant::from_s(7));
        assert_eq!(ended[0].until, Some(Instant::from_s(7)));
        assert!(spells.open().is_empty());
    }

    proptest! {
        /// Against the plain reading of the whole sequence: runs of two or more failures.
        #[test]
        fn outages_are_the_runs_of_failures(answers in prop::collection::vec(any::<bool>(), 0..40)) {
            let mut runs = Vec::new();
            let mut at = 0;
            while at < answers.len() {
                if answers[at] { at += 1; continue; }
                let end = answers[at..].iter().position(|a| *a).map(|n| at + n);
                let length = end.unwrap_or(answers.len()) - at;
                if length >= 2 {
                    let from = i64::try_from(at).unwrap();
                    runs.push((from, None));
                    runs.extend(end.map(|end| (from, Some(i64::try_from(end).unwrap()))));
                }
                at += length;
            }
            prop_assert_eq!(told(&answers), runs);
        }
    }
}
