//! ZLMediaKit's recordings, also under wvp and other GB28181 platforms.
//!
//! A camera is its application and stream: under GB28181 the stream is the device's and the channel's
//! number. While a file is open its name begins with a dot; older versions leave the day out of it.

use keepwatch_common::time::HOUR_MS;

use super::forms::{Form, Shape};
use super::{About, Told, ZoneRule};

/// The recorder.
pub static SHAPE: Shape = Shape {
    about: ABOUT,
    forms: &FORMS,
    inner: &[
        "record",
        "__defaultVhost__/record",
        "www/record",
        "www/__defaultVhost__/record",
    ],
    nominal_ms: NOMINAL_MS,
};

const ABOUT: About = About {
    name: "zlmediakit",
    maker: "ZLMediaKit, wvp (GB28181)",
    pattern: "record/{app}/{stream}/%Y-%m-%d/%Y-%m-%d-%H-%M-%S-{n}.mp4",
    zone: ZoneRule::Local,
    told: Told::StartAndWriting,
    deletes: "by nobody, or by wvp each midnight after its record days (7 by default)",
    holds: "recordings that wvp marks as collected",
};

const FORMS: [Form; 6] = [
    Form::closed("{camera}/{camera}/%Y-%m-%d/%Y-%m-%d-%H-%M-%S-{serial}.mp4"),
    Form::open("{camera}/{camera}/%Y-%m-%d/.%Y-%m-%d-%H-%M-%S-{serial}.mp4"),
    Form::closed("{camera}/{camera}/%Y-%m-%d/%H-%M-%S-{serial}.mp4"),
    Form::open("{camera}/{camera}/%Y-%m-%d/.%H-%M-%S-{serial}.mp4"),
    Form::closed("{camera}/{camera}/%Y-%m-%d/%H-%M-%S.mp4"),
    Form::open("{camera}/{camera}/%Y-%m-%d/.%H-%M-%S.mp4"),
];

/// Files are cut at an hour unless configured otherwise.
const NOMINAL_MS: i64 = HOUR_MS;
