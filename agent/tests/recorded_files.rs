//! Files that real writers left, whole and damaged: what the structure check says of them.
//!
//! Durations and counts are what `ffprobe` 5.1 says of the same files. The maker and the case stand
//! in the name of each; `*_killed` were left by `kill -9`.

use keepwatch_agent::footage::container::{Checker, Codec, Container, Structure};
use keepwatch_common::model::segment::{FaultKind, SegmentState};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A file in the folder of test data.
macro_rules! recorded {
    ($name:literal) => {
        include_bytes!(concat!("../testdata/container/", $name))
    };
}

/// Files of one movie, with milliseconds and frames of their video.
const WHOLE: [(&[u8], i64, u64); 8] = [
    (recorded!("ffmpeg_progressive.mp4"), 3000, 30),
    (recorded!("ffmpeg_faststart.mp4"), 3000, 30),
    (recorded!("ffmpeg_segment_with_offset.mp4"), 3000, 30),
    (recorded!("ffmpeg_b_frames.mp4"), 3000, 30),
    (recorded!("ffmpeg_encrypted.mp4"), 3000, 30),
    (recorded!("ffmpeg_hevc.mp4"), 3000, 30),
    (recorded!("gstreamer_progressive.mp4"), 3000, 30),
    (recorded!("ffmpeg_fragmented_after_movie.mp4"), 3128, 30),
];

/// Files in fragments; those of ffmpeg have the last frame last as long as the sound does.
const FRAGMENTED: [(&[u8], i64, u64); 4] = [
    (recorded!("ffmpeg_fragmented.mp4"), 3128, 30),
    (recorded!("ffmpeg_fragmented_indexed.mp4"), 3000, 30),
    (recorded!("ffmpeg_fragmented_killed.mp4"), 3000, 30),
    (recorded!("gstreamer_fragmented.mp4"), 3000, 30),
];

#[expect(clippy::unwrap_used, reason = "reading a slice does not fail")]
fn check(checker: &mut Checker, file: &[u8]) -> Structure {
    checker
        .check(&file, u64::try_from(file.len()).unwrap())
        .unwrap()
}

#[test]
fn whole_files_are_sealed_and_as_long_as_ffprobe_says() {
    let mut checker = Checker::new();
    for (file, duration_ms, frames) in WHOLE.into_iter().chain(FRAGMENTED) {
        let found = check(&mut checker, file);
        assert_eq!(
            (found.state, found.fault),
            (SegmentState::Sealed, None),
            "{}",
            found.detail
        );
        assert_eq!(
            (found.duration_ms, found.samples),
            (Some(duration_ms), Some(frames))
        );
    }
}

#[test]
fn codecs_are_named_even_under_encryption() {
    let mut checker = Checker::new();
    let codec = |checker: &mut Checker, file| check(checker, file).codec;
    assert_eq!(
        codec(&mut checker, recorded!("ffmpeg_hevc.mp4")),
        Some(Codec::H265)
    );
    assert_eq!(
        codec(&mut checker, recorded!("ffmpeg_encrypted.mp4")),
        Some(Codec::H264)
    );
}

#[test]
fn a_killed_recorder_leaves_an_open_file() {
    let found = check(&mut Checker::new(), recorded!("ffmpeg_killed.mp4"));
    assert_eq!(
        (found.container, found.state),
        (Container::Mp4, SegmentState::Open)
    );
    assert_eq!((found.fault, found.duration_ms), (None, None));
}

#[test]
fn a_whole_file_takes_two_reads_at_most() {
    let mut checker = Checker::new();
    for (file, ..) in WHOLE.into_iter().take(7) {
        assert!(check(&mut checker, file).cost.reads <= 2);
    }
}

#[test]
fn a_file_of_one_movie_is_never_sealed_when_its_end_is_missing() {
    let mut checker = Checker::new();
    for (file, ..) in WHOLE.into_iter().take(7) {
        for len in 0..file.len() {
            let found = check(&mut checker, &file[..len]);
            assert_ne!(found.state, SegmentState::Sealed, "{len}: {}", found.detail);
            assert_ne!(
                found.fault,
                Some(FaultKind::Corrupt),
                "{len}: {}",
                found.detail
            );
            assert_eq!(found.duration_ms, None, "{len}: {}", found.detail);
        }
    }
}

