//! What the tests share: makers of footage, worlds and receivers. Nothing here ships.

/// Makes footage as recorders leave it.
pub mod footage;
