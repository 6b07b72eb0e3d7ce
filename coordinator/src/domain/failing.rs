//! A control that fails for a subject at the moment of judging: what a finding is made from.
//!
//! It must not know whether such a finding is open already.

use keepwatch_common::time::Instant;

use super::code::Code;
use super::evidence::Evidence;
use super::kind::{AlertKind, Severity};
use super::pack::Control;
use super::subject::Subject;

/// What fails now.
#[derive(Debug, Clone, PartialEq)]
pub struct Failing {
    /// Which control.
    pub control: Code,
    /// The clause it serves first.
    pub clause: Code,
    /// What is wrong.
    pub kind: AlertKind,
    /// For whom; unique per control and branch.
    pub subject: Subject,
    /// How bad.
    pub severity: Severity,
    /// When it began to be so.
    pub since: Instant,
    /// Whether it is still so, which decides who is told.
    pub standing: Standing,
    /// The numbers.
    pub evidence: Evidence,
}

impl Failing {
    /// This control fails for this subject: as bad as the control can be, and so now.
    pub fn of(control: &Control, subject: Subject, since: Instant, evidence: Evidence) -> Self {
        Self {
            control: control.id.clone(),
            clause: control.clause().clone(),
            kind: control.alert,
            subject,
            severity: control.severity,
            since,
            standing: Standing::Now,
            evidence,
        }
    }

    /// No worse than this.
    #[must_use]
    pub fn at_most(self, severity: Severity) -> Self {
        Self {
            severity: self.severity.min(severity),
            ..self
        }
    }

    /// Whether it still goes on.
    #[must_use]
    pub fn standing(self, standing: Standing) -> Self {
        Self { standing, ..self }
    }
}

/// Whether what fails is still going on. A gap in footage stays a finding after recording resumed;
/// only what stands, or ended a short while ago, is worth a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is so now.
    Now,
    /// It ended, recently enough that people must still hear of it.
    Ended(Instant),
    /// It was over before anybody watched, or too long ago to be news: listed and never told.
    History(Instant),
}
