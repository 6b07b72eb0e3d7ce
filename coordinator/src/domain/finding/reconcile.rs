//! Compares what is open with what was judged.

use std::collections::BTreeMap;

use super::change::{CloseWhy, FindingChange, OpenFinding, Told};
use super::continuity::{Failings, Heritage};
use crate::domain::failing::Failing;
use crate::domain::judgement::{Judgement, Why};

/// Compares what is open in one branch with what was judged there. Applying the changes and asking
/// again changes nothing.
pub fn reconcile(open: &[OpenFinding], judgements: &[Judgement]) -> Vec<FindingChange> {
    let failing = Failings::of(judgements);
    let mut changes = Vec::new();
    let mut leaving = Vec::new();
    let mut known = BTreeMap::new();
    for finding in open {
        let key = (&finding.control, &finding.subject);
        known.insert(key, finding.id);
        match (failing.by_key.get(&key), looked_at(finding, judgements)) {
            (Some(failing), _) => changes.extend(updated(finding, failing)),
            (None, Look::Closely(why)) => leaving.push((finding, why)),
            (None, Look::InVain(why)) if finding.told == Told::Stands => {
                let id = finding.id;
                changes.push(FindingChange::Doubt { id, why });
            }
            (None, Look::InVain(_) | Look::Never) => {}
        }
    }
    for (finding, why) in &leaving {
        changes.push(FindingChange::Close {
            id: finding.id,
            why: match why {
                _ if failing.tell_of(finding) => CloseWhy::Continued,
                Some(Why::Outlived) => CloseWhy::Outlived,
                _ => CloseWhy::Passed,
            },
        });
    }
    let leaving: Vec<_> = leaving.into_iter().map(|(finding, _)| finding).collect();
    let heritage = Heritage::of(&leaving);
    for (key, failing) in &failing.by_key {
        if !known.contains_key(key) {
            let fold = failing.subject.fold();
            let folded = fold.and_then(|fold| known.get(&(&failing.control, &fold)).copied());
            changes.push(FindingChange::Open {
                failing: (*failing).clone(),
                continues: folded.or_else(|| heritage.left_to(failing)),
            });
        }
    }
    changes
}

/// How a finding was looked at.
enum Look {
    Never,
    InVain(Option<Why>),
    Closely(Option<Why>),
}

fn looked_at(finding: &OpenFinding, judgements: &[Judgement]) -> Look {
    let mut look = Look::Never;
    for judgement in judgements {
        if judgement.control == finding.control && judgement.scope.contain(&finding.subject) {
            if judgement.looked() {
                return Look::Closely(judgement.why);
            }
            look = Look::InVain(judgement.why);
        }
    }
    look
}

fn updated(finding: &OpenFinding, failing: &Failing) -> Option<FindingChange> {
    let same = finding.severity == failing.severity
        && finding.evidence.as_ref() == Some(&failing.evidence)
        && finding.told != Told::Unknown;
    (!same).then(|| FindingChange::Update {
        id: finding.id,
        was: finding.severity,
        failing: failing.clone(),
    })
}

#[cfg(test)]
mod tests {
    use keepwatch_common::interval::Interval;
    use keepwatch_common::time::{Instant, MINUTE_MS};
    use proptest::prelude::*;

    use super::super::change::FindingId;
    use super::*;
    use crate::domain::code::Code;
    use crate::domain::evidence::Evidence;
    use crate::domain::judgement::{Subjects, Verdict};
    use crate::domain::packs;
    use crate::domain::subject::Subject;

    fn at(minutes: i64) -> Instant {
        Instant::from_s(1_800_000_000) + minutes * MINUTE_MS
    }

    fn camera() -> Subject {
        Subject::stored("nvr/door")
    }

    fn gap(from: i64, to: i64) -> Failing {
        let pack = packs::monitoring_room().unwrap();
        let evidence = Evidence::Gap {
            recorder: "nvr".to_owned(),
            camera: "door".to_owned(),
            start_at_ms: at(from),
            end_at_ms: at(to),
            ongoing: false,
        };
        let control = pack.control("A-02").unwrap();
        Failing::of(control, camera().at(at(from)), at(from), evidence)
    }

