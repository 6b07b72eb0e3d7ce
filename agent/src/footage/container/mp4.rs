//! MP4 and fragmented MP4: walking the boxes of a file from its start and judging what they say.
//!
//! Nothing is decoded, and media data is passed over; what a read takes in of its first bytes is not
//! looked at. One read finds the head, one more the movie, and a file in fragments costs one for
//! each. What recorders leave on disk, and what it is called here:
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
//! - Segments of a live stream that were kept without their head, `styp moof mdat`: *opaque*.
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
/// One key frame out of a file.
mod keyframe;
/// Files for tests, made byte by byte.
#[cfg(test)]
mod maker;
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

pub(super) use self::keyframe::keyframe;

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

#[cfg(test)]
mod tests {
    use super::maker::{MEDIA_AT, Reel, film, frame, ftyp, mdat, moov, numbers};
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;
    use crate::footage::container::detail::{Flaw, Seal, Unfinished};
    use crate::footage::container::four_cc::FourCc;
    use crate::footage::container::reader::Window;
    use crate::footage::container::structure::Codec;

    fn structure_of(file: &[u8]) -> Structure {
        let (mut window, mut scratch) = (Window::default(), Scratch::default());
        let size = u64::try_from(file.len()).unwrap();
        check(&mut Reader::new(&file, size, &mut window), &mut scratch).unwrap()
    }

    fn detail_of(file: &[u8]) -> Detail {
        structure_of(file).detail
    }

    fn flaw_of(file: &[u8]) -> Flaw {
        match detail_of(file) {
            Detail::Corrupt(flaw) => flaw,
            other => panic!("{other:?}"),
        }
    }

    const SIZES: [u32; 4] = [50, 10, 20, 30];

    #[test]
    fn a_finished_file_tells_length_codec_and_picture() {
        let found = structure_of(&film(&Reel::of(&SIZES)));
        assert_eq!(found.detail, Detail::Sealed(Seal::Marked));
        assert_eq!(
            (found.container, found.duration_ms),
            (Container::Mp4, Some(400))
        );
        assert_eq!(
            (found.codec, found.picture),
            (Some(Codec::H264), Some((64, 48)))
        );
        assert_eq!(found.samples, Some(4));
    }

    #[test]
    fn a_movie_before_or_behind_its_media_and_offsets_of_either_width_are_good() {
        let wide = Reel {
            wide: true,
            ..Reel::of(&SIZES)
        };
        assert_eq!(detail_of(&film(&wide)), Detail::Sealed(Seal::Marked));
        let mut reel = Reel::of(&SIZES);
        let movie = moov(reel.shown, &[reel.trak()]);
        let moved = u64::try_from(movie.len()).unwrap();
        for at in &mut reel.chunks {
            *at += moved;
        }
        let faststart = [ftyp(), moov(reel.shown, &[reel.trak()]), mdat(110)].concat();
        assert_eq!(detail_of(&faststart), Detail::Sealed(Seal::Marked));
    }

    #[test]
    fn boxes_that_do_not_matter_are_passed_over() {
        let reel = Reel::of(&SIZES);
        let movie = moov(
            reel.shown,
            &[reel.trak(), frame(*b"udta", &[b"any bytes at all"])],
        );
        let file = [
            ftyp(),
            mdat(110),
            frame(*b"uuid", &[&[7; 40]]),
            movie,
            frame(*b"free", &[]),
        ];
        assert_eq!(detail_of(&file.concat()), Detail::Sealed(Seal::Marked));
    }

    #[test]
    fn bytes_behind_a_whole_movie_are_not_judged() {
        let mut file = film(&Reel::of(&SIZES));
        file.extend([0; 600]);
        assert_eq!(detail_of(&file), Detail::Sealed(Seal::Marked));
    }

    #[test]
    fn a_movie_without_samples_is_finished_and_hollow() {
        let file = [ftyp(), mdat(0), moov(0, &[Reel::empty().trak()])].concat();
        assert_eq!(detail_of(&file), Detail::Sealed(Seal::Hollow));
        assert_eq!(structure_of(&file).duration_ms, Some(0));
    }

    #[test]
    fn media_data_whose_size_is_not_filled_in_is_open() {
        let open = Detail::Open(Unfinished::MediaOpen { at: 16 });
        for head in [
            &b"\0\0\0\0mdat"[..],
            b"\0\0\0\x01mdat\0\0\0\0\0\0\0\0",
            b"????mdat",
        ] {
            let file = [&ftyp(), head, &[0xaa; 500]].concat();
            assert_eq!(detail_of(&file), open);
        }
        assert_eq!(detail_of(&ftyp()), Detail::Open(Unfinished::HeadOnly));
    }

