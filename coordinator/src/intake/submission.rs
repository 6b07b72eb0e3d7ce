//! One report on its way to the store: read, dated by our clock, still unjudged.
//!
//! Observations are read here, on the connection's own task, so that the one writer only writes. One
//! that cannot be read spoils no other: it travels on as what could not be read.

use keepwatch_common::error_chain::chain;
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use keepwatch_common::wire::codec;
use keepwatch_common::wire::v1;
use keepwatch_common::wire::v1::report::{Entry, Report};

use crate::assess::{Submission, SubmittedEntry, Told};

/// Longest reason kept of why an observation could not be read, in bytes.
const REASON_BYTES_MAX: usize = 500;

/// Who sent a report.
#[derive(Debug, Clone, Copy)]
pub struct Sender {
    /// The agent.
    pub agent: uuid::Uuid,
    /// Its branch.
    pub branch_id: i64,
}

/// Reads a report's observations and corrects their times by the agent's offset.
pub fn read(sender: Sender, lane: Lane, report: Report, received: Instant) -> Submission {
    let ahead_ms = Instant::from_ms(report.clock_ms).since(received);
    Submission {
        agent: sender.agent,
        branch_id: sender.branch_id,
        epoch: report.epoch,
        lane,
        received,
        ahead_ms,
        entries: report.observations.into_iter().map(read_entry).collect(),
    }
}

fn read_entry(entry: Entry) -> SubmittedEntry {
    let told = match entry.version {
        v1::observation::VERSION => read_observation(&entry.coded),
        version => Told::Unreadable(format!("observation version {version} is not known here")),
    };
    SubmittedEntry {
        sequence: entry.sequence,
        version: entry.version,
        coded: entry.coded,
        told,
    }
}

fn read_observation(coded: &[u8]) -> Told {
    let read = codec::decode_observation::<v1::observation::Observation>(coded)
        .map_err(|error| chain(&error).to_string())
        .and_then(|wire| wire.into_model().map_err(|error| chain(&error).to_string()));
    match read {
        Ok(observation) => Told::Observation(observation),
        Err(mut reason) => {
            let end = (0..=REASON_BYTES_MAX.min(reason.len()))
                .rev()
                .find(|end| reason.is_char_boundary(*end));
            reason.truncate(end.unwrap_or(0));
            Told::Unreadable(reason)
        }
    }
}
