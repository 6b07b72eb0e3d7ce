//! Footage is not deleted before its time.
//!
//! Footage older than the policy asks for may go, and the oldest end gives way to new footage all
//! the time; how far back it reaches then is the concern of the check `retention`. What is left is
//! deletion: a stretch out of the middle, or more from the oldest end than a clean-up takes. It fails
//! until the footage is back or would be old enough to go. Nothing follows from a volume that is away.

use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant};

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects};
use crate::domain::pack::{Control, VanishedParameters};
use crate::domain::subject::Subject;

/// What vanishes from the oldest end within this time counts together, so that a deletion in small
/// steps is still one. Half a day keeps two daily clean-ups apart.
const TAIL_WINDOW_MS: i64 = 12 * HOUR_MS;

/// Once that an agent told of vanished footage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VanishedEvent {
    /// When the agent noticed, by its corrected clock.
    pub noticed: Instant,
    /// What was there before.
    pub spans: IntervalSet,
    /// How many files.
    pub files: u64,
    /// The camera's oldest footage right after, if known; it tells the oldest end from the middle.
    pub oldest_after: Option<Instant>,
}

/// What is known of one camera.
#[derive(Debug, Clone, Copy)]
pub struct VanishedFacts<'a> {
    /// Which camera.
    pub camera: &'a CameraKey,
    /// The events to judge, and those of half a day before each.
    pub events: &'a [VanishedEvent],
    /// What is there now: footage that is back is not gone.
    pub covered: &'a IntervalSet,
    /// Whether the branch can be seen.
    pub sight: Sight,
}

/// Judges one camera's events; findings of other events are not looked at.
pub fn judge(
    control: &Control,
    parameters: &VanishedParameters,
    facts: &VanishedFacts<'_>,
    now: Instant,
) -> Judgement {
    let camera = Subject::camera(facts.camera);
    let named: Vec<_> = facts
        .events
        .iter()
        .filter_map(|event| Some((event.subject(&camera)?, event)))
        .collect();
    let scope = Subjects::These(named.iter().map(|(subject, _)| subject.clone()).collect());
    if let Some(why) = facts.sight.clouded() {
        return Judgement::unknown(&control.id, scope, why);
    }
    let failing = named.into_iter().filter_map(|(subject, event)| {
        let gone = event.early(parameters, now).difference(facts.covered);
        let hull = gone.hull()?;
        if event.is_tail() && tail_ms(parameters, facts.events, event) <= parameters.tail_ms_max {
            return None;
        }
        let evidence = Evidence::Vanished {
            recorder: facts.camera.recorder.to_string(),
            camera: facts.camera.camera.to_string(),
            start_at_ms: hull.start(),
            end_at_ms: hull.end(),
            gone_ms: gone.ms(),
            spans: gone.len(),
            files: event.files,
            noticed_at_ms: event.noticed,
            oldest_at_ms: event.oldest_after,
        };
        Some(Failing::of(control, subject, event.noticed, evidence))
    });
    Judgement::of(&control.id, scope, failing.collect())
}

/// What vanished from the oldest end around an event, as far as it was early.
fn tail_ms(
    parameters: &VanishedParameters,
    events: &[VanishedEvent],
    around: &VanishedEvent,
) -> i64 {
    events
        .iter()
        .filter(|event| event.is_tail())
        .filter(|event| around.noticed.since(event.noticed).abs() < TAIL_WINDOW_MS)
        .map(|event| event.early(parameters, event.noticed).ms())
        .sum()
}

impl VanishedEvent {
    /// None when it tells of nothing.
    fn subject(&self, camera: &Subject) -> Option<Subject> {
        let start = self.spans.hull()?.start();
        Some(camera.noticed(start, self.noticed))
    }

    /// What was young enough to be kept when it vanished, and still would be at `at`.
    fn early(&self, parameters: &VanishedParameters, at: Instant) -> IntervalSet {
        let days_ms = i64::from(parameters.days) * DAY_MS;
        let from = (self.noticed - (days_ms - parameters.slack_ms)).max(at - days_ms);
        Interval::new(from, self.noticed)
            .map(|window| self.spans.within(window))
            .unwrap_or_default()
    }

