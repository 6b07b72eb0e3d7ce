//! The agent: our process at a branch. It measures footage, storage and configuration, and tells.
//!
//! Invariant: it only reads what it watches, and bounds its own use of the machine. It must not
//! know policy: whether what it measures is good enough is judged by the coordinator.

/// Puts the agent together and runs it.
pub mod app;
/// The command line.
pub mod cli;
/// The configuration file, read whole and checked.
pub mod config;
/// What people want of this agent.
pub mod desired;
/// Configuration of devices and software: what it says, and what of it may leave the branch.
pub mod device;
/// Recorded footage: layouts, containers, the index of what is there.
pub mod footage;
/// What the agent sees beside the footage.
pub mod host;
/// Who this agent is, and whom it trusts.
pub mod identity;
/// From a join string to an identity.
pub mod join;
/// Birth and death of the agent's parts.
pub mod lifecycle;
/// Where observers put what they saw.
pub mod outlet;
/// What cameras show: key frames decoded in confinement, measured, judged.
pub mod picture;
/// What was observed and is not yet acknowledged, on disk.
pub mod spool;
/// How the running agent stands, for people on its machine.
pub mod status;
/// Volumes that hold footage.
pub mod storage;
/// Log lines.
pub mod telemetry;
/// How what was observed reaches a coordinator.
pub mod uplink;
