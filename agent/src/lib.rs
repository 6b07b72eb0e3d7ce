//! The agent: our process at a branch. It measures footage, storage and configuration, and tells.
//!
//! Invariant: it only reads what it watches, and bounds its own use of the machine. It must not
//! know policy: whether what it measures is good enough is judged by the coordinator.

/// Configuration of devices and software: what it says, and what of it may leave the branch.
pub mod device;
/// Recorded footage: layouts, containers, the index of what is there.
pub mod footage;