    #[test]
    fn media_data_that_has_its_size_and_no_movie_is_truncated() {
        let file = [ftyp(), mdat(100)].concat();
        assert_eq!(flaw_of(&file), Flaw::MovieMissing { at: 16 });
    }

    #[test]
    fn a_box_that_claims_more_than_there_is_is_truncated() {
        let file = film(&Reel::of(&SIZES));
        let (kind, end) = (FourCc(*b"mdat"), 134);
        assert_eq!(
            flaw_of(&file[..100]),
            Flaw::BoxPastEnd { kind, at: 16, end }
        );
    }

    #[test]
    fn what_is_no_box_is_corrupt() {
        let garbage = [&ftyp()[..], &[0xfe; 100]].concat();
        assert_eq!(flaw_of(&garbage), Flaw::NotABox { at: 16 });
        let zeros = [&ftyp()[..], &[0; 100]].concat();
        assert_eq!(flaw_of(&zeros), Flaw::NotABox { at: 16 });
    }

    #[test]
    fn a_child_that_reaches_out_of_its_parent_is_corrupt() {
        let mut file = film(&Reel::of(&SIZES));
        let at = file.windows(4).position(|kind| kind == b"trak").unwrap() - 4;
        file[at + 2] += 1;
        let (kind, at) = (FourCc(*b"trak"), u64::try_from(at).unwrap());
        assert_eq!(flaw_of(&file), Flaw::BoxOutside { kind, at });
    }

    #[test]
    fn tables_that_count_differently_are_corrupt() {
        let timed = Reel {
            times: vec![(5, 1000)],
            ..Reel::of(&SIZES)
        };
        let differ = |others| Flaw::CountsDiffer {
            track: 1,
            sizes: 4,
            others,
        };
        assert_eq!(flaw_of(&film(&timed)), differ(5));
        let chunked = Reel {
            runs: vec![(1, 2)],
            ..Reel::of(&SIZES)
        };
        assert_eq!(flaw_of(&film(&chunked)), differ(8));
        let disordered = Reel {
            runs: vec![(1, 1), (3, 1), (2, 1)],
            ..Reel::of(&SIZES)
        };
        assert_eq!(
            flaw_of(&film(&disordered)),
            Flaw::RunsUnordered { track: 1 }
        );
    }

    #[test]
    fn a_table_longer_than_its_box_is_corrupt() {
        let reel = Reel::of(&SIZES);
        let mut tables = reel.tables();
        tables[3] = numbers(*b"stsz", &[0, 0, u32::MAX, 1, 2]);
        let file = [ftyp(), mdat(110), moov(400, &[reel.trak_with(&tables)])].concat();
        assert!(matches!(
            flaw_of(&file),
            Flaw::BoxShort {
                kind: FourCc([b's', b't', ..]),
                ..
            }
        ));
    }

    #[test]
    fn a_table_that_is_not_there_is_corrupt() {
        let reel = Reel::of(&SIZES);
        for index in 0..5 {
            let mut tables = reel.tables();
            tables.remove(index);
            let file = [ftyp(), mdat(110), moov(400, &[reel.trak_with(&tables)])].concat();
            assert!(matches!(flaw_of(&file), Flaw::BoxMissing { .. }));
        }
    }

    #[test]
    fn sizes_may_be_all_alike_or_of_fewer_bytes() {
        let reel = Reel::of(&[20; 4]);
        for sizes in [
            numbers(*b"stsz", &[0, 20, 4]),
            numbers(*b"stz2", &[0, 8, 4, 0x1414_1414]),
            numbers(*b"stz2", &[0, 16, 4, 0x0014_0014, 0x0014_0014]),
        ] {
            let mut tables = reel.tables();
            tables[3] = sizes;
            let file = [ftyp(), mdat(80), moov(400, &[reel.trak_with(&tables)])].concat();
            assert_eq!(detail_of(&file), Detail::Sealed(Seal::Marked));
        }
    }

    #[test]
    fn samples_outside_the_media_data_are_corrupt_and_behind_the_file_truncated() {
        let mut reel = Reel::of(&SIZES);
        reel.chunks[1] = 5;
        assert_eq!(
            flaw_of(&film(&reel)),
            Flaw::SamplesOutside { track: 1, at: 5 }
        );
        let mut reel = Reel::of(&SIZES);
        let movie = moov(reel.shown, &[reel.trak()]).len();
        reel.chunks
            .iter_mut()
            .for_each(|at| *at += u64::try_from(movie).unwrap());
        let movie = moov(reel.shown, &[reel.trak()]);
        let file = [&ftyp()[..], &movie, b"\0\0\0\0mdat", &[0xaa; 109]].concat();
        assert!(matches!(
            flaw_of(&file),
            Flaw::SamplesPastEnd { track: 1, .. }
        ));
        let file = [&file[..], &[0xaa]].concat();
        assert_eq!(detail_of(&file), Detail::Sealed(Seal::Marked));
    }

