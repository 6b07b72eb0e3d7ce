//! What judging does to an alert: it is born with a finding and follows it until it recovered.
//!
//! Only what stands, or ended a short while ago, is told; what was over before anybody watched is
//! listed without a word. A snoozed alert is silent unless it gets worse.

use keepwatch_common::time::Instant;

use super::state::{Alert, Condition, Handling, Notice, Step};
use crate::domain::failing::{Failing, Standing};
use crate::domain::finding::CloseWhy;
use crate::domain::kind::{AlertKind, Severity};

impl Alert {
    /// With a new finding. `pending_ms` is the control's; a finding that `continues` another is no
    /// news.
    pub fn opened(failing: &Failing, pending_ms: i64, continues: bool, now: Instant) -> Step {
        let lasted_ms = |until: Instant| until.since(failing.since);
        let (condition, handling, told) = match failing.standing {
            Standing::Now if lasted_ms(now) < pending_ms => {
                (Condition::Pending, Handling::New, false)
            }
            Standing::Now => (Condition::Firing, Handling::New, true),
            Standing::Ended(at) if lasted_ms(at) >= pending_ms => {
                (Condition::Recovered, Handling::New, true)
            }
            Standing::Ended(_) => (Condition::Recovered, Handling::Closed { by: None }, false),
            // No news, but somebody should look through it once.
            Standing::History(_) => (Condition::Recovered, Handling::New, false),
        };
        Step {
            alert: Self {
                condition,
                handling,
                since: failing.since,
                changed_at: now,
            },
            notice: (told && !continues).then_some(Notice::Raised),
        }
    }

    /// Its finding was judged again and fails; `was` is how bad it was before.
    #[must_use]
    pub fn judged(self, failing: &Failing, was: Severity, pending_ms: i64, now: Instant) -> Step {
        let stands = failing.standing == Standing::Now;
        let worse = (failing.severity > was).then_some(Notice::Worsened);
        match (self.condition, stands) {
            (Condition::Pending, true) => self.waited(pending_ms, now),
            (Condition::Pending, false) => self.settled(now),
            (Condition::Firing, true) => self.stays(worse, now),
            (Condition::Unknown, true) => self.turns(Condition::Firing, worse, now),
            // What is missing stays missing, so people still have to say why.
            (Condition::Firing | Condition::Unknown, false) => {
                self.turns(Condition::Recovered, Some(Notice::Recovered), now)
            }
            (Condition::Recovered, false) => match failing.standing {
                Standing::Ended(_) => self.stays(worse, now),
                Standing::Now | Standing::History(_) => self.stays(None, now),
            },
            (Condition::Recovered, true) => {
                self.anew()
                    .turns(Condition::Firing, Some(Notice::Raised), now)
            }
        }
    }

    /// Its finding was closed.
    #[must_use]
    pub fn passed(self, kind: AlertKind, why: CloseWhy, now: Instant) -> Step {
        let told = matches!(self.condition, Condition::Firing | Condition::Unknown);
        if why == CloseWhy::Continued || self.condition == Condition::Pending {
            return self.settled(now);
        }
        let notice = told.then_some(Notice::Recovered);
        let settles = match self.handling {
            Handling::Assigned { .. } | Handling::Closed { .. } => false,
            Handling::New | Handling::Acknowledged { .. } | Handling::Snoozed { .. } => {
                !kind.needs_a_person()
            }
        };
        let mut step = self.turns(Condition::Recovered, notice, now);
        if settles {
            step.alert.handling = Handling::Closed { by: None };
            step.alert.changed_at = now;
        }
        step
    }

    /// Nobody knows whether its finding still fails.
    #[must_use]
    pub fn doubted(self, now: Instant) -> Step {
        match self.condition {
            Condition::Firing => self.turns(Condition::Unknown, Some(Notice::BecameUnknown), now),
            // What was never told cannot become unknown, and what is over stays over.
            Condition::Pending | Condition::Recovered | Condition::Unknown => self.stays(None, now),
        }
    }

    /// What time alone does: a pending alert fires, a snooze ends.
    #[must_use]
    pub fn waited(self, pending_ms: i64, now: Instant) -> Step {
        if self.condition == Condition::Pending {
            if now.since(self.since) < pending_ms {
                return self.stays(None, now);
            }
            return self.turns(Condition::Firing, Some(Notice::Raised), now);
        }
        match self.handling {
            Handling::Snoozed { until, .. } if until <= now => {
                let stands = self.condition != Condition::Recovered;
                let alert = Self {
                    handling: Handling::New,
                    changed_at: now,
                    ..self
                };
                let notice = stands.then_some(Notice::Raised);
                Step { alert, notice }
            }
            _ => self.stays(None, now),
        }
    }

    /// The same condition; a notice that it got worse wakes a snoozed or closed alert.
    fn stays(self, notice: Option<Notice>, now: Instant) -> Step {
        let condition = self.condition;
        self.turns(condition, notice, now)
    }

