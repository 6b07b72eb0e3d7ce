//! Dahua's recordings on cards, on network storage and sent by FTP: names that tell start and end.
//!
//! A camera is its channel's folder, below the device's where one storage serves several. Letters in
//! brackets tell why it was recorded. A name's end before its start is of the day after.

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
    name: "dahua",
    maker: "Dahua and its brands",
    pattern: "[{device}/]%Y-%m-%d/{channel}/dav/%H/%H.%M.%S-%H.%M.%S[R][0@0][0].dav",
    zone: ZoneRule::Local,
    told: Told::StartAndEnd,
    deletes: "by overwriting the oldest, or by days",
    holds: "nothing on cards; locked files on recorders",
};

const FORMS: [Form; 10] = [
    Form::closed("%Y-%m-%d/{camera}/dav/%H/%H.%M.%S-{end}%H.%M.%S[*].{dav|mp4}"),
    Form::open("%Y-%m-%d/{camera}/dav/%H/%H.%M.%S-{end}%H.%M.%S[*].{dav_|mp4_}"),
    Form::closed("%Y-%m-%d/{camera}/dav/%H/*/*/*/%H.%M.%S-{end}%H.%M.%S[*].{dav|mp4}"),
    Form::open("%Y-%m-%d/{camera}/dav/%H/*/*/*/%H.%M.%S-{end}%H.%M.%S[*].{dav_|mp4_}"),
    Form::closed("%Y-%m-%d/{camera}/dav/%H.%M.%S-{end}%H.%M.%S[*].{dav|mp4}"),
    Form::open("%Y-%m-%d/{camera}/dav/%H.%M.%S-{end}%H.%M.%S[*].{dav_|mp4_}"),
    Form::closed("{camera}/%Y-%m-%d/{camera}/dav/%H/%H.%M.%S-{end}%H.%M.%S[*].{dav|mp4}"),
    Form::open("{camera}/%Y-%m-%d/{camera}/dav/%H/%H.%M.%S-{end}%H.%M.%S[*].{dav_|mp4_}"),
    Form::closed("{camera}/%Y-%m-%d/{camera}/dav/%H/*/*/*/%H.%M.%S-{end}%H.%M.%S[*].{dav|mp4}"),
    Form::open("{camera}/%Y-%m-%d/{camera}/dav/%H/*/*/*/%H.%M.%S-{end}%H.%M.%S[*].{dav_|mp4_}"),
];

/// Recordings on cards are cut at half an hour.
const NOMINAL_MS: i64 = 30 * MINUTE_MS;
