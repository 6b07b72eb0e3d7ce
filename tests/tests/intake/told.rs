//! Observations as agents tell them.

use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, UtcDay,
};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::segment::{FaultKind, SegmentFault};
use keepwatch_common::model::volume::{Presence, VolumeState};
use keepwatch_common::model::watched::{Reading, WatchedFile};
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

/// What there is of a camera's footage.
pub(crate) fn footage(name: &str, oldest: Instant, newest: Instant) -> Body {
    Body::Footage(CameraFootage {
        camera: camera(name),
        oldest: Some(oldest),
        newest: Some(newest),
        sealed: 100,
        open: 1,
        opaque: 0,
        corrupt: 0,
        bytes: 1_000_000,
        segment_ms: 60_000,
    })
}

pub(crate) fn fault(name: &str, path: &str, start: Instant) -> Body {
    Body::Fault(FaultState {
        camera: camera(name),
        fault: SegmentFault {
            path: path.to_owned(),
            start,
            kind: FaultKind::Corrupt,
            detail: "moov is missing".to_owned(),
        },
        standing: true,
    })
}

pub(crate) fn volume(presence: Presence) -> Body {
    volume_named("footage", presence)
}

pub(crate) fn volume_named(name: &str, presence: Presence) -> Body {
    Body::Volume(VolumeState {
        volume: Name::new(name).unwrap(),
        path: "/srv/footage".to_owned(),
        presence,
        total_bytes: 1_000,
        free_bytes: 500,
        kind: "ext4".to_owned(),
    })
}

/// A watched file with this content.
pub(crate) fn watched(json: &str) -> Body {
    Body::Watched(WatchedFile {
        name: Name::new("frigate").unwrap(),
        path: "/etc/frigate/config.yml".to_owned(),
        reading: Reading::Tree {
            canonical: json.to_owned(),
            owner: Some("root".to_owned()),
        },
    })
}
