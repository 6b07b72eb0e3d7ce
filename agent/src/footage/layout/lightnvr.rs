//! lightNVR's recordings: a folder for each stream, in it years, months and days, or fewer of them.
//!
//! The name tells all of the start, so that folders only sort; what it protects is in its database.

use keepwatch_common::time::MINUTE_MS;

use super::forms::{Form, Shape};
use super::{About, Told, ZoneRule};

/// The recorder.
pub static SHAPE: Shape = Shape {
    about: ABOUT,
    forms: &FORMS,
    inner: &["mp4", "recordings/mp4"],
    nominal_ms: NOMINAL_MS,
};

const ABOUT: About = About {
    name: "lightnvr",
    maker: "lightNVR",
    pattern: "mp4/{stream}/[%Y/%m[/%d]]/recording_%Y%m%d_%H%M%S.mp4",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by days of each stream and by a quota",
    holds: "recordings marked protected",
};

const FORMS: [Form; 3] = [
    Form::closed("{camera}/recording_%Y%m%d_%H%M%S.mp4"),
    Form::closed("{camera}/%Y/%m/recording_%Y%m%d_%H%M%S.mp4"),
    Form::closed("{camera}/%Y/%m/%d/recording_%Y%m%d_%H%M%S.mp4"),
];

/// Segments are cut at a quarter of an hour unless configured otherwise.
const NOMINAL_MS: i64 = 15 * MINUTE_MS;
