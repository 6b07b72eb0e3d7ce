//! What people want of an agent, version 1, and the agent's word on what it goes by.
//!
//! Each intention is coded by itself and says its kind, so that an agent that does not know a kind
//! passes over it and goes by the others. It keeps what it passed over: the next program may know.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::interval::Interval;
use crate::limits::{DESIRED_BYTES_MAX, INTENTION_BYTES_MAX, INTENTIONS_MAX};
use crate::model::camera::CameraKey;
use crate::model::desired::{DesiredSet, Intention as Wanted};
use crate::model::hold::{HoldKey, WantedHold};
use crate::model::name::Name;
use crate::time::Instant;
use crate::wire::codec::{self, EncodeError};

/// The kind of a hold. Kinds are never used twice.
pub const KIND_HOLD: u16 = 1;

/// The version of the intentions in this file.
const VERSION: u16 = 1;

/// Coordinator: this is wanted of you from now on, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Desired {
    /// Names this list; a list of other content has another name. Never 0.
    pub version: u64,
    /// What is wanted.
    pub intentions: Vec<Intention>,
}

/// One intention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intention {
    /// What kind it is.
    pub kind: u16,
    /// The version of its coding.
    pub version: u16,
    /// The coded intention.
    pub coded: Vec<u8>,
}

/// Agent: I go by the list of this version, 0 when I have none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InForce {
    /// Which.
    pub version: u64,
    /// How many of its intentions I do not know.
    pub not_understood: u32,
}

/// A hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Its name, sixteen bytes.
    pub key: [u8; 16],
    /// Recorder and camera.
    pub camera: (String, String),
    /// From and to, milliseconds since 1970.
    pub span_ms: (i64, i64),
    /// When it was released.
    pub released_ms: Option<i64>,
}

/// A list that no coordinator of ours sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DesiredError {
    /// More than an agent takes.
    #[error("{count} intentions are wanted, at most {INTENTIONS_MAX} are taken")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// All together are larger than what an agent keeps.
    #[error("the intentions have {bytes} bytes, at most {DESIRED_BYTES_MAX} are kept")]
    TooLargeTogether {
        /// How large.
        bytes: usize,
    },
    /// One is larger than any of ours.
    #[error("an intention has {bytes} bytes, at most {INTENTION_BYTES_MAX} are taken")]
    TooLarge {
        /// How large.
        bytes: usize,
    },
}

impl Desired {
    /// A list of these. Its version is made of its content by the caller's digest, so that two
    /// coordinators of one database, and one restored from a copy, name the same list alike.
    pub fn of(wanted: &[Wanted], digest: impl Fn(&[u8]) -> u64) -> Result<Self, EncodeError> {
        let intentions = wanted.iter().map(coded).collect::<Result<Vec<_>, _>>()?;
        let version = digest(&codec::encode(&intentions)?).max(1);
        Ok(Self {
            version,
            intentions,
        })
    }

    /// Whether it is of a size that is taken.
    pub fn check(&self) -> Result<(), DesiredError> {
        let count = self.intentions.len();
        if count > INTENTIONS_MAX {
            return Err(DesiredError::TooMany { count });
        }
        let sizes = self.intentions.iter().map(|one| one.coded.len());
        let bytes = sizes.clone().sum();
        if bytes > DESIRED_BYTES_MAX {
            return Err(DesiredError::TooLargeTogether { bytes });
        }
        match sizes.max().filter(|bytes| *bytes > INTENTION_BYTES_MAX) {
            Some(bytes) => Err(DesiredError::TooLarge { bytes }),
            None => Ok(()),
        }
    }

    /// What of it this program understands.
    pub fn to_model(&self) -> DesiredSet {
        let intentions: Vec<_> = self.intentions.iter().filter_map(understood).collect();
        DesiredSet {
            version: self.version,
            not_understood: self.intentions.len() - intentions.len(),
            intentions,
        }
    }
}

fn coded(wanted: &Wanted) -> Result<Intention, EncodeError> {
    let Wanted::Hold(hold) = wanted;
    let hold = Hold {
        key: hold.key.0.into_bytes(),
        camera: (
            hold.camera.recorder.to_string(),
            hold.camera.camera.to_string(),
        ),
        span_ms: (hold.span.start().ms(), hold.span.end().ms()),
        released_ms: hold.released.map(Instant::ms),
    };
    Ok(Intention {
        kind: KIND_HOLD,
        version: VERSION,
        coded: codec::encode(&hold)?,
    })
}

fn understood(intention: &Intention) -> Option<Wanted> {
    if (intention.kind, intention.version) != (KIND_HOLD, VERSION) {
        return None;
    }
    let hold: Hold = codec::decode_intention(&intention.coded).ok()?;
    let (recorder, camera) = hold.camera;
    Some(Wanted::Hold(WantedHold {
        key: HoldKey(Uuid::from_bytes(hold.key)),
        camera: CameraKey {
            recorder: Name::new(recorder).ok()?,
            camera: Name::new(camera).ok()?,
        },
        span: Interval::new(
            Instant::from_ms(hold.span_ms.0),
            Instant::from_ms(hold.span_ms.1),
        )?,
        released: hold.released_ms.map(Instant::from_ms),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hold(released: Option<i64>) -> Wanted {
        Wanted::Hold(WantedHold {
            key: HoldKey(Uuid::from_u128(7)),
            camera: CameraKey {
                recorder: Name::new("nvr").unwrap(),
                camera: Name::new("till").unwrap(),
            },
            span: Interval::new(Instant::from_s(10), Instant::from_s(20)).unwrap(),
            released: released.map(Instant::from_s),
        })
    }

    fn length(bytes: &[u8]) -> u64 {
        bytes.iter().map(|byte| u64::from(*byte)).sum()
    }

    #[test]
    fn what_is_wanted_survives_the_wire() {
        let wanted = vec![hold(None), hold(Some(30))];
        let read = Desired::of(&wanted, length).unwrap().to_model();
        assert_eq!((read.intentions, read.not_understood), (wanted, 0));
    }

    #[test]
    fn a_kind_of_another_time_is_passed_over_and_counted() {
        let mut desired = Desired::of(&[hold(None)], length).unwrap();
        desired.intentions.push(Intention {
            kind: 999,
            version: 1,
            coded: vec![1, 2, 3],
        });
        desired.intentions.push(Intention {
            kind: KIND_HOLD,
            version: 1,
            coded: vec![255],
        });
        let read = desired.to_model();
        assert_eq!((read.intentions.len(), read.not_understood), (1, 2));
    }

    #[test]
    fn lists_of_other_content_have_other_versions_and_none_is_zero() {
        let version = |wanted: &[Wanted]| Desired::of(wanted, length).unwrap().version;
        assert_ne!(version(&[hold(None)]), version(&[hold(Some(30))]));
        assert_eq!(Desired::of(&[], |_| 0).unwrap().version, 1);
    }

    #[test]
    fn a_list_beyond_its_bounds_is_refused() {
        let one = Intention {
            kind: 9,
            version: 1,
            coded: Vec::new(),
        };
        let many = Desired {
            version: 1,
            intentions: vec![one.clone(); INTENTIONS_MAX + 1],
        };
        assert!(matches!(many.check(), Err(DesiredError::TooMany { .. })));
        let coded = vec![0; INTENTION_BYTES_MAX + 1];
        let large = Desired {
            version: 1,
            intentions: vec![Intention { coded, ..one }],
        };
        assert!(matches!(large.check(), Err(DesiredError::TooLarge { .. })));
    }
}
