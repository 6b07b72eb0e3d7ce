//! What goes into the spool and what comes out: opaque payloads, their lane, sequence and time.
//!
//! It must not know what a payload means. Payloads never show in `Debug`: they can be large, and
//! whoever logs a record must not log what a branch said.

use std::fmt;

use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;

/// Something to keep until the coordinator has it.
#[derive(Clone, PartialEq, Eq)]
pub enum Put {
    /// The newest of a key; replaces what the key said before. Saying the same again is no change.
    State {
        key: String,
        observed_at: Instant,
        payload: Vec<u8>,
    },
    /// The key is no more. The tombstone is delivered like a state; its ack frees the slot. An
    /// unknown key stays unknown.
    Forget {
        key: String,
        observed_at: Instant,
        tombstone: Vec<u8>,
    },
    /// Evidence that someone may have to hear about at once.
    Urgent {
        observed_at: Instant,
        payload: Vec<u8>,
    },
    /// Evidence that can wait its turn, and that is dropped first.
    Routine {
        observed_at: Instant,
        payload: Vec<u8>,
    },
}

impl Put {
    /// The bytes to keep.
    pub fn payload(&self) -> &[u8] {
        match self {
            Self::State { payload, .. }
            | Self::Forget {
                tombstone: payload, ..
            }
            | Self::Urgent { payload, .. }
            | Self::Routine { payload, .. } => payload,
        }
    }

    /// The slot's key; evidence has none.
    pub fn key(&self) -> Option<&str> {
        match self {
            Self::State { key, .. } | Self::Forget { key, .. } => Some(key),
            Self::Urgent { .. } | Self::Routine { .. } => None,
        }
    }

    /// The lane it travels on.
    pub fn lane(&self) -> Lane {
        match self {
            Self::State { .. } | Self::Forget { .. } => Lane::State,
            Self::Urgent { .. } => Lane::Urgent,
            Self::Routine { .. } => Lane::Routine,
        }
    }

    /// When the agent observed it, by the agent's clock.
    pub fn observed_at(&self) -> Instant {
        match self {
            Self::State { observed_at, .. }
            | Self::Forget { observed_at, .. }
            | Self::Urgent { observed_at, .. }
            | Self::Routine { observed_at, .. } => *observed_at,
        }
    }
}

impl fmt::Debug for Put {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Put")
            .field("lane", &self.lane())
            .field("key", &self.key())
            .field("observed_at", &self.observed_at())
            .field("payload_bytes", &self.payload().len())
            .finish()
    }
}

/// A record on its way to the coordinator; its key is (agent, spool epoch, lane, sequence).
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Its sequence in its lane; the first is 1.
    pub seq: u64,
    /// When the agent observed it, by the agent's clock.
    pub observed_at: Instant,
    /// What was put.
    pub payload: Vec<u8>,
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record")
            .field("seq", &self.seq)
            .field("observed_at", &self.observed_at)
            .field("payload_bytes", &self.payload.len())
            .finish()
    }
}

/// Checksum of a stored row. SQLite has none of its own: a bit that rots inside a payload would
/// otherwise travel on as evidence.
pub(super) fn checksum(observed_ms: i64, flag: bool, key: &str, payload: &[u8]) -> i64 {
    let head = crc32c::crc32c(&observed_ms.to_le_bytes());
    let flagged = crc32c::crc32c_append(head, &[u8::from(flag)]);
    let keyed = crc32c::crc32c_append(flagged, key.as_bytes());
    i64::from(crc32c::crc32c_append(keyed, payload))
}

/// A count as the database keeps it; ours stay far below its range.
pub(super) fn stored(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// A length as the database keeps it.
pub(super) fn stored_len(len: usize) -> i64 {
    i64::try_from(len).unwrap_or(i64::MAX)
}

/// A count as the database gave it; a negative one is damage that the opening check refuses.
pub(super) fn counted(count: i64) -> u64 {
    u64::try_from(count).unwrap_or(0)
}

/// The last of `sizes` (position and payload bytes, in order) that fits into `bytes_max`. The
/// first always fits: a record larger than a caller's window must still get through.
pub(super) fn last_fitting(sizes: &[(i64, i64)], bytes_max: usize) -> Option<i64> {
    let mut room = stored_len(bytes_max);
    let mut last = None;
    for &(position, bytes) in sizes {
        room = room.saturating_sub(bytes);
        if room < 0 && last.is_some() {
            break;
        }
        last = Some(position);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_payload() {
        let put = Put::Urgent {
            observed_at: Instant::EPOCH,
            payload: vec![77; 3],
        };
        let shown = format!("{put:?}");
        assert!(shown.contains("payload_bytes: 3") && !shown.contains("77"));
    }

    #[test]
    fn the_first_record_always_fits() {
        assert_eq!(last_fitting(&[(4, 100), (5, 1)], 10), Some(4));
        assert_eq!(last_fitting(&[(4, 5), (5, 5), (6, 1)], 10), Some(5));
        assert_eq!(last_fitting(&[], 10), None);
    }

    #[test]
    fn every_part_of_a_row_changes_its_checksum() {
        let sums = [
            checksum(1, false, "k", b"p"),
            checksum(2, false, "k", b"p"),
            checksum(1, true, "k", b"p"),
            checksum(1, false, "j", b"p"),
            checksum(1, false, "k", b"q"),
        ];
        let distinct: std::collections::BTreeSet<_> = sums.into_iter().collect();
        assert_eq!(distinct.len(), sums.len());
    }
}
