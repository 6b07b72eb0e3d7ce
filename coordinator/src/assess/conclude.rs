//! Turns judgements into findings, alerts and queued notifications of one branch.
//!
//! The domain decides what opens, changes and closes, and what people are told; this room writes it
//! down, all in the caller's transaction.
//!
//! Long because every change of a finding ends in the same three writings, side by side here.

use std::collections::BTreeMap;

use keepwatch_common::time::Instant;

use super::branches::Branch;
use super::policy::Policy;
use crate::domain::alert::{Alert, Condition, Handling, Notice, Step};
use crate::domain::code::Code;
use crate::domain::evidence::Evidence;
use crate::domain::failing::Failing;
use crate::domain::finding::{FindingChange, FindingId, OpenFinding, reconcile};
use crate::domain::judgement::Judgement;
use crate::domain::kind::{AlertKind, Severity};
use crate::domain::notice::{NoticeBody, NoticeFacts};
use crate::domain::pack::Pack;
use crate::domain::subject::Subject;
use crate::store::alerts::AlertState;
use crate::store::findings::{FindingRow, NewFinding, OfAlert};
use crate::store::outbox::NewNotification;
use crate::store::{StoreError, Tx};

/// What concluding needs beside the transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) pack: &'a Pack,
    pub(super) channels: &'a [String],
    pub(super) branch_id: i64,
    pub(super) branch: &'a Branch,
    pub(super) now: Instant,
}

impl<'a> Desk<'a> {
    /// For one branch.
    pub(super) fn of(policy: &'a Policy, branch_id: i64, branch: &'a Branch, now: Instant) -> Self {
        Self {
            pack: &policy.pack,
            channels: &policy.channels,
            branch_id,
            branch,
            now,
        }
    }
}

