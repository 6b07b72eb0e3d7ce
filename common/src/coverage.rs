//! Coverage arithmetic: which instants were recorded, which are missing, and how far back it holds.
//!
//! A *face*: it uses its children and re-exports what they make. All of it is exact integer
//! arithmetic in milliseconds over [`crate::interval::IntervalSet`]; every function is tested
//! against a model that looks at each second by itself.

mod depth;
mod rollup;
mod schedule;
mod slow;
mod timeline;

pub use depth::{ContinuousDepth, continuous_depth};
pub use rollup::{DayRollup, day_rollups};
pub use schedule::{OpeningHours, Schedule, ScheduleError, WINDOWS_MAX};
pub use slow::{Clip, stretch_ppm, wall_ms};
pub use timeline::{Overlap, Timeline, tolerance_ms};
