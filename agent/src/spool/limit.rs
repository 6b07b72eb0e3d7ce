//! How much the spool may hold: caps by bytes, age and the disk's free space, and what follows.
//!
//! Pure: it decides how many bytes of evidence may stay and never looks at a disk or a database.
//! It lives on the disk that must record footage, so that disk's free space outranks our evidence,
//! down to a small reserve without which a full disk could not even be told about.

use super::loss::LossReason;

/// Longest payload of one record, in bytes. A redacted configuration tree of a large device takes
/// some hundred kilobytes; the uplink's frame limit must be no smaller.
pub const PAYLOAD_BYTES_MAX: usize = 1 << 20;

/// Longest key of a state slot, in bytes: a few names of 200 bytes at most and a prefix.
pub const KEY_BYTES_MAX: usize = 512;

/// Most records in one `put`: one transaction must stay short, since it runs beside recording.
pub const BATCH_RECORDS_MAX: usize = 1_000;

/// Most payload and key bytes in one `put`; twice the write-ahead log's usual size.
pub const BATCH_BYTES_MAX: usize = 8 << 20;

/// Most records one `peek` returns, whatever the caller asks: it bounds the memory of a drain.
pub const PEEK_RECORDS_MAX: usize = 1_000;

/// Reports of losses that may wait for their ack. Reports are exempt from every cap, so their
/// number must have one: beyond it further losses merge in the bookkeeping until some are acked.
pub const LOSS_REPORTS_PENDING_MAX: u64 = 8;

/// What a record costs beside its payload (row header, time, checksum, its share of a page), so
/// that a million empty records are not free.
pub const RECORD_OVERHEAD_BYTES: u64 = 32;

/// Caps of one spool, from the branch's own configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes of evidence, overhead included.
    pub evidence_bytes_max: u64,
    /// Evidence observed longer ago than this is dropped.
    pub evidence_age_ms_max: i64,
    /// Free bytes of the file system that the spool leaves to the recorder.
    pub disk_free_bytes_min: u64,
    /// Evidence that may stay even when the disk has less free than that.
    pub floor_reserve_bytes: u64,
    /// Most state slots.
    pub state_slots_max: u64,
    /// Most bytes of all state slots, keys and overhead included.
    pub state_bytes_max: u64,
    /// Bytes at the start of a state that only say when it was seen: a state that differs from the
    /// one before in nothing else is the same state.
    pub state_stamp_bytes: usize,
}

impl Default for Limits {
    /// 64 MiB is a year of a busy branch; 90 days outlast a shop closed for rebuilding; 1 GiB is
    /// an hour of sixteen cameras; 8 192 slots are 64 cameras and some thousand watched files.
    fn default() -> Self {
        Self {
            evidence_bytes_max: 64 << 20,
            evidence_age_ms_max: 90 * keepwatch_common::time::DAY_MS,
            disk_free_bytes_min: 1 << 30,
            floor_reserve_bytes: 1 << 20,
            state_slots_max: 8_192,
            state_bytes_max: 32 << 20,
            state_stamp_bytes: 0,
        }
    }
}

/// How many bytes of evidence may stay, and what holds them down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Budget {
    pub(super) bytes: u64,
    pub(super) reason: LossReason,
}

impl Limits {
    /// What may stay when `stored` bytes are there now and the disk has `free` bytes left, space
    /// inside the spool's own file included. An unknown free space sets no floor.
    pub(super) fn budget(&self, stored: u64, free: Option<u64>) -> Budget {
        let cap = Budget {
            bytes: self.evidence_bytes_max,
            reason: LossReason::Bytes,
        };
        let Some(free) = free else { return cap };
        let left_by_disk = stored
            .saturating_add(free)
            .saturating_sub(self.disk_free_bytes_min)
            .max(self.floor_reserve_bytes);
        if left_by_disk < cap.bytes {
            Budget {
                bytes: left_by_disk,
                reason: LossReason::DiskFloor,
            }
        } else {
            cap
        }
    }

    /// Whether the disk has less free than the recorder must be left.
    pub(super) fn is_below_floor(&self, free: Option<u64>) -> bool {
        free.is_some_and(|free| free < self.disk_free_bytes_min)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits {
        evidence_bytes_max: 1_000,
        evidence_age_ms_max: 0,
        disk_free_bytes_min: 500,
        floor_reserve_bytes: 100,
        state_slots_max: 0,
        state_bytes_max: 0,
        state_stamp_bytes: 0,
    };

    fn budget(stored: u64, free: Option<u64>) -> (u64, LossReason) {
        let budget = LIMITS.budget(stored, free);
        (budget.bytes, budget.reason)
    }

    #[test]
    fn a_roomy_or_unknown_disk_leaves_the_cap() {
        assert_eq!(budget(300, Some(u64::MAX)), (1_000, LossReason::Bytes));
        assert_eq!(budget(300, None), (1_000, LossReason::Bytes));
    }

    #[test]
    fn what_the_disk_lacks_is_given_back() {
        assert_eq!(budget(300, Some(450)), (250, LossReason::DiskFloor));
        assert_eq!(budget(300, Some(600)), (400, LossReason::DiskFloor));
    }

    #[test]
    fn a_full_disk_leaves_the_reserve() {
        assert_eq!(budget(300, Some(0)), (100, LossReason::DiskFloor));
    }

    #[test]
    fn a_reserve_above_the_cap_does_not_raise_the_cap() {
        let limits = Limits {
            floor_reserve_bytes: 5_000,
            ..LIMITS
        };
        assert_eq!(limits.budget(0, Some(0)).bytes, 1_000);
    }
}
