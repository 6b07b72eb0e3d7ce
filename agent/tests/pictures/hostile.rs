//! Key frames that somebody meant to harm with: at most the child pays.

use keepwatch_agent::picture::decoder::{DecodeError, Decoder, Refusal, Settings};
use keepwatch_agent::picture::frame::{Codec, KEY_FRAME_BYTES_MAX};
use keepwatch_common::clock::{ManualClock, SystemClock};
use keepwatch_common::ids::Seeded;
use keepwatch_common::time::Instant;
use proptest::prelude::*;
use proptest::test_runner::{RngSeed, TestRunner};
use std::cell::RefCell;
use std::sync::Arc;

use super::clip::{INTERLACED, PROGRESSIVE, decoder, sample, settings};

/// Streams tried for each way to damage one.
const CASES: u32 = 150;

/// The outcome is one of those that leave the decoder fit for the next picture.
fn assert_contained(outcome: Result<impl Sized, DecodeError>) {
    match outcome {
        Ok(_)
        | Err(DecodeError::Unknown { .. } | DecodeError::Died | DecodeError::Resting { .. }) => {}
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn damaged_pictures_do_not_take_the_decoder_with_them() {
    let config = ProptestConfig {
        cases: CASES,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let decoder = RefCell::new(decoder(None));
    let flips = proptest::collection::vec((any::<proptest::sample::Index>(), 1_u8..), 1..20);
    let strategy = (
        0..PROGRESSIVE.len(),
        flips,
        any::<proptest::sample::Index>(),
        any::<bool>(),
    );
    let tried = TestRunner::new(config).run(&strategy, |(which, flips, cut, whole)| {
        let clip = PROGRESSIVE[which];
        let mut bytes = clip.annexb.to_vec();
        for (at, flip) in flips {
            bytes[at.index(clip.annexb.len())] ^= flip;
        }
        if !whole {
            bytes.truncate(cut.index(clip.annexb.len()));
        }
        assert_contained(sample(&mut decoder.borrow_mut(), clip.codec, &bytes));
        Ok(())
    });
    tried.unwrap();
}

#[test]
fn noise_is_refused() {
    let (mut decoder, noise) = (decoder(None), Seeded::new(5));
    for codec in [Codec::H264, Codec::H265] {
        for length in [0, 1, 5, 300, 70_000] {
            let bytes: Vec<u8> = (0..length).map(|_| noise.next().to_le_bytes()[0]).collect();
            assert_contained(sample(&mut decoder, codec, &bytes));
        }
    }
}

#[test]
fn a_picture_in_the_name_of_the_other_codec_is_refused() {
    let mut decoder = decoder(None);
    for clip in PROGRESSIVE {
        let other = match clip.codec {
            Codec::H264 => Codec::H265,
            Codec::H265 => Codec::H264,
        };
        let outcome = sample(&mut decoder, other, clip.annexb);
        assert!(
            matches!(outcome, Err(DecodeError::Unknown { .. })),
            "{}",
            clip.name
        );
    }
}

#[test]
fn a_key_frame_too_long_does_not_reach_the_child() {
    let mut decoder = decoder(None);
    let long = vec![0; KEY_FRAME_BYTES_MAX + 1];
    let outcome = sample(&mut decoder, Codec::H264, &long);
    assert!(matches!(outcome, Err(DecodeError::TooLong { .. })));
    assert_eq!(decoder.confinement(), None);
}

#[test]
fn the_longest_key_frame_goes_through() {
    let clip = PROGRESSIVE[0];
    let mut long = clip.annexb.to_vec();
    // After the picture, a unit of a kind that means nothing.
    long.extend([0, 0, 1, 0x1f]);
    long.resize(KEY_FRAME_BYTES_MAX, 0xaa);
    let outcome = sample(&mut decoder(None), clip.codec, &long);
    assert!(outcome.is_ok(), "{:?}", outcome.err());
}

/// A parameter set that claims 65 536 × 65 536 pixels, and the slice of a small picture.
#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
    // Baseline: 4 096 blocks across and down, each in 25 bits.
    let set = "11111000000000000010000000000000000000010000000000001000000000000100";
    let mut bytes = vec![0, 0, 0, 1, 0x67, 66, 0, 30];
    let digits: Vec<char> = set.chars().collect();
    bytes.extend(digits.chunks(8).map(|eight| {
        let bit = |at: usize| u8::from(eight.get(at) == Some(&'1')) << (7 - at);
        (0..8).map(bit).sum::<u8>()
    }));
    bytes.extend(PROGRESSIVE[0].annexb);
    let error = sample(&mut decoder(None), Codec::H264, &bytes).unwrap_err();
    let large = matches!(
        error,
        DecodeError::Unknown {
            refusal: Refusal::TooLarge { .. } | Refusal::Damaged,
            ..
        }
    );
    assert!(large, "{error}");
}

#[test]
fn damaged_pictures_end_ffmpeg_at_most() {
    let mut decoder = decoder(Some("/usr/bin/ffmpeg".into()));
    for cut in [60, 900, 2_000] {
        assert_contained(sample(
            &mut decoder,
            INTERLACED.codec,
            &INTERLACED.annexb[..cut],
        ));
    }
}

#[test]
fn a_decoder_that_takes_too_long_is_ended_and_another_one_started() {
    let late = Settings {
        picture_ms: 0,
        ..settings(None)
    };
    let clip = PROGRESSIVE[0];
    let mut decoder = Decoder::new(late, Arc::new(SystemClock::new()));
    let outcome = sample(&mut decoder, clip.codec, clip.annexb);
    assert!(matches!(outcome, Err(DecodeError::Late { ms: 0 })));
    assert_eq!(decoder.confinement(), None);
}

#[test]
fn one_that_died_rests_longer_each_time() {
    let clock = ManualClock::at(Instant::EPOCH);
    let broken = Settings {
        program: "/bin/true".into(),
        ..settings(None)
    };
    let mut decoder = Decoder::new(broken, Arc::new(clock.clone()));
    let mut rests = Vec::new();
    for _ in 0..12 {
        assert!(matches!(
            sample(&mut decoder, Codec::H264, b"x"),
            Err(DecodeError::Start(_))
        ));
        let Err(DecodeError::Resting { ms }) = sample(&mut decoder, Codec::H264, b"x") else {
            panic!("it should rest");
        };
        rests.push(ms);
        clock.advance(ms);
    }
    assert!(rests.is_sorted());
    assert_eq!(rests.first(), Some(&250));
    assert_eq!(rests.last(), Some(&60_000));
}
