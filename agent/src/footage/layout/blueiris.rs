//! Blue Iris's clips: the camera's short name and the start, in folders for new and stored clips.
//!
//! Its own container is not read: such a clip lasts until it was written last. Its folder of alerts holds
//! pictures and copies, which prove no recording.

use keepwatch_common::time::MINUTE_MS;

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
    name: "blueiris",
    maker: "Blue Iris",
    pattern: "{New|Stored}/{camera}.%Y%m%d_%H%M%S.bvr",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by size or age of each folder, by moving clips on or deleting them",
    holds: "clips that are protected",
};

const FORMS: [Form; 5] = [
    Form::closed("{New|Stored|new|stored}/{camera}.%Y%m%d_%H%M%S.{bvr|mp4|avi|wmv|ts}"),
    Form::closed("{New|Stored|new|stored}/%Y%m%d_%H%M%S.{camera}.{bvr|mp4|avi|wmv|ts}"),
    Form::closed("{New|Stored|new|stored}/*/{camera}.%Y%m%d_%H%M%S.{bvr|mp4|avi|wmv|ts}"),
    Form::closed("{camera}.%Y%m%d_%H%M%S.{bvr|mp4|avi|wmv|ts}"),
    Form::closed("%Y%m%d_%H%M%S.{camera}.{bvr|mp4|avi|wmv|ts}"),
];

/// Clips are cut at an hour unless configured otherwise.
const NOMINAL_MS: i64 = 60 * MINUTE_MS;
