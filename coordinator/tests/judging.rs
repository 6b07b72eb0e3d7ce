//! One camera, one night: from holes to what people hear.
//!
//! The store is a vector and the time is written down; everything else is the domain's own. It
//! shows how the parts fit together: a check judges, findings follow, alerts tell, notices speak.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a story that cannot be told is a failed test"
)]

use keepwatch_common::coverage::Schedule;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::{CameraKey, UtcDay};
use keepwatch_common::model::name::Name;
use keepwatch_common::time::{Instant, Zone};
use keepwatch_coordinator::domain::alert::{Act, Alert, Step};
use keepwatch_coordinator::domain::assess::gap::{self, GapFacts};
use keepwatch_coordinator::domain::failing::Failing;
use keepwatch_coordinator::domain::finding::{FindingChange, FindingId, OpenFinding, reconcile};
use keepwatch_coordinator::domain::judgement::Sight;
use keepwatch_coordinator::domain::notice::Sentence;
use keepwatch_coordinator::domain::pack::{Check, Pack};
use keepwatch_coordinator::domain::packs;

fn at(time: &str) -> Instant {
    Instant::parse(&format!("2026-11-23T{time}:00+08:00")).unwrap()
}

/// A branch's camera with everything that is kept of it.
struct Night {
    pack: Pack,
    camera: CameraKey,
    holes: IntervalSet,
    measured: IntervalSet,
    findings: Vec<(OpenFinding, Failing)>,
    alerts: Vec<Alert>,
}

impl Night {
    fn begins() -> Self {
        Self {
            pack: packs::monitoring_room().unwrap(),
            camera: CameraKey {
                recorder: Name::new("nvr").unwrap(),
                camera: Name::new("3 号机").unwrap(),
            },
            holes: IntervalSet::EMPTY,
            measured: IntervalSet::EMPTY,
            findings: Vec::new(),
            alerts: Vec::new(),
        }
    }

    /// The agent tells what it measured and missed up to now.
    fn measured(&mut self, from: &str, to: &str, hole: Option<(&str, &str)>) -> Vec<String> {
        let measured = Interval::new(at(from), at(to)).unwrap();
        self.measured.insert(measured);
        self.holes = self.holes.difference(&IntervalSet::of(Some(measured)));
        if let Some((start, end)) = hole {
            self.holes
                .insert(Interval::new(at(start), at(end)).unwrap());
        }
        self.judge(Sight::Clear, to)
    }

    /// What people hear.
    fn judge(&mut self, sight: Sight, now: &str) -> Vec<String> {
        let now = at(now);
        let control = self.pack.control("A-02").unwrap();
        let Check::Gap(parameters) = control.check else {
            panic!("A-02 is not about gaps");
        };
        let facts = GapFacts {
            camera: &self.camera,
            days: (UtcDay::of(at("00:00")), UtcDay::of(now)),
            holes: &self.holes,
            measured: &self.measured,
            schedule: &Schedule::Always,
            watched_since: at("00:00"),
            sight,
        };
        let judgement = gap::judge(control, &parameters, &facts, now);
        let open: Vec<_> = self.findings.iter().map(|(open, _)| open.clone()).collect();
        let changes = reconcile(&open, &[judgement]);
        changes
            .into_iter()
            .filter_map(|change| self.apply(change, now))
            .collect()
    }

    /// Keeps a change as a store would; its alert has the finding's number.
    fn apply(&mut self, change: FindingChange, now: Instant) -> Option<String> {
        let (id, step, failing) = match change {
            FindingChange::Open { failing, continues } => {
                let step = Alert::opened(&failing, 0, continues.is_some(), now);
                self.alerts.push(step.alert.clone());
                let id = FindingId(i64::try_from(self.alerts.len()).unwrap() - 1);
                let open = OpenFinding {
                    id,
                    control: failing.control.clone(),
                    subject: failing.subject.clone(),
                    severity: failing.severity,
                    evidence: None,
                    told: step.alert.condition.told(),
                };
                self.findings.push((open, failing.clone()));
                (id, step, failing)
            }
            FindingChange::Update { id, was, failing } => {
                (id, self.alert(id).judged(&failing, was, 0, now), failing)
            }
            FindingChange::Close { id, why } => {
                let failing = self.failing(id);
                self.findings.retain(|(open, _)| open.id != id);
                (id, self.alert(id).passed(failing.kind, why, now), failing)
            }
            FindingChange::Doubt { id, .. } => (id, self.alert(id).doubted(now), self.failing(id)),
        };
        self.keep(id, &step, &failing);
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let notice = step.notice?;
        Some(Sentence::of(&failing.evidence, Some(notice), &zone, now).zh)
    }

    fn keep(&mut self, id: FindingId, step: &Step, failing: &Failing) {
        let index = usize::try_from(id.0).unwrap();
        self.alerts[index] = step.alert.clone();
        for (open, kept) in &mut self.findings {
            if open.id == id {
                open.severity = failing.severity;
                open.evidence = Some(failing.evidence.clone());
                open.told = step.alert.condition.told();
                *kept = failing.clone();
            }
        }
    }

    fn alert(&self, id: FindingId) -> Alert {
        self.alerts[usize::try_from(id.0).unwrap()].clone()
    }

    fn failing(&self, id: FindingId) -> Failing {
        let found = self.findings.iter().find(|(open, _)| open.id == id);
        found.unwrap().1.clone()
    }
}

#[test]
fn a_night_with_a_gap_is_heard_as_it_happens() {
    let mut night = Night::begins();
    assert!(night.measured("00:00", "04:10", None).is_empty());
    assert_eq!(
        night.measured("04:10", "04:12", Some(("04:10", "04:12"))),
        ["3 号机 自 04:10 起无录像,已缺 2 分"]
    );
    assert_eq!(
        night.measured("04:12", "04:20", Some(("04:10", "04:20"))),
        ["加重:3 号机 自 04:10 起无录像,已缺 10 分"]
    );
    assert_eq!(
        night.judge(Sight::AgentSilent, "04:30"),
        ["状态不明:3 号机 自 04:10 起无录像,已缺 10 分"]
    );
    assert!(night.judge(Sight::AgentSilent, "04:40").is_empty());
    let back = night.measured("04:20", "06:31", Some(("04:10", "06:30")));
    assert_eq!(back, ["已恢复:3 号机 04:10–06:30 缺 2 小时 20 分"]);
    assert_eq!(night.findings.len(), 1, "what is missing stays a finding");
}

#[test]
fn footage_that_arrives_late_closes_the_finding_without_another_word() {
    let mut night = Night::begins();
    night.measured("00:00", "04:20", Some(("04:10", "04:20")));
    let resumed = night.measured("04:20", "05:00", None);
    assert_eq!(resumed, ["已恢复:3 号机 04:10–04:20 缺 10 分"]);
    let seen = night.alerts[0].clone();
    let seen = seen.handled(Act::Acknowledge, "wang", at("05:01")).unwrap();
    night.alerts[0] = seen;
    assert!(night.measured("04:10", "04:20", None).is_empty());
    assert!(night.findings.is_empty());
    assert_eq!(night.alerts[0].handling.word(), "closed");
}
