//! The decoders without C: a key frame to a picture that can be measured.
//!
//! Runs only in the confined child. Both decoders forbid unsafe code in their cores and run on the
//! calling thread; what they do not know, they name, and another decoder is asked.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rusty_h264_decoder::{DecodeError, Decoder as H264};
use rusty_h265::{Decoder as H265, Error as H265Error, Plane};

use super::parameters;
use super::refusal::Refusal;
use crate::picture::frame::{Codec, KeyFrame};
use crate::picture::raster::Picture;

/// Decodes the one picture of a key frame.
pub(super) fn decode(key: KeyFrame<'_>) -> Result<Box<dyn Picture>, Refusal> {
    parameters::check(key.codec, key.annexb)?;
    // A decoder's panic is a defect of the decoder on this picture, and no reason to lose the child.
    let decoded = catch_unwind(AssertUnwindSafe(|| match key.codec {
        Codec::H264 => h264(key.annexb),
        Codec::H265 => h265(key.annexb),
    }));
    decoded.unwrap_or(Err(Refusal::Broken))
}

/// A picture of 8 bits, 4:2:0.
struct Bytes {
    width: usize,
    height: usize,
    y: Vec<u8>,
    u: Vec<u8>,
    v: Vec<u8>,
}

fn h264(annexb: &[u8]) -> Result<Box<dyn Picture>, Refusal> {
    let frame = H264::new().decode(annexb).map_err(|error| match error {
        DecodeError::Unsupported(_) => Refusal::Unsupported,
        DecodeError::Truncated | DecodeError::MissingParameterSet => Refusal::Damaged,
        DecodeError::Internal(_) => Refusal::Broken,
    })?;
    let frame = frame.ok_or(Refusal::NoPicture)?;
    let pixels = frame.width.checked_mul(frame.height);
    if pixels == Some(0) || pixels != Some(frame.y.len()) {
        return Err(Refusal::NoPicture);
    }
    Ok(Box::new(Bytes {
        width: frame.width,
        height: frame.height,
        y: frame.y,
        u: frame.u,
        v: frame.v,
    }))
}

impl Picture for Bytes {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn luma(&self, y: usize, row: &mut [u8]) {
        row.copy_from_slice(&self.y[y * self.width..][..self.width]);
    }

    fn chroma(&self, x: usize, y: usize) -> (u8, u8) {
        let at = y / 2 * (self.width / 2) + x / 2;
        let of = |plane: &[u8]| plane.get(at).copied().unwrap_or(128);
        (of(&self.u), of(&self.v))
    }
}

/// A picture of 16 bits a sample, of which `shift` are more than 8, with a part that is shown.
struct Words {
    picture: Arc<rusty_h265::Picture>,
    left: usize,
    top: usize,
    width: usize,
    height: usize,
}

fn h265(annexb: &[u8]) -> Result<Box<dyn Picture>, Refusal> {
    let refusal = |error| match error {
        H265Error::Unsupported(_) | H265Error::Unimplemented(_) => Refusal::Unsupported,
        H265Error::Again | H265Error::Eof => Refusal::NoPicture,
        _ => Refusal::Damaged,
    };
    let mut decoder = H265::new();
    decoder.push_annexb(annexb, None).map_err(refusal)?;
    decoder.flush();
    let picture = decoder.next_frame().map_err(refusal)?.picture;
    let (left, top, width, height) = picture.crop;
    let luma = &picture.planes[0];
    let shown = |start: usize, length: usize, whole: usize| {
        length > 0 && start.checked_add(length).is_some_and(|end| end <= whole)
    };
    let sound = shown(left, width, luma.width)
        && shown(top, height, luma.height)
        && luma.stride >= luma.width
        && luma.data.len() >= luma.stride.saturating_mul(luma.height);
    if !sound {
        return Err(Refusal::NoPicture);
    }
    Ok(Box::new(Words {
        picture,
        left,
        top,
        width,
        height,
    }))
}

impl Picture for Words {
    fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    fn luma(&self, y: usize, row: &mut [u8]) {
        let plane = &self.picture.planes[0];
        let line = &plane.data[(self.top + y) * plane.stride + self.left..][..self.width];
        let shift = self.picture.bit_depth_luma.saturating_sub(8);
        for (value, word) in row.iter_mut().zip(line) {
            // The low 8 bits, because the decoder's samples have as many as their depth says.
            [*value, _] = (word >> shift).to_le_bytes();
        }
    }

    fn chroma(&self, x: usize, y: usize) -> (u8, u8) {
        let shift = self.picture.bit_depth_chroma.saturating_sub(8);
        let (across, down) = match self.picture.chroma_format_idc {
            1 => (2, 2),
            2 => (2, 1),
            3 => (1, 1),
            _ => return (128, 128),
        };
        let (x, y) = ((self.left + x) / across, (self.top + y) / down);
        let of = |plane: &Plane| {
            let word = plane.data.get(y * plane.stride + x);
            word.map_or(128, |word| (word >> shift).to_le_bytes()[0])
        };
        let [_, u, v] = &self.picture.planes;
        (of(u), of(v))
    }
}
