//! The coordinator: judges what agents tell against policy, alerts people and keeps the record.
//!
//! Invariant: an acknowledged report is stored, judged and its notifications queued.

/// The pages: their words, drawings and templates.
pub mod web;
