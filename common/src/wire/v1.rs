//! The messages of version 1. Frozen: a type here never changes once it has been released; what
//! changes gets a new version beside it. The golden vectors in `testdata/wire/v1` hold it to that.
//!
//! These are the wire's own types, of numbers and texts. What they mean, and whether they are valid,
//! is decided where they become [`crate::model`] types.

/// Hello, welcome, acks and the other small messages of a connection.
pub mod control;
/// What people want of an agent.
pub mod desired;
/// Joining and renewing.
pub mod join;
/// Observations as they travel and rest in the spool.
pub mod observation;
/// A report: observations of one lane.
pub mod report;
