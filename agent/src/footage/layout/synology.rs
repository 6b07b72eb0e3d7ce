//! Synology Surveillance Station's recordings: a folder for each camera, in it half days.
//!
//! The folder's half of the day is that of the name, which tells the whole start.

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
    name: "synology",
    maker: "Synology Surveillance Station",
    pattern: "{camera}/%Y%m%d{AM|PM}/{camera}-%Y%m%d-%H%M%S-*.mp4",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by days or by size of each camera, oldest first",
    holds: "recordings that are locked",
};

const FORMS: [Form; 2] = [
    Form::closed("{camera}/%Y%m%d{AM|PM}/*-%Y%m%d-%H%M%S.{mp4|avi|mkv}"),
    Form::closed("{camera}/%Y%m%d{AM|PM}/*-%Y%m%d-%H%M%S-*.{mp4|avi|mkv}"),
];

/// Files are cut at half an hour unless configured otherwise.
const NOMINAL_MS: i64 = 30 * MINUTE_MS;
