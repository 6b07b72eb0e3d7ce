//! Key frames that ffmpeg coded, and a decoder to try them on. `testdata/pictures/make` makes them.

use std::path::PathBuf;
use std::sync::Arc;

use keepwatch_agent::picture::decoder::{DecodeError, Decoder, Settings, Wanted};
use keepwatch_agent::picture::frame::{Codec, KeyFrame};
use keepwatch_agent::picture::mask::Masks;
use keepwatch_agent::picture::sample::Sample;
use keepwatch_common::clock::SystemClock;

/// A file in the folder of test data.
macro_rules! clip {
    ($name:literal) => {
        include_bytes!(concat!("../../testdata/pictures/", $name)).as_slice()
    };
}

/// A key frame and what ffmpeg 5.1 makes of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clip {
    pub(crate) name: &'static str,
    pub(crate) codec: Codec,
    pub(crate) annexb: &'static [u8],
    pub(crate) size: (u32, u32),
    /// Means of luma and of the blue difference.
    pub(crate) means: (f32, f32),
}

const fn of(
    name: &'static str,
    codec: Codec,
    annexb: &'static [u8],
    size: (u32, u32),
    means: (f32, f32),
) -> Clip {
    Clip {
        name,
        codec,
        annexb,
        size,
        means,
    }
}

/// What both of our decoders know.
#[rustfmt::skip]
pub(crate) const PROGRESSIVE: [Clip; 7] = [
    of("baseline", Codec::H264, clip!("baseline.h264"), (640, 360), (125.189, 127.359)),
    of("main", Codec::H264, clip!("main.h264"), (640, 360), (125.097, 127.421)),
    of("high", Codec::H264, clip!("high.h264"), (640, 360), (124.977, 127.53)),
    of("slices", Codec::H264, clip!("slices.h264"), (640, 360), (125.034, 127.371)),
    of("odd", Codec::H264, clip!("odd.h264"), (638, 358), (125.498, 127.002)),
    of("main, HEVC", Codec::H265, clip!("main.hevc"), (640, 360), (125.117, 127.436)),
    of("main 10, HEVC", Codec::H265, clip!("main10.hevc"), (640, 360), (125.04, 127.337)),
];

/// What they refuse.
#[rustfmt::skip]
pub(crate) const INTERLACED: Clip =
    of("interlaced", Codec::H264, clip!("interlaced.h264"), (704, 576), (125.73, 126.988));

/// How long a picture may take in these tests, in milliseconds: long, for a busy machine.
const PICTURE_MS: u64 = 60_000;

/// The program as it ships.
pub(crate) fn settings(ffmpeg: Option<PathBuf>) -> Settings {
    Settings {
        program: env!("CARGO_BIN_EXE_keepwatch-agent").into(),
        ffmpeg,
        picture_ms: PICTURE_MS,
        unconfined: false,
    }
}

pub(crate) fn decoder(ffmpeg: Option<PathBuf>) -> Decoder {
    Decoder::new(settings(ffmpeg), Arc::new(SystemClock::new()))
}

/// The sample of some bytes, with nothing masked.
pub(crate) fn sample(
    decoder: &mut Decoder,
    codec: Codec,
    annexb: &[u8],
) -> Result<Sample, DecodeError> {
    let masks = Masks::none();
    let wanted = Wanted {
        masks: &masks,
        raster_width: 160,
    };
    decoder.sample(KeyFrame { codec, annexb }, wanted)
}
