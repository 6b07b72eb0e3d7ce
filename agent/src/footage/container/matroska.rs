//! Matroska and `WebM`: elements inside each other, clusters of blocks, and cues that lead to them.
//!
//! Every element of the segment is visited and none of the blocks in it, so a file costs one read for
//! each cluster. What writers leave:
//!
//! - ffmpeg and `GStreamer` give the segment its size, its duration and its cues when they close it;
//!   until then its size is unknown and there are no cues: *open*, and as long as its last cluster says.
//! - Writers for live use never close it: *open* too, since nothing tells it from a killed one.
//! - A segment that has its size and ends behind the file is *truncated*.
//!
//! Nothing is decoded. Tags, chapters and attachments are passed over.

use std::io;

use super::detail::Detail;
use super::reader::{Reader, Stop};
use super::structure::{Container, Structure};

use self::walk::Survey;

pub(super) use self::keyframe::keyframe;

/// Blocks of a cluster.
mod block;
/// The nested frames of the format.
mod element;
/// The tracks, and what is said of the whole.
mod head;
/// Whether cues and seeks lead where they say.
mod index;
/// One key frame out of a file.
mod keyframe;
/// What a file comes to.
mod verdict;
/// From element to element.
mod walk;

/// Checks a file that starts like Matroska.
pub(super) fn check(reader: &mut Reader<'_>) -> io::Result<Structure> {
    let mut survey = Survey::default();
    let judged = survey
        .walk(reader)
        .and_then(|end| verdict::judge(reader, &survey, end));
    let detail = match judged {
        Ok(detail) | Err(Stop::Found(detail)) => detail,
        Err(Stop::Read(error)) => return Err(error),
    };
    let mut structure = Structure::bare(Container::Matroska, detail);
    if let Some(track) = survey.leading() {
        structure.codec = track.codec;
        structure.picture = track.picture;
    }
    if matches!(detail, Detail::Sealed(_) | Detail::Open(_)) {
        match verdict::figures(reader, &survey) {
            Ok(figures) => {
                structure.duration_ms = figures.duration_ms;
                structure.rate = figures.rate;
            }
            Err(Stop::Read(error)) => return Err(error),
            // Blocks that are not understood tell no time.
            Err(Stop::Found(_)) => {}
        }
    }
    Ok(structure)
}