#[test]
fn a_file_in_fragments_is_as_long_as_its_whole_fragments_wherever_it_ends() {
    let mut checker = Checker::new();
    for (file, duration_ms, frames) in FRAGMENTED {
        let mut longest = (0, 0);
        for len in 1..file.len() {
            let found = check(&mut checker, &file[..len]);
            assert_ne!(
                found.fault,
                Some(FaultKind::Corrupt),
                "{len}: {}",
                found.detail
            );
            let there = (found.duration_ms.unwrap_or(0), found.samples.unwrap_or(0));
            assert!(there >= longest, "{len}: {}", found.detail);
            longest = there;
        }
        assert!(longest <= (duration_ms, frames));
        assert!(longest.1 >= frames / 2, "{longest:?}");
    }
}

#[test]
fn an_indexed_file_in_fragments_is_truncated_once_its_index_is_whole() {
    let file = recorded!("ffmpeg_fragmented_indexed.mp4");
    let index = file.windows(4).position(|kind| kind == b"moof").unwrap();
    let mut checker = Checker::new();
    let media_end = file.windows(4).rposition(|kind| kind == b"mfra").unwrap() - 4;
    for len in index..media_end {
        assert_eq!(
            check(&mut checker, &file[..len]).fault,
            Some(FaultKind::Truncated),
            "{len}"
        );
    }
}

#[test]
fn no_single_byte_makes_the_check_fail_or_read_without_end() {
    let mut checker = Checker::new();
    for (file, ..) in WHOLE.into_iter().chain(FRAGMENTED) {
        let mut changed = file.to_vec();
        for at in 0..changed.len() {
            changed[at] ^= 0xff;
            assert!(check(&mut checker, &changed).cost.reads < 100);
            changed[at] ^= 0xff;
        }
    }
}

/// Damage to a file: bytes and four-byte words overwritten, its end cut off or zeroed.
#[derive(Debug, Clone)]
struct Damage {
    file: usize,
    bytes: Vec<(prop::sample::Index, u8)>,
    words: Vec<(prop::sample::Index, u32)>,
    keep: Option<prop::sample::Index>,
    zero: bool,
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let word = prop_oneof![any::<u32>(), 0..64_u32, Just(u32::MAX), Just(1)];
    (
        0..WHOLE.len() + FRAGMENTED.len(),
        prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..8),
        prop::collection::vec((any::<prop::sample::Index>(), word), 0..4),
        prop::option::of(any::<prop::sample::Index>()),
        any::<bool>(),
    )
        .prop_map(|(file, bytes, words, keep, zero)| Damage {
            file,
            bytes,
            words,
            keep,
            zero,
        })
}

impl Damage {
    fn apply(&self) -> Vec<u8> {
        let mut files = WHOLE.into_iter().chain(FRAGMENTED);
        let mut file = files
            .nth(self.file)
            .map(|(file, ..)| file.to_vec())
            .unwrap_or_default();
        for (at, byte) in &self.bytes {
            let at = at.index(file.len());
            file[at] = *byte;
        }
        for (at, word) in &self.words {
            let at = at.index(file.len() - 4);
            file[at..at + 4].copy_from_slice(&word.to_be_bytes());
        }
        if let Some(keep) = self.keep {
            let keep = keep.index(file.len());
            if self.zero {
                file[keep..].fill(0);
            } else {
                file.truncate(keep);
            }
        }
        file
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4_000,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn damage_is_judged_within_bounds_and_leaves_no_trace(damage in any_damage()) {
        let mut checker = Checker::new();
        let found = check(&mut checker, &damage.apply());
        prop_assert!(found.cost.reads < 200, "{:?}", found);
        prop_assert_eq!(found.fault, found.detail.fault());
        prop_assert!(found.duration_ms.is_none_or(|ms| ms >= 0));
        prop_assert!(!found.detail.to_string().is_empty());
        let (clean, duration_ms, _) = WHOLE[0];
        prop_assert_eq!(check(&mut checker, clean).duration_ms, Some(duration_ms));
    }
}