    fn day() -> Failing {
        let fold = gap(0, 5).subject.fold().unwrap();
        let evidence = Evidence::GapDay {
            recorder: "nvr".to_owned(),
            camera: "door".to_owned(),
            day: "2027-01-15".to_owned(),
            gaps: 60,
            missing_ms: 1,
            longest_ms: 1,
            expected_ms: 1,
        };
        Failing {
            subject: fold,
            evidence,
            ..gap(0, 5)
        }
    }

    /// A judgement that looked at these minutes.
    fn looked(from: i64, to: i64, failing: Vec<Failing>) -> Judgement {
        let range = Interval::new(at(from), at(to));
        let scope = Subjects::Moments(camera(), range.into_iter().collect());
        Judgement::of(&Code::new("A-02").unwrap(), scope, failing)
    }

    /// The store, as far as findings go.
    #[derive(Debug, Clone, Default)]
    struct Store {
        open: Vec<OpenFinding>,
        next: i64,
    }

    impl Store {
        fn judge(&mut self, judgements: &[Judgement]) -> Vec<FindingChange> {
            let changes = reconcile(&self.open, judgements);
            for change in &changes {
                match change {
                    FindingChange::Open { failing, .. } => {
                        self.next += 1;
                        self.open.push(OpenFinding {
                            id: FindingId(self.next),
                            control: failing.control.clone(),
                            subject: failing.subject.clone(),
                            severity: failing.severity,
                            evidence: Some(failing.evidence.clone()),
                            told: Told::Stands,
                        });
                    }
                    FindingChange::Update { id, failing, .. } => {
                        let finding = self.open.iter_mut().find(|f| f.id == *id).unwrap();
                        finding.severity = failing.severity;
                        finding.evidence = Some(failing.evidence.clone());
                        finding.told = Told::Stands;
                    }
                    FindingChange::Close { id, .. } => self.open.retain(|f| f.id != *id),
                    FindingChange::Doubt { id, .. } => {
                        let finding = self.open.iter_mut().find(|f| f.id == *id).unwrap();
                        finding.told = Told::Unknown;
                    }
                }
            }
            changes
        }
    }

    #[test]
    fn a_gap_opens_grows_and_closes_when_footage_arrives_late() {
        let mut store = Store::default();
        let opened = store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        assert!(matches!(
            opened[..],
            [FindingChange::Open {
                continues: None,
                ..
            }]
        ));
        let grown = store.judge(&[looked(0, 60, vec![gap(10, 30)])]);
        assert!(matches!(grown[..], [FindingChange::Update { .. }]));
        let closed = store.judge(&[looked(0, 60, vec![])]);
        let id = FindingId(1);
        let why = CloseWhy::Passed;
        assert_eq!(closed, [FindingChange::Close { id, why }]);
    }

