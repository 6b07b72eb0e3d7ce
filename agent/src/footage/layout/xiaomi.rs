//! Xiaomi's cameras, on cards and network storage: a folder for each hour, names with an epoch.
//!
//! The epoch tells the start in any zone; the folder's hour is the camera's own and only sorts.

use keepwatch_common::time::SECOND_MS;

use super::forms::{Form, Shape};
use super::{About, Told, ZoneRule};

/// The recorder.
pub static SHAPE: Shape = Shape {
    about: ABOUT,
    forms: &FORMS,
    inner: &[],
    nominal_ms: NOMINAL_MS,
};

const ABOUT: About = About {
    name: "xiaomi",
    maker: "Xiaomi",
    pattern: "{camera}/%Y%m%d%H/%MM%SS_%s.mp4",
    zone: ZoneRule::Epoch,
    told: Told::Start,
    deletes: "by overwriting the oldest, or by days",
    holds: "nothing",
};

const FORMS: [Form; 1] = [Form::closed("{camera}/%Y%m%d%H/%M{M|m}%S{S|s}_%s.mp4")];

/// Files are cut at a minute.
const NOMINAL_MS: i64 = 60 * SECOND_MS;
