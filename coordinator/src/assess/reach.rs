//! How far back a camera's footage reaches, with the verdict that judging would give it now and what
//! cuts it short. Pure: the facts are handed in, the verdict is the domain's.

use keepwatch_common::coverage::{Schedule, continuous_depth};
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::time::{DAY_MS, Instant};

use super::footage::camera_key;
use crate::domain::assess::retention::{self, RetentionFacts};
use crate::domain::judgement::{Sight, Verdict, Why};
use crate::domain::pack::{Control, RetentionParameters};
use crate::store::cameras::CameraRow;

/// How far back footage reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reach {
    /// Whether that is far enough.
    pub verdict: Verdict,
    /// Why nobody can say, or why it need not be yet.
    pub why: Option<Why>,
    /// The days that are asked for.
    pub days: u32,
    /// Age of the oldest footage at the last instant measured, in milliseconds; none when there is
    /// no footage or nothing was measured lately.
    pub oldest_ms: Option<i64>,
    /// The unbroken run, in milliseconds; none when nothing was measured lately.
    pub run_ms: Option<i64>,
    /// When the run began.
    pub run_start: Option<Instant>,
    /// Whether something unmeasured cuts the run short, so that it is at least that.
    pub at_least: bool,
    /// When the gap that cuts the run short ended; none when it is cut by nothing, or by something
    /// unmeasured.
    pub cut_until: Option<Instant>,
}

/// What the reach of one camera follows from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reached<'a> {
    /// The control that asks.
    pub(super) control: &'a Control,
    /// What it asks.
    pub(super) parameters: RetentionParameters,
    /// Whether the camera's agent is heard.
    pub(super) sight: Sight,
    /// What was measured.
    pub(super) measured: &'a IntervalSet,
    /// What of it is missing.
    pub(super) holes: &'a IntervalSet,
    /// What was there and is gone.
    pub(super) vanished: &'a IntervalSet,
}

impl Reached<'_> {
    /// None for a camera whose name is none.
    pub(super) fn judge(self, camera: &CameraRow, now: Instant) -> Option<Reach> {
        let key = camera_key(&camera.recorder, &camera.name)?;
        let recorded = self.measured.difference(self.holes);
        let covered = recorded.difference(self.vanished);
        let facts = RetentionFacts {
            camera: &key,
            covered: &covered,
            measured: self.measured,
            oldest: camera.oldest_ms.map(Instant::from_ms),
            first_seen: Instant::from_ms(camera.first_seen_ms),
            registered_start: None,
            schedule: &Schedule::Always,
            sight: self.sight,
        };
        let judged = retention::judge(self.control, &self.parameters, &facts, now);
        // Before it is told what footage there is, that there is none follows from nothing.
        let told = camera.told_at_ms != 0;
        let mut reach = Reach {
            verdict: if told {
                judged.verdict
            } else {
                Verdict::Unknown
            },
            why: judged.why,
            days: self.parameters.days,
            oldest_ms: None,
            run_ms: None,
            run_start: None,
            at_least: false,
            cut_until: None,
        };
        let lately = Interval::new(now - self.parameters.stale_ms, now);
        let lately = lately.and_then(|lately| self.measured.within(lately).hull());
        if let Some(as_of) = lately.map(Interval::end).filter(|_| told) {
            self.measure(&mut reach, &facts, as_of);
        }
        Some(reach)
    }

    fn measure(self, reach: &mut Reach, facts: &RetentionFacts<'_>, as_of: Instant) {
        let Some(there) = facts.oldest.and_then(|oldest| Interval::new(oldest, as_of)) else {
            reach.run_ms = Some(0);
            return;
        };
        let limit = self.parameters.limit_ppm;
        let depth = |covered: &IntervalSet| continuous_depth(covered, facts.schedule, as_of, limit);
        let known = facts.covered.within(there);
        let run = depth(&known);
        let at_best = depth(&known.union(&self.measured.missing_from(there)));
        reach.oldest_ms = Some(there.ms());
        reach.run_ms = Some(run.ms);
        reach.run_start = Some(run.start);
        reach.at_least = at_best.ms > run.ms;
        // The run ends at a day that is not covered to the limit, so what broke it lies in that day.
        let broken = Interval::new(run.start - DAY_MS, run.start);
        let broken = broken.and_then(|day| day.intersection(there));
        let gaps = self.holes.union(self.vanished).intersection(self.measured);
        reach.cut_until = broken
            .map(|day| gaps.within(day))
            .and_then(|gaps| gaps.iter().max_by_key(|gap| gap.ms()).copied())
            .map(Interval::end)
            .filter(|_| !reach.at_least);
    }
}
