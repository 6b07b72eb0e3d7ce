//! What a finding says, as pages tell it: its evidence as a sentence, its page, its words as states.
//!
//! Evidence was written by whoever judged, perhaps by another version; what cannot be read any more
//! still names its control.
//!
//! Long because each kind of evidence has an arm for its sentence and one for its page.

use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::model::segment::FaultKind;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::{Instant, Zone};

use crate::domain::evidence::Evidence;
use crate::store::alerts::AlertRow as Kept;
use crate::store::open_alerts::HandledRow;
use crate::web::address;
use crate::web::ailment::Ailment;
use crate::web::moment::Moment;
use crate::web::page::alerts::{AlertRow, Condition, Handled, Handling, Severity};
use crate::web::sentence::Sentence;
use crate::web::verdict::Verdict;

/// Tenths in a day as evidence has them: rounded down already, so no rounding here.
const TENTHS: f64 = 10.0;

/// From here on the oldest footage is much older than the unbroken run, in days: less is what
/// cleaning up takes and gives in a day.
const APART_DAYS: f64 = 1.0;

/// Where and when a finding is told.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// The branch's code.
    pub branch: &'a str,
    /// The branch's wall clock.
    pub zone: &'a Zone,
    /// Now.
    pub now: Instant,
}

impl Told<'_> {
    /// The sentence of a finding and the address of what it is about.
    pub fn read(self, control: &str, evidence: &str, since: Instant) -> (Sentence, String) {
        let Ok(evidence) = Evidence::from_json(evidence) else {
            let control = control.to_owned();
            return (Sentence::Broken { control }, address::branch(self.branch));
        };
        let page = self.page(&evidence, since);
        (self.sentence(evidence, since), page)
    }

    #[expect(
        clippy::too_many_lines,
        reason = "an arm for each kind of evidence, and nothing else"
    )]
    fn sentence(self, evidence: Evidence, since: Instant) -> Sentence {
        let shown = |at: Instant| Moment::new(at, self.zone).shown;
        match evidence {
            Evidence::Gap {
                camera,
                start_at_ms,
                end_at_ms,
                ongoing,
                ..
            } => Sentence::CameraGap {
                camera,
                start: shown(start_at_ms),
                missing_ms: end_at_ms.since(start_at_ms),
                ongoing,
            },
            Evidence::GapDay {
                camera,
                day,
                gaps,
                missing_ms,
                ..
            } => Sentence::CameraGapDay {
                camera,
                day,
                gaps: count(gaps),
                missing_ms,
            },
            Evidence::Retention {
                camera,
                required_days,
                continuous_days,
                oldest_days,
                ..
            } => Sentence::CameraRetention {
                camera,
                days_tenths: tenths(continuous_days),
                oldest_tenths: oldest_days
                    .filter(|oldest| oldest - continuous_days >= APART_DAYS)
                    .map(tenths),
                required_days,
            },
            Evidence::Vanished {
                camera,
                start_at_ms,
                gone_ms,
                ..
            } => Sentence::Vanished {
                camera,
                start: shown(start_at_ms),
                gone_ms,
            },
            Evidence::Fault {
                camera,
                fault,
                start_at_ms,
                ..
            } => match fault_kind(&fault) {
                Some(kind) => Sentence::SegmentFault {
                    camera,
                    start: shown(start_at_ms),
                    kind,
                },
                None => Sentence::Fault {
                    camera,
                    segments: 1,
                },
            },
            Evidence::Faults { camera, counts, .. } => Sentence::Fault {
                camera,
                segments: counts.values().copied().map(count).sum(),
            },
            Evidence::Volume {
                volume, presence, ..
            } => Sentence::Volume {
                volume,
                presence: volume_presence(&presence),
            },
            Evidence::Health {
                volume,
                subject,
                reason,
                figures,
                ..
            } => Sentence::Health {
                volume,
                subject,
                ailment: Ailment::new(reason, figures),
            },
            Evidence::Drift {
                name,
                removed: true,
                ..
            } => Sentence::FileMissing { file: name },
            Evidence::Drift { name, changes, .. } => Sentence::Drift {
                file: name,
                changes: count(changes),
            },
            Evidence::Hold {
                camera,
                hold,
                standing,
                gone,
                changed,
                ..
            } => Sentence::Hold {
                camera,
                hold,
                standing: HoldStanding::from_word(&standing),
                lost: u64::try_from(gone.saturating_add(changed)).unwrap_or(0),
            },
            Evidence::Silence {
                host, heard_at_ms, ..
            } => Sentence::AgentSilent {
                host,
                for_ms: self.now.since(heard_at_ms.unwrap_or(since)),
            },
        }
    }

    fn page(self, evidence: &Evidence, since: Instant) -> String {
        let day = |at: Instant| self.zone.day_of(at).to_string();
        let camera = |recorder: &str, camera: &str, day: Option<String>| {
            address::camera(self.branch, recorder, camera, day.as_deref())
        };
        match evidence {
            Evidence::Gap {
                recorder,
                camera: name,
                start_at_ms,
                ..
            }
            | Evidence::Vanished {
                recorder,
                camera: name,
                start_at_ms,
                ..
            }
            | Evidence::Fault {
                recorder,
                camera: name,
                start_at_ms,
                ..
            } => camera(recorder, name, Some(day(*start_at_ms))),
            Evidence::GapDay {
                recorder,
                camera: name,
                ..
            } => camera(recorder, name, Some(day(since))),
            Evidence::Retention {
                recorder,
                camera: name,
                ..
            }
            | Evidence::Faults {
                recorder,
                camera: name,
                ..
            } => camera(recorder, name, None),
            Evidence::Hold { hold, .. } => address::hold(*hold),
            Evidence::Drift { name, .. } => address::drift(self.branch, name),
            Evidence::Volume { .. } | Evidence::Health { .. } | Evidence::Silence { .. } => {
                address::branch(self.branch)
            }
        }
    }
}

