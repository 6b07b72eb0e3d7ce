//! What happened in a branch: which cameras, from when to when, and what went wrong. Pure.
//!
//! Everything happens on whole seconds of the recorder's clock, so that a truth can be told second by
//! second. It must not know how recorders name files, nor what is in them.

use keepwatch_common::time::{HOUR_MS, Instant, SECOND_MS};

use super::dice::Dice;
use super::media::{Look, MINUTE_S};
use super::take::{Condition, Take};

/// What goes wrong with one camera.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is recorded for so many seconds.
    Gap { seconds: i64 },
    /// One file has this condition.
    File(Condition),
    /// So many files show this.
    Look(Look, u32),
    /// The recorder's clock is put on by an hour.
    ClockForward,
    /// The recorder's clock is put back by an hour.
    ClockBack,
    /// Two recordings run at once for the length of a file.
    Doubled,
    /// Until the next fault the camera's own clock is slow: a minute of it lasts so many seconds.
    SlowCamera { minute_s: i64 },
    /// Everything before has been thinned.
    ThinnedBefore,
    /// So many files are deleted by somebody who is not the recorder.
    Deleted { files: u32 },
    /// So many days before everything else there is one file that should long be deleted.
    Relic { days: i64 },
    /// The camera records no more.
    Stopped,
    /// The newest file is being written.
    OpenNewest,
}

/// A fault, whom it befalls, and how many seconds after the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Injected {
    /// Which of the cameras.
    pub camera: usize,
    /// Seconds after the beginning.
    pub at_s: i64,
    /// What happens.
    pub fault: Fault,
}

/// What happened in a branch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scenario {
    /// What chance is left to decide, such as which bit turns over.
    pub seed: u64,
    /// When recording began, on a whole second.
    pub start: Instant,
    /// For how many seconds.
    pub span_s: i64,
    /// The cameras' names.
    pub cameras: Vec<String>,
    /// Seconds that a recorder needs between two files.
    pub seam_s: i64,
    /// What went wrong.
    pub injected: Vec<Injected>,
}

/// How long a recorder stands still when its clock is set.
const CLOCK_PAUSE_S: i64 = 23;

impl Scenario {
    /// Two cameras that record without a fault, with a second between two files: files that begin a
    /// little later every time have names of their own also in an hour that comes twice.
    pub fn healthy(start: Instant, span_s: i64) -> Self {
        Self {
            seed: 1,
            start,
            span_s,
            cameras: vec!["till".to_owned(), "yard".to_owned()],
            seam_s: 1,
            injected: Vec::new(),
        }
    }

    /// Something goes wrong with the first camera.
    #[must_use]
    pub fn with(self, at_s: i64, fault: Fault) -> Self {
        self.with_camera(0, at_s, fault)
    }

    /// Something goes wrong with one camera.
    #[must_use]
    pub fn with_camera(mut self, camera: usize, at_s: i64, fault: Fault) -> Self {
        self.injected.push(Injected {
            camera,
            at_s,
            fault,
        });
        self
    }

    /// One to three of these faults for every camera, never so near to each other that one hides
    /// the other.
    #[must_use]
    pub fn mixture(mut self, seed: u64, of: &[Fault]) -> Self {
        let mut dice = Dice::new(seed);
        self.seed = seed;
        for camera in 0..self.cameras.len() {
            let count = dice.within(1, 4);
            let slot_s = (self.span_s - 2 * MARGIN_S) / count.max(1);
            for nth in 0..count {
                let from = MARGIN_S + nth * slot_s;
                let at_s = dice.within(from, from + (slot_s - MARGIN_S).max(1));
                if let Some(fault) = of.get(dice.place(of.len())) {
                    self = self.with_camera(camera, at_s, *fault);
                }
            }
        }
        self
    }

    /// When recording ended.
    pub fn end(&self) -> Instant {
        self.start + self.span_s * SECOND_MS
    }

    /// The files of every camera in the order in which they were begun, each camera's by its name.
    pub fn takes(&self) -> Vec<(String, Vec<Take>)> {
        let mut number = 0;
        let cameras = self.cameras.iter().enumerate();
        cameras
            .map(|(camera, name)| (name.clone(), self.takes_of(camera, &mut number)))
            .collect()
    }

    fn takes_of(&self, camera: usize, number: &mut u32) -> Vec<Take> {
        let mut faults: Vec<_> = self
            .injected
            .iter()
            .filter(|i| i.camera == camera)
            .collect();
        faults.sort_by_key(|injected| injected.at_s);
        let mut reel = Reel {
            start: self.start,
            seam_s: self.seam_s,
            at_s: 0,
            shift_ms: 0,
            wall_s: MINUTE_S,
            number,
            takes: Vec::new(),
        };
        for injected in faults {
            reel.run(injected.at_s.min(self.span_s));
            if injected.fault == Fault::Stopped {
                return reel.takes;
            }
            reel.befall(injected.fault);
        }
        reel.run(self.span_s);
        if self.opens(camera)
            && let Some(last) = reel.takes.last_mut()
        {
            last.condition = Condition::Open;
        }
        reel.takes
    }

    fn opens(&self, camera: usize) -> bool {
        let open = |i: &Injected| i.camera == camera && i.fault == Fault::OpenNewest;
        self.injected.iter().any(open)
    }
}

/// Nothing goes wrong so near to the beginning or the end, nor two things so near to each other.
const MARGIN_S: i64 = 15 * 60;

