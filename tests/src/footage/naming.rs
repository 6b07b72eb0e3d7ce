//! How a recorder names its files: the folder and name of a segment, from its camera and start.
//!
//! A pattern is a path relative to the recorder's root with the usual `%Y %m %d %H %M %S` and the
//! word `{camera}`. Whether names speak UTC or the branch's own time is the recorder's choice, so a
//! naming carries its zone. It must not know what is in the files.

use std::path::{Component, Path, PathBuf};

use jiff::civil::Date;
use keepwatch_common::time::{Instant, Zone};

/// Frigate's: UTC, a folder an hour, the camera under the hour.
const FRIGATE: &str = "recordings/%Y-%m-%d/%H/{camera}/%M.%S.mp4";

/// A pattern and the zone its times are told in.
#[derive(Debug, Clone)]
pub struct Naming {
    pattern: String,
    zone: Zone,
}

/// Why a recorder could not name files so.
#[derive(Debug, thiserror::Error)]
pub enum NamingError {
    /// The pattern has a time field that does not exist.
    #[error("the naming pattern “{pattern}” cannot be filled in; use %Y %m %d %H %M %S")]
    Pattern {
        /// As written.
        pattern: String,
        /// What the calendar library did not know.
        #[source]
        source: jiff::Error,
    },
    /// The name would leave the recorder's root.
    #[error("“{name}” is no relative path below the root; leave out “/” at the start and “..”")]
    Outside {
        /// The pattern, or the camera's name.
        name: String,
    },
    /// Two cameras would write the same files.
    #[error("the naming pattern “{pattern}” has no {{camera}} in it; cameras would share files")]
    NoCamera {
        /// As written.
        pattern: String,
    },
}

impl Naming {
    /// As Frigate names: `recordings/2026-11-23/08/till/05.00.mp4`, in UTC.
    pub fn frigate() -> Self {
        Self {
            pattern: FRIGATE.to_owned(),
            zone: Zone::utc(),
        }
    }

    /// A pattern of one's own, told in a zone. In the hour that clocks repeat in autumn a pattern
    /// without `%z` gives two segments one name, as it does to the recorders that use such names.
    pub fn template(pattern: &str, zone: Zone) -> Result<Self, NamingError> {
        let pattern = pattern.to_owned();
        if !stays_inside(&pattern) {
            return Err(NamingError::Outside { name: pattern });
        }
        if !pattern.contains("{camera}") {
            return Err(NamingError::NoCamera { pattern });
        }
        let naming = Self { pattern, zone };
        naming.path("camera", Instant::EPOCH)?;
        Ok(naming)
    }

    /// The file of a camera's segment, relative to the recorder's root.
    pub fn path(&self, camera: &str, start: Instant) -> Result<PathBuf, NamingError> {
        if camera.is_empty() || !stays_inside(camera) {
            return Err(NamingError::Outside {
                name: camera.to_owned(),
            });
        }
        let zone = self.zone.time_zone().clone();
        let civil = start.timestamp().to_zoned_datetime(zone);
        // The time goes in first: a camera may be called “100%”.
        jiff::fmt::strtime::format(&self.pattern, &civil)
            .map(|path| PathBuf::from(path.replace("{camera}", camera)))
            .map_err(|source| NamingError::Pattern {
                pattern: self.pattern.clone(),
                source,
            })
    }

    /// The recorder's own day that a segment belongs to.
    pub fn day(&self, start: Instant) -> Date {
        self.zone.day_of(start)
    }
}

fn stays_inside(name: &str) -> bool {
    Path::new(name)
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(text).unwrap()
    }

    #[test]
    fn frigate_names_hours_before_cameras_and_in_utc() {
        let path = Naming::frigate().path("till", at("2026-11-23T16:05:07+08:00"));
        assert_eq!(
            path.unwrap(),
            Path::new("recordings/2026-11-23/08/till/05.07.mp4")
        );
    }

    #[test]
    fn a_template_speaks_its_own_zone() {
        let zone = Zone::named("Asia/Shanghai").unwrap();
        let naming = Naming::template("{camera}/%Y%m%d/%H%M%S.mp4", zone).unwrap();
        let late = at("2026-11-23T16:00:00Z");
        assert_eq!(
            naming.path("门口", late).unwrap(),
            Path::new("门口/20261124/000000.mp4")
        );
        assert_eq!(naming.day(late).to_string(), "2026-11-24");
    }

    #[test]
    fn a_camera_named_like_a_time_field_keeps_its_name() {
        let path = Naming::frigate().path("100%H", at("2026-11-23T08:00:00Z"));
        assert!(path.unwrap().ends_with("08/100%H/00.00.mp4"));
    }

    #[test]
    fn names_that_would_leave_the_root_are_refused() {
        for pattern in ["/{camera}.mp4", "../{camera}.mp4"] {
            let refused = Naming::template(pattern, Zone::utc());
            assert!(matches!(refused, Err(NamingError::Outside { .. })));
        }
        for camera in ["", "..", "/etc", "a/../../b"] {
            let refused = Naming::frigate().path(camera, Instant::EPOCH);
            assert!(matches!(refused, Err(NamingError::Outside { .. })));
        }
    }

    #[test]
    fn a_pattern_that_mixes_cameras_or_misspells_time_is_refused() {
        let mixed = Naming::template("%Y/%m.mp4", Zone::utc());
        assert!(matches!(mixed, Err(NamingError::NoCamera { .. })));
        let misspelt = Naming::template("{camera}/%!.mp4", Zone::utc());
        assert!(matches!(misspelt, Err(NamingError::Pattern { .. })));
    }
}
