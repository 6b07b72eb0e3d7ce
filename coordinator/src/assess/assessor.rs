//! One transaction for a group of reports: store, judge, queue, commit.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::time::Instant;

use super::branches::branches;
use super::conclude::{ConcludeError, Judged, conclude_all};
use super::footage::Cameras;
use super::group::{Group, lane_key};
use super::judge::{Rules, Sights};
use super::policy::Policy;
use super::submission::{Outcome, Submission};
use super::{footage, health, hold, judge, outage, volume, watched};
use crate::activator::Activator;
use crate::metrics::IntakeMetrics;
use crate::store::evidence::EvidenceRow;
use crate::store::{Store, StoreError, Tx};

/// Why a group was not taken. Nothing of it is stored.
#[derive(Debug, thiserror::Error)]
pub enum TakeError {
    /// The store fails.
    #[error("the store does not take the reports")]
    Store(#[from] StoreError),
    /// The findings cannot be written down.
    #[error("what was judged cannot be written down")]
    Conclude(#[from] ConcludeError),
}

impl TakeError {
    /// Whether the same may well succeed later, and no report is to blame.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) | Self::Conclude(ConcludeError::Store(error)) => {
                error.is_transient()
            }
            Self::Conclude(ConcludeError::Code(_)) => false,
        }
    }
}

/// Takes reports, one group at a time.
#[derive(Debug)]
pub struct Assessor {
    store: Store,
    policy: Policy,
    clock: Arc<dyn Clock>,
    outbox: Activator,
    metrics: IntakeMetrics,
}

impl Assessor {
    /// Judges by a policy; rings when notifications wait.
    pub fn new(store: Store, policy: Policy, clock: Arc<dyn Clock>, outbox: Activator) -> Self {
        Self {
            store,
            policy,
            clock,
            outbox,
            metrics: IntakeMetrics::default(),
        }
    }

    /// Counts what it takes.
    #[must_use]
    pub fn counted(mut self, metrics: IntakeMetrics) -> Self {
        self.metrics = metrics;
        self
    }

    /// Stores and judges a group of reports in one transaction; one outcome a report, in order.
    pub async fn take(&mut self, reports: &[&Submission]) -> Result<Vec<Outcome>, TakeError> {
        let begun = self.clock.tick();
        self.metrics.writer.begin(begun);
        let taken = self.take_group(reports).await;
        self.metrics.writer.done();
        match &taken {
            Ok(_) => {
                let observations = reports.iter().map(|report| report.entries.len()).sum();
                let ms = self.clock.tick().since(begun);
                self.metrics
                    .group_committed(reports.len(), observations, ms);
                self.metrics.hindrance.passed();
            }
            Err(error) if error.is_transient() => {
                self.metrics.hindrance.arose(chain(error).to_string());
            }
            // A report is to blame, and not the database.
            Err(_) => {}
        }
        taken
    }

    async fn take_group(&mut self, reports: &[&Submission]) -> Result<Vec<Outcome>, TakeError> {
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let ids: BTreeSet<i64> = reports.iter().map(|report| report.branch_id).collect();
        let ids: Vec<i64> = ids.into_iter().collect();
        tx.branches_lock(&ids).await?;
        let keys: BTreeSet<_> = reports.iter().map(|report| lane_key(report)).collect();
        let stored = tx
            .lanes_through(&keys.into_iter().collect::<Vec<_>>())
            .await?;
        let group = Group::of(reports, &stored);
        tx.evidence_keep(&group.evidence).await?;
        let told = self.keep_and_judge(&mut tx, &group, &ids, now).await?;
        tx.lanes_advance(&group.through).await?;
        tx.commit().await?;
        if told > 0 {
            self.outbox.wake();
        }
        Ok(group.outcomes)
    }

    /// Keeps a report that cannot be judged: every observation as it came, with the reason.
    pub async fn refuse(
        &mut self,
        report: &Submission,
        reason: &str,
    ) -> Result<Outcome, StoreError> {
        let mut tx = self.store.begin().await?;
        let key = lane_key(report);
        let stored = tx
            .lanes_through(&[key])
            .await?
            .get(&key)
            .copied()
            .unwrap_or(0);
        let fresh = report
            .entries
            .iter()
            .filter(|entry| entry.sequence > stored);
        let rows: Vec<_> = fresh
            .map(|entry| EvidenceRow {
                agent: report.agent,
                epoch: report.epoch,
                lane: report.lane,
                sequence: entry.sequence,
                at_ms: report.received.ms(),
                received_ms: report.received.ms(),
                ahead_ms: report.ahead_ms,
                error: Some(reason.to_owned()),
                version: entry.version,
                coded: entry.coded.clone(),
            })
            .collect();
        let refused: Vec<u64> = rows.iter().map(|row| row.sequence).collect();
        let through = refused.last().copied().unwrap_or(stored).max(stored);
        tx.evidence_keep(&rows).await?;
        tx.lanes_advance(&BTreeMap::from([(key, through)])).await?;
        tx.commit().await?;
        self.metrics.refused(refused.len());
        Ok(Outcome { through, refused })
    }

    async fn keep_and_judge(
        &self,
        tx: &mut Tx,
        group: &Group,
        ids: &[i64],
        now: Instant,
    ) -> Result<usize, TakeError> {
        let branches = branches(tx, ids).await?;
        let zones = branches
            .iter()
            .map(|(id, branch)| (*id, branch.zone.clone()))
            .collect();
        let cameras = Cameras::of(tx, group, now).await?;
        let changed = footage::keep(tx, group, &cameras, &zones, now).await?;
        let mut volumes = volume::keep(tx, group).await?;
        volumes.extend(health::keep(tx, group).await?);
        let files = watched::keep(tx, group).await?;
        outage::keep(tx, group).await?;
        let holds = hold::keep(tx, group).await?;
        let since = branches
            .iter()
            .map(|(id, branch)| (*id, branch.since))
            .collect();
        let heard = group.agents();
        let sights = if volumes.is_empty() && holds.is_empty() {
            Sights::default()
        } else {
            Sights::of(tx, ids, &heard).await?
        };
        let pack = self.policy.pack.as_ref();
        let rules = Rules {
            pack,
            watched_since: &since,
            sights: &sights,
            now,
        };
        let mut judged = judge::cameras(tx, &changed, rules).await?;
        merge(
            &mut judged,
            judge::volumes(tx, pack, &volumes, &sights).await?,
        );
        merge(&mut judged, judge::watched(tx, pack, &files).await?);
        merge(&mut judged, judge::holds(tx, pack, &holds, &sights).await?);
        Ok(conclude_all(tx, &self.policy, &branches, &judged, now).await?)
    }
}

fn merge(all: &mut Judged, more: Judged) {
    for (branch, judgements) in more {
        all.entry(branch).or_default().extend(judgements);
    }
}
