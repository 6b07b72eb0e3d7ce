//! The coordinator: judges what agents tell against policy, alerts people and keeps the record.
//!
//! Invariant: an acknowledged report is stored, judged and its notifications queued.

/// Wakes whoever waits, without knowing whom.
pub mod activator;
/// Takes reports into the store and judges what they change.
pub mod assess;
/// Who is who: certificates, keys and tokens.
pub mod authority;
/// What is decided, without knowing where it is stored or how it is told: pure.
pub mod domain;
/// Where agents' connections arrive.
pub mod intake;
/// The database: one face over SQLite and PostgreSQL, one file per aggregate.
pub mod store;
/// The pages: their words, drawings and templates.
pub mod web;
