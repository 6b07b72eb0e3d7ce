//! Real key frames: what our decoders know, what goes to ffmpeg, and what nobody decodes.

use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use keepwatch_agent::picture::decoder::{DecodeError, Decoder, Refusal};
use keepwatch_agent::picture::sample::Sample;
use keepwatch_common::clock::SystemClock;

use super::clip::{Clip, INTERLACED, PROGRESSIVE, decoder, sample, settings};

fn assert_is(sample: &Sample, clip: &Clip) {
    let (figures, name) = (&sample.figures, clip.name);
    assert_eq!(sample.size, clip.size, "{name}");
    let (luma, blue) = clip.means;
    assert!((figures.mean - luma).abs() < 0.3, "{name}: {figures:?}");
    // One pixel of each cell is looked at, not all of them.
    assert!((figures.mean_u - blue).abs() < 4.0, "{name}: {figures:?}");
    assert_eq!(sample.raster.width(), 160, "{name}");
}

fn ffmpeg() -> PathBuf {
    PathBuf::from("/usr/bin/ffmpeg")
}

#[test]
fn every_progressive_picture_is_what_ffmpeg_makes_of_it() {
    let mut decoder = decoder(None);
    for clip in &PROGRESSIVE {
        let told = sample(&mut decoder, clip.codec, clip.annexb);
        assert_is(&told.unwrap_or_else(|e| panic!("{}: {e}", clip.name)), clip);
    }
}

#[test]
fn all_pictures_of_one_scene_have_nearly_one_hash() {
    let mut decoder = decoder(None);
    let mut hashes = PROGRESSIVE
        .iter()
        .map(|clip| sample(&mut decoder, clip.codec, clip.annexb).unwrap().dhash);
    let first = hashes.next().unwrap();
    for hash in hashes {
        assert!((first ^ hash).count_ones() <= 4, "{first:016x} {hash:016x}");
    }
}

#[test]
fn an_interlaced_picture_goes_to_ffmpeg() {
    let mut decoder = decoder(Some(ffmpeg()));
    let told = sample(&mut decoder, INTERLACED.codec, INTERLACED.annexb);
    assert_is(&told.unwrap(), &INTERLACED);
}

#[test]
fn without_ffmpeg_an_interlaced_picture_is_unknown_and_the_remedy_told() {
    let error = sample(&mut decoder(None), INTERLACED.codec, INTERLACED.annexb).unwrap_err();
    let told = error.to_string();
    let unsupported = matches!(
        error,
        DecodeError::Unknown {
            refusal: Refusal::Unsupported,
            ffmpeg: false,
            ..
        }
    );
    assert!(unsupported && told.contains("install ffmpeg"), "{told}");
}

#[test]
fn an_ffmpeg_that_is_none_decodes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("ffmpeg");
    fs_err::write(&script, "#!/bin/sh\necho YUV4MPEG2 W9999 H9999\n").unwrap();
    fs_err::set_permissions(&script, PermissionsExt::from_mode(0o755)).unwrap();
    for program in [script, PathBuf::from("/nonexistent/ffmpeg")] {
        let error = sample(
            &mut decoder(Some(program)),
            INTERLACED.codec,
            INTERLACED.annexb,
        )
        .unwrap_err();
        assert!(
            matches!(error, DecodeError::Unknown { ffmpeg: true, .. }),
            "{error}"
        );
    }
}

#[test]
fn a_program_that_is_no_decoder_is_not_started_again_at_once() {
    let mut settings = settings(None);
    settings.program = "/bin/true".into();
    let mut decoder = Decoder::new(settings, std::sync::Arc::new(SystemClock::new()));
    let clip = PROGRESSIVE[0];
    let first = sample(&mut decoder, clip.codec, clip.annexb).unwrap_err();
    assert!(matches!(first, DecodeError::Start(_)), "{first}");
    let second = sample(&mut decoder, clip.codec, clip.annexb).unwrap_err();
    assert!(matches!(second, DecodeError::Resting { .. }), "{second}");
}

#[test]
fn a_rested_decoder_wakes() {
    let (mut decoder, clip) = (decoder(None), PROGRESSIVE[0]);
    for _ in 0..2 {
        assert!(sample(&mut decoder, clip.codec, clip.annexb).is_ok());
        assert!(decoder.confinement().is_some_and(|c| c.seccomp && c.limits));
        decoder.rest();
        assert_eq!(decoder.confinement(), None);
    }
}
