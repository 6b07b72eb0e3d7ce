//! Turns judgements into findings, alerts and queued notifications of one branch.
//!
//! The domain decides what opens, changes and closes, and what people are told; this room writes it
//! down, all in the caller's transaction.

use std::collections::BTreeMap;

use keepwatch_common::time::Instant;

use super::branches::Branch;
use super::policy::Policy;
use super::rows::{alert_kind, alert_of, failing_of, open_finding, state_of};
use crate::domain::alert::{Alert, Notice, Step};
use crate::domain::code::Code;
use crate::domain::failing::Failing;
use crate::domain::finding::{FindingChange, FindingId, reconcile};
use crate::domain::judgement::Judgement;
use crate::domain::kind::Severity;
use crate::domain::notice::{NoticeBody, NoticeFacts};
use crate::domain::pack::Pack;
use crate::store::findings::{FindingRow, NewFinding};
use crate::store::outbox::NewNotification;
use crate::store::{StoreError, Tx};

/// What concluding needs beside the transaction.
#[derive(Debug, Clone, Copy)]
pub(super) struct Desk<'a> {
    pub(super) pack: &'a Pack,
    pub(super) channels: &'a [String],
    pub(super) pages: &'a str,
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
            pages: &policy.pages,
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
    let ids: Vec<i64> = judged.keys().copied().collect();
    let open = tx.finding_list_open_many(&ids).await?;
    let mut told = 0;
    for (branch_id, judgements) in judged {
        if let Some(branch) = branches.get(branch_id) {
            let desk = Desk::of(policy, *branch_id, branch, now);
            let open = open.get(branch_id).map_or(&[][..], Vec::as_slice);
            told += conclude(tx, desk, open, judgements).await?;
        }
    }
    Ok(told)
}

/// Writes the judgements of one branch down, of which `rows` are open; says how many notifications
/// were queued.
async fn conclude(
    tx: &mut Tx,
    desk: Desk<'_>,
    rows: &[FindingRow],
    judged: &[(Option<i64>, Judgement)],
) -> Result<usize, ConcludeError> {
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
        pages: desk.pages,
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
