//! Observations as agents tell them.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{CameraKey, CoverageSlice, UtcDay};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::{Presence, VolumeState};
use keepwatch_common::time::{Instant, MINUTE_MS};

pub(crate) fn camera(name: &str) -> CameraKey {
    CameraKey {
        recorder: Name::new("nvr").unwrap(),
        camera: Name::new(name).unwrap(),
    }
}

/// From and to so many minutes before an instant.
pub(crate) fn back(now: Instant, from: i64, to: i64) -> Interval {
    Interval::new(now - from * MINUTE_MS, now - to * MINUTE_MS).unwrap()
}

/// The day so far, measured up to an instant, with holes.
pub(crate) fn coverage(name: &str, until: Instant, holes: Vec<Interval>) -> Body {
    let day = UtcDay::of(until);
    Body::Coverage(CoverageSlice {
        camera: camera(name),
        day,
        measured: Interval::new(day.start(), until).unwrap(),
        holes,
    })
}

pub(crate) fn volume(presence: Presence) -> Body {
    Body::Volume(VolumeState {
        volume: Name::new("footage").unwrap(),
        path: "/srv/footage".to_owned(),
        presence,
        total_bytes: 1_000,
        free_bytes: 500,
        kind: "ext4".to_owned(),
    })
}
