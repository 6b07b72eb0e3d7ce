//! Volumes are there, are the same ones, and can be written.
//!
//! What the system at the branch did not say is unknown. It must not know what the volume holds.

use keepwatch_common::model::name::Name;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::Instant;

use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects, Why};
use crate::domain::pack::Control;
use crate::domain::subject::Subject;

/// What is known of one volume.
#[derive(Debug, Clone, Copy)]
pub struct VolumeFacts<'a> {
    /// Its name in the agent's configuration.
    pub volume: &'a Name,
    /// Where it should be mounted.
    pub path: &'a str,
    /// Whether it is there.
    pub presence: Presence,
    /// Since when its presence is what it is.
    pub since: Instant,
    /// Whether the branch can be seen; a volume that is away is what this check is about.
    pub sight: Sight,
}

/// Judges one volume.
pub fn judge(control: &Control, facts: &VolumeFacts<'_>) -> Judgement {
    let subject = Subject::name(facts.volume);
    let scope = Subjects::one(subject.clone());
    if facts.sight == Sight::AgentSilent {
        return Judgement::unknown(&control.id, scope, Why::AgentSilent);
    }
    match facts.presence {
        Presence::Present => Judgement::of(&control.id, scope, Vec::new()),
        Presence::Unreadable => Judgement::unknown(&control.id, scope, Why::Unreadable),
        Presence::Missing | Presence::Swapped | Presence::ReadOnly => {
            let evidence = Evidence::Volume {
                volume: facts.volume.to_string(),
                path: facts.path.to_owned(),
                presence: facts.presence.word().to_owned(),
            };
            let failing = Failing::of(control, subject, facts.since, evidence);
            Judgement::of(&control.id, scope, vec![failing])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judgement::Verdict;
    use crate::domain::packs;

    fn judged(presence: Presence, sight: Sight) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let facts = VolumeFacts {
            volume: &Name::new("disk 1").unwrap(),
            path: "/footage",
            presence,
            since: Instant::from_s(100),
            sight,
        };
        judge(pack.control("F-3.4.volume").unwrap(), &facts)
    }

    #[test]
    fn missing_swapped_and_read_only_fail_since_they_are_so() {
        for presence in [Presence::Missing, Presence::Swapped, Presence::ReadOnly] {
            let judgement = judged(presence, Sight::VolumeAway);
            assert_eq!(judgement.failing.len(), 1, "{}", presence.word());
            assert_eq!(judgement.failing[0].since, Instant::from_s(100));
            assert_eq!(judgement.failing[0].subject.as_str(), "disk 1");
        }
    }

    #[test]
    fn what_the_system_did_not_say_is_unknown() {
        let unreadable = judged(Presence::Unreadable, Sight::Clear);
        assert_eq!(unreadable.why, Some(Why::Unreadable));
        let silent = judged(Presence::Missing, Sight::AgentSilent);
        assert_eq!(silent.why, Some(Why::AgentSilent));
        let present = judged(Presence::Present, Sight::Clear);
        assert_eq!(present.verdict, Verdict::Pass);
    }
}
