//! Footage reaches back far enough: the newest unbroken run, measured on the footage itself.
//!
//! Depth is taken at the last instant measured, because what was not measured since is neither there
//! nor missing. The same goes for unmeasured time in the middle: when the answer hangs on it, the
//! answer is *unknown*.
//!
//! A camera first seen three days ago that holds twelve days of unbroken footage *fails*: nothing
//! proves that it was installed twelve days ago rather than overwritten since. Only a registered
//! start, or `ageing_in_days` in the policy, makes it *ageing in*, which is not a pass either.

use keepwatch_common::coverage::{Schedule, continuous_depth};
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::time::{DAY_MS, Instant};

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects, Verdict, Why};
use crate::domain::kind::Severity;
use crate::domain::pack::{Control, RetentionParameters};
use crate::domain::subject::Subject;

/// What is known of one camera.
#[derive(Debug, Clone, Copy)]
pub struct RetentionFacts<'a> {
    /// Which camera.
    pub camera: &'a CameraKey,
    /// What was recorded, as far as known; what has been deleted since may still be in it.
    pub covered: &'a IntervalSet,
    /// What was measured.
    pub measured: &'a IntervalSet,
    /// Start of the oldest footage that is there; none when there is none.
    pub oldest: Option<Instant>,
    /// When the camera was first told of.
    pub first_seen: Instant,
    /// When it was put into service, as a person registered it.
    pub registered_start: Option<Instant>,
    /// When recording is expected.
    pub schedule: &'a Schedule,
    /// Whether the branch can be seen.
    pub sight: Sight,
}

/// Judges one camera. `since` of a failing is `now`: when it fell short is not told by footage that
/// is gone.
pub fn judge(
    control: &Control,
    parameters: &RetentionParameters,
    facts: &RetentionFacts<'_>,
    now: Instant,
) -> Judgement {
    let camera = Subject::camera(facts.camera);
    let scope = Subjects::one(camera.clone());
    if let Some(why) = facts.sight.clouded() {
        return Judgement::unknown(&control.id, scope, why);
    }
    let Some(reach) = Reach::measure(parameters, facts, now) else {
        return Judgement::unknown(&control.id, scope, Why::NotMeasured);
    };
    let required_ms = i64::from(parameters.days) * DAY_MS - parameters.slack_ms;
    if reach.run_ms >= required_ms {
        return Judgement::of(&control.id, scope, Vec::new());
    }
    if reach.run_at_best_ms >= required_ms {
        return Judgement::unknown(&control.id, scope, Why::NotMeasured);
    }
    if is_ageing_in(parameters, facts, &reach, now) {
        let why = Some(Why::AgeingIn);
        return Judgement::without(&control.id, scope, Verdict::NotApplicable, why);
    }
    let broken_only = reach.oldest_ms.is_some_and(|ms| ms >= required_ms);
    let evidence = Evidence::Retention {
        recorder: facts.camera.recorder.to_string(),
        camera: facts.camera.camera.to_string(),
        required_days: parameters.days,
        continuous_days: days_down(reach.run_ms),
        oldest_days: reach.oldest_ms.map(days_down),
        broken_only,
    };
    let failing = Failing::of(control, camera, now, evidence);
    let failing = if broken_only {
        // The gap that broke the run is told by its own control.
        failing.at_most(Severity::Minor)
    } else {
        failing
    };
    Judgement::of(&control.id, scope, vec![failing])
}

/// How far back footage reaches from the last instant measured.
struct Reach {
    /// That instant, at most now.
    as_of: Instant,
    /// The unbroken run, unmeasured time taken as missing.
    run_ms: i64,
    /// The unbroken run, unmeasured time taken as recorded.
    run_at_best_ms: i64,
    /// Age of the oldest footage.
    oldest_ms: Option<i64>,
}

impl Reach {
    /// None when nothing was measured lately.
    fn measure(
        parameters: &RetentionParameters,
        facts: &RetentionFacts<'_>,
        now: Instant,
    ) -> Option<Self> {
        let lately = Interval::new(now - parameters.stale_ms, now)?;
        let as_of = facts.measured.within(lately).hull()?.end();
        let Some(there) = facts.oldest.and_then(|oldest| Interval::new(oldest, as_of)) else {
            return Some(Self {
                as_of,
                run_ms: 0,
                run_at_best_ms: 0,
                oldest_ms: None,
            });
        };
        let run_ms = |covered: &IntervalSet| {
            continuous_depth(covered, facts.schedule, as_of, parameters.limit_ppm).ms
        };
        let known = facts.covered.within(there);
        let at_best = known.union(&facts.measured.missing_from(there));
        Some(Self {
            as_of,
            run_ms: run_ms(&known),
            run_at_best_ms: run_ms(&at_best),
            oldest_ms: Some(there.ms()),
        })
    }
}

