//! Frigate's recordings: always in UTC, about ten seconds each.
//!
//! Frigate keeps a segment in its cache until it is closed, so what stands here is finished; it deletes
//! by age each hour, and oldest first when less than an hour's room is left.

use keepwatch_common::time::SECOND_MS;

use super::forms::{Form, Shape};
use super::{About, Told, ZoneRule};

/// The recorder.
pub static SHAPE: Shape = Shape {
    about: ABOUT,
    forms: &FORMS,
    inner: &["recordings"],
    nominal_ms: NOMINAL_MS,
};

const ABOUT: About = About {
    name: "frigate",
    maker: "Frigate",
    pattern: "%Y-%m-%d/%H/{camera}/%M.%S.mp4",
    zone: ZoneRule::Utc,
    told: Told::Start,
    deletes: "by days each hour; oldest first when less than an hour of room is left, retained events included",
    holds: "exports, which it never removes; retained events only until room runs out",
};

const FORMS: [Form; 1] = [Form::closed("%Y-%m-%d/%H/{camera}/%M.%S.mp4")];

/// Segments are cut at ten seconds.
const NOMINAL_MS: i64 = 10 * SECOND_MS;
