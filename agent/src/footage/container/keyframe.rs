//! One key frame taken out of a recording, as a decoder wants it, and why there may be none.
//!
//! Words and bytes only. It must not decode, and it must not know any container.

use std::fmt;
use std::io;

use thiserror::Error;

use super::detail::Detail;
use super::nal::{Family, START_CODE, Unit, between_codes};
use super::reader::Stop;
use super::structure::Codec;

/// Largest key frame that is taken, parameter sets included: 8 MiB. One of 4K at the best quality
/// that recorders offer is 2 MiB.
pub const KEYFRAME_BYTES_MAX: usize = 8 * 1024 * 1024;

/// A picture that needs no other.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyFrame {
    /// H.264 or H.265.
    pub codec: Codec,
    /// Its parameter sets and its units, each behind a start code: at most [`KEYFRAME_BYTES_MAX`].
    pub annexb: Vec<u8>,
    /// When it is shown, in milliseconds from the start of the recording.
    pub at_ms: i64,
}

/// Says how long it is and not what is in it, which is a picture.
impl fmt::Debug for KeyFrame {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("KeyFrame")
            .field("codec", &self.codec)
            .field("bytes", &self.annexb.len())
            .field("at_ms", &self.at_ms)
            .finish()
    }
}

/// Why no key frame could be taken out of a recording that may have one.
#[derive(Debug, Error)]
pub enum KeyFrameError {
    /// The file could not be read.
    #[error("cannot read the key frame; its disk may be failing, or the file was cut meanwhile")]
    Read(#[source] io::Error),
    /// What leads to the frame is damaged, or is not read.
    #[error("no key frame can be reached: {0}; check the recording with `verify`")]
    Unreachable(Detail),
    /// Not one of the codecs that frames are taken of, or encrypted.
    #[error("the pictures are {}; key frames are taken of H.264 and H.265 only", codec.word())]
    Codec {
        /// What it is.
        codec: Codec,
    },
    /// Longer than is taken.
    #[error(
        "the key frame at byte {at} has {bytes} bytes; at most {KEYFRAME_BYTES_MAX} are taken, so lower the camera's bitrate"
    )]
    Large {
        /// Where it begins in the file.
        at: u64,
        /// Its bytes.
        bytes: u64,
    },
}

impl From<Stop> for KeyFrameError {
    fn from(stop: Stop) -> Self {
        match stop {
            Stop::Read(error) => Self::Read(error),
            Stop::Found(detail) => Self::Unreachable(detail),
        }
    }
}

/// A frame being put together.
#[derive(Debug)]
pub(super) struct Assembly {
    family: Family,
    annexb: Vec<u8>,
    /// Something did not fit.
    overflowed: bool,
}

impl Assembly {
    pub(super) fn new(family: Family) -> Self {
        Self {
            family,
            annexb: Vec::new(),
            overflowed: false,
        }
    }

    /// Adds a unit, unless the frame would become too long.
    pub(super) fn push(&mut self, nal: &[u8]) {
        let length = self.annexb.len() + START_CODE.len() + nal.len();
        if length > KEYFRAME_BYTES_MAX {
            self.overflowed = true;
            return;
        }
        self.annexb.extend(START_CODE);
        self.annexb.extend(nal);
    }

    /// Adds the units between start codes; `sets` go first where there are none among them.
    pub(super) fn push_stream(&mut self, bytes: &[u8], sets: &[Vec<u8>]) {
        let family = self.family;
        let told = between_codes(bytes).any(|(_, unit)| family.unit(unit) == Unit::Sequence);
        for set in sets.iter().filter(|_| !told) {
            self.push(set);
        }
        for (_, unit) in between_codes(bytes).filter(|(_, unit)| !unit.is_empty()) {
            self.push(unit);
        }
    }

    /// The frame; an error when some of it did not fit. It began at byte `at`.
    pub(super) fn finish(self, at: u64, at_ms: i64) -> Result<KeyFrame, KeyFrameError> {
        if self.overflowed {
            let bytes = u64::try_from(KEYFRAME_BYTES_MAX).unwrap_or(u64::MAX);
            return Err(KeyFrameError::Large { at, bytes });
        }
        Ok(KeyFrame {
            codec: self.family.codec(),
            annexb: self.annexb,
            at_ms,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_made_of_units_behind_start_codes() {
        let mut assembly = Assembly::new(Family::Avc);
        assembly.push(&[0x67, 1]);
        assembly.push(&[0x65]);
        let frame = assembly.finish(0, 40).unwrap();
        assert_eq!(frame.annexb, [0, 0, 0, 1, 0x67, 1, 0, 0, 0, 1, 0x65]);
        assert_eq!(
            format!("{frame:?}"),
            "KeyFrame { codec: H264, bytes: 11, at_ms: 40 }"
        );
    }

    #[test]
    fn a_frame_that_is_too_long_is_refused() {
        let mut assembly = Assembly::new(Family::Hevc);
        assembly.push(&vec![0; KEYFRAME_BYTES_MAX]);
        assert!(matches!(
            assembly.finish(7, 0),
            Err(KeyFrameError::Large { at: 7, .. })
        ));
    }
}
