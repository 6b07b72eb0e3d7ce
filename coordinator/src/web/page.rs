//! The pages. Each file holds one page's view model, which is plain data, and its rendering.
//!
//! A view model is filled by whoever has read the store; a page asks nobody anything. Instants are
//! text already, durations are milliseconds, sentences are facts that the page puts into words.

/// Alerts: what someone must hear about.
pub mod alerts;
/// One branch.
pub mod branch;
/// All branches, filtered.
pub mod branches;
/// One camera and one of its days.
pub mod camera;
/// Cameras by days, as a branch shows them.
pub mod coverage;
/// Drift: one watched file against its baseline, and the list of all that differ.
pub mod drift;
/// What went wrong with a request.
pub mod error;
/// The fleet.
pub mod fleet;
/// Footage that must outlive its retention.
pub mod hold;
/// Name and password.
pub mod sign_in;
