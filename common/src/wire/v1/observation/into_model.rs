//! From the wire to the model: everything an agent says is checked here before anything believes it.
//!
//! Long because every kind that can be told is checked here, an arm each.

use super::health::{name, sources_into, text};
use super::{
    Body, Observation, ObservationError, WatchedReading, fault_number, presence_number,
    standing_number,
};
use crate::interval::Interval;
use crate::limits::{
    DETAIL_BYTES_MAX, HOLD_SPANS_MAX, HOLES_PER_SLICE_MAX, PATH_BYTES_MAX, TREE_BYTES_MAX,
    VANISHED_SPANS_MAX,
};
use crate::model::camera::{
    CameraFootage, CameraKey, CoverageSlice, FaultState, FootageVanished, UtcDay,
};
use crate::model::health::VolumeHealth;
use crate::model::hold::{HoldKey, HoldStanding, HoldState};
use crate::model::observation as model;
use crate::model::outage::{Outage, OutageOf};
use crate::model::segment::{FaultKind, SegmentFault};
use crate::model::volume::{Presence, VolumeState};
use crate::model::watched::{Reading, WatchedFile};
use crate::time::Instant;
use uuid::Uuid;

impl Observation {
    /// The model's form, when it is valid.
    pub fn into_model(self) -> Result<model::Observation, ObservationError> {
        let at = Instant::from_ms(self.at_ms);
        Ok(model::Observation {
            at,
            body: body_into_model(self.body)?,
        })
    }
}

#[expect(
    clippy::too_many_lines,
    reason = "one arm a kind: all that can be told stands in one place"
)]
fn body_into_model(body: Body) -> Result<model::Body, ObservationError> {
    Ok(match body {
        Body::Footage {
            camera,
            reach_ms,
            states,
            bytes,
            segment_ms,
        } => model::Body::Footage(CameraFootage {
            camera: camera_into(camera)?,
            oldest: reach_ms.0.map(Instant::from_ms),
            newest: reach_ms.1.map(Instant::from_ms),
            sealed: states.0,
            open: states.1,
            opaque: states.2,
            corrupt: states.3,
            bytes,
            segment_ms: segment_ms.max(0),
        }),
        Body::Coverage {
            camera,
            day,
            measured_ms,
            holes_ms,
        } => model::Body::Coverage(slice_into(
            camera_into(camera)?,
            day,
            measured_ms,
            &holes_ms,
        )?),
        Body::Fault {
            camera,
            path,
            start_ms,
            kind,
            detail,
            standing,
        } => {
            let camera = camera_into(camera)?;
            let fault = fault_into(path, start_ms, kind, detail)?;
            model::Body::Fault(FaultState {
                camera,
                fault,
                standing,
            })
        }
        Body::Volume {
            volume,
            path,
            presence,
            bytes,
            kind,
        } => model::Body::Volume(volume_into(volume, path, presence, bytes, kind)?),
        Body::Vanished {
            camera,
            spans_ms,
            files,
        } => {
            let (camera, spans) = (
                camera_into(camera)?,
                spans_into(&spans_ms, VANISHED_SPANS_MAX)?,
            );
            model::Body::Vanished(FootageVanished {
                camera,
                spans,
                files,
            })
        }
        Body::Watched {
            name: named,
            path,
            reading,
        } => model::Body::Watched(WatchedFile {
            name: name("name", named)?,
            path: text("path", path, PATH_BYTES_MAX)?,
            reading: reading_into(reading)?,
        }),
        Body::Lost {
            lane,
            sequences,
            count,
            observed_ms,
        } => model::Body::Lost(lost_into(lane, sequences, count, observed_ms)?),
        Body::Started { version, process } => {
            let version = text("version", version, DETAIL_BYTES_MAX)?;
            model::Body::Started(model::AgentStarted { version, process })
        }
        Body::Outage {
            of,
            subject,
            from_ms,
            until_ms,
        } => model::Body::Outage(outage_into(of, subject, from_ms, until_ms)?),
        Body::Health { volume, sources } => model::Body::Health(VolumeHealth {
            volume: name("volume", volume)?,
            sources: sources_into(sources)?,
        }),
        Body::Hold {
            key,
            camera,
            standing,
            segments: (segments, copied, gone, changed),
            bytes,
            covered_ms,
            verified_ms,
            spans_ms,
        } => model::Body::Hold(HoldState {
            key: HoldKey(Uuid::from_bytes(key)),
            camera: camera_into(camera)?,
            standing: standing_of(standing)?,
            segments,
            bytes,
            covered_ms: covered_ms.max(0),
            copied: copied.min(segments),
            gone,
            changed,
            verified: verified_ms.map(Instant::from_ms),
            spans: spans_into(&spans_ms, HOLD_SPANS_MAX)?,
        }),
    })
}

fn fault_into(
    path: String,
    start_ms: i64,
    kind: u8,
    detail: String,
) -> Result<SegmentFault, ObservationError> {
    Ok(SegmentFault {
        path: text("path", path, PATH_BYTES_MAX)?,
        start: Instant::from_ms(start_ms),
        kind: fault_kind(kind)?,
        detail: text("detail", detail, DETAIL_BYTES_MAX)?,
    })
}

fn volume_into(
    volume: String,
    path: String,
    presence: u8,
    (total_bytes, free_bytes): (u64, u64),
    kind: String,
) -> Result<VolumeState, ObservationError> {
    Ok(VolumeState {
        volume: name("volume", volume)?,
        path: text("path", path, PATH_BYTES_MAX)?,
        presence: presence_of(presence)?,
        total_bytes,
        free_bytes: free_bytes.min(total_bytes),
        kind: text("kind", kind, DETAIL_BYTES_MAX)?,
    })
}