fn is_ageing_in(
    parameters: &RetentionParameters,
    facts: &RetentionFacts<'_>,
    reach: &Reach,
    now: Instant,
) -> bool {
    let reaches = |ms: i64| reach.run_ms + parameters.slack_ms >= ms;
    let registered = facts
        .registered_start
        .is_some_and(|start| start < reach.as_of && reaches(reach.as_of.since(start)));
    let is_new = now.since(facts.first_seen) < i64::from(parameters.ageing_in_days) * DAY_MS;
    registered || (is_new && reach.oldest_ms.is_some_and(reaches))
}

/// Days to a tenth, rounded down: what is short never looks as if it were enough.
fn days_down(ms: i64) -> f64 {
    const TENTH_MS: i64 = DAY_MS / 10;
    f64::from(i32::try_from(ms.div_euclid(TENTH_MS)).unwrap_or(i32::MAX)) / 10.0
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;
    use keepwatch_common::time::HOUR_MS;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::pack::Check;
    use crate::domain::packs;

    const NOW_S: i64 = 1_800_000_000;

    /// From and to so many hours before now.
    fn back(from: i64, to: i64) -> Interval {
        let now = Instant::from_s(NOW_S);
        Interval::new(now - from * HOUR_MS, now - to * HOUR_MS).unwrap()
    }

    struct Story {
        covered: IntervalSet,
        measured: IntervalSet,
        oldest: Option<Instant>,
        registered_start: Option<Instant>,
        ageing_in_days: u32,
        sight: Sight,
    }

    impl Story {
        /// Recorded in these hours before now, all of it measured.
        fn recorded(runs: &[Interval]) -> Self {
            let covered: IntervalSet = runs.iter().copied().collect();
            let oldest = covered.hull().map(Interval::start);
            let now = Instant::from_s(NOW_S);
            Self {
                measured: IntervalSet::of(Interval::new(oldest.unwrap_or(now - DAY_MS), now)),
                covered,
                oldest,
                registered_start: None,
                ageing_in_days: 0,
                sight: Sight::Clear,
            }
        }

        /// Judges it as a camera first seen three days ago.
        fn judge(&self) -> Judgement {
            let pack = packs::monitoring_room().unwrap();
            let control = pack.control("A-11a").unwrap();
            let Check::Retention(mut parameters) = control.check else {
                panic!("A-11a is not about retention");
            };
            parameters.ageing_in_days = self.ageing_in_days;
            let camera = CameraKey {
                recorder: Name::new("nvr").unwrap(),
                camera: Name::new("door").unwrap(),
            };
            let now = Instant::from_s(NOW_S);
            let facts = RetentionFacts {
                camera: &camera,
                covered: &self.covered,
                measured: &self.measured,
                oldest: self.oldest,
                first_seen: now - 3 * DAY_MS,
                registered_start: self.registered_start,
                schedule: &Schedule::Always,
                sight: self.sight,
            };
            judge(control, &parameters, &facts, now)
        }

        fn verdict(&self) -> (Verdict, Option<Why>) {
            let judgement = self.judge();
            (judgement.verdict, judgement.why)
        }
    }

    const PASS: (Verdict, Option<Why>) = (Verdict::Pass, None);
    const FAIL: (Verdict, Option<Why>) = (Verdict::Fail, None);
    const AGEING_IN: (Verdict, Option<Why>) = (Verdict::NotApplicable, Some(Why::AgeingIn));
    const NOT_MEASURED: (Verdict, Option<Why>) = (Verdict::Unknown, Some(Why::NotMeasured));

    #[test]
    fn thirty_days_pass_and_an_hour_may_lack() {
        assert_eq!(Story::recorded(&[back(31 * 24, 0)]).verdict(), PASS);
        assert_eq!(Story::recorded(&[back(30 * 24 - 1, 0)]).verdict(), PASS);
        assert_eq!(Story::recorded(&[back(30 * 24 - 2, 0)]).verdict(), FAIL);
    }

    #[test]
    fn twelve_days_fail_with_their_numbers_although_the_camera_is_new_to_us() {
        let judgement = Story::recorded(&[back(12 * 24, 0)]).judge();
        assert_eq!(judgement.failing.len(), 1);
        let failing = &judgement.failing[0];
        assert_eq!(failing.severity, Severity::Critical);
        assert_eq!(failing.subject.as_str(), "nvr/door");
        let Evidence::Retention {
            required_days,
            continuous_days,
            oldest_days,
            broken_only,
            ..
        } = failing.evidence
        else {
            panic!("not about retention");
        };
        let bits = |days: f64| days.to_bits();
        assert_eq!((required_days, broken_only), (30, false));
        assert_eq!(bits(continuous_days), bits(12.0));
        assert_eq!(oldest_days.map(bits), Some(bits(12.0)));
    }

    #[test]
    fn a_policy_or_a_registered_start_makes_a_camera_age_in() {
        let mut story = Story::recorded(&[back(12 * 24, 0)]);
        story.ageing_in_days = 30;
        assert_eq!(story.verdict(), AGEING_IN);
        story.ageing_in_days = 3;
        assert_eq!(story.verdict(), FAIL);
        story.registered_start = Some(back(12 * 24, 0).start());
        assert_eq!(story.verdict(), AGEING_IN);
        story.registered_start = Some(back(14 * 24, 0).start());
        assert_eq!(story.verdict(), FAIL);
    }

    #[test]
    fn a_camera_that_ages_in_with_a_break_fails() {
        let mut story = Story::recorded(&[back(12 * 24, 6 * 24), back(5 * 24, 0)]);
        story.ageing_in_days = 30;
        assert_eq!(story.verdict(), FAIL);
    }

    #[test]
    fn a_broken_run_under_old_footage_is_minor() {
        let story = Story::recorded(&[back(31 * 24, 10 * 24), back(10 * 24 - 2, 0)]);
        let failing = story.judge().failing;
        assert_eq!(failing[0].severity, Severity::Minor);
        assert!(matches!(
            failing[0].evidence,
            Evidence::Retention {
                broken_only: true,
                ..
            }
        ));
    }

    #[test]
    fn a_tail_not_measured_yet_is_not_missing() {
        let mut story = Story::recorded(&[back(32 * 24, 6)]);
        story.measured = IntervalSet::of(Some(back(32 * 24, 6)));
        assert_eq!(story.verdict(), PASS);
        story.measured = IntervalSet::of(Some(back(32 * 24, 25)));
        assert_eq!(story.verdict(), NOT_MEASURED);
    }

    #[test]
    fn unmeasured_time_in_the_middle_is_unknown_only_when_it_decides() {
        let measured = |story: &mut Story| story.measured.remove(back(10 * 24, 8 * 24));
        let mut long = Story::recorded(&[back(31 * 24, 10 * 24), back(8 * 24, 0)]);
        measured(&mut long);
        assert_eq!(long.verdict(), NOT_MEASURED);
        let mut short = Story::recorded(&[back(20 * 24, 10 * 24), back(8 * 24, 0)]);
        measured(&mut short);
        assert_eq!(short.verdict(), FAIL);
    }

    #[test]
    fn footage_that_was_deleted_since_does_not_count() {
        let mut story = Story::recorded(&[back(31 * 24, 0)]);
        story.oldest = Some(back(12 * 24, 0).start());
        assert_eq!(story.verdict(), FAIL);
        story.oldest = None;
        assert_eq!(story.verdict(), FAIL);
    }

    #[test]
    fn a_branch_out_of_sight_is_unknown() {
        let mut story = Story::recorded(&[back(12 * 24, 0)]);
        story.sight = Sight::VolumeAway;
        assert_eq!(
            story.verdict(),
            (Verdict::Unknown, Some(Why::VolumeMissing))
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// Measuring more never turns a pass into anything else, nor a fail into a pass.
        #[test]
        fn unknown_lies_between_pass_and_fail(
            holes in prop::collection::vec((0_i64..35 * 24, 1_i64..30), 0..4),
            blind in prop::collection::vec((1_i64..35 * 24, 1_i64..50), 0..4),
            hours in 28_i64 * 24..36 * 24,
        ) {
            let mut clear = Story::recorded(&[back(hours, 0)]);
            for (from, length) in holes {
                clear.covered.remove(back(from + length, from));
            }
            let oldest = clear.covered.hull().map(Interval::start);
            clear.oldest = oldest;
            let mut dim = Story::recorded(&[back(hours, 0)]);
            (dim.covered, dim.oldest) = (clear.covered.clone(), oldest);
            for (from, length) in blind {
                dim.covered.remove(back(from + length, from));
                dim.measured.remove(back(from + length, from));
            }
            let (clear, dim) = (clear.verdict(), dim.verdict());
            prop_assert!(dim == clear || dim == NOT_MEASURED, "{clear:?} seen dimly is {dim:?}");
        }
    }
}
