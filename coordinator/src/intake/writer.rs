//! The one writer: reports of many agents share a transaction, and each is acknowledged after it.
//!
//! ```text
//! connections ──submission──► queue ──► group ──► assess (one transaction) ──► acks to each
//! ```
//!
//! A group that fails is taken again one report at a time; a report that fails alone is stored as
//! what could not be judged, acknowledged as refused, and nobody else waits for it. When the database
//! itself fails, nothing is acknowledged and everything is tried again. It must not know QUIC.

use std::time::Duration;

use keepwatch_common::backoff::Backoff;
use keepwatch_common::error_chain::chain;
use keepwatch_common::ids::{Randomness, nonce};
use keepwatch_common::model::observation::Lane;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use crate::assess::{Assessor, Outcome, Submission};

/// Reports waiting for the writer, of all connections together.
pub const QUEUE_MAX: usize = 1_024;

/// Reports of one transaction at most.
const GROUP_REPORTS_MAX: usize = 512;

/// Observations of one transaction at most: a transaction that takes longer than a blink delays
/// everybody's acknowledgement.
const GROUP_OBSERVATIONS_MAX: usize = 4_000;

/// Between two tries while the database fails, in milliseconds.
const RETRY_MS: (u64, u64) = (100, 10_000);

/// A report and where its acknowledgement goes.
#[derive(Debug)]
pub struct Delivery {
    /// The report.
    pub submission: Submission,
    /// The connection that waits.
    pub acks: mpsc::Sender<Acked>,
}

/// A report is durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acked {
    /// Its lane.
    pub lane: Lane,
    /// Stored up to here.
    pub through: u64,
    /// Of these, what could not be judged.
    pub refused: Vec<u64>,
}

/// Takes deliveries until the queue is closed, or until asked to stop.
pub async fn run(
    mut assessor: Assessor,
    mut queue: mpsc::Receiver<Delivery>,
    randomness: &dyn Randomness,
    stop: CancellationToken,
) {
    let mut group = Vec::new();
    loop {
        if group.is_empty() {
            let taken = tokio::select! {
                () = stop.cancelled() => return,
                taken = queue.recv_many(&mut group, GROUP_REPORTS_MAX) => taken,
            };
            if taken == 0 {
                return;
            }
        }
        let later = beyond(&mut group);
        let done = commit(&mut assessor, &group, randomness, &stop).await;
        if !done {
            return;
        }
        group = later;
    }
}

/// Splits off what is too much for one transaction.
fn beyond(group: &mut Vec<Delivery>) -> Vec<Delivery> {
    let mut observations = 0;
    let fits = group
        .iter()
        .take_while(|delivery| {
            observations += delivery.submission.entries.len();
            observations <= GROUP_OBSERVATIONS_MAX
        })
        .count();
    group.split_off(fits.max(1).min(group.len()))
}

/// Commits a group and sends its acks; `false` when asked to stop before that was possible.
async fn commit(
    assessor: &mut Assessor,
    group: &[Delivery],
    randomness: &dyn Randomness,
    stop: &CancellationToken,
) -> bool {
    let mut backoff = Backoff::new(RETRY_MS.0, RETRY_MS.1);
    loop {
        let submissions: Vec<_> = group.iter().map(|delivery| &delivery.submission).collect();
        match assessor.take(&submissions).await {
            Ok(outcomes) => {
                for (delivery, outcome) in group.iter().zip(outcomes) {
                    acknowledge(delivery, outcome);
                }
                return true;
            }
            Err(error) if error.is_transient() => {
                error!(error = %chain(&error), "the database fails; reports wait");
            }
            Err(error) if group.len() > 1 => {
                warn!(error = %chain(&error), reports = group.len(), "a group is taken one by one");
                return one_by_one(assessor, group, randomness, stop).await;
            }
            Err(error) => {
                warn!(error = %chain(&error), "a report cannot be judged; it is kept as it came");
                let reason = chain(&error).to_string();
                if refuse(assessor, &group[0], &reason).await {
                    return true;
                }
            }
        }
        let wait = Duration::from_millis(backoff.failed(nonce(randomness)));
        tokio::select! {
            () = stop.cancelled() => return false,
            () = tokio::time::sleep(wait) => {}
        }
    }
}

async fn one_by_one(
    assessor: &mut Assessor,
    group: &[Delivery],
    randomness: &dyn Randomness,
    stop: &CancellationToken,
) -> bool {
    for delivery in group.chunks(1) {
        if !Box::pin(commit(assessor, delivery, randomness, stop)).await {
            return false;
        }
    }
    true
}

/// Keeps a report that cannot be judged; `false` when that is not possible now and may be later. One
/// that can never be kept is left without an ack: its agent is the only one to wait for it.
async fn refuse(assessor: &mut Assessor, delivery: &Delivery, reason: &str) -> bool {
    match assessor.refuse(&delivery.submission, reason).await {
        Ok(outcome) => {
            acknowledge(delivery, outcome);
            true
        }
        Err(error) if error.is_transient() => {
            error!(error = %chain(&error), "a report cannot be kept now; it waits");
            false
        }
        Err(error) => {
            let agent = delivery.submission.agent;
            error!(%agent, error = %chain(&error), "a report cannot be kept and is not acknowledged");
            true
        }
    }
}

fn acknowledge(delivery: &Delivery, outcome: Outcome) {
    let acked = Acked {
        lane: delivery.submission.lane,
        through: outcome.through,
        refused: outcome.refused,
    };
    // A connection that has gone, or that does not read its acks, hears it when it says hello again.
    let (Ok(()) | Err(_)) = delivery.acks.try_send(acked);
}