    #[test]
    fn durations_that_are_of_different_recordings_are_corrupt() {
        let reel = Reel {
            declared: 200_000,
            ..Reel::of(&SIZES)
        };
        let flaw = Flaw::DurationsDiffer {
            track: 1,
            declared_ms: 20_000,
            found_ms: 400,
        };
        assert_eq!(flaw_of(&film(&reel)), flaw);
        let reel = Reel {
            shown: 20_000,
            ..Reel::of(&SIZES)
        };
        assert!(matches!(
            flaw_of(&film(&reel)),
            Flaw::DurationsDiffer { .. }
        ));
        let unknown = Reel {
            declared: u32::MAX,
            shown: 0,
            ..Reel::of(&SIZES)
        };
        assert_eq!(detail_of(&film(&unknown)), Detail::Sealed(Seal::Marked));
    }

    #[test]
    fn a_delay_that_is_an_edit_is_no_contradiction_and_no_footage() {
        let reel = Reel {
            shown: 60_400,
            edits: vec![60_000, 400],
            ..Reel::of(&SIZES)
        };
        let found = structure_of(&film(&reel));
        assert_eq!(
            (found.detail, found.duration_ms),
            (Detail::Sealed(Seal::Marked), Some(400))
        );
    }

    #[test]
    fn video_tells_the_length_even_if_audio_is_longer() {
        let video = Reel::of(&[50]);
        let audio = Reel {
            id: 2,
            handler: *b"soun",
            entry: *b"mp4a",
            ..Reel::of(&[50; 9])
        };
        let movie = moov(900, &[audio.trak(), video.trak()]);
        let found = structure_of(&[ftyp(), mdat(450), movie].concat());
        assert_eq!(
            (found.duration_ms, found.codec),
            (Some(100), Some(Codec::H264))
        );
    }

    #[test]
    fn a_movie_longer_than_the_window_is_read_block_by_block() {
        let count = 60_000_u32;
        let mut reel = Reel::of(&vec![2; usize::try_from(count).unwrap()]);
        reel.times = (0..count).map(|at| (1, 999 + at % 3)).collect();
        reel.runs = (1..=count).map(|first| (first, 1)).collect();
        let found = structure_of(&film(&reel));
        assert_eq!(found.detail, Detail::Sealed(Seal::Marked));
        assert_eq!(
            (found.duration_ms, found.samples),
            (Some(6_000_000), Some(60_000))
        );
        assert!(found.cost.reads < 400, "{:?}", found.cost);
        let outside = reel.chunks[59_999] + 1;
        reel.chunks[59_999] = outside;
        assert_eq!(
            flaw_of(&film(&reel)),
            Flaw::SamplesOutside {
                track: 1,
                at: outside
            }
        );
    }

    /// Chunks of samples; each chunk moved by this many bytes from where it would be.
    fn any_chunks() -> impl Strategy<Value = Vec<(Vec<u32>, i64)>> {
        let moved = prop_oneof![9 => Just(0), 1 => -60_i64..60];
        prop::collection::vec((prop::collection::vec(0..40_u32, 1..40), moved), 1..12)
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(7),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn samples_are_outside_exactly_when_some_chunk_is(chunks in any_chunks()) {
            let sizes: Vec<u32> = chunks.iter().flat_map(|(sizes, _)| sizes.clone()).collect();
            let mut reel = Reel::of(&sizes);
            let end = MEDIA_AT + sizes.iter().map(|size| u64::from(*size)).sum::<u64>();
            let (mut at, mut outside) = (MEDIA_AT, None);
            (reel.chunks, reel.runs) = (Vec::new(), Vec::new());
            for (index, (sizes, moved)) in (1..).zip(&chunks) {
                let len = sizes.iter().map(|size| u64::from(*size)).sum::<u64>();
                let offset = at.saturating_add_signed(*moved);
                let within = offset >= MEDIA_AT && offset + len <= end;
                if len > 0 && !within && outside.is_none() {
                    outside = Some(Flaw::SamplesOutside { track: 1, at: offset });
                }
                reel.chunks.push(offset);
                reel.runs.push((index, u32::try_from(sizes.len()).unwrap()));
                at += len;
            }
            let expected = outside.map_or(Detail::Sealed(Seal::Marked), Detail::from);
            prop_assert_eq!(detail_of(&film(&reel)), expected);
        }
    }
}
