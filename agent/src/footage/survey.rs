//! Looks a whole tree over by names, sizes and times, and says which hours changed. Opens no file.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::Path;

use super::found::Met;
use super::index::{CameraIndex, Fingerprint, Hour};
use super::layout::Layout;
use super::unreadable::{LISTED_MAX, Unreadable};
use super::walk::walk;

/// Fingerprints by camera and hour.
pub type Seen = BTreeMap<String, BTreeMap<Hour, Fingerprint>>;

/// Cameras of which something was left out, held at most.
const PARTIAL_MAX: usize = 4_096;

/// What a look over the whole tree showed.
#[derive(Debug, Default)]
pub struct Survey {
    /// Fingerprints of what was seen.
    pub seen: Seen,
    /// Places that could not be read now, at most [`LISTED_MAX`].
    pub refused: Vec<Unreadable>,
    /// Places that stay unseen until somebody mends them.
    pub left_out: LeftOut,
}

/// Places that stay unseen until somebody mends them: of what they concern nothing is concluded.
#[derive(Debug, Default)]
pub struct LeftOut {
    /// The first of them, at most [`LISTED_MAX`].
    pub places: Vec<Unreadable>,
    /// All of them.
    pub count: u64,
    /// The cameras of which some footage is left out.
    pub cameras: BTreeSet<String>,
}

impl LeftOut {
    /// Keeps a place, and whom it concerns.
    pub fn add(&mut self, place: Unreadable, camera: Option<&str>) {
        self.count += 1;
        if self.places.len() < LISTED_MAX {
            self.places.push(place);
        }
        if let Some(camera) = camera.filter(|_| self.cameras.len() < PARTIAL_MAX) {
            self.cameras.insert(camera.to_owned());
        }
    }
}

/// Walks the tree; also tells the places that could not be seen.
pub fn survey(root: &Path, layout: &dyn Layout) -> Result<Survey, Unreadable> {
    let mut survey = Survey::default();
    walk(root, layout, &mut |met| {
        match met {
            Met::Segment(found) => {
                let hours = survey.seen.entry(found.camera.to_owned()).or_default();
                let print = hours.entry(Hour::of(found.start)).or_default();
                print.add(found.relative, found.bytes, found.written);
            }
            Met::Unseen { place, named } if place.is_left_out() => {
                survey.left_out.add(place, named.camera.as_deref());
            }
            Met::Unseen { place, .. } if survey.refused.len() < LISTED_MAX => {
                survey.refused.push(place);
            }
            Met::Unseen { .. } | Met::Progress { .. } => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok(survey)
}

/// The hours that look otherwise than when they were read.
pub fn changed(seen: &Seen, cameras: &BTreeMap<String, CameraIndex>) -> Seen {
    let mut changed = Seen::new();
    for (camera, hours) in seen {
        let known = cameras.get(camera);
        let differing: BTreeMap<_, _> = hours
            .iter()
            .filter(|(hour, print)| known.is_none_or(|index| index.fingerprint(**hour) != **print))
            .map(|(hour, print)| (*hour, *print))
            .collect();
        if !differing.is_empty() {
            changed.insert(camera.clone(), differing);
        }
    }
    changed
}