/// Why judgements cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum ConcludeError {
    /// The store fails.
    #[error("the store does not take the findings")]
    Store(#[from] StoreError),
    /// Evidence that cannot be coded.
    #[error("the numbers of a finding cannot be coded")]
    Code(#[from] serde_json::Error),
}

/// Judgements by branch, each with the camera that it is about.
pub(super) type Judged = BTreeMap<i64, Vec<(Option<i64>, Judgement)>>;

/// Writes the judgements of several branches down; says how many notifications were queued. A branch
/// that is not known any more is left out.
pub(super) async fn conclude_all(
    tx: &mut Tx,
    policy: &Policy,
    branches: &BTreeMap<i64, Branch>,
    judged: &Judged,
    now: Instant,
) -> Result<usize, ConcludeError> {
    let mut told = 0;
    for (branch_id, judgements) in judged {
        if let Some(branch) = branches.get(branch_id) {
            let desk = Desk::of(policy, *branch_id, branch, now);
            told += conclude(tx, desk, judgements).await?;
        }
    }
    Ok(told)
}

/// Writes the judgements of one branch down; says how many notifications were queued.
pub(super) async fn conclude(
    tx: &mut Tx,
    desk: Desk<'_>,
    judged: &[(Option<i64>, Judgement)],
) -> Result<usize, ConcludeError> {
    let rows = tx.finding_list_open(desk.branch_id).await?;
    let open: Vec<_> = rows.iter().filter_map(open_finding).collect();
    let judgements: Vec<_> = judged
        .iter()
        .map(|(_, judgement)| judgement.clone())
        .collect();
    let mut told = 0;
    for change in reconcile(&open, &judgements) {
        let row_of = |id: FindingId| rows.iter().find(|row| row.id == id.0);
        told += match change {
            FindingChange::Open { failing, continues } => {
                let camera_id = camera_of(judged, &failing);
                opened(tx, desk, &failing, camera_id, continues.is_some()).await?
            }
            FindingChange::Update { id, was, failing } => match row_of(id) {
                Some(row) => updated(tx, desk, row, was, &failing).await?,
                None => 0,
            },
            FindingChange::Close { id, why } => match row_of(id) {
                Some(row) => {
                    tx.finding_close(row.id, desk.now, why.word()).await?;
                    let step = alert_kind(row)
                        .zip(alert_of(row))
                        .map(|(kind, alert)| alert.passed(kind, why, desk.now));
                    stepped(tx, desk, row, step, None).await?
                }
                None => 0,
            },
            FindingChange::Doubt { id, .. } => match row_of(id) {
                Some(row) => {
                    let step = alert_of(row).map(|alert| alert.doubted(desk.now));
                    stepped(tx, desk, row, step, None).await?
                }
                None => 0,
            },
        };
    }
    Ok(told)
}

async fn opened(
    tx: &mut Tx,
    desk: Desk<'_>,
    failing: &Failing,
    camera_id: Option<i64>,
    continues: bool,
) -> Result<usize, ConcludeError> {
    let evidence = failing.evidence.to_json()?;
    let finding_id = tx
        .finding_open(&NewFinding {
            control: failing.control.as_str(),
            clause: failing.clause.as_str(),
            kind: failing.kind.word(),
            branch_id: desk.branch_id,
            camera_id,
            subject: failing.subject.as_str(),
            severity: failing.severity.word(),
            pack_version: &desk.pack.version,
            evidence: &evidence,
            since: failing.since,
            opened_at: desk.now,
        })
        .await?;
    let Step { alert, notice } = Alert::opened(
        failing,
        pending_ms(desk.pack, &failing.control),
        continues,
        desk.now,
    );
    let alert_id = tx
        .alert_insert(finding_id, desk.branch_id, &state_of(&alert))
        .await?;
    let what = notice.map_or("opened", Notice::word);
    tx.alert_event_insert(alert_id, desk.now, "coordinator", what, None)
        .await?;
    tell(tx, desk, alert_id, &alert, notice, failing).await
}

async fn updated(
    tx: &mut Tx,
    desk: Desk<'_>,
    row: &FindingRow,
    was: Severity,
    failing: &Failing,
) -> Result<usize, ConcludeError> {
    let (severity, evidence) = (failing.severity.word(), failing.evidence.to_json()?);
    tx.finding_update(row.id, severity, &desk.pack.version, &evidence)
        .await?;
    let pending = pending_ms(desk.pack, &failing.control);
    let step = alert_of(row).map(|alert| alert.judged(failing, was, pending, desk.now));
    stepped(tx, desk, row, step, Some(failing)).await
}

/// Whether time alone changes an alert.
pub(super) fn is_due(pack: &Pack, row: &FindingRow, now: Instant) -> bool {
    let pending = Code::new(row.control.as_str()).map_or(0, |code| pending_ms(pack, &code));
    alert_of(row).is_some_and(|alert| {
        let step = alert.clone().waited(pending, now);
        step.notice.is_some() || step.alert != alert
    })
}

/// What time alone does to an alert is written down and told.
pub(super) async fn waited(
    tx: &mut Tx,
    desk: Desk<'_>,
    row: &FindingRow,
) -> Result<usize, ConcludeError> {
    let pending = Code::new(row.control.as_str()).map_or(0, |code| pending_ms(desk.pack, &code));
    let step = alert_of(row).map(|alert| alert.waited(pending, desk.now));
    stepped(tx, desk, row, step, None).await
}

/// Writes an alert's next state down and tells what is to be told.
async fn stepped(
    tx: &mut Tx,
    desk: Desk<'_>,
    row: &FindingRow,
    step: Option<Step>,
    failing: Option<&Failing>,
) -> Result<usize, ConcludeError> {
    let Some(Step { alert, notice }) = step else {
        return Ok(0);
    };
    if alert_of(row).as_ref() == Some(&alert) && notice.is_none() {
        return Ok(0);
    }
    tx.alert_update(row.alert_id, &state_of(&alert)).await?;
    let what = notice.map_or(alert.condition.word(), Notice::word);
    tx.alert_event_insert(row.alert_id, desk.now, "coordinator", what, None)
        .await?;
    match failing.cloned().or_else(|| failing_of(row)) {
        Some(failing) => tell(tx, desk, row.alert_id, &alert, notice, &failing).await,
        None => Ok(0),
    }
}

/// Queues one notification a channel.
async fn tell(
    tx: &mut Tx,
    desk: Desk<'_>,
    alert_id: i64,
    alert: &Alert,
    notice: Option<Notice>,
    failing: &Failing,
) -> Result<usize, ConcludeError> {
    let Some(notice) = notice else { return Ok(0) };
    let body = NoticeBody::of(&NoticeFacts {
        alert_id,
        alert,
        notice,
        kind: failing.kind,
        severity: failing.severity,
        control: &failing.control,
        clause: &failing.clause,
        subject: &failing.subject,
        evidence: &failing.evidence,
        branch_code: &desk.branch.code,
        branch_name: &desk.branch.name,
        zone: &desk.branch.zone,
        at: desk.now,
    });
    let json = body.to_json()?;
    let queued: Vec<_> = desk
        .channels
        .iter()
        .map(|channel| NewNotification {
            channel: channel.clone(),
            key: format!("{channel}-{}", body.key),
            body: json.clone(),
            created_at: desk.now,
            due_at: desk.now,
        })
        .collect();
    tx.outbox_insert(&queued).await?;
    Ok(queued.len())
}

/// Which camera a failing is about: the one whose judgement it came from.
fn camera_of(judged: &[(Option<i64>, Judgement)], failing: &Failing) -> Option<i64> {
    judged
        .iter()
        .find(|(_, judgement)| {
            judgement
                .failing
                .iter()
                .any(|one| one.control == failing.control && one.subject == failing.subject)
        })
        .and_then(|(camera_id, _)| *camera_id)
}

fn pending_ms(pack: &Pack, control: &Code) -> i64 {
    pack.control(control.as_str())
        .map_or(0, |control| control.pending_ms)
}

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

fn alert_kind(row: &FindingRow) -> Option<AlertKind> {
    AlertKind::from_word(&row.kind)
}

fn failing_of(row: &FindingRow) -> Option<Failing> {
    use crate::domain::failing::Standing;
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

fn alert_of(row: &FindingRow) -> Option<Alert> {
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
