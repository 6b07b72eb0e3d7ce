//! Looks a whole tree over by names, sizes and times, and says which hours changed. Opens no file.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;

use super::index::{CameraIndex, Fingerprint, Hour};
use super::layout::Layout;
use super::walk::{Met, Unreadable, walk};

/// Fingerprints by camera and hour.
pub type Seen = BTreeMap<String, BTreeMap<Hour, Fingerprint>>;

/// Walks the tree; also tells the places that could not be read.
pub fn survey(root: &Path, layout: &dyn Layout) -> Result<(Seen, Vec<Unreadable>), Unreadable> {
    let (mut seen, mut trouble) = (Seen::new(), Vec::new());
    walk(root, layout, &mut |met| {
        match met {
            Met::Segment(found) => {
                let hours = seen.entry(found.camera.to_owned()).or_default();
                let print = hours.entry(Hour::of(found.start)).or_default();
                print.add(found.relative, found.bytes, found.written);
            }
            Met::Unreadable(place) => trouble.push(place),
            Met::Progress { .. } => {}
        }
        ControlFlow::Continue(())
    })?;
    Ok((seen, trouble))
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
