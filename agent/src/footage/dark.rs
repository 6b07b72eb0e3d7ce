//! What an audit could not see: which cameras it concerns, and when.
//!
//! Such time is neither recorded nor missing; nobody knows. It must not know why a place could not be
//! seen, nor how that is shown.

use std::collections::BTreeMap;

use keepwatch_common::coverage::tolerance_ms;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::time::Instant;

/// Cameras that are told apart at most; beyond this everything counts as concerned.
const CAMERAS_MAX: usize = 4_096;

/// Files held by their start at most, as many as a day of seconds; more get the nominal length.
const FILES_MAX: usize = 86_400;

/// What of a whole tree could not be seen.
#[derive(Debug)]
pub struct Dark {
    nominal_ms: i64,
    /// Cameras that are concerned.
    cameras: BTreeMap<String, Shade>,
    /// What concerns any camera.
    all: Option<Shade>,
}

/// What of one camera could not be seen.
#[derive(Debug, Default)]
struct Shade {
    /// Folders, and files beyond those held.
    stretches: IntervalSet,
    /// Starts of files.
    starts: Vec<Instant>,
}

impl Dark {
    /// Nothing yet. `nominal_ms` is the layout's usual segment length.
    pub fn new(nominal_ms: i64) -> Self {
        Self {
            nominal_ms,
            cameras: BTreeMap::new(),
            all: None,
        }
    }

    /// A file was not read.
    pub fn file(&mut self, camera: &str, start: Instant) {
        let nominal = Interval::new(start, start + self.nominal_ms);
        let shade = self.shade(Some(camera));
        if shade.starts.len() < FILES_MAX {
            shade.starts.push(start);
        } else if let Some(nominal) = nominal {
            shade.stretches.insert(nominal);
        }
    }

    /// A folder was not read; `None` where its name does not tell whose or when.
    pub fn folder(&mut self, camera: Option<&str>, stretch: Option<Interval>) {
        let shade = self.shade(camera);
        if let Some(stretch) = stretch {
            shade.stretches.insert(stretch);
        }
    }

    /// What of a camera with segments of that length is not known; `None` when all of it was seen.
    pub fn of(&self, camera: &str, segment_ms: i64) -> Option<IntervalSet> {
        let own = self.cameras.get(camera);
        if own.is_none() && self.all.is_none() {
            return None;
        }
        let mut unknown = IntervalSet::EMPTY;
        for shade in own.into_iter().chain(&self.all) {
            let segment_ms = shade.segment_ms(segment_ms, self.nominal_ms);
            let reach = segment_ms + tolerance_ms(segment_ms);
            // The last segment of a folder may reach beyond it.
            let folders = shade.stretches.iter();
            let folders = folders.filter_map(|s| Interval::new(s.start(), s.end() + reach));
            let files = shade.starts.iter();
            let files = files.filter_map(|start| Interval::new(*start, *start + reach));
            for stretch in folders.chain(files) {
                unknown.insert(stretch);
            }
        }
        Some(unknown)
    }

    fn shade(&mut self, camera: Option<&str>) -> &mut Shade {
        match camera {
            Some(camera)
                if self.cameras.len() < CAMERAS_MAX || self.cameras.contains_key(camera) =>
            {
                self.cameras.entry(camera.to_owned()).or_default()
            }
            _ => self.all.get_or_insert_default(),
        }
    }
}

impl Shade {
    /// As long as the camera's other segments; where there are none, as the usual step between
    /// those that could not be read.
    fn segment_ms(&self, measured_ms: i64, nominal_ms: i64) -> i64 {
        if measured_ms > 0 {
            return measured_ms;
        }
        let mut starts = self.starts.clone();
        starts.sort_unstable();
        let mut steps: Vec<_> = starts.windows(2).map(|w| w[1].since(w[0])).collect();
        if steps.is_empty() {
            return nominal_ms;
        }
        let middle = steps.len() / 2;
        (*steps.select_nth_unstable(middle).1).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> Instant {
        Instant::from_s(s)
    }

    #[test]
    fn a_file_that_was_not_read_is_unknown_as_long_as_the_others_are() {
        let mut dark = Dark::new(10_000);
        dark.file("till", at(300));
        let unknown = dark.of("till", 300_000).unwrap();
        assert!(unknown.contains(at(300)) && unknown.contains(at(599)));
        assert!(!unknown.contains(at(299)) && !unknown.contains(at(700)));
        assert_eq!(dark.of("yard", 300_000), None);
    }

    #[test]
    fn a_camera_none_of_whose_files_were_read_is_unknown_throughout() {
        let mut dark = Dark::new(10_000);
        for start in [0, 300, 600] {
            dark.file("till", at(start));
        }
        assert_eq!(dark.of("till", 0).unwrap().len(), 1);
    }

    #[test]
    fn a_folder_of_nobody_concerns_every_camera() {
        let mut dark = Dark::new(10_000);
        dark.folder(None, Interval::new(at(0), at(3_600)));
        assert!(dark.of("till", 0).unwrap().contains(at(1_800)));
        assert!(dark.of("yard", 0).is_some());
    }
}
