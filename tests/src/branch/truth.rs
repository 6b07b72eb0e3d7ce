//! What an audit must find, second by second: a flag for each second of a camera, set by every file
//! that proves it. Slow, plain, and nothing in it is the agent's.
//!
//! It must not know how any file is named or written.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::time::{Instant, SECOND_MS};

use super::damage::{Kind, State};
use super::media::MINUTE_S;
use super::recorder::Laid;

/// Seconds missing between two files that are no gap, and claimed twice that are no fault: two, which
/// is more than one in fifty of a minute.
pub const SLACK_S: i64 = 2;

/// Share of 24 hours that must be recorded for a run to be unbroken, in hundredths.
const UNBROKEN_PERCENT: usize = 99;

/// Seconds of a day.
const DAY_S: usize = 86_400;

/// What is true of a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// Each camera by its name in the recorder's own words.
    pub cameras: BTreeMap<String, CameraTruth>,
}

/// What is true of one camera. Times are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CameraTruth {
    /// When its oldest file begins.
    pub oldest_s: i64,
    /// When its newest footage ends.
    pub newest_s: i64,
    /// Seconds of footage, seams that are no gap among them.
    pub covered_s: i64,
    /// Where footage is missing, from its oldest file to the newest footage of any camera.
    pub gaps: Vec<(i64, i64)>,
    /// Which files are wrong, and how.
    pub faults: BTreeSet<(String, Kind)>,
    /// How many files are in which state.
    pub states: BTreeMap<State, u64>,
    /// From the end of the footage of any camera back to where this one's is first broken, in seconds.
    pub continuous_s: i64,
}

impl Truth {
    /// Of what was laid, in the order in which it is met: of two that claim one time the later is told.
    pub fn of(laid: &[Laid]) -> Self {
        let mut by_camera = BTreeMap::<_, Vec<_>>::new();
        for one in laid {
            by_camera.entry(&one.camera).or_default().push(one);
        }
        let flagged: Vec<_> = by_camera
            .into_iter()
            .map(|(camera, laid)| (camera, Flagged::of(laid)))
            .collect();
        let end_s = flagged.iter().map(|(_, flagged)| flagged.newest_s()).max();
        let end_s = end_s.unwrap_or(0);
        Self {
            cameras: flagged
                .into_iter()
                .map(|(camera, flagged)| (camera.clone(), flagged.truth(end_s)))
                .collect(),
        }
    }
}

/// The seconds of one camera, from the start of its oldest file.
struct Flagged<'l> {
    laid: Vec<&'l Laid>,
    oldest_s: i64,
    seconds: Vec<bool>,
    faults: BTreeSet<(String, Kind)>,
}

impl<'l> Flagged<'l> {
    fn of(laid: Vec<&'l Laid>) -> Self {
        let oldest_s = laid.iter().map(|one| second(one.start)).min().unwrap_or(0);
        let mut flagged = Self {
            oldest_s,
            seconds: Vec::new(),
            faults: BTreeSet::new(),
            laid,
        };
        for one in flagged.laid.clone() {
            flagged.flag(one);
        }
        flagged.join();
        flagged
    }

    fn flag(&mut self, one: &Laid) {
        if let Some(kind) = one.fault {
            self.faults.insert((one.path.clone(), kind));
        }
        let from = place(second(one.start) - self.oldest_s);
        let to = from + place(one.proves_s);
        if self.seconds.len() < to {
            self.seconds.resize(to, false);
        }
        let claimed = &mut self.seconds[from..to];
        let twice = claimed.iter().filter(|second| **second).count();
        claimed.fill(true);
        if twice > place(SLACK_S) {
            self.faults.insert((one.path.clone(), Kind::Clock));
        }
    }

    /// Closes seams.
    fn join(&mut self) {
        for (from, to) in holes(&self.seconds) {
            if from > 0 && to < self.seconds.len() && to - from <= place(SLACK_S) {
                self.seconds[from..to].fill(true);
            }
        }
    }

    fn newest_s(&self) -> i64 {
        let last = self.seconds.iter().rposition(|second| *second);
        self.oldest_s + last.map_or(0, |last| whole(last + 1))
    }

