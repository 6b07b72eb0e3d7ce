//! What a deeper check sees: damage in media data that tables and marks do not tell.

use keepwatch_agent::footage::container::detail::{Detail, Flaw};
use keepwatch_agent::footage::container::{Checker, Depth, Structure};
use keepwatch_common::model::segment::SegmentState;

use super::indexed::{CLOSED, UNCLOSED};
use super::maker::{dahua, hikvision};
use super::streams::{STREAMS, raw_pictures};
use super::{Named, check, checked, recorded};

fn deep(file: &[u8]) -> Structure {
    check(&mut Checker::with_depth(Depth::Deep), file)
}

const MOVIES: [Named; 8] = [
    recorded!("ffmpeg_b_frames.mp4"),
    recorded!("ffmpeg_encrypted.mp4"),
    recorded!("ffmpeg_fragmented.mp4"),
    recorded!("ffmpeg_fragmented_after_movie.mp4"),
    recorded!("ffmpeg_hevc.mp4"),
    recorded!("ffmpeg_progressive.mp4"),
    recorded!("gstreamer_fragmented.mp4"),
    recorded!("gstreamer_progressive.mp4"),
];

#[test]
fn whole_files_are_the_same_at_any_depth() {
    let others = STREAMS.into_iter().chain(CLOSED).chain(UNCLOSED);
    for (name, file) in MOVIES.into_iter().chain(others.map(|known| known.file)) {
        let (found, usual) = (deep(file), checked(file));
        assert_eq!(found.detail, usual.detail, "{name}");
        assert_eq!(found.duration_ms, usual.duration_ms, "{name}");
    }
}

#[test]
fn a_unit_that_is_longer_than_its_sample_is_seen_when_asked_for() {
    for (name, file) in [MOVIES[5], MOVIES[2], MOVIES[7]] {
        let mut file = file.to_vec();
        // What x264 says of itself is the first unit of the first sample.
        let unit = file
            .windows(4)
            .position(|head| head == [6, 5, 255, 255])
            .unwrap();
        file[unit - 3] ^= 0x80;
        assert_eq!(checked(&file).state, SegmentState::Sealed, "{name}");
        assert!(
            matches!(
                deep(&file).detail,
                Detail::Corrupt(Flaw::UnitOverrun { .. })
            ),
            "{name}: {}",
            deep(&file).detail
        );
    }
}

#[test]
fn a_movie_whose_media_was_zeroed_is_seen_when_asked_for() {
    let (_, file) = recorded!("ffmpeg_progressive.mp4");
    let mut file = file.to_vec();
    let media = file.windows(4).position(|kind| kind == b"mdat").unwrap() + 4;
    file[media..media + 2_000].fill(0xff);
    assert_eq!(checked(&file).state, SegmentState::Sealed);
    assert!(deep(&file).fault.is_some());
}

#[test]
fn a_block_of_another_length_is_seen_when_asked_for() {
    let (_, file) = recorded!("ffmpeg_matroska.mkv");
    let mut file = file.to_vec();
    // The second block: its id, and its length of two bytes.
    let cluster = file
        .windows(4)
        .position(|id| id == [0x1f, 0x43, 0xb6, 0x75])
        .unwrap();
    let first = cluster
        + file[cluster..]
            .iter()
            .position(|byte| *byte == 0xa3)
            .unwrap();
    file[first + 2] ^= 0x10;
    assert_eq!(checked(&file).state, SegmentState::Sealed);
    assert!(matches!(
        deep(&file).detail,
        Detail::Corrupt(Flaw::ElementMisfit { .. })
    ));
}

#[test]
fn a_small_hole_in_a_long_stream_is_seen_when_asked_for() {
    let pictures: Vec<_> = raw_pictures().into_iter().cycle().take(24_000).collect();
    for mut file in [hikvision(&pictures, 10, 0, false), dahua(&pictures, 10, 0)] {
        let (from, hole) = (file.len() / 2, file.len() / 40);
        file[from..from + hole].fill(0);
        let found = deep(&file);
        assert!(
            matches!(found.detail, Detail::Corrupt(Flaw::SyncLost { .. })),
            "{}",
            found.detail
        );
        assert!(found.cost.bytes < 4 * 1024 * 1024, "{:?}", found.cost);
    }
}
