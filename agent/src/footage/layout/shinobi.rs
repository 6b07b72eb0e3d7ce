//! Shinobi's videos: a folder for the group, one for the monitor, names that tell the start.
//!
//! Shinobi itself takes the end from when a file was written last. Folders of single monitors that lie
//! elsewhere are roots of their own.

use keepwatch_common::time::MINUTE_MS;

use super::forms::{Form, Shape};
use super::{About, Told, ZoneRule};

/// The recorder.
pub static SHAPE: Shape = Shape {
    about: ABOUT,
    forms: &FORMS,
    inner: &["videos"],
    nominal_ms: NOMINAL_MS,
};

const ABOUT: About = About {
    name: "shinobi",
    maker: "Shinobi",
    pattern: "{group}/{monitor}/%Y-%m-%dT%H-%M-%S.mp4",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by days (5 by default) and by size, oldest first",
    holds: "videos marked archived",
};

const FORMS: [Form; 2] = [
    Form::closed("{camera}/{camera}/%Y-%m-%dT%H-%M-%S.{mp4|webm|mkv}"),
    Form::closed("{camera}/%Y-%m-%dT%H-%M-%S.{mp4|webm|mkv}"),
];

/// Videos are cut at a quarter of an hour unless configured otherwise.
const NOMINAL_MS: i64 = 15 * MINUTE_MS;
