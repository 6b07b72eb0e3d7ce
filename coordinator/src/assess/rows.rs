//! Findings and alerts between the store's rows and the domain.
//!
//! A row that holds a word which nobody writes is left out: it can only come from another program.

use keepwatch_common::time::Instant;

use crate::domain::alert::{Alert, Condition, Handling};
use crate::domain::code::Code;
use crate::domain::evidence::Evidence;
use crate::domain::failing::{Failing, Standing};
use crate::domain::finding::{FindingId, OpenFinding};
use crate::domain::kind::{AlertKind, Severity};
use crate::domain::subject::Subject;
use crate::store::alerts::AlertState;
use crate::store::findings::{FindingRow, OfAlert};

/// A finding that is open.
pub(super) fn open_finding(row: &FindingRow) -> Option<OpenFinding> {
    Some(OpenFinding {
        id: FindingId(row.id),
        control: Code::new(row.control.as_str()).ok()?,
        subject: Subject::stored(row.subject.as_str()),
        severity: Severity::from_word(&row.severity)?,
        evidence: Evidence::from_json(&row.evidence).ok(),
        told: Condition::from_word(&row.alert.condition)?.told(),
    })
}

/// What is wrong.
pub(super) fn alert_kind(row: &FindingRow) -> Option<AlertKind> {
    AlertKind::from_word(&row.kind)
}

/// What failed when it was judged last.
pub(super) fn failing_of(row: &FindingRow) -> Option<Failing> {
    Some(Failing {
        control: Code::new(row.control.as_str()).ok()?,
        clause: Code::new(row.clause.as_str()).ok()?,
        kind: alert_kind(row)?,
        subject: Subject::stored(row.subject.as_str()),
        severity: Severity::from_word(&row.severity)?,
        since: Instant::from_ms(row.since_ms),
        standing: Standing::Now,
        evidence: Evidence::from_json(&row.evidence).ok()?,
    })
}

/// The alert of a finding.
pub(super) fn alert_of(row: &FindingRow) -> Option<Alert> {
    alert_read(&row.alert)
}

/// An alert's state as the domain has it; none when the row holds a word that nobody writes.
pub(super) fn alert_read(alert: &OfAlert) -> Option<Alert> {
    let by = alert.handled_by.clone();
    let handling = match alert.handling.as_str() {
        "new" => Handling::New,
        "acknowledged" => Handling::Acknowledged {
            by: by.unwrap_or_default(),
        },
        "snoozed" => Handling::Snoozed {
            by: by.unwrap_or_default(),
            until: Instant::from_ms(alert.snoozed_until_ms.unwrap_or(0)),
        },
        "assigned" => Handling::Assigned {
            by: by.unwrap_or_default(),
            to: alert.assigned_to.clone().unwrap_or_default(),
        },
        "closed" => Handling::Closed { by },
        _ => return None,
    };
    Some(Alert {
        condition: Condition::from_word(&alert.condition)?,
        handling,
        since: Instant::from_ms(alert.alert_since_ms),
        changed_at: Instant::from_ms(alert.alert_changed_at_ms),
    })
}

/// An alert as it is kept.
pub(super) fn state_of(alert: &Alert) -> AlertState {
    let (handled_by, assigned_to, snoozed_until_ms) = match &alert.handling {
        Handling::New => (None, None, None),
        Handling::Acknowledged { by } => (Some(by.clone()), None, None),
        Handling::Snoozed { by, until } => (Some(by.clone()), None, Some(until.ms())),
        Handling::Assigned { by, to } => (Some(by.clone()), Some(to.clone()), None),
        Handling::Closed { by } => (by.clone(), None, None),
    };
    AlertState {
        condition: alert.condition.word().to_owned(),
        handling: alert.handling.word().to_owned(),
        since_ms: alert.since.ms(),
        changed_at_ms: alert.changed_at.ms(),
        handled_by,
        assigned_to,
        snoozed_until_ms,
    }
}
