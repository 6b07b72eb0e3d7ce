//! A count of stored rows: how many, how large, between which sequences, since when.

use keepwatch_common::time::Instant;

use super::limit::RECORD_OVERHEAD_BYTES;
use super::record::counted;

/// What a range of rows amounts to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Rows, reports of losses apart.
    pub(super) count: u64,
    /// Bytes they count for under the caps.
    pub(super) bytes: u64,
    /// Reports of losses, which no cap counts.
    pub(super) reports: u64,
    pub(super) first_seq: Option<i64>,
    pub(super) last_seq: Option<i64>,
    pub(super) oldest_at: Option<Instant>,
}

impl Tally {
    /// What `count` records with `bytes` of keys and payloads weigh under the caps.
    pub(super) fn weight(count: u64, bytes: u64) -> u64 {
        bytes.saturating_add(count.saturating_mul(RECORD_OVERHEAD_BYTES))
    }

    /// From a row of (count, bytes, reports, first, last, oldest).
    pub(super) fn from_row(row: TallyRow) -> Self {
        let count = counted(row.0);
        Self {
            count,
            bytes: Self::weight(count, counted(row.1)),
            reports: counted(row.2),
            first_seq: row.3,
            last_seq: row.4,
            oldest_at: row.5.map(Instant::from_ms),
        }
    }
}

/// The columns a tally is read from.
pub(super) type TallyRow = (i64, i64, i64, Option<i64>, Option<i64>, Option<i64>);
