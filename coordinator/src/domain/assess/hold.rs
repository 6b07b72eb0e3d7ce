//! What is held is there and as it was.
//!
//! A held segment that is gone or changed, with no copy left, is as bad as the control can be. What
//! the vault still has, what does not fit and what an agent refuses is milder, and a failure all the
//! same. It must not know how an agent keeps it.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::time::Instant;

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects, Verdict, Why};
use crate::domain::kind::Severity;
use crate::domain::pack::Control;
use crate::domain::subject::Subject;

/// What is known of one hold.
#[derive(Debug, Clone, Copy)]
pub struct HoldFacts<'a> {
    /// Its number.
    pub number: i64,
    /// Whose footage.
    pub camera: &'a CameraKey,
    /// What is to be held.
    pub span: Interval,
    /// Whether a person released it.
    pub is_released: bool,
    /// How it stands; nothing while its agent told nothing.
    pub standing: Option<HoldStanding>,
    /// Since when.
    pub since: Instant,
    /// Segments held, gone and changed.
    pub segments: (i64, i64, i64),
    /// Where what is gone or changed begins.
    pub first: Option<Instant>,
    /// Whether the branch can be seen. A volume that is away changes no standing.
    pub sight: Sight,
}

/// Judges one hold.
pub fn judge(control: &Control, facts: &HoldFacts<'_>) -> Judgement {
    let subject = Subject::camera(facts.camera).hold(facts.number);
    let scope = Subjects::one(subject.clone());
    if facts.is_released {
        let (verdict, why) = (Verdict::NotApplicable, Some(Why::NothingExpected));
        return Judgement::without(&control.id, scope, verdict, why);
    }
    if facts.sight == Sight::AgentSilent {
        return Judgement::unknown(&control.id, scope, Why::AgentSilent);
    }
    let Some(standing) = facts.standing else {
        return Judgement::unknown(&control.id, scope, Why::NotMeasured);
    };
    let most = match standing {
        HoldStanding::Broken => Severity::Critical,
        HoldStanding::InVault | HoldStanding::Refused => Severity::Major,
        HoldStanding::NoRoom => Severity::Minor,
        HoldStanding::Kept | HoldStanding::Copied => {
            return Judgement::of(&control.id, scope, Vec::new());
        }
        HoldStanding::Making | HoldStanding::Partly | HoldStanding::Released => {
            return Judgement::without(&control.id, scope, Verdict::Partial, None);
        }
    };
    let (segments, gone, changed) = facts.segments;
    let evidence = Evidence::Hold {
        recorder: facts.camera.recorder.to_string(),
        camera: facts.camera.camera.to_string(),
        hold: facts.number,
        standing: standing.word().to_owned(),
        start_at_ms: facts.span.start(),
        end_at_ms: facts.span.end(),
        segments,
        gone,
        changed,
        first_at_ms: facts.first,
    };
    let failing = Failing::of(control, subject, facts.since, evidence).at_most(most);
    Judgement::of(&control.id, scope, vec![failing])
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;

    use super::*;
    use crate::domain::packs;

    fn judged(standing: Option<HoldStanding>, is_released: bool, sight: Sight) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let camera = CameraKey {
            recorder: Name::new("nvr").unwrap(),
            camera: Name::new("door").unwrap(),
        };
        let facts = HoldFacts {
            number: 12,
            camera: &camera,
            span: Interval::new(Instant::from_s(10), Instant::from_s(20)).unwrap(),
            is_released,
            standing,
            since: Instant::from_s(100),
            segments: (3, 1, 0),
            first: Some(Instant::from_s(12)),
            sight,
        };
        judge(pack.control("A-15").unwrap(), &facts)
    }

    fn severity(standing: HoldStanding) -> Option<Severity> {
        let judgement = judged(Some(standing), false, Sight::Clear);
        judgement.failing.first().map(|failing| failing.severity)
    }

    #[test]
    fn what_is_gone_without_a_copy_is_the_worst_there_is() {
        assert_eq!(severity(HoldStanding::Broken), Some(Severity::Critical));
        assert_eq!(severity(HoldStanding::InVault), Some(Severity::Major));
        assert_eq!(severity(HoldStanding::Refused), Some(Severity::Major));
        assert_eq!(severity(HoldStanding::NoRoom), Some(Severity::Minor));
        let judgement = judged(Some(HoldStanding::Broken), false, Sight::Clear);
        assert_eq!(judgement.failing[0].subject.as_str(), "nvr/door#12");
    }

    #[test]
    fn only_what_is_wholly_kept_passes() {
        for standing in HoldStanding::ALL {
            let judgement = judged(Some(standing), false, Sight::Clear);
            let passes = matches!(standing, HoldStanding::Kept | HoldStanding::Copied);
            assert_eq!(judgement.verdict == Verdict::Pass, passes, "{standing:?}");
        }
    }

    #[test]
    fn silence_and_nothing_told_are_unknown_and_a_release_ends_it() {
        let silent = judged(Some(HoldStanding::Broken), false, Sight::AgentSilent);
        assert_eq!(silent.why, Some(Why::AgentSilent));
        assert_eq!(
            judged(None, false, Sight::Clear).why,
            Some(Why::NotMeasured)
        );
        let released = judged(Some(HoldStanding::Broken), true, Sight::AgentSilent);
        assert_eq!(released.verdict, Verdict::NotApplicable);
        assert!(released.looked());
    }
}
