//! What was said against what is true: everything missed, and everything invented.
//!
//! Faults and states are compared exactly, times to the tolerance that every layout has: a name and a
//! container tell no more than whole seconds and whole frames.

use std::collections::BTreeSet;

use keepwatch_tests::branch::damage::State;
use keepwatch_tests::branch::{CameraTruth, Truth};

use super::audit::{Audit, Said};

/// Seconds by which one moment may be told otherwise.
const TOLERANCE_S: f64 = 2.0;

/// How near to its limit an unbroken run may be for nobody to say how long it is, in seconds.
const CLOSE_S: f64 = 20.0;

/// Every difference in words; nothing where all is told as it is.
pub(crate) fn differences(truth: &Truth, audit: &Audit) -> Vec<String> {
    let mut told = Vec::new();
    let names = |names: Vec<&String>| names.into_iter().cloned().collect::<BTreeSet<_>>();
    let (true_names, said_names) = (
        names(truth.cameras.keys().collect()),
        names(audit.cameras.keys().collect()),
    );
    if true_names != said_names {
        told.push(format!("cameras are {true_names:?}, said {said_names:?}"));
    }
    if audit
        .unseen
        .as_array()
        .is_none_or(|unseen| !unseen.is_empty())
    {
        told.push(format!("said to be unseen: {}", audit.unseen));
    }
    for (name, truth) in &truth.cameras {
        if let Some(said) = audit.cameras.get(name) {
            let found = Differences::of(truth, said);
            told.extend(found.0.into_iter().map(|what| format!("{name}: {what}")));
        }
    }
    let wrong = |truth: &CameraTruth| !truth.gaps.is_empty() || !truth.faults.is_empty();
    let code = i32::from(truth.cameras.values().any(wrong));
    if audit.code != code && told.is_empty() {
        told.push(format!("the code should be {code}, was {}", audit.code));
    }
    told
}

struct Differences(Vec<String>);

impl Differences {
    fn of(truth: &CameraTruth, said: &Said) -> Self {
        let mut found = Self(Vec::new());
        found.faults(truth, said);
        found.gaps(truth, said);
        found.states(truth, said);
        found.time("the oldest start", truth.oldest_s, said.oldest);
        if truth.covered_s > 0 {
            found.time("the newest end", truth.newest_s, said.newest.unwrap_or(0.0));
        }
        let edges = 2 * (truth.gaps.len() + 1);
        let slack = TOLERANCE_S * f64::from(u32::try_from(edges).unwrap());
        if (whole(truth.covered_s) - said.recorded).abs() > slack {
            found.tell("seconds recorded", truth.covered_s, said.recorded);
        }
        let day_s = whole(truth.newest_s - truth.oldest_s).min(86_400.0);
        let missing: i64 = truth.gaps.iter().map(|(from, to)| to - from).sum();
        let close = (whole(missing) - day_s / 100.0).abs() < CLOSE_S;
        let apart = (whole(truth.continuous_s) - said.continuous).abs();
        if apart > slack + 86.4 && !close {
            found.tell("seconds unbroken", truth.continuous_s, said.continuous);
        }
        found
    }

    fn faults(&mut self, truth: &CameraTruth, said: &Said) {
        let faults = truth.faults.iter();
        let true_faults: BTreeSet<_> = faults
            .map(|(path, kind)| (path.clone(), kind.word().to_owned()))
            .collect();
        for missed in true_faults.difference(&said.faults) {
            self.0.push(format!("missed {missed:?}"));
        }
        for invented in said.faults.difference(&true_faults) {
            let details: Vec<_> = said
                .details
                .iter()
                .filter(|detail| detail.starts_with(&invented.0))
                .collect();
            self.0.push(format!("invented {invented:?}: {details:?}"));
        }
    }

    fn gaps(&mut self, truth: &CameraTruth, said: &Said) {
        let near = |gap: &(i64, i64), said: &(f64, f64)| {
            (whole(gap.0) - said.0).abs() <= TOLERANCE_S
                && (whole(gap.1) - said.1).abs() <= TOLERANCE_S
        };
        for gap in &truth.gaps {
            if !said.gaps.iter().any(|said| near(gap, said)) {
                self.0.push(format!("missed the gap {gap:?}"));
            }
        }
        for said in &said.gaps {
            if !truth.gaps.iter().any(|gap| near(gap, said)) {
                self.0.push(format!("invented the gap {said:?}"));
            }
        }
    }

    fn states(&mut self, truth: &CameraTruth, said: &Said) {
        for (state, word) in [
            (State::Sealed, "sealed"),
            (State::Open, "open"),
            (State::Opaque, "opaque"),
            (State::Corrupt, "corrupt"),
        ] {
            let count = truth.states.get(&state).copied().unwrap_or(0);
            if said.states.get(word) != Some(&count) {
                let said = &said.states;
                self.0
                    .push(format!("{count} files are {word}, said {said:?}"));
            }
        }
    }

    fn time(&mut self, what: &str, truth: i64, said: f64) {
        if (whole(truth) - said).abs() > TOLERANCE_S {
            self.tell(what, truth, said);
        }
    }

    fn tell(&mut self, what: &str, truth: i64, said: f64) {
        self.0.push(format!("{what}: {truth} is true, said {said}"));
    }
}

fn whole(seconds: i64) -> f64 {
    i32::try_from(seconds).map_or_else(|_| f64::from(u32::try_from(seconds).unwrap()), f64::from)
}
