//! AVI: chunks inside a RIFF, an index behind them, and further RIFFs where one would be too long.
//!
//! What is checked is the head, the index, and that what it names is there; the frames between are
//! passed over. A writer fills in sizes, counts and the index when it closes the file. Until then the
//! sizes are zero or all ones and there is no index: *open*, and then its frames are counted one by
//! one, since nothing else tells how long it is. A RIFF that has its size and ends behind the file is
//! *truncated*.

use std::io;

use super::detail::Detail;
use super::reader::{Reader, Stop};
use super::structure::{Container, Structure};

use self::walk::Survey;

pub(super) use self::keyframe::keyframe;

/// The nested frames of the format.
mod chunk;
/// The streams.
mod head;
/// The index of the first RIFF.
mod index;
/// One key frame out of a file.
mod keyframe;
/// From chunk to chunk.
mod walk;

/// Checks a file that starts like AVI.
pub(super) fn check(reader: &mut Reader<'_>) -> io::Result<Structure> {
    let mut survey = Survey::default();
    let detail = match survey.walk(reader) {
        Ok(detail) | Err(Stop::Found(detail)) => detail,
        Err(Stop::Read(error)) => return Err(error),
    };
    let mut structure = Structure::bare(Container::Avi, detail);
    if let Some(stream) = survey.leading() {
        structure.codec = stream.codec;
        structure.picture = stream.picture;
        // Where frames are left out, fewer are counted than there are places for them.
        let (places, frames) = match detail {
            Detail::Sealed(_) => (Some(stream.length), survey.counted.or(Some(stream.length))),
            Detail::Open(_) => (survey.counted, survey.counted),
            Detail::Opaque(_) | Detail::Corrupt(_) => (None, None),
        };
        structure.samples = frames;
        structure.duration_ms = places.and_then(|places| stream.ms(places));
        if places == frames {
            structure.rate = stream.rate().filter(|_| stream.video);
        }
    }
    Ok(structure)
}
