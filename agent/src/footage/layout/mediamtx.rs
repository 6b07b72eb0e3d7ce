//! MediaMTX's recordings: the path of its own configuration, `mediamtx:%path/%Y-%m-%d_%H-%M-%S-%f`.
//!
//! A path in MediaMTX may have slashes, so the camera may be several folders. Its times are the
//! recorder's own unless the path has `%z` or `%s`. How segments follow each other its files tell
//! themselves, which is no question of names.

use keepwatch_common::time::{HOUR_MS, Zone};

use super::forms::Forms;
use super::pattern::PatternError;
use super::{About, Layout, Told, ZoneRule};
use crate::footage::named::Named;

/// How a name with a path begins.
pub const PREFIX: &str = "mediamtx:";

/// What people should know of it.
pub const ABOUT: About = About {
    name: "mediamtx",
    maker: "MediaMTX",
    pattern: "%path/%Y-%m-%d_%H-%M-%S-%f.mp4, or mediamtx:PATH with its own recordPath",
    zone: ZoneRule::Local,
    told: Told::Start,
    deletes: "after recordDeleteAfter (a day by default), looked at every 30 minutes; 0 means never",
    holds: "nothing",
};

/// Where MediaMTX records unless told otherwise, below its folder of recordings.
const USUAL: &str = "%path/%Y-%m-%d_%H-%M-%S-%f";

/// Folders that one path may have; more than anybody was seen to use.
const PATH_PARTS_MAX: usize = 4;

/// What it puts behind its recordPath by itself.
const SUFFIX: &str = ".{mp4|ts}";

/// Segments are cut at an hour unless configured otherwise.
const NOMINAL_MS: i64 = HOUR_MS;

/// The folder that a recordPath starts from.
#[derive(Debug)]
pub struct Mediamtx {
    record_path: String,
    forms: Forms,
    zone: Zone,
}

/// The rule for the zone of names under a recordPath.
pub fn zone_rule(record_path: &str) -> ZoneRule {
    match paths(record_path).and_then(|paths| compile(&paths)) {
        Ok(forms) if forms.patterns().all(super::pattern::Pattern::tells_zone) => ZoneRule::Epoch,
        _ => ZoneRule::Local,
    }
}

impl Mediamtx {
    /// The path that MediaMTX has unless configured otherwise.
    pub fn usual(zone: Zone) -> Result<Self, PatternError> {
        Self::new(USUAL, zone)
    }

    /// A recordPath as MediaMTX's configuration has it, from the footage's root on.
    pub fn new(record_path: &str, zone: Zone) -> Result<Self, PatternError> {
        Ok(Self {
            record_path: record_path.to_owned(),
            forms: compile(&paths(record_path)?)?,
            zone,
        })
    }
}

/// The same path with a camera of one folder, of two, and so on, the most of them first.
fn paths(record_path: &str) -> Result<Vec<String>, PatternError> {
    let count = record_path.matches("%path").count();
    if count != 1 {
        return Err(PatternError::CameraCount { count });
    }
    let parts = (1..=PATH_PARTS_MAX).rev();
    Ok(parts
        .map(|parts| vec!["{camera}"; parts].join("/"))
        .map(|camera| record_path.replace("%path", &camera) + SUFFIX)
        .collect())
}

fn compile(paths: &[String]) -> Result<Forms, PatternError> {
    let forms = Forms::new(paths.iter().map(|path| (path.as_str(), false)))?;
    if forms.patterns().any(|pattern| !pattern.tells_day()) {
        return Err(PatternError::NoDate);
    }
    Ok(forms)
}

impl Layout for Mediamtx {
    fn about(&self) -> &'static About {
        &ABOUT
    }

    fn name(&self) -> String {
        if self.record_path == USUAL {
            return ABOUT.name.to_owned();
        }
        format!("{PREFIX}{}", self.record_path)
    }

    fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.forms.folder(depth, name, before)
    }

    fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named> {
        self.forms.file(depth, name, before)
    }

    fn has_no_folders(&self, depth: usize) -> bool {
        self.forms.has_no_folders(depth)
    }

    fn zone(&self) -> &Zone {
        &self.zone
    }

    fn nominal_ms(&self) -> i64 {
        NOMINAL_MS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_with_an_offset_or_an_epoch_needs_no_zone() {
        assert_eq!(zone_rule("%path/%Y-%m-%d_%H-%M-%S-%f%z"), ZoneRule::Epoch);
        assert_eq!(zone_rule("%path/%s"), ZoneRule::Epoch);
        assert_eq!(zone_rule(USUAL), ZoneRule::Local);
    }

    #[test]
    fn a_path_that_cannot_tell_is_refused() {
        let refused = |path| Mediamtx::new(path, Zone::utc()).unwrap_err();
        assert_eq!(refused("%Y-%m-%d"), PatternError::CameraCount { count: 0 });
        assert_eq!(refused("%path/%H"), PatternError::NoDate);
    }
}