    /// Another condition, and a notice unless it is snoozed.
    fn turns(self, condition: Condition, notice: Option<Notice>, now: Instant) -> Step {
        let snoozed = matches!(self.handling, Handling::Snoozed { until, .. } if now < until);
        let wakes = notice == Some(Notice::Worsened);
        let handling = match self.handling {
            Handling::Snoozed { .. } | Handling::Closed { .. } if wakes => Handling::New,
            handling => handling,
        };
        let changed_at = if condition == self.condition && !wakes {
            self.changed_at
        } else {
            now
        };
        Step {
            alert: Self {
                condition,
                handling,
                since: self.since,
                changed_at,
            },
            notice: notice.filter(|_| wakes || !snoozed),
        }
    }

    /// Handled by nobody again, but by whom it is assigned to.
    fn anew(self) -> Self {
        let handling = match self.handling {
            Handling::Acknowledged { .. } | Handling::Closed { .. } => Handling::New,
            kept @ (Handling::New | Handling::Snoozed { .. } | Handling::Assigned { .. }) => kept,
        };
        Self { handling, ..self }
    }

    /// Over without anybody having to hear or do anything.
    fn settled(self, now: Instant) -> Step {
        let handling = match self.handling {
            kept @ Handling::Closed { .. } => kept,
            _ => Handling::Closed { by: None },
        };
        Step {
            alert: Self {
                condition: Condition::Recovered,
                handling,
                changed_at: now,
                ..self
            },
            notice: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::{HOUR_MS, MINUTE_MS};
    use proptest::prelude::*;

    use super::*;
    use crate::domain::evidence::Evidence;
    use crate::domain::packs;
    use crate::domain::subject::Subject;

    fn at(minutes: i64) -> Instant {
        Instant::from_s(1_800_000_000) + minutes * MINUTE_MS
    }

    fn failing(severity: Severity, standing: Standing) -> Failing {
        let pack = packs::monitoring_room().unwrap();
        let evidence = Evidence::Volume {
            volume: "disk".to_owned(),
            path: "/footage".to_owned(),
            presence: "missing".to_owned(),
        };
        let control = pack.control("F-3.4.volume").unwrap();
        Failing::of(control, Subject::stored("disk"), at(0), evidence)
            .at_most(severity)
            .standing(standing)
    }

    fn now(severity: Severity) -> Failing {
        failing(severity, Standing::Now)
    }

    fn firing() -> Alert {
        Alert::opened(&now(Severity::Major), 0, false, at(0)).alert
    }

    fn said(step: &Step) -> (Condition, &'static str, Option<Notice>) {
        let Step { alert, notice } = step;
        (alert.condition, alert.handling.word(), *notice)
    }

    #[test]
    fn what_stands_is_raised_and_what_is_history_is_only_listed() {
        let opened = |standing| {
            let step = Alert::opened(&failing(Severity::Major, standing), 0, false, at(60));
            (
                step.alert.condition,
                step.alert.handling.word(),
                step.notice,
            )
        };
        let raised = Some(Notice::Raised);
        assert_eq!(opened(Standing::Now), (Condition::Firing, "new", raised));
        assert_eq!(
            opened(Standing::Ended(at(30))),
            (Condition::Recovered, "new", raised)
        );
        assert_eq!(
            opened(Standing::History(at(30))),
            (Condition::Recovered, "new", None)
        );
    }

    #[test]
    fn a_finding_that_continues_another_is_no_news() {
        let step = Alert::opened(&now(Severity::Major), 0, true, at(0));
        assert_eq!(said(&step), (Condition::Firing, "new", None));
    }

    #[test]
    fn a_pending_alert_fires_when_it_lasted_and_is_silent_when_it_did_not() {
        let pending = 10 * MINUTE_MS;
        let step = Alert::opened(&now(Severity::Major), pending, false, at(1));
        assert_eq!(said(&step), (Condition::Pending, "new", None));
        let early = step.alert.clone().waited(pending, at(9));
        assert_eq!(said(&early), (Condition::Pending, "new", None));
        let late = step.alert.clone().waited(pending, at(10));
        let raised = Some(Notice::Raised);
        assert_eq!(said(&late), (Condition::Firing, "new", raised));
        let gone = step
            .alert
            .passed(AlertKind::VolumeMissing, CloseWhy::Passed, at(5));
        assert_eq!(said(&gone), (Condition::Recovered, "closed", None));
    }

    #[test]
    fn getting_worse_is_told_and_getting_better_is_not() {
        let worse = firing().judged(&now(Severity::Critical), Severity::Major, 0, at(1));
        assert_eq!(worse.notice, Some(Notice::Worsened));
        let better = firing().judged(&now(Severity::Minor), Severity::Major, 0, at(1));
        assert_eq!(better.notice, None);
    }

    #[test]
    fn a_recovery_settles_what_needs_nobody_and_leaves_what_somebody_changed() {
        let recovered = Some(Notice::Recovered);
        let volume = firing().passed(AlertKind::VolumeMissing, CloseWhy::Passed, at(1));
        assert_eq!(said(&volume), (Condition::Recovered, "closed", recovered));
        let drift = firing().passed(AlertKind::ConfigDrift, CloseWhy::Passed, at(1));
        assert_eq!(said(&drift), (Condition::Recovered, "new", recovered));
    }

    #[test]
    fn recovery_after_an_acknowledgement_is_told_and_keeps_the_acknowledgement() {
        let mut acknowledged = firing();
        acknowledged.handling = Handling::Acknowledged {
            by: "wang".to_owned(),
        };
        let over = failing(Severity::Major, Standing::Ended(at(1)));
        let step = acknowledged.judged(&over, Severity::Major, 0, at(2));
        let recovered = Some(Notice::Recovered);
        assert_eq!(
            said(&step),
            (Condition::Recovered, "acknowledged", recovered)
        );
    }

    #[test]
    fn what_goes_on_again_within_one_finding_is_raised_again() {
        let over = failing(Severity::Major, Standing::Ended(at(1)));
        let mut alert = firing().judged(&over, Severity::Major, 0, at(2)).alert;
        alert.handling = Handling::Closed { by: None };
        let step = alert.judged(&now(Severity::Major), Severity::Major, 0, at(3));
        assert_eq!(
            said(&step),
            (Condition::Firing, "new", Some(Notice::Raised))
        );
    }

    #[test]
    fn doubt_is_told_once_and_confirmation_is_silent() {
        let doubted = firing().doubted(at(1));
        let unknown = Some(Notice::BecameUnknown);
        assert_eq!(said(&doubted), (Condition::Unknown, "new", unknown));
        assert_eq!(doubted.alert.clone().doubted(at(2)).notice, None);
        let again = doubted
            .alert
            .judged(&now(Severity::Major), Severity::Major, 0, at(3));
        assert_eq!(said(&again), (Condition::Firing, "new", None));
    }

    #[test]
    fn a_snoozed_alert_is_silent_until_it_gets_worse_or_its_time_is_over() {
        let mut snoozed = firing();
        snoozed.handling = Handling::Snoozed {
            by: "wang".to_owned(),
            until: at(0) + HOUR_MS,
        };
        let doubted = snoozed.clone().doubted(at(1));
        assert_eq!(said(&doubted), (Condition::Unknown, "snoozed", None));
        let worse = now(Severity::Critical);
        let woken = snoozed.clone().judged(&worse, Severity::Major, 0, at(1));
        let worsened = Some(Notice::Worsened);
        assert_eq!(said(&woken), (Condition::Firing, "new", worsened));
        assert_eq!(snoozed.clone().waited(0, at(59)).notice, None);
        let over = snoozed.waited(0, at(60));
        assert_eq!(
            said(&over),
            (Condition::Firing, "new", Some(Notice::Raised))
        );
    }

    #[test]
    fn a_finding_that_gives_way_to_another_is_over_without_a_word() {
        let step = firing().passed(AlertKind::Gap, CloseWhy::Continued, at(1));
        assert_eq!(said(&step), (Condition::Recovered, "closed", None));
    }

    proptest! {
        /// A listener who hears every notice always knows whether something stands.
        #[test]
        fn notices_tell_the_condition(moves in prop::collection::vec(0_u8..6, 0..30)) {
            let step = Alert::opened(&now(Severity::Minor), 5 * MINUTE_MS, false, at(0));
            let (mut alert, mut heard, mut minute) = (step.alert, Condition::Pending, 0);
            let (mut was, mut closed) = (Severity::Minor, false);
            for chosen in moves {
                minute += 2;
                let step = match chosen {
                    _ if closed => break,
                    0 => alert.waited(5 * MINUTE_MS, at(minute)),
                    1 => alert.doubted(at(minute)),
                    2 => alert.judged(
                        &failing(was, Standing::Ended(at(minute))), was, 5 * MINUTE_MS, at(minute)),
                    3 => {
                        closed = true;
                        alert.passed(AlertKind::Gap, CloseWhy::Passed, at(minute))
                    }
                    _ => {
                        let severity = if chosen == 4 { Severity::Major } else { was };
                        let before = std::mem::replace(&mut was, severity);
                        alert.judged(&now(severity), before, 5 * MINUTE_MS, at(minute))
                    }
                };
                match step.notice {
                    Some(Notice::Raised) => {
                        prop_assert!(matches!(heard, Condition::Pending | Condition::Recovered));
                        heard = Condition::Firing;
                    }
                    Some(Notice::Recovered) => {
                        prop_assert!(matches!(heard, Condition::Firing | Condition::Unknown));
                        heard = Condition::Recovered;
                    }
                    Some(Notice::BecameUnknown) => heard = Condition::Unknown,
                    Some(Notice::Worsened) | None => {}
                }
                alert = step.alert;
                let stands = |condition| matches!(condition, Condition::Firing | Condition::Unknown);
                prop_assert_eq!(stands(alert.condition), stands(heard));
                if alert.condition == Condition::Pending {
                    prop_assert_eq!(heard, Condition::Pending);
                }
            }
        }
    }
}
