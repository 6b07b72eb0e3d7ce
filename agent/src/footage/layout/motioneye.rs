//! motionEye's movies: a folder for each camera, one for each day, names that tell the time of day.
//!
//! It looks at the days of its files by when they were written last, so a copied tree is young to it.

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
    name: "motioneye",
    maker: "motionEye",
    pattern: "{camera}/%Y-%m-%d/%H-%M-%S.mp4",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by days since a file was written last",
    holds: "files with a .keep beside them",
};

const FORMS: [Form; 1] = [Form::closed(
    "{camera}/%Y-%m-%d/%H-%M-%S.{mkv|mp4|avi|mov|webm|ogg|flv|hevc|mpg|ts}",
)];

/// Movies are cut at five minutes unless configured otherwise.
const NOMINAL_MS: i64 = 5 * MINUTE_MS;