/// An alert as a list shows it.
pub fn alert(kept: &Kept, handled: Option<&HandledRow>, now: Instant, key: String) -> AlertRow {
    let zone = Zone::named(&kept.time_zone).unwrap_or_else(|_| Zone::utc());
    let state = &kept.state;
    let since = Instant::from_ms(state.since_ms);
    let told = Told {
        branch: &kept.branch,
        zone: &zone,
        now,
    };
    let (sentence, subject) = told.read(&kept.control, &kept.evidence, since);
    let condition = condition(&state.condition);
    let until = until(&state.condition, Instant::from_ms(state.changed_at_ms), now);
    let lasting_ms = lasting_ms(&sentence, since, until);
    AlertRow {
        id: kept.id.to_string(),
        severity: severity(&kept.severity),
        condition,
        branch_code: kept.branch.clone(),
        branch_name: kept.branch_name.clone(),
        sentence,
        subject,
        since: Moment::new(since, &zone),
        lasting_ms,
        handling: handling(&state.handling),
        handled: handled.map(|last| Handled {
            by: last.actor.clone(),
            at: Moment::new(Instant::from_ms(last.at_ms), &zone),
            note: last.note.clone(),
        }),
        version: u64::try_from(state.changed_at_ms).unwrap_or(0),
        idempotency_key: key,
    }
}

/// Up to when a finding lasts: what recovered is over since its alert changed.
pub fn until(condition_word: &str, changed_at: Instant, now: Instant) -> Instant {
    match condition(condition_word) {
        Condition::Recovered => changed_at,
        Condition::Pending | Condition::Firing | Condition::Unknown => now,
    }
}

/// How long what a sentence says lasts, in milliseconds.
pub fn lasting_ms(sentence: &Sentence, since: Instant, until: Instant) -> i64 {
    match sentence {
        // What ended is as long as it was, whenever somebody looked at it.
        Sentence::CameraGap {
            missing_ms,
            ongoing: false,
            ..
        } => *missing_ms,
        _ => until.since(since),
    }
}

/// What an open finding makes of whatever it is about: the one rule of all pages. What recovered
/// counts against nothing any more; it still stands as an alert that somebody must close.
pub fn verdict(severity_word: &str, condition_word: &str) -> Verdict {
    match (condition(condition_word), severity(severity_word)) {
        (Condition::Recovered, _) => Verdict::Pass,
        (Condition::Unknown, _) => Verdict::Unknown,
        (_, Severity::Critical | Severity::Major) => Verdict::Fail,
        (_, Severity::Minor) => Verdict::Partial,
    }
}

/// Whether what was found is known to stand.
pub fn stands(condition_word: &str) -> bool {
    matches!(
        condition(condition_word),
        Condition::Pending | Condition::Firing
    )
}

/// The presence of a word from the store; a word that nobody writes is no presence at all.
pub fn volume_presence(word: &str) -> Presence {
    [
        Presence::Present,
        Presence::Missing,
        Presence::Swapped,
        Presence::ReadOnly,
    ]
    .into_iter()
    .find(|presence| presence.word() == word)
    .unwrap_or(Presence::Unreadable)
}

