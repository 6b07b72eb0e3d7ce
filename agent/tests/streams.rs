//! Streams that real writers left, whole and damaged: what the structure check says of them.
//!
//! Times and counts are what `ffprobe` 5.1 says of the same files. The maker and the case stand in the
//! name of each; `*_killed` were left by `kill -9`.

use keepwatch_agent::footage::container::{Checker, Codec, Container, Structure, keyframe};
use keepwatch_common::model::segment::{FaultKind, SegmentState};
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

/// What a file is and holds.
struct Known {
    file: Named,
    container: Container,
    codec: Codec,
    duration_ms: i64,
    frames: u64,
}

const fn known(file: Named, container: Container, duration_ms: i64, frames: u64) -> Known {
    Known {
        file,
        container,
        codec: Codec::H264,
        duration_ms,
        frames,
    }
}

const FILES: [Known; 6] = [
    known(
        recorded!("ffmpeg_transport.ts"),
        Container::MpegTs,
        2000,
        20,
    ),
    Known {
        codec: Codec::H265,
        ..known(recorded!("ffmpeg_hevc.ts"), Container::MpegTs, 2000, 20)
    },
    known(recorded!("ffmpeg_sound.ts"), Container::MpegTs, 2000, 20),
    known(
        recorded!("gstreamer_transport.ts"),
        Container::MpegTs,
        2000,
        20,
    ),
    known(
        recorded!("gstreamer_program.mpg"),
        Container::MpegPs,
        2000,
        20,
    ),
    known(
        recorded!("ffmpeg_transport_killed.ts"),
        Container::MpegTs,
        3000,
        30,
    ),
];

fn check(checker: &mut Checker, file: &[u8]) -> Structure {
    match checker.check(&file, u64::try_from(file.len()).unwrap_or(0)) {
        Ok(found) => found,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn whole_streams_are_sealed_and_as_long_as_ffprobe_says() {
    let mut checker = Checker::new();
    for known in FILES {
        let (name, file) = known.file;
        let found = check(&mut checker, file);
        assert_eq!(
            found.state,
            SegmentState::Sealed,
            "{name}: {}",
            found.detail
        );
        assert_eq!(
            (found.container, found.codec, found.picture),
            (known.container, Some(known.codec), Some((160, 120))),
            "{name}"
        );
        assert_eq!(
            (found.duration_ms, found.samples),
            (Some(known.duration_ms), Some(known.frames)),
            "{name}"
        );
        assert_eq!(found.frame_rate(), Some(10_000), "{name}");
        let bits = u64::try_from(file.len()).unwrap() * 8_000;
        assert_eq!(
            found.bitrate(),
            Some(bits / u64::try_from(known.duration_ms).unwrap())
        );
    }
}