fn lost_into(
    lane: u8,
    sequences: (u64, u64),
    count: u64,
    (from_ms, to_ms): (i64, i64),
) -> Result<model::EvidenceLost, ObservationError> {
    let lane = model::Lane::from_number(lane).ok_or(ObservationError::Number {
        field: "lane",
        number: lane,
    })?;
    let observed = (Instant::from_ms(from_ms), Instant::from_ms(to_ms));
    Ok(model::EvidenceLost {
        lane,
        sequences,
        count,
        observed,
    })
}

fn outage_into(
    of: u8,
    subject: (String, String),
    from_ms: i64,
    until_ms: Option<i64>,
) -> Result<Outage, ObservationError> {
    let of = match of {
        0 => OutageOf::Agent,
        1 => OutageOf::Recorder(name("recorder", subject.0)?),
        2 => OutageOf::Camera(camera_into(subject)?),
        3 => OutageOf::Room(name("volume", subject.0)?),
        number => {
            return Err(ObservationError::Number {
                field: "of",
                number,
            });
        }
    };
    if until_ms.is_some_and(|until_ms| until_ms < from_ms) {
        return Err(ObservationError::Intervals { field: "until" });
    }
    Ok(Outage {
        of,
        from: Instant::from_ms(from_ms),
        until: until_ms.map(Instant::from_ms),
    })
}

fn camera_into((recorder, camera): (String, String)) -> Result<CameraKey, ObservationError> {
    Ok(CameraKey {
        recorder: name("recorder", recorder)?,
        camera: name("camera", camera)?,
    })
}

fn slice_into(
    camera: CameraKey,
    day: i32,
    (start_ms, end_ms): (i64, i64),
    holes_ms: &[(u32, u32)],
) -> Result<CoverageSlice, ObservationError> {
    let outside = |field| ObservationError::Intervals { field };
    if holes_ms.len() > HOLES_PER_SLICE_MAX {
        return Err(ObservationError::TooLong {
            field: "holes",
            limit: HOLES_PER_SLICE_MAX,
        });
    }
    let measured = Interval::new(Instant::from_ms(start_ms), Instant::from_ms(end_ms))
        .ok_or(outside("measured"))?;
    let day = UtcDay(day);
    if day
        .interval()
        .and_then(|whole| whole.intersection(measured))
        != Some(measured)
    {
        return Err(outside("measured"));
    }
    let mut end = measured.start();
    let mut holes = Vec::with_capacity(holes_ms.len());
    for (distance, length) in holes_ms {
        let start = end + i64::from(*distance);
        let hole = Interval::new(start, start + i64::from(*length)).ok_or(outside("holes"))?;
        let apart = holes.is_empty() || *distance > 0;
        if hole.end() > measured.end() || !apart {
            return Err(outside("holes"));
        }
        end = hole.end();
        holes.push(hole);
    }
    Ok(CoverageSlice {
        camera,
        day,
        measured,
        holes,
    })
}

fn spans_into(spans_ms: &[(i64, i64)], limit: usize) -> Result<Vec<Interval>, ObservationError> {
    let outside = || ObservationError::Intervals { field: "spans" };
    if spans_ms.len() > limit {
        return Err(ObservationError::TooLong {
            field: "spans",
            limit,
        });
    }
    let spans = spans_ms
        .iter()
        .map(|(start, end)| Interval::new(Instant::from_ms(*start), Instant::from_ms(*end)))
        .collect::<Option<Vec<_>>>()
        .ok_or_else(outside)?;
    if spans.windows(2).any(|pair| pair[0].end() > pair[1].start()) {
        return Err(outside());
    }
    Ok(spans)
}

fn reading_into(reading: WatchedReading) -> Result<Reading, ObservationError> {
    Ok(match reading {
        WatchedReading::Tree { canonical, owner } => Reading::Tree {
            canonical: text("canonical", canonical, TREE_BYTES_MAX)?,
            owner: owner
                .map(|owner| text("owner", owner, DETAIL_BYTES_MAX))
                .transpose()?,
        },
        WatchedReading::Missing => Reading::Missing,
        WatchedReading::Unreadable { reason } => Reading::Unreadable {
            reason: text("reason", reason, DETAIL_BYTES_MAX)?,
        },
    })
}

fn fault_kind(number: u8) -> Result<FaultKind, ObservationError> {
    [
        FaultKind::Empty,
        FaultKind::Truncated,
        FaultKind::Corrupt,
        FaultKind::Clock,
    ]
    .into_iter()
    .find(|kind| fault_number(*kind) == number)
    .ok_or(ObservationError::Number {
        field: "kind",
        number,
    })
}

fn standing_of(number: u8) -> Result<HoldStanding, ObservationError> {
    HoldStanding::ALL
        .into_iter()
        .find(|standing| standing_number(*standing) == number)
        .ok_or(ObservationError::Number {
            field: "standing",
            number,
        })
}

fn presence_of(number: u8) -> Result<Presence, ObservationError> {
    [
        Presence::Present,
        Presence::Missing,
        Presence::Swapped,
        Presence::ReadOnly,
        Presence::Unreadable,
    ]
    .into_iter()
    .find(|presence| presence_number(*presence) == number)
    .ok_or(ObservationError::Number {
        field: "presence",
        number,
    })
}
