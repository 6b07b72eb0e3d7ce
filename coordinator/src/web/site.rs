//! The pages' routes.

/// Alerts.
pub mod alerts;
/// One branch.
pub mod branch;
/// One camera and one of its days.
pub mod camera;
/// Cameras by days.
pub mod coverage;
/// One day of one camera.
pub mod day;
/// One watched file.
pub mod drift;
/// All watched files that differ.
pub mod drift_list;
/// What a finding says.
pub mod finding;
/// The settings of a watched file.
pub mod setting;