/// What is wrong with a segment, by a word of evidence; another version may know more words.
fn fault_kind(word: &str) -> Option<FaultKind> {
    [
        FaultKind::Empty,
        FaultKind::Truncated,
        FaultKind::Corrupt,
        FaultKind::Clock,
    ]
    .into_iter()
    .find(|kind| kind.word() == word)
}

/// A severity from the store; one that nobody writes is looked at first.
fn severity(word: &str) -> Severity {
    let known = Severity::ALL.into_iter().find(|one| one.slug() == word);
    known.unwrap_or(Severity::Critical)
}

fn condition(word: &str) -> Condition {
    match word {
        "pending" => Condition::Pending,
        "firing" => Condition::Firing,
        "recovered" => Condition::Recovered,
        _ => Condition::Unknown,
    }
}

fn handling(word: &str) -> Handling {
    let known = Handling::OPEN.into_iter().find(|one| one.slug() == word);
    known.unwrap_or(Handling::Closed)
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

/// Days with one decimal, as tenths; what is no number is none.
fn tenths(days: f64) -> u32 {
    // Through text, because it is exact for what has one decimal and no cast can overflow.
    let text = format!("{:.0}", (days * TENTHS).clamp(0.0, 1e8));
    text.parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SINCE: Instant = Instant::EPOCH;

    fn told(evidence: &str) -> (Sentence, String) {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let told = Told {
            branch: "0123",
            zone: &zone,
            now: SINCE + 60_000,
        };
        told.read("A-02", evidence, SINCE)
    }

    #[test]
    fn a_gap_leads_to_its_cameras_civil_day() {
        let (sentence, page) = told(
            r#"{"what":"gap","recorder":"a/b","camera":"<c>","start_at_ms":57600000,
                "end_at_ms":57660000,"ongoing":false}"#,
        );
        assert_eq!(page, "/branches/0123/cameras/a%2Fb/%3Cc%3E?day=1970-01-02");
        let Sentence::CameraGap { start, .. } = sentence else {
            panic!("{sentence:?}");
        };
        assert_eq!(start, "1970-01-02 00:00");
    }

    #[test]
    fn footage_with_a_hole_in_it_is_told_with_both_depths() {
        let depths = |oldest: &str| {
            let evidence = format!(
                r#"{{"what":"retention","recorder":"r","camera":"c","required_days":30,
                    "continuous_days":5.8,"oldest_days":{oldest},"broken_only":false}}"#
            );
            match told(&evidence).0 {
                Sentence::CameraRetention {
                    days_tenths,
                    oldest_tenths,
                    ..
                } => (days_tenths, oldest_tenths),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(depths("31.0"), (58, Some(310)));
        assert_eq!(depths("5.9"), (58, None));
        assert_eq!(depths("null"), (58, None));
    }

    #[test]
    fn two_faults_of_a_camera_are_told_apart() {
        let fault = |word: &str| {
            let evidence = format!(
                r#"{{"what":"fault","recorder":"r","camera":"c","path":"p","fault":"{word}",
                    "start_at_ms":57600000,"detail":""}}"#
            );
            told(&evidence).0
        };
        let Sentence::SegmentFault { start, kind, .. } = fault("truncated") else {
            panic!("no segment");
        };
        assert_eq!(
            (start.as_str(), kind),
            ("1970-01-02 00:00", FaultKind::Truncated)
        );
        assert!(matches!(
            fault("novel"),
            Sentence::Fault { segments: 1, .. }
        ));
    }

    #[test]
    fn evidence_of_another_version_still_names_its_control() {
        let (sentence, page) = told(r#"{"what":"dream"}"#);
        let control = "A-02".to_owned();
        assert_eq!(sentence, Sentence::Broken { control });
        assert_eq!(page, "/branches/0123");
    }

    #[test]
    fn days_keep_their_tenth_whatever_they_are() {
        assert_eq!(
            [12.3, 0.0, -1.0, f64::NAN, 1e300].map(tenths),
            [123, 0, 0, 0, 100_000_000]
        );
    }

    #[test]
    fn what_nobody_knows_is_no_pass() {
        assert_eq!(verdict("critical", "unknown"), Verdict::Unknown);
        assert_eq!(verdict("minor", "firing"), Verdict::Partial);
        assert_eq!(verdict("novel", "firing"), Verdict::Fail);
    }
}
