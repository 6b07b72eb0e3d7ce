//! ZoneMinder's events: a folder each, numbered, below the monitor's number.
//!
//! Only the deep scheme's folders tell when an event began; those of the others tell a day or nothing, so
//! that an event ends when its video was written last. Where events are kept as pictures, each picture is
//! a moment of its own.

use keepwatch_common::time::MINUTE_MS;

use super::forms::{Form, Shape};
use super::{About, Told, ZoneRule};

/// The recorder.
pub static SHAPE: Shape = Shape {
    about: ABOUT,
    forms: &FORMS,
    inner: &["events"],
    nominal_ms: NOMINAL_MS,
};

const ABOUT: About = About {
    name: "zoneminder",
    maker: "ZoneMinder",
    pattern: "{monitor}/%Y-%m-%d/{event}/{event}-video.*.mp4, {monitor}/%y/%m/%d/%H/%M/%S/…, {monitor}/{event}/…",
    zone: ZoneRule::Local,
    told: Told::Writing,
    deletes: "by filters, usually the 100 oldest events when the disk is 95 % full; a storage without a filter fills up",
    holds: "events marked archived or locked",
};

const FORMS: [Form; 9] = [
    Form::open("{camera:number}/%y/%m/%d/%H/%M/%S/incomplete.{mp4|mkv|webm|avi|mov}"),
    Form::closed("{camera:number}/%y/%m/%d/%H/%M/%S/{serial}-video*.{mp4|mkv|webm|avi|mov}"),
    Form::closed("{camera:number}/%y/%m/%d/%H/%M/%S/{serial}-capture.jpg"),
    Form::open("{camera:number}/%Y-%m-%d/{serial}/incomplete.{mp4|mkv|webm|avi|mov}"),
    Form::closed("{camera:number}/%Y-%m-%d/{serial}/{serial}-video*.{mp4|mkv|webm|avi|mov}"),
    Form::closed("{camera:number}/%Y-%m-%d/{serial}/{serial}-capture.jpg"),
    Form::open("{camera:number}/{serial}/incomplete.{mp4|mkv|webm|avi|mov}"),
    Form::closed("{camera:number}/{serial}/{serial}-video*.{mp4|mkv|webm|avi|mov}"),
    Form::closed("{camera:number}/{serial}/{serial}-capture.jpg"),
];

/// Continuous events are cut at ten minutes unless configured otherwise.
const NOMINAL_MS: i64 = 10 * MINUTE_MS;
