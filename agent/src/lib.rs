//! The agent: our process at a branch. It measures footage, storage and configuration, and tells.
//!
//! Invariant: it only reads what it watches, and bounds its own use of the machine. It must not
//! know policy: whether what it measures is good enough is judged by the coordinator.

/// Recorded footage: layouts, containers, the index of what is there.
pub mod footage;
/// What was observed and is not yet acknowledged, on disk.
pub mod spool;
