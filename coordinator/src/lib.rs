//! The coordinator: judges what agents tell against policy, alerts people and keeps the record.
//!
//! Invariant: an acknowledged report is stored, judged and its notifications queued.

/// What is decided, without knowing where it is stored or how it is told: pure.
pub mod domain;
