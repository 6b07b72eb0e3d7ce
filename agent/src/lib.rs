//! The agent: our process at a branch. It measures footage, storage and configuration, and tells.
//!
//! Invariant: it only reads what it watches, and bounds its own use of the machine. It must not
//! know policy: whether what it measures is good enough is judged by the coordinator.

/// Recorded footage: layouts, containers, the index of what is there.
pub mod footage;
/// Who this agent is, and whom it trusts.
pub mod identity;
/// How what was observed reaches a coordinator.
pub mod uplink;
