//! From the model to the wire: what the agent says.

use super::health::sources_from;
use super::{Body, Observation, WatchedReading, fault_number, presence_number, standing_number};
use crate::interval::Interval;
use crate::model::camera::CameraKey;
use crate::model::observation as model;
use crate::model::outage::OutageOf;
use crate::model::watched::Reading;
use crate::time::Instant;

impl Observation {
    /// The wire's form of an observation.
    pub fn from_model(observation: model::Observation) -> Self {
        Self {
            at_ms: observation.at.ms(),
            body: body_from_model(observation.body),
        }
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm a kind: all that can be told stands in one place"
)]
fn body_from_model(body: model::Body) -> Body {
    match body {
        model::Body::Footage(f) => Body::Footage {
            camera: camera_from(f.camera),
            reach_ms: (f.oldest.map(Instant::ms), f.newest.map(Instant::ms)),
            states: (f.sealed, f.open, f.opaque, f.corrupt),
            bytes: f.bytes,
            segment_ms: f.segment_ms,
        },
        model::Body::Coverage(slice) => Body::Coverage {
            day: slice.day.0,
            measured_ms: (slice.measured.start().ms(), slice.measured.end().ms()),
            holes_ms: holes_from(slice.measured, &slice.holes),
            camera: camera_from(slice.camera),
        },
        model::Body::Fault(f) => Body::Fault {
            camera: camera_from(f.camera),
            path: f.fault.path,
            start_ms: f.fault.start.ms(),
            kind: fault_number(f.fault.kind),
            detail: f.fault.detail,
            standing: f.standing,
        },
        model::Body::Volume(v) => Body::Volume {
            volume: v.volume.into(),
            path: v.path,
            presence: presence_number(v.presence),
            bytes: (v.total_bytes, v.free_bytes),
            kind: v.kind,
        },
        model::Body::Vanished(v) => Body::Vanished {
            camera: camera_from(v.camera),
            spans_ms: spans_from(&v.spans),
            files: v.files,
        },
        model::Body::Watched(w) => Body::Watched {
            name: w.name.into(),
            path: w.path,
            reading: match w.reading {
                Reading::Tree { canonical, owner } => WatchedReading::Tree { canonical, owner },
                Reading::Missing => WatchedReading::Missing,
                Reading::Unreadable { reason } => WatchedReading::Unreadable { reason },
            },
        },
        model::Body::Lost(lost) => Body::Lost {
            lane: lost.lane.number(),
            sequences: lost.sequences,
            count: lost.count,
            observed_ms: (lost.observed.0.ms(), lost.observed.1.ms()),
        },
        model::Body::Started(s) => Body::Started {
            version: s.version,
            process: s.process,
        },
        model::Body::Outage(outage) => {
            let (of, subject) = match outage.of {
                OutageOf::Agent => (0, (String::new(), String::new())),
                OutageOf::Recorder(recorder) => (1, (recorder.into(), String::new())),
                OutageOf::Camera(camera) => (2, camera_from(camera)),
                OutageOf::Room(volume) => (3, (volume.into(), String::new())),
            };
            Body::Outage {
                of,
                subject,
                from_ms: outage.from.ms(),
                until_ms: outage.until.map(Instant::ms),
            }
        }
        model::Body::Health(health) => Body::Health {
            volume: health.volume.into(),
            sources: sources_from(health.sources),
        },
        model::Body::Hold(h) => Body::Hold {
            key: h.key.0.into_bytes(),
            camera: camera_from(h.camera),
            standing: standing_number(h.standing),
            segments: (h.segments, h.copied, h.gone, h.changed),
            bytes: h.bytes,
            covered_ms: h.covered_ms,
            verified_ms: h.verified.map(Instant::ms),
            spans_ms: spans_from(&h.spans),
        },
    }
}

fn camera_from(camera: CameraKey) -> (String, String) {
    (camera.recorder.into(), camera.camera.into())
}

fn spans_from(spans: &[Interval]) -> Vec<(i64, i64)> {
    let ends = |span: &Interval| (span.start().ms(), span.end().ms());
    spans.iter().map(ends).collect()
}

/// A slice lies inside one day, so distances and lengths fit 32 bits.
fn holes_from(measured: Interval, holes: &[Interval]) -> Vec<(u32, u32)> {
    let small = |ms: i64| u32::try_from(ms).unwrap_or(u32::MAX);
    let mut end = measured.start();
    holes
        .iter()
        .map(|hole| {
            let coded = (small(hole.start().since(end)), small(hole.ms()));
            end = hole.end();
            coded
        })
        .collect()
}