/// A camera's files as they come into being.
struct Reel<'n> {
    start: Instant,
    seam_s: i64,
    /// Seconds of true time since the start.
    at_s: i64,
    /// How far the recorder's clock is on.
    shift_ms: i64,
    wall_s: i64,
    number: &'n mut u32,
    takes: Vec<Take>,
}

impl Reel<'_> {
    /// Records until then; a file that would go on beyond is not begun.
    fn run(&mut self, until_s: i64) {
        while self.at_s + self.wall_s <= until_s {
            self.record();
        }
    }

    fn record(&mut self) {
        *self.number += 1;
        self.takes.push(Take {
            number: *self.number,
            start: self.start + self.at_s * SECOND_MS + self.shift_ms,
            wall_s: self.wall_s,
            look: Look::Scene,
            condition: Condition::Whole,
        });
        self.at_s += self.wall_s + self.seam_s;
    }

    fn befall(&mut self, fault: Fault) {
        match fault {
            Fault::Gap { seconds } => self.at_s += seconds,
            Fault::File(condition) => {
                self.record();
                self.last(1, |take| take.condition = condition);
            }
            Fault::Look(look, files) => {
                for _ in 0..files {
                    self.record();
                    self.last(1, |take| take.look = look);
                }
            }
            Fault::ClockForward => self.set_clock(HOUR_MS),
            Fault::ClockBack => self.set_clock(-HOUR_MS),
            Fault::Doubled => self.double(),
            Fault::SlowCamera { minute_s } => self.wall_s = minute_s,
            Fault::ThinnedBefore => self.last(usize::MAX, |take| take.look = Look::Thin),
            Fault::Deleted { files } => {
                for _ in 0..files {
                    self.record();
                    self.last(1, |take| take.condition = Condition::Gone);
                }
            }
            Fault::Relic { days } => {
                *self.number += 1;
                let relic = Take {
                    number: *self.number,
                    start: self.start - days * 24 * HOUR_MS,
                    wall_s: MINUTE_S,
                    look: Look::Scene,
                    condition: Condition::Whole,
                };
                self.takes.insert(0, relic);
            }
            Fault::Stopped | Fault::OpenNewest => {}
        }
    }

    fn set_clock(&mut self, by_ms: i64) {
        self.shift_ms += by_ms;
        self.at_s += CLOCK_PAUSE_S;
    }

    /// A second recording beside the one that runs, half a minute later.
    fn double(&mut self) {
        let Some(first) = self.takes.last().cloned() else {
            return;
        };
        *self.number += 1;
        let start = first.start + MINUTE_S / 2 * SECOND_MS;
        self.takes.push(Take {
            number: *self.number,
            start,
            ..first
        });
    }

    fn last(&mut self, count: usize, change: impl Fn(&mut Take)) {
        self.takes.iter_mut().rev().take(count).for_each(change);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: i64) -> Scenario {
        Scenario::healthy(Instant::from_s(1_700_000_000), hours * 3_600)
    }

    fn first(scenario: &Scenario) -> Vec<Take> {
        scenario.takes().swap_remove(0).1
    }

    #[test]
    fn an_hour_is_fifty_nine_files_a_second_apart() {
        let takes = first(&hours(1));
        assert_eq!(takes.len(), 59);
        assert!(
            takes
                .windows(2)
                .all(|two| two[1].start.since(two[0].end()) == SECOND_MS)
        );
    }

    #[test]
    fn nothing_is_recorded_in_a_gap() {
        let takes = first(&hours(1).with(1_000, Fault::Gap { seconds: 300 }));
        let (from, to) = (1_700_000_000 + 1_000, 1_700_000_000 + 1_276);
        let in_gap = |take: &Take| (from..to).contains(&(take.start.ms() / SECOND_MS));
        assert!(!takes.iter().any(in_gap));
    }

    #[test]
    fn a_clock_that_is_put_back_claims_an_hour_twice() {
        let takes = first(&hours(3).with(7_200, Fault::ClockBack));
        let back = takes
            .windows(2)
            .find(|two| two[1].start < two[0].start)
            .unwrap();
        let by_ms = back[1].start.since(back[0].end());
        assert_eq!(by_ms, -HOUR_MS + (CLOCK_PAUSE_S + 1) * SECOND_MS);
        let starts: std::collections::BTreeSet<_> = takes.iter().map(|take| take.start).collect();
        assert_eq!(starts.len(), takes.len(), "no two files have one name");
    }

    #[test]
    fn a_mixture_is_the_same_for_a_seed_and_leaves_the_ends_alone() {
        let kinds = [Fault::Gap { seconds: 90 }, Fault::File(Condition::Cut)];
        let mixed = |seed| hours(6).mixture(seed, &kinds);
        assert_eq!(mixed(4), mixed(4));
        assert_ne!(mixed(4).injected, mixed(5).injected);
        for seed in 0..50 {
            for injected in mixed(seed).injected {
                assert!((MARGIN_S..6 * 3_600 - MARGIN_S).contains(&injected.at_s));
            }
        }
    }

    #[test]
    fn numbers_are_given_once() {
        let scenario = hours(1).with(600, Fault::Doubled);
        let takes = scenario.takes();
        let numbers: Vec<_> = takes
            .iter()
            .flat_map(|(_, takes)| takes)
            .map(|t| t.number)
            .collect();
        let distinct: std::collections::BTreeSet<_> = numbers.iter().collect();
        assert_eq!(distinct.len(), numbers.len());
    }
}
