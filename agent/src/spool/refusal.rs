//! What the spool refuses, and how it says so.

use keepwatch_common::model::observation::Lane;

use super::database::DatabaseError;
use super::limit::{
    BATCH_BYTES_MAX, BATCH_RECORDS_MAX, KEY_BYTES_MAX, LOSS_REPORTS_PENDING_MAX, PAYLOAD_BYTES_MAX,
};
use super::record::Put;

/// A batch was not kept; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    #[error(
        "{count} records are more than the {BATCH_RECORDS_MAX} of one batch: put fewer at once"
    )]
    TooManyRecords { count: usize },
    #[error("{bytes} bytes are more than the {BATCH_BYTES_MAX} of one batch: put fewer at once")]
    BatchTooLarge { bytes: usize },
    #[error("a payload of {bytes} bytes is longer than {PAYLOAD_BYTES_MAX}: split the observation")]
    PayloadTooLarge { bytes: usize },
    #[error("a state key of {bytes} bytes is not between 1 and {KEY_BYTES_MAX}: shorten the names")]
    KeyLength { bytes: usize },
    /// State is never dropped, so it must not grow for ever.
    #[error(
        "state would take {slots} slots of {slots_max} and {bytes} bytes of {bytes_max}: watch \
         fewer things, forget what is gone, or raise the spool's limits of state"
    )]
    StateOvergrown {
        slots: u64,
        slots_max: u64,
        bytes: u64,
        bytes_max: u64,
    },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// An ack was not taken.
#[derive(Debug, thiserror::Error)]
pub enum AckError {
    /// The coordinator has more of this epoch than this spool ever handed out: the spool was put
    /// back to an earlier state.
    #[error(
        "an ack of lane {lane:?} through {through_seq} is beyond {handed_out}, the last sequence \
         handed out: the spool was restored from an older copy and needs a new epoch"
    )]
    BeyondHandedOut {
        lane: Lane,
        through_seq: u64,
        handed_out: u64,
    },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// The report of a loss was not kept, and the loss stays in the book.
#[derive(Debug, thiserror::Error)]
pub enum ReportLossError {
    #[error("the loss is no longer as it was read: read the losses again")]
    Changed,
    #[error("{LOSS_REPORTS_PENDING_MAX} reports of losses wait for their ack: report later")]
    TooManyPending,
    #[error("a report of {bytes} bytes is longer than {PAYLOAD_BYTES_MAX}: say less")]
    PayloadTooLarge { bytes: usize },
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

/// Refuses a batch that is out of bounds.
pub(super) fn check_batch(batch: &[Put]) -> Result<(), PutError> {
    if batch.len() > BATCH_RECORDS_MAX {
        return Err(PutError::TooManyRecords { count: batch.len() });
    }
    let mut bytes = 0_usize;
    for put in batch {
        let payload = put.payload().len();
        if payload > PAYLOAD_BYTES_MAX {
            return Err(PutError::PayloadTooLarge { bytes: payload });
        }
        let key = put.key().map(str::len);
        if let Some(key) = key.filter(|key| !(1..=KEY_BYTES_MAX).contains(key)) {
            return Err(PutError::KeyLength { bytes: key });
        }
        bytes += payload + key.unwrap_or(0);
    }
    if bytes > BATCH_BYTES_MAX {
        return Err(PutError::BatchTooLarge { bytes });
    }
    Ok(())
}

/// Refuses a report that is out of bounds.
pub(super) fn check_report(payload: &[u8]) -> Result<(), ReportLossError> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        return Err(ReportLossError::PayloadTooLarge {
            bytes: payload.len(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepwatch_common::time::Instant;

    fn state(key_bytes: usize, payload_bytes: usize) -> Put {
        Put::State {
            key: "k".repeat(key_bytes),
            observed_at: Instant::EPOCH,
            payload: vec![0; payload_bytes],
        }
    }

    #[test]
    fn what_is_within_bounds_passes() {
        assert!(check_batch(&[state(KEY_BYTES_MAX, PAYLOAD_BYTES_MAX), state(1, 0)]).is_ok());
    }

    #[test]
    fn each_bound_is_refused_by_its_own_name() {
        let refusal = |batch: &[Put]| check_batch(batch).unwrap_err();
        assert!(matches!(
            refusal(&[state(0, 0)]),
            PutError::KeyLength { bytes: 0 }
        ));
        assert!(matches!(
            refusal(&[state(513, 0)]),
            PutError::KeyLength { bytes: 513 }
        ));
        let long = [state(1, PAYLOAD_BYTES_MAX + 1)];
        assert!(matches!(refusal(&long), PutError::PayloadTooLarge { .. }));
        let many = vec![state(1, 0); BATCH_RECORDS_MAX + 1];
        assert!(matches!(
            refusal(&many),
            PutError::TooManyRecords { count: 1_001 }
        ));
        let large = vec![state(1, PAYLOAD_BYTES_MAX); 8];
        assert!(matches!(refusal(&large), PutError::BatchTooLarge { .. }));
    }
}
