//! Motion's movies: named by the event's number and its start, in a folder for each camera.
//!
//! Its names tell no camera, so its folder does. Events begin and end with motion; what lies between them
//! is no footage.

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
    name: "motion",
    maker: "Motion",
    pattern: "{camera}/{event}-%Y%m%d%H%M%S.mkv",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by nobody, unless it keeps a database and is told to clean folders",
    holds: "nothing",
};

const FORMS: [Form; 1] = [Form::closed(
    "{camera}/{serial}-%Y%m%d%H%M%S.{mkv|mp4|avi|mov|webm|ogg|flv|hevc|mpg|ts}",
)];

/// Movies are cut at two minutes unless configured otherwise.
const NOMINAL_MS: i64 = 2 * MINUTE_MS;
