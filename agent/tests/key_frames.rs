//! Key frames out of files that real writers left: which frame, when, and that it begins with its
//! parameter sets.
//!
//! Times are what `ffprobe` 5.1 says of the same files.

use keepwatch_agent::footage::container::{Codec, KeyFrame, KeyFrameError, keyframe};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A file in the folder of test data.
macro_rules! recorded {
    ($name:literal) => {
        (
            $name,
            include_bytes!(concat!("../testdata/container/", $name)),
        )
    };
}

type Named = (&'static str, &'static [u8]);

/// Files with H.264, and when the key frame at or before 1.5 seconds is.
const FILES: [(Named, i64); 9] = [
    (recorded!("ffmpeg_b_frames.mp4"), 1000),
    (recorded!("ffmpeg_faststart.mp4"), 1000),
    (recorded!("ffmpeg_fragmented.mp4"), 1128),
    (recorded!("ffmpeg_fragmented_after_movie.mp4"), 1128),
    (recorded!("ffmpeg_fragmented_indexed.mp4"), 1000),
    (recorded!("ffmpeg_fragmented_killed.mp4"), 1000),
    (recorded!("ffmpeg_progressive.mp4"), 1000),
    (recorded!("ffmpeg_segment_with_offset.mp4"), 1000),
    (recorded!("gstreamer_fragmented.mp4"), 1000),
];

fn taken(file: &[u8], wanted_ms: i64) -> Result<Option<KeyFrame>, KeyFrameError> {
    keyframe(&file, u64::try_from(file.len()).unwrap_or(0), wanted_ms)
}

/// The kinds of the units of a frame of H.264.
fn kinds(annexb: &[u8]) -> Vec<u8> {
    annexb
        .windows(5)
        .filter(|five| five.starts_with(&[0, 0, 0, 1]))
        .map(|five| five[4] & 0x1f)
        .collect()
}

#[test]
fn the_key_frame_before_a_time_is_taken_with_its_parameter_sets() {
    for ((name, file), at_ms) in FILES {
        let frame = taken(file, 1500).unwrap().unwrap();
        assert_eq!((frame.codec, frame.at_ms), (Codec::H264, at_ms), "{name}");
        let kinds = kinds(&frame.annexb);
        assert!(kinds.starts_with(&[7, 8]), "{name}: {kinds:?}");
        assert!(kinds.contains(&5), "{name}: {kinds:?}");
    }
}

#[test]
fn a_time_before_the_start_gives_the_first_frame_and_one_behind_the_end_the_last() {
    for ((name, file), _) in FILES {
        let first = taken(file, -5).unwrap().unwrap();
        assert_eq!(first.at_ms, 0, "{name}");
        let last = taken(file, i64::MAX).unwrap().unwrap();
        assert!((2000..2200).contains(&last.at_ms), "{name}");
    }
}

#[test]
fn a_frame_of_h265_is_taken_too() {
    let (_, file) = recorded!("ffmpeg_hevc.mp4");
    let frame = taken(file, 2000).unwrap().unwrap();
    assert_eq!((frame.codec, frame.at_ms), (Codec::H265, 0));
    assert_eq!(frame.annexb[4] >> 1, 32);
}

#[test]
fn encrypted_pictures_are_told_and_an_unfinished_file_has_none_yet() {
    let (_, file) = recorded!("ffmpeg_encrypted.mp4");
    assert!(matches!(
        taken(file, 0),
        Err(KeyFrameError::Codec {
            codec: Codec::Encrypted
        })
    ));
    let (_, file) = recorded!("ffmpeg_killed.mp4");
    assert_eq!(taken(file, 0).unwrap(), None);
}

#[test]
fn a_file_cut_anywhere_gives_a_whole_frame_or_none() {
    for ((name, file), _) in FILES {
        for len in (0..file.len()).step_by(7) {
            if let Ok(Some(frame)) = taken(&file[..len], 1500) {
                assert!(kinds(&frame.annexb).contains(&5), "{name} cut at {len}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_000,
        rng_seed: RngSeed::Fixed(20_261_124),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn damage_gives_a_frame_or_a_reason(
        file in 0..FILES.len(),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        wanted_ms in any::<i64>(),
    ) {
        let mut bytes = FILES[file].0.1.to_vec();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(Some(frame)) = taken(&bytes, wanted_ms) {
            prop_assert!(frame.annexb.len() <= bytes.len() + 1024);
        }
    }
}
