//! One key frame out of an MP4 file: the last one at or before the wanted time, else the first.
//!
//! The boxes are walked again and not the tables of all tracks: only the first video track's, and only
//! far enough. It judges nothing but what leads to the frame. It must not know the check.

use crate::footage::container::column::Pane;
use crate::footage::container::config::Config;
use crate::footage::container::detail::Flaw;
use crate::footage::container::keyframe::{Assembly, KEYFRAME_BYTES_MAX, KeyFrame, KeyFrameError};
use crate::footage::container::nal::behind_lengths;
use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::Codec;

use super::boxes::{BoxHead, Found, SizeWord, find};
use super::entry;
use super::media::Sample;
use super::movie::Movie;
use super::timeline::ms;
use super::track::{Kind, Track};
use super::walk::hold;

use self::fragmented::Search;

/// In fragments, each with its own tables.
mod fragmented;
/// In one movie, whose tables name all samples.
mod named;

/// What was found on the way through the boxes.
struct Way {
    tracks: Vec<Track>,
    sample: Option<Sample>,
    /// The tick that counts as the start of the recording.
    start: u64,
}

/// Takes the key frame nearest before `wanted_ms`, counted from the start of the recording; `None`
/// when there is no video, or no key frame yet.
pub(in crate::footage::container) fn keyframe(
    reader: &mut Reader<'_>,
    wanted_ms: i64,
) -> Result<Option<KeyFrame>, KeyFrameError> {
    let way = walk(reader, wanted_ms)?;
    let Some(track) = way.tracks.iter().find(|track| track.kind == Kind::Video) else {
        return Ok(None);
    };
    let Some(entry) = &track.entry else {
        return Ok(None);
    };
    let Some(config) = entry::config(reader, entry)? else {
        let codec = match &entry.head.kind.0 {
            b"encv" => Codec::Encrypted,
            _ => entry.codec,
        };
        return Err(KeyFrameError::Codec { codec });
    };
    let Some(sample) = way.sample else {
        return Ok(None);
    };
    let at_ms = ms(sample.ticks.saturating_sub(way.start), track.timescale);
    assemble(reader, &config, sample, at_ms).map(Some)
}

/// Walks the boxes until the sample is known.
fn walk(reader: &mut Reader<'_>, wanted_ms: i64) -> Step<Way> {
    let size = reader.size();
    let mut pane = Pane::default();
    let mut way = Way {
        tracks: Vec::new(),
        sample: None,
        start: 0,
    };
    let mut search: Option<Search> = None;
    let mut at = 0;
    while let Found::Box(head) = find(reader, at, size)? {
        let whole = head.end <= size && head.size == SizeWord::Given;
        match &head.kind.0 {
            b"moov" if whole && search.is_none() => {
                search = Some(open(reader, &mut pane, &head, wanted_ms, &mut way)?);
            }
            b"moof" if whole => {
                if let Some(search) = search.as_mut() {
                    hold(reader, &head, 0)?;
                    search.fragment(reader, &mut pane, &head, &way.tracks)?;
                    if search.settled() {
                        break;
                    }
                }
            }
            _ => {}
        }
        if !whole || search.as_ref().is_some_and(|search| !search.expects()) {
            break;
        }
        at = head.end;
    }
    if let Some((sample, start)) = search.and_then(|search| search.found()) {
        (way.sample, way.start) = (Some(sample), start);
    }
    Ok(way)
}

/// Reads the movie, and looks for the sample in its tables.
fn open(
    reader: &mut Reader<'_>,
    pane: &mut Pane,
    moov: &BoxHead,
    wanted_ms: i64,
    way: &mut Way,
) -> Step<Search> {
    hold(reader, moov, 0)?;
    let movie = Movie::read(reader, moov, &mut way.tracks)?;
    let video = way
        .tracks
        .iter()
        .enumerate()
        .find(|(_, track)| track.kind == Kind::Video);
    let Some((index, track)) = video else {
        return Ok(Search::none());
    };
    let wanted = u64::try_from(wanted_ms)
        .unwrap_or(0)
        .saturating_mul(u64::from(track.timescale))
        / 1000;
    let size = reader.size();
    // A table that cannot be followed is told by the check; here it leads to no frame.
    let named = named::sample(reader.view(), pane, track, wanted)?
        .filter(|sample| sample.bytes.end <= size);
    way.sample = named;
    Ok(if movie.in_fragments {
        Search::new(index, wanted, named)
    } else {
        Search::none()
    })
}

/// Reads the sample, and puts its parameter sets before its units.
fn assemble(
    reader: &Reader<'_>,
    config: &Config,
    sample: Sample,
    at_ms: i64,
) -> Result<KeyFrame, KeyFrameError> {
    let at = sample.bytes.start;
    let bytes = sample.bytes.end - at;
    let length = usize::try_from(bytes).unwrap_or(usize::MAX);
    if length > KEYFRAME_BYTES_MAX {
        return Err(KeyFrameError::Large { at, bytes });
    }
    let mut coded = vec![0; length];
    reader.view().fill(at, &mut coded)?;
    let mut assembly = Assembly::new(config.family);
    for set in &config.sets {
        assembly.push(set);
    }
    for unit in behind_lengths(&coded, config.width) {
        match unit {
            Ok(nal) => assembly.push(nal),
            Err(_) => return Err(KeyFrameError::Unreachable(Flaw::UnitOverrun { at }.into())),
        }
    }
    assembly.finish(at, at_ms)
}

#[cfg(test)]
mod tests {
    use super::super::maker::{Reel, film, fragment, opening};
    use super::*;
    use crate::footage::container::reader::Window;

    fn taken(file: &[u8], wanted_ms: i64) -> Result<Option<KeyFrame>, KeyFrameError> {
        let mut window = Window::default();
        let size = u64::try_from(file.len()).unwrap();
        keyframe(&mut Reader::new(&file, size, &mut window), wanted_ms)
    }

    #[test]
    fn samples_without_a_configuration_are_no_frames() {
        for file in [
            film(&Reel::of(&[50, 10])),
            [opening(0, &[]), fragment(0, &[50, 10])].concat(),
        ] {
            assert!(matches!(
                taken(&file, 0),
                Err(KeyFrameError::Codec { codec: Codec::H264 })
            ));
        }
    }

    #[test]
    fn a_file_without_its_movie_has_none() {
        let file = film(&Reel::of(&[50, 10]));
        assert!(taken(&file[..80], 0).unwrap().is_none());
        assert!(taken(b"\0\0\0\0mdat", 0).unwrap().is_none());
    }
}
