//! From an observation to what rests in the spool: its bytes, its lane and its slot.
//!
//! Pure. The version of the coding rests in front of the bytes, because a newer agent sends what an
//! older one kept. A key longer than the spool takes (a fault's slot is named by a whole path) becomes its
//! hash: a slot only has to be told from others. A fault that is gone frees its slot, so that years
//! of damaged files do not fill the spool.

use keepwatch_common::limits::OBSERVATION_BYTES_MAX;
use keepwatch_common::model::observation::{Body, Lane, Observation};
use keepwatch_common::wire::codec::{self, EncodeError};
use keepwatch_common::wire::v1::observation as wire;
use keepwatch_common::wire::v1::report::Entry;

use crate::identity::crypto::sha256;
use crate::spool::{KEY_BYTES_MAX, Put, Record};

/// What precedes a key that is a hash. Names hold no control characters, so no other key begins so.
const HASHED: &str = "\u{1f}sha256\u{1f}";

/// Bytes in front of a state that say how it is coded and when it was seen: two bytes, and a time,
/// which takes nine for every instant between 1970 and the year 584 million but the first weeks.
pub const STAMP_BYTES: usize = 11;

/// Why an observation cannot be told.
#[derive(Debug, thiserror::Error)]
pub(super) enum CodedError {
    #[error("an observation cannot be coded")]
    Encode(#[from] EncodeError),
    #[error("an observation of {bytes} bytes is larger than the {OBSERVATION_BYTES_MAX} allowed")]
    TooLarge { bytes: usize },
}

/// What to keep of an observation.
pub(super) fn put(observation: Observation) -> Result<Put, CodedError> {
    let (lane, key) = (observation.body.lane(), observation.body.state_key());
    let is_gone = matches!(&observation.body, Body::Fault(fault) if !fault.standing);
    let observed_at = observation.at;
    let payload = bytes(observation)?;
    Ok(match (key.map(bounded), lane) {
        (Some(key), _) if is_gone => Put::Forget {
            key,
            observed_at,
            tombstone: payload,
        },
        (Some(key), _) => Put::State {
            key,
            observed_at,
            payload,
        },
        (None, Lane::Routine) => Put::Routine {
            observed_at,
            payload,
        },
        (None, _) => Put::Urgent {
            observed_at,
            payload,
        },
    })
}

/// An observation as it rests in the spool.
pub(super) fn bytes(observation: Observation) -> Result<Vec<u8>, CodedError> {
    let coded = codec::encode(&wire::Observation::from_model(observation))?;
    if coded.len() > OBSERVATION_BYTES_MAX {
        return Err(CodedError::TooLarge { bytes: coded.len() });
    }
    let mut payload = wire::VERSION.to_le_bytes().to_vec();
    payload.extend_from_slice(&coded);
    Ok(payload)
}

/// A record as it travels; nothing of one that we did not write.
pub(super) fn entry(record: &Record) -> Option<Entry> {
    let (version, coded) = record.payload.split_first_chunk::<2>()?;
    Some(Entry {
        sequence: record.seq,
        version: u16::from_le_bytes(*version),
        coded: coded.to_vec(),
    })
}

fn bounded(key: String) -> String {
    if key.len() <= KEY_BYTES_MAX {
        return key;
    }
    format!("{HASHED}{}", sha256(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::camera::{CameraKey, FaultState};
    use keepwatch_common::model::name::Name;
    use keepwatch_common::model::observation::AgentStarted;
    use keepwatch_common::model::segment::{FaultKind, SegmentFault};
    use keepwatch_common::model::watched::{Reading, WatchedFile};
    use keepwatch_common::time::Instant;

    use super::*;

    fn at(body: Body) -> Observation {
        Observation {
            at: Instant::from_s(1_000),
            body,
        }
    }

    fn fault(path: &str, standing: bool) -> Body {
        Body::Fault(FaultState {
            camera: CameraKey {
                recorder: Name::new("nvr").unwrap(),
                camera: Name::new("till").unwrap(),
            },
            fault: SegmentFault {
                path: path.to_owned(),
                start: Instant::from_s(900),
                kind: FaultKind::Truncated,
                detail: String::new(),
            },
            standing,
        })
    }

    fn watched(canonical: String) -> Body {
        Body::Watched(WatchedFile {
            name: Name::new("frigate").unwrap(),
            path: "/etc/frigate.yml".to_owned(),
            reading: Reading::Tree {
                canonical,
                owner: None,
            },
        })
    }

    #[test]
    fn what_was_seen_again_later_differs_in_its_stamp_alone() {
        let seen = |at_s| {
            let body = fault("a.mp4", true);
            let at = Instant::from_s(at_s);
            bytes(Observation { at, body }).unwrap()
        };
        let (early, late) = (seen(1_700_000_000), seen(1_900_000_000));
        assert_ne!(early[..STAMP_BYTES], late[..STAMP_BYTES]);
        assert_eq!(early[STAMP_BYTES..], late[STAMP_BYTES..]);
    }

    #[test]
    fn what_was_put_reads_back_as_it_was() {
        let observation = at(watched("{}".to_owned()));
        let Put::Urgent { payload, .. } = put(observation.clone()).unwrap() else {
            panic!("drift is urgent");
        };
        let entry = entry(&Record {
            seq: 3,
            observed_at: observation.at,
            payload,
        });
        let Entry {
            sequence,
            version,
            coded,
        } = entry.unwrap();
        assert_eq!((sequence, version), (3, 1));
        let read: wire::Observation = codec::decode_observation(&coded).unwrap();
        assert_eq!(read.into_model().unwrap(), observation);
    }

    #[test]
    fn each_lane_has_its_own_way_in() {
        let started = Body::Started(AgentStarted {
            version: "1".to_owned(),
            process: 7,
        });
        assert!(matches!(put(at(started)).unwrap(), Put::Routine { .. }));
        assert!(matches!(
            put(at(fault("a.mp4", true))).unwrap(),
            Put::State { .. }
        ));
    }

    #[test]
    fn a_fault_that_is_gone_frees_its_slot() {
        let (stood, gone) = (
            put(at(fault("a", true))).unwrap(),
            put(at(fault("a", false))).unwrap(),
        );
        assert_eq!(stood.key(), gone.key());
        assert!(matches!(gone, Put::Forget { .. }));
    }

    #[test]
    fn a_long_path_has_a_slot_of_its_own() {
        let long = "x/".repeat(2_000);
        let (one, other) = (format!("{long}a"), format!("{long}b"));
        let (one, other) = (
            put(at(fault(&one, true))).unwrap(),
            put(at(fault(&other, true))).unwrap(),
        );
        assert!(one.key().unwrap().len() <= KEY_BYTES_MAX);
        assert_ne!(one.key(), other.key());
    }

    #[test]
    fn what_fits_no_report_is_refused() {
        let refused = put(at(watched("x".repeat(OBSERVATION_BYTES_MAX)))).unwrap_err();
        assert!(matches!(refused, CodedError::TooLarge { .. }), "{refused}");
    }
}
