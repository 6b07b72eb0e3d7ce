//! Damage of any kind to files of any container: judged within bounds, without a panic, and the same
//! every time.

use keepwatch_agent::footage::container::{Checker, keyframe};
use keepwatch_common::model::segment::SegmentState;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use super::indexed::{CLOSED, UNCLOSED};
use super::maker::{dahua, hikvision};
use super::streams::{STREAMS, raw_pictures};
use super::{check, checked};

/// All files.
fn files() -> Vec<Vec<u8>> {
    let real = STREAMS.into_iter().chain(CLOSED).chain(UNCLOSED);
    let mut files: Vec<Vec<u8>> = real.map(|known| known.file.1.to_vec()).collect();
    files.push(hikvision(&raw_pictures(), 10, 0, true));
    files.push(dahua(&raw_pictures(), 10, 0));
    files
}

#[test]
fn a_stream_cut_anywhere_is_never_corrupt_and_never_grows_longer() {
    let made = [
        hikvision(&raw_pictures(), 10, 0, true),
        dahua(&raw_pictures(), 10, 0),
    ];
    let real = STREAMS.into_iter().map(|known| known.file.1.to_vec());
    for file in real.chain(made) {
        let mut longest = 0;
        for len in (16..file.len()).step_by(11) {
            let found = checked(&file[..len]);
            assert_ne!(
                found.state,
                SegmentState::Corrupt,
                "{len}: {}",
                found.detail
            );
            let there = found.duration_ms.unwrap_or(0);
            // How long the last frame lasts is measured by those before it.
            assert!(there + 100 >= longest, "{len}: {there} after {longest}");
            longest = longest.max(there);
        }
    }
}

#[test]
fn no_single_byte_makes_the_check_fail_or_read_without_end() {
    let mut checker = Checker::new();
    for mut file in files() {
        for at in (0..file.len()).step_by(3) {
            file[at] ^= 0xff;
            let found = check(&mut checker, &file);
            assert!(found.cost.reads < 400, "{at}: {found:?}");
            file[at] ^= 0xff;
        }
    }
}

/// Bytes overwritten, words overwritten, and the end cut or zeroed.
#[derive(Debug, Clone)]
struct Damage {
    file: prop::sample::Index,
    bytes: Vec<(prop::sample::Index, u8)>,
    words: Vec<(prop::sample::Index, u32)>,
    keep: Option<prop::sample::Index>,
    zero: bool,
}

fn any_damage() -> impl Strategy<Value = Damage> {
    let word = prop_oneof![any::<u32>(), 0..64_u32, Just(u32::MAX), Just(1)];
    (
        any::<prop::sample::Index>(),
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
    fn apply(&self, files: &[Vec<u8>]) -> Vec<u8> {
        let mut file = self.file.get(files).clone();
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
        cases: 64,
        rng_seed: RngSeed::Fixed(20_261_125),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn damage_is_judged_within_bounds_and_gives_a_frame_or_a_reason(
        all in prop::collection::vec(any_damage(), 40),
        wanted_ms in any::<i64>(),
    ) {
        let (mut checker, files) = (Checker::new(), files());
        for damage in all {
            let file = damage.apply(&files);
            let found = check(&mut checker, &file);
            prop_assert!(found.cost.reads < 1_000, "{:?}", found);
            prop_assert!(found.cost.bytes < 8 * 1024 * 1024, "{:?}", found);
            prop_assert_eq!(found.fault, found.detail.fault());
            prop_assert!(found.duration_ms.is_none_or(|ms| ms >= 0), "{:?}", found);
            prop_assert!(!found.detail.to_string().is_empty());
            prop_assert_eq!(check(&mut checker, &file), found);
            let size = u64::try_from(file.len()).unwrap_or(0);
            if let Ok(Some(frame)) = keyframe(&file.as_slice(), size, wanted_ms) {
                prop_assert!(frame.annexb.len() <= 2 * file.len() + 1024);
            }
        }
    }
}
