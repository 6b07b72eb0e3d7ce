//! MP4 and fragmented MP4: walking the boxes of a file from its start and judging what they say.
//!
//! Nothing is decoded and no media data is read: one read finds the head, one more the movie, and a
//! file in fragments costs one for each. What recorders leave on disk, and what it is called here:
//!
//! - ffmpeg and everything that records through it (Frigate's cache, Shinobi, motionEye, a plain
//!   `-f segment`): `ftyp free mdat moov`. Until it closes, the size of `mdat` is zero and there is
//!   no `moov`: *open*. Frigate then rewrites with the movie in front: `ftyp moov free mdat`. Without
//!   `reset_timestamps` a segment carries its offset as an empty edit, which is no footage.
//! - `ZLMediaKit`: `ftyp mdat moov` under a hidden name, open in the same way; the last sample has no
//!   duration. `GStreamer` alike, older ones with a size of 64 bits that is zero. Android devices
//!   leave question marks where the size will be.
//! - MediaMTX: `ftyp moov`, then one `moof mdat` a second; on closing it writes the duration into
//!   the head and, of late, an index into reserved space. A killed one ends after any fragment or
//!   inside one. After one, nothing tells it from a finished file: *sealed*, and the detail says
//!   that no mark was found. Inside one: *open*, as long as the fragments before it last.
//! - Kerberos: space in front and fragments behind it; `ftyp moov sidx` go into that space when it
//!   closes. Until then: *open*, of unknown length, since only the movie knows the clock.
//!
//! A file is *truncated* when it claims bytes or time that are not there: a box or an index past the
//! end, a promised duration, or media data that was given its size but no movie. The last is also
//! what the moment between those two writes looks like, and rewriting with the movie in front looks
//! *corrupt* while it lasts; so whoever asks should ask again about a file written just now.
//!
//! Bytes behind a whole movie are not ours to judge: everything it names is there.

use std::io;

use super::detail::Detail;
use super::reader::{Reader, Stop};
use super::structure::{Container, Structure};

use self::timeline::ms;
use self::walk::Survey;

/// Boxes, the nested frames of the format.
mod boxes;
/// The codec of a track.
mod entry;
/// One fragment and the bytes it needs.
mod fragment;
/// What a segment index promises.
mod index;
/// Where media data lies.
mod media;
/// The head that names the tracks.
mod movie;
/// Whether the tables of a track agree.
mod samples;
/// Going through tables block by block.
mod tables;
/// Ticks, milliseconds, and the time fragments cover.
mod timeline;
/// One track of a movie.
mod track;
/// What a file in fragments or of one movie comes to.
mod verdict;
/// From box to box.
mod walk;

/// Smallest size of a file that can be told from others: the head of one box.
pub(super) const SIZE_MIN: u64 = boxes::HEAD_BYTES;

/// What is kept from file to file.
#[derive(Debug, Default)]
pub(super) struct Scratch(Survey);

/// Checks a file that starts like MP4.
pub(super) fn check(reader: &mut Reader<'_>, scratch: &mut Scratch) -> io::Result<Structure> {
    let survey = &mut scratch.0;
    survey.clear();
    match survey
        .walk(reader)
        .and_then(|end| verdict::judge(reader, survey, end))
    {
        Ok(detail) | Err(Stop::Found(detail)) => Ok(structure(survey, detail)),
        Err(Stop::Read(error)) => Err(error),
    }
}

fn structure(survey: &Survey, detail: Detail) -> Structure {
    let fragmented = survey.seen.in_fragments();
    let container = if fragmented {
        Container::Fmp4
    } else {
        Container::Mp4
    };
    let mut structure = Structure::bare(container, detail);
    if survey.seen.movie.is_none() {
        return structure;
    }
    if let Some(track) = movie::leading(&survey.tracks) {
        structure.codec = track.codec;
        structure.picture = track.picture;
        // In a damaged file without fragments no table is to be believed.
        if fragmented || matches!(detail, Detail::Sealed(_)) {
            structure.duration_ms = Some(ms(track.timeline.ticks, track.timescale));
            structure.samples = Some(track.timeline.samples);
        }
    }
    structure
}
