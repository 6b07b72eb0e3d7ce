//! One key frame out of a recording in any container that is read.
//!
//! A face over the readers of single containers. It must not decode, nor judge the rest of the file.

use super::annexb;
use super::avi;
use super::dhav::Dhav;
use super::keyframe::{KeyFrame, KeyFrameError};
use super::magic::{Looks, MAGIC_BYTES, looks};
use super::matroska;
use super::mp4;
use super::mpegps::MpegPs;
use super::mpegts::MpegTs;
use super::reader::{ReadAt, Reader, Window};
use super::stream;
use super::structure::Container;

/// Takes out of `source`, which has `size` bytes, the last key frame at or before `wanted_ms`
/// milliseconds from its start, else one soon after.
///
/// `None` when there is no video, no key frame yet, or no container that is read. At most
/// [`KEYFRAME_BYTES_MAX`](super::KEYFRAME_BYTES_MAX) bytes are given, and a bounded part of the file
/// is read.
pub fn keyframe(
    source: &dyn ReadAt,
    size: u64,
    wanted_ms: i64,
) -> Result<Option<KeyFrame>, KeyFrameError> {
    let mut window = Window::default();
    let mut reader = Reader::new(source, size, &mut window);
    let head = usize::try_from(size).map_or(MAGIC_BYTES, |size| size.min(MAGIC_BYTES));
    match looks(reader.bytes(0, head).map_err(KeyFrameError::from)?) {
        Looks::Mp4 => mp4::keyframe(&mut reader, wanted_ms),
        Looks::Foreign(Container::Matroska) => matroska::keyframe(&mut reader, wanted_ms),
        Looks::Foreign(Container::AnnexB) => annexb::keyframe(&mut reader, wanted_ms),
        Looks::Foreign(Container::Avi) => avi::keyframe(&mut reader, wanted_ms),
        Looks::Foreign(Container::MpegTs) => {
            stream::keyframe(&mut reader, &mut MpegTs::default(), wanted_ms)
        }
        Looks::Foreign(Container::MpegPs) => {
            stream::keyframe(&mut reader, &mut MpegPs::default(), wanted_ms)
        }
        Looks::Foreign(Container::Dhav) => {
            stream::keyframe(&mut reader, &mut Dhav::default(), wanted_ms)
        }
        Looks::Foreign(_) | Looks::Zeros => Ok(None),
    }
}