    fn truth(mut self, end_s: i64) -> CameraTruth {
        let newest_s = self.newest_s();
        let covered_s = whole(self.seconds.iter().filter(|second| **second).count());
        self.seconds.resize(place(end_s - self.oldest_s), false);
        let mut gaps = holes(&self.seconds);
        // What ended less than a file ago goes on in the next.
        if end_s - newest_s <= MINUTE_S + SLACK_S && end_s > newest_s {
            gaps.pop();
        }
        let mut states = BTreeMap::new();
        for one in &self.laid {
            *states.entry(one.state).or_default() += 1;
        }
        CameraTruth {
            oldest_s: self.oldest_s,
            newest_s,
            covered_s,
            gaps: gaps
                .into_iter()
                .map(|(from, to)| (self.oldest_s + whole(from), self.oldest_s + whole(to)))
                .collect(),
            continuous_s: whole(unbroken(&self.seconds)),
            faults: self.faults,
            states,
        }
    }
}

/// Runs of seconds that nothing proves.
fn holes(seconds: &[bool]) -> Vec<(usize, usize)> {
    let mut holes = Vec::new();
    let mut begun = None;
    for (at, second) in seconds.iter().chain([&true]).enumerate() {
        match (second, begun) {
            (false, None) => begun = Some(at),
            (true, Some(from)) => {
                holes.push((from, at));
                begun = None;
            }
            _ => {}
        }
    }
    holes
}

/// How many seconds back from the end every 24 hours are recorded; of the last, from where footage
/// begins in them.
fn unbroken(seconds: &[bool]) -> usize {
    let enough = |from: usize, to: usize| {
        let recorded = seconds[from..to].iter().filter(|second| **second).count();
        recorded * 100 >= (to - from) * UNBROKEN_PERCENT
    };
    let mut start = seconds.len();
    while start >= DAY_S && enough(start - DAY_S, start) {
        start -= DAY_S;
    }
    let window = start.saturating_sub(DAY_S);
    let first = (window..start).find(|at| seconds[*at]);
    if let Some(first) = first.filter(|first| enough(*first, start)) {
        start = first;
    }
    seconds.len() - start
}

fn second(at: Instant) -> i64 {
    at.ms().div_euclid(SECOND_MS)
}

fn place(seconds: i64) -> usize {
    usize::try_from(seconds).unwrap_or(0)
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(path: &str, start_s: i64, proves_s: i64) -> Laid {
        Laid {
            camera: "till".to_owned(),
            path: path.to_owned(),
            start: Instant::from_s(start_s),
            state: State::Sealed,
            fault: None,
            proves_s,
        }
    }

    fn truth(laid: &[Laid]) -> CameraTruth {
        Truth::of(laid).cameras.remove("till").unwrap()
    }

    #[test]
    fn a_seam_is_no_gap_and_three_seconds_are() {
        let seam = truth(&[laid("a", 100, 60), laid("b", 162, 60)]);
        assert_eq!((seam.gaps, seam.covered_s), (vec![], 122));
        let gap = truth(&[laid("a", 100, 60), laid("b", 163, 60)]);
        assert_eq!((gap.gaps, gap.covered_s), (vec![(160, 163)], 120));
    }

    #[test]
    fn of_two_that_claim_one_time_the_later_is_told() {
        let twice = truth(&[laid("a", 100, 60), laid("b", 130, 60)]);
        let told: Vec<_> = twice.faults.into_iter().collect();
        assert_eq!(told, [("b".to_owned(), Kind::Clock)]);
        assert_eq!(twice.covered_s, 90);
    }

    #[test]
    fn a_camera_that_stopped_is_missing_until_the_others_end() {
        let other = Laid {
            camera: "yard".to_owned(),
            ..laid("b", 100, 600)
        };
        let truth = Truth::of(&[laid("a", 100, 60), other]);
        assert_eq!(truth.cameras["till"].gaps, [(160, 700)]);
        assert_eq!(truth.cameras["till"].continuous_s, 0);
        assert_eq!(truth.cameras["yard"].continuous_s, 600);
    }
}