    #[test]
    fn what_was_not_looked_at_stays() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        assert_eq!(store.judge(&[looked(30, 60, vec![])]), []);
        assert_eq!(store.judge(&[]), []);
        assert_eq!(store.open.len(), 1);
    }

    #[test]
    fn what_cannot_be_seen_is_doubted_once_and_confirmed_again() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        let blind = Judgement {
            verdict: Verdict::Unknown,
            why: Some(Why::AgentSilent),
            ..looked(0, 60, vec![])
        };
        let id = FindingId(1);
        let why = Some(Why::AgentSilent);
        let blind = [blind];
        assert_eq!(store.judge(&blind), [FindingChange::Doubt { id, why }]);
        assert_eq!(store.judge(&blind), []);
        let confirmed = store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        assert!(matches!(confirmed[..], [FindingChange::Update { .. }]));
    }

    #[test]
    fn what_is_too_far_back_is_closed_as_that() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        let mut old = looked(0, 60, vec![]);
        (old.verdict, old.why) = (Verdict::NotApplicable, Some(Why::Outlived));
        let (id, why) = (FindingId(1), CloseWhy::Outlived);
        assert_eq!(store.judge(&[old]), [FindingChange::Close { id, why }]);
    }

    #[test]
    fn no_doubt_is_cast_on_what_is_over() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        store.open[0].told = Told::Nothing;
        let blind = Judgement {
            verdict: Verdict::Unknown,
            ..looked(0, 60, vec![])
        };
        assert_eq!(store.judge(&[blind]), []);
    }

    #[test]
    fn gaps_that_grow_together_are_one_matter() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20), gap(30, 40)])]);
        let merged = store.judge(&[looked(0, 60, vec![gap(10, 40)])]);
        let id = FindingId(2);
        let why = CloseWhy::Continued;
        assert!(merged.contains(&FindingChange::Close { id, why }));
        assert_eq!(store.open.len(), 1);
    }

    #[test]
    fn a_gap_whose_first_part_arrives_late_is_no_news() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        let changes = store.judge(&[looked(0, 60, vec![gap(15, 20)])]);
        let id = FindingId(1);
        let why = CloseWhy::Continued;
        assert_eq!(changes[0], FindingChange::Close { id, why });
        assert!(matches!(
            changes[1],
            FindingChange::Open {
                continues: Some(FindingId(1)),
                ..
            }
        ));
    }

    #[test]
    fn folding_and_unfolding_tell_nothing_new() {
        let mut store = Store::default();
        let gaps = || vec![gap(10, 20), gap(30, 40)];
        store.judge(&[looked(0, 60, gaps())]);
        let folded = store.judge(&[looked(0, 60, vec![day()])]);
        let unfolded = store.judge(&[looked(0, 60, gaps())]);
        for change in folded.iter().chain(&unfolded) {
            match change {
                FindingChange::Open { continues, .. } => assert!(continues.is_some()),
                FindingChange::Close { why, .. } => assert_eq!(*why, CloseWhy::Continued),
                other => panic!("unexpected {other:?}"),
            }
        }
        assert_eq!((folded.len(), unfolded.len()), (3, 3));
    }

    #[test]
    fn evidence_that_cannot_be_read_any_more_is_written_again() {
        let mut store = Store::default();
        store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        store.open[0].evidence = None;
        let changes = store.judge(&[looked(0, 60, vec![gap(10, 20)])]);
        assert!(matches!(changes[..], [FindingChange::Update { .. }]));
    }

    proptest! {
        /// Whatever was judged in whatever order: one open finding for each failing in scope, what is
        /// out of scope untouched, and nothing to do when asked again.
        #[test]
        fn findings_follow_what_was_judged(
            steps in prop::collection::vec(
                (0_i64..12, 1_i64..12, prop::collection::btree_map(0_i64..12, 1_i64..3, 0..8), any::<bool>()),
                1..12,
            ),
        ) {
            let mut store = Store::default();
            // The simpler model: which starts are open, with which end.
            let mut model: BTreeMap<i64, i64> = BTreeMap::new();
            for (from, length, fails, sees) in steps {
                let inside = |start: &i64| (from..from + length).contains(start);
                let fails: BTreeMap<_, _> =
                    fails.into_iter().filter(|(start, _)| sees && inside(start)).collect();
                let mut judgement = looked(
                    from, from + length, fails.iter().map(|(s, l)| gap(*s, s + l)).collect());
                if sees {
                    model.retain(|start, _| !inside(start));
                    model.extend(fails);
                } else {
                    judgement.verdict = Verdict::Unknown;
                }
                store.judge(std::slice::from_ref(&judgement));
                prop_assert_eq!(store.judge(&[judgement]), []);
                let mut open: Vec<_> = store.open.iter().map(|f| f.subject.clone()).collect();
                open.sort();
                let mut expected: Vec<_> = model.keys().map(|s| camera().at(at(*s))).collect();
                expected.sort();
                prop_assert_eq!(open, expected);
            }
        }
    }
}
