//! The coordinator: judges what agents tell against policy, alerts people and keeps the record.
//!
//! Invariant: an acknowledged report is stored, judged and its notifications queued.

/// Wakes whoever waits, without knowing whom.
pub mod activator;
/// The coordinator as a whole.
pub mod app;
/// Takes reports into the store and judges what they change.
pub mod assess;
/// Who may sign in, what they may do, and the record of what they did.
pub mod auth;
/// Who is who: certificates, keys and tokens.
pub mod authority;
/// What time alone brings about.
pub mod background;
/// The command line.
pub mod cli;
/// The configuration file, read whole and checked.
pub mod config;
/// What is decided, without knowing where it is stored or how it is told: pure.
pub mod domain;
/// Where agents' connections arrive.
pub mod intake;
/// How the program lives and ends.
pub mod lifecycle;
/// Counters that whoever counts is handed, and their text.
pub mod metrics;
/// Notifications on their way to people.
pub mod notify;
/// The database: one face over SQLite and PostgreSQL, one file per aggregate.
pub mod store;
/// What the program says of itself while it runs.
pub mod telemetry;
/// What people and programs reach over HTTP.
pub mod web;
