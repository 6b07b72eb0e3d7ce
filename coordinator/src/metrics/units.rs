//! From what we count in to what Prometheus counts in.

/// A count that fits a double exactly; no group has more.
pub(super) fn bounded(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Milliseconds as seconds.
pub(super) fn seconds(ms: u64) -> f64 {
    f64::from(u32::try_from(ms).unwrap_or(u32::MAX)) / 1_000.0
}
