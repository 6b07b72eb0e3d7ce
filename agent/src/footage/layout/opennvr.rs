//! OpenNVR's recordings: in the recorder's own time by day and hour, or by its older path in UTC.
//!
//! Both may lie in one tree, since it never moves what it recorded.

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
    name: "opennvr",
    maker: "OpenNVR",
    pattern: "{camera}/%Y-%m-%d/%H/%M-%S-%f.mp4, before {camera}/%Y/%m/%d/%H-%M-%S-%f.mp4",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by days, and oldest first when room runs out",
    holds: "recordings that are flagged, when flags protect",
};

const FORMS: [Form; 2] = [
    Form::closed("{camera}/%Y-%m-%d/%H/%M-%S-%f.mp4"),
    Form::closed("{camera}/%Y/%m/%d/{utc}%H-%M-%S-%f.mp4"),
];

/// Segments are cut at a minute.
const NOMINAL_MS: i64 = 60 * SECOND_MS;