    /// Whether nothing older was left.
    fn is_tail(&self) -> bool {
        match (self.oldest_after, self.spans.hull()) {
            (Some(oldest), Some(hull)) => hull.end() <= oldest,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;

    use super::*;
    use crate::domain::judgement::{Verdict, Why};
    use crate::domain::pack::Check;
    use crate::domain::packs;

    fn now() -> Instant {
        Instant::parse("2026-11-23T08:00:00Z").unwrap()
    }

    /// From and to so many hours before now.
    fn back(from: i64, to: i64) -> Interval {
        Interval::new(now() - from * HOUR_MS, now() - to * HOUR_MS).unwrap()
    }

    /// Noticed so many hours ago; the oldest footage left is so many hours old.
    fn event(gone: Interval, noticed: i64, oldest: i64) -> VanishedEvent {
        VanishedEvent {
            noticed: now() - noticed * HOUR_MS,
            spans: IntervalSet::of(Some(gone)),
            files: 7,
            oldest_after: Some(now() - oldest * HOUR_MS),
        }
    }

    fn judged_with(
        events: &[VanishedEvent],
        covered: &IntervalSet,
        sight: Sight,
        later_ms: i64,
    ) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let control = pack.control("A-11a.deleted").unwrap();
        let Check::Vanished(parameters) = control.check else {
            panic!("A-11a.deleted is not about deletion");
        };
        let camera = CameraKey {
            recorder: Name::new("nvr").unwrap(),
            camera: Name::new("door").unwrap(),
        };
        let facts = VanishedFacts {
            camera: &camera,
            events,
            covered,
            sight,
        };
        judge(control, &parameters, &facts, now() + later_ms)
    }

    fn judged(events: &[VanishedEvent]) -> Judgement {
        judged_with(events, &IntervalSet::EMPTY, Sight::Clear, 0)
    }

    #[test]
    fn an_hour_out_of_the_middle_is_a_deletion() {
        let judgement = judged(&[event(back(50, 49), 1, 700)]);
        assert_eq!(
            judgement.failing[0].subject.as_str(),
            "nvr/door@2026-11-21T06:00:00Z~2026-11-23T07:00:00Z"
        );
        assert!(judgement.scope.contain(&judgement.failing[0].subject));
    }

    #[test]
    fn old_footage_may_go() {
        let old = judged(&[event(back(32 * 24, 30 * 24), 0, 100)]);
        assert_eq!(old.verdict, Verdict::Pass);
        let whole_file = judged(&[event(back(30 * 24 + 1, 30 * 24 - 1), 0, 100)]);
        assert_eq!(whole_file.verdict, Verdict::Pass);
    }

    #[test]
    fn the_oldest_end_gives_way_to_new_footage() {
        // A recorder that keeps twelve days deletes one each night: retention tells it, not this.
        let nightly: Vec<_> = (0..3)
            .map(|night| {
                let at = 24 * night;
                event(back(at + 13 * 24, at + 12 * 24), at, at + 12 * 24)
            })
            .collect();
        assert_eq!(judged(&nightly).verdict, Verdict::Pass);
    }

    #[test]
    fn more_than_a_clean_up_takes_is_a_deletion_even_in_small_steps() {
        let at_once = event(back(20 * 24, 24), 0, 24);
        assert_eq!(judged(&[at_once]).failing.len(), 1);
        let steps: Vec<_> = (0..3)
            .map(|step| {
                event(
                    back(300 - 20 * step, 280 - 20 * step),
                    3 - step,
                    280 - 20 * step,
                )
            })
            .collect();
        assert_eq!(judged(&steps[..1]).failing.len(), 0);
        assert_eq!(judged(&steps).failing.len(), 3);
    }

    #[test]
    fn footage_that_is_back_is_not_gone() {
        let events = [event(back(50, 40), 1, 700)];
        let all = IntervalSet::of(Some(back(60, 0)));
        let half = IntervalSet::of(Some(back(60, 45)));
        let judged = |covered| judged_with(&events, covered, Sight::Clear, 0);
        assert_eq!(judged(&all).verdict, Verdict::Pass);
        let Evidence::Vanished { gone_ms, .. } = judged(&half).failing[0].evidence else {
            panic!("not about deletion");
        };
        assert_eq!(gone_ms, 5 * HOUR_MS);
    }

    #[test]
    fn a_deletion_is_over_when_the_footage_would_be_old_enough_to_go() {
        let events = [event(back(50, 49), 1, 700)];
        let later = |days: i64| {
            let later_ms = days * DAY_MS;
            judged_with(&events, &IntervalSet::EMPTY, Sight::Clear, later_ms).verdict
        };
        assert_eq!((later(27), later(28)), (Verdict::Fail, Verdict::Pass));
    }

    #[test]
    fn storage_that_is_missing_is_not_footage_deleted() {
        let events = [event(back(50, 49), 1, 700)];
        let away = judged_with(&events, &IntervalSet::EMPTY, Sight::VolumeAway, 0);
        assert_eq!(away.verdict, Verdict::Unknown);
        assert_eq!(away.why, Some(Why::VolumeMissing));
        assert!(away.failing.is_empty());
    }
}
