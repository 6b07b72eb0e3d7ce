//! Drawings: where every mark of a chart stands. The markup is in `templates/drawing`.
//!
//! Geometry is whole numbers until it is printed. A drawing has no colours, only verdict classes,
//! and says in words what it shows.

/// A camera's day in the table of days.
pub mod heatmap;
/// One day of one camera on a line.
pub mod lane;
/// How far back footage reaches.
pub mod retention;
/// Verdicts side by side in one bar.
pub mod stack;
