//! Watched files are as approved.
//!
//! The difference itself is made elsewhere; here it is plain data. A file that is gone has drifted,
//! one that cannot be read is unknown, and one without an approved baseline cannot be judged: its
//! first reading is a proposal.

use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;

use crate::domain::evidence::{Change, Evidence};
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Sight, Subjects, Why};
use crate::domain::pack::Control;
use crate::domain::subject::Subject;

/// Most changes kept as evidence; the page makes the whole difference anew.
pub const CHANGES_SHOWN_MAX: usize = 20;

/// Most characters kept of one side of a change.
pub const CHANGE_CHARS_MAX: usize = 200;

/// What is known of one watched file.
#[derive(Debug, Clone, Copy)]
pub struct DriftFacts<'a> {
    /// Its name in the agent's configuration.
    pub name: &'a Name,
    /// Its path at the branch.
    pub path: &'a str,
    /// How it compares.
    pub comparison: &'a Comparison,
    /// When it was first read so, by the agent's corrected clock.
    pub since: Instant,
    /// The file's owner as last read.
    pub owner: Option<&'a str>,
    /// Whether the branch can be seen.
    pub sight: Sight,
}

/// The latest reading against the approved baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Comparison {
    /// Nobody approved a baseline yet.
    NoBaseline,
    /// They are the same.
    Same,
    /// They differ.
    Changed {
        /// In how many places, at least one.
        changes: usize,
        /// The first of them.
        shown: Vec<Change>,
    },
    /// The file is not there any more.
    Removed,
    /// The file could not be read or understood.
    Unreadable,
    /// Secrets are hashed with another key than the baseline's.
    OtherKey,
}

/// Judges one watched file.
pub fn judge(control: &Control, facts: &DriftFacts<'_>) -> Judgement {
    let subject = Subject::name(facts.name);
    let scope = Subjects::one(subject.clone());
    if facts.sight == Sight::AgentSilent {
        return Judgement::unknown(&control.id, scope, Why::AgentSilent);
    }
    let (removed, changes, shown) = match facts.comparison {
        Comparison::Same => return Judgement::of(&control.id, scope, Vec::new()),
        Comparison::NoBaseline => {
            return Judgement::unknown(&control.id, scope, Why::BaselineProposed);
        }
        Comparison::Unreadable => return Judgement::unknown(&control.id, scope, Why::Unreadable),
        Comparison::OtherKey => return Judgement::unknown(&control.id, scope, Why::OtherKey),
        Comparison::Changed { changes, shown } => (false, *changes, shown.as_slice()),
        Comparison::Removed => (true, 1, [].as_slice()),
    };
    let evidence = Evidence::Drift {
        name: facts.name.to_string(),
        path: facts.path.to_owned(),
        removed,
        changes,
        shown: shown.iter().take(CHANGES_SHOWN_MAX).map(cut).collect(),
        owner: facts.owner.map(str::to_owned),
    };
    let failing = Failing::of(control, subject, facts.since, evidence);
    Judgement::of(&control.id, scope, vec![failing])
}

fn cut(change: &Change) -> Change {
    let side = |text: &String| text.chars().take(CHANGE_CHARS_MAX).collect();
    Change {
        path: side(&change.path),
        before: change.before.as_ref().map(side),
        after: change.after.as_ref().map(side),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::judgement::Verdict;
    use crate::domain::packs;

    fn judged(comparison: &Comparison, sight: Sight) -> Judgement {
        let pack = packs::monitoring_room().unwrap();
        let facts = DriftFacts {
            name: &Name::new("recorder").unwrap(),
            path: "/etc/recorder.yml",
            comparison,
            since: Instant::from_s(100),
            owner: Some("root"),
            sight,
        };
        judge(pack.control("A-12").unwrap(), &facts)
    }

    fn changed(count: usize) -> Comparison {
        let change = Change {
            path: "record.days".to_owned(),
            before: Some("30".to_owned()),
            after: Some("x".repeat(500)),
        };
        Comparison::Changed {
            changes: count,
            shown: vec![change; count],
        }
    }

    #[test]
    fn a_changed_file_fails_with_its_first_changes() {
        let judgement = judged(&changed(25), Sight::Clear);
        let Evidence::Drift { changes, shown, .. } = &judgement.failing[0].evidence else {
            panic!("not about drift");
        };
        assert_eq!((*changes, shown.len()), (25, CHANGES_SHOWN_MAX));
        let after = shown[0].after.as_ref().unwrap();
        assert_eq!(after.len(), CHANGE_CHARS_MAX);
    }

    #[test]
    fn a_file_that_is_gone_has_drifted() {
        let judgement = judged(&Comparison::Removed, Sight::Clear);
        assert!(matches!(
            judgement.failing[0].evidence,
            Evidence::Drift { removed: true, .. }
        ));
    }

    #[test]
    fn what_cannot_be_compared_is_unknown_and_no_finding() {
        for (comparison, why) in [
            (Comparison::NoBaseline, Why::BaselineProposed),
            (Comparison::Unreadable, Why::Unreadable),
            (Comparison::OtherKey, Why::OtherKey),
        ] {
            let judgement = judged(&comparison, Sight::Clear);
            assert_eq!(judgement.verdict, Verdict::Unknown);
            assert_eq!(judgement.why, Some(why));
        }
        let silent = judged(&Comparison::Same, Sight::AgentSilent);
        assert_eq!(silent.verdict, Verdict::Unknown);
    }

    #[test]
    fn a_file_as_approved_passes_even_while_a_volume_is_away() {
        let judgement = judged(&Comparison::Same, Sight::VolumeAway);
        assert_eq!(judgement.verdict, Verdict::Pass);
    }
}
