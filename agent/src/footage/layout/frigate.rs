//! Frigate's recordings: `%Y-%m-%d/%H/<camera>/%M.%S.mp4`, always in UTC, about ten seconds each.
//!
//! Frigate keeps a segment in its cache until it is closed, so what stands here is finished; it
//! deletes by age each hour, and oldest first when less than an hour's room is left.

use keepwatch_common::time::{SECOND_MS, Zone};

use super::template::{Template, TemplateError};
use super::{About, Layout, Told, ZoneRule};
use crate::footage::named::Named;

/// What people should know of it.
pub const ABOUT: About = About {
    name: "frigate",
    maker: "Frigate",
    pattern: "%Y-%m-%d/%H/{camera}/%M.%S.mp4",
    zone: ZoneRule::Utc,
    told: Told::Start,
    deletes: "by days each hour; oldest first when less than an hour of room is left, retained events included",
    holds: "exports, which it never removes; retained events only until room runs out",
};

/// Segments are cut at ten seconds.
const NOMINAL_MS: i64 = 10 * SECOND_MS;

/// The folder called `recordings` of a Frigate installation.
#[derive(Debug)]
pub struct Frigate(Template);

impl Frigate {
    /// Names are in UTC unless told otherwise (forks have changed that).
    pub fn new(zone: Zone) -> Result<Self, TemplateError> {
        Template::new(ABOUT.pattern, zone).map(Self)
    }
}

impl Layout for Frigate {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.0.folder(depth, name, before)
    }

    fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.0.file(depth, name, before)
    }

    fn has_no_folders(&self, depth: usize) -> bool {
        self.0.has_no_folders(depth)
    }

    fn zone(&self) -> &Zone {
        self.0.zone()
    }

    fn nominal_ms(&self) -> i64 {
        NOMINAL_MS
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;

    use super::*;

    #[test]
    fn a_recording_names_its_camera_and_start() {
        let layout = Frigate::new(Zone::utc()).unwrap();
        let mut named = Named::default();
        for (depth, part) in ["2026-11-23", "14", "front-door"].iter().enumerate() {
            named = layout.folder(depth, part, &named).unwrap();
        }
        let named = layout.file(3, "05.30.mp4", &named).unwrap();
        assert_eq!(named.camera.as_deref(), Some("front-door"));
        assert_eq!(
            named.start(layout.zone(), None),
            Some(Instant::parse("2026-11-23T14:05:30Z").unwrap())
        );
    }

    #[test]
    fn other_files_are_not_footage() {
        let layout = Frigate::new(Zone::utc()).unwrap();
        let before = Named::default();
        for (depth, part) in [
            (0, "exports"),
            (0, "2026-11-3"),
            (1, "24"),
            (3, "05.30.mp4"),
        ] {
            assert_eq!(layout.folder(depth, part, &before), None, "{part}");
        }
        for (depth, part) in [(3, "05.30.jpg"), (3, "05.61.mp4"), (2, "05.30.mp4")] {
            assert_eq!(layout.file(depth, part, &before), None, "{part}");
        }
    }
}
