//! The outcome of a structure check: which container, in what state, how long, of which codec.
//!
//! Words only. It must not know how a file is read nor what any container looks like inside, so that
//! every reader of a container can speak it.

use keepwatch_common::model::segment::{FaultKind, SegmentState};

use super::detail::Detail;
use super::four_cc::FourCc;

/// What the structure of one recorded file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Structure {
    /// The kind of file.
    pub container: Container,
    /// Finished, unfinished, unreadable from outside, or damaged.
    pub state: SegmentState,
    /// What is wrong, when the state is corrupt.
    pub fault: Option<FaultKind>,
    /// What was found, for a person; it always decides `state` and `fault`.
    pub detail: Detail,
    /// Length of the footage that is really there, in milliseconds: of the first video track, else of
    /// the longest one. Known for whole files and for the whole fragments of an unfinished one.
    pub duration_ms: Option<i64>,
    /// Codec of the first video track, else of the first track.
    pub codec: Option<Codec>,
    /// Width and height of the first video track in pixels, as its sample entry says.
    pub picture: Option<(u16, u16)>,
    /// Samples of the track that `duration_ms` was taken from: its frames, when it is video.
    pub samples: Option<u64>,
    /// Frames in a thousand seconds, where they were measured or are told without all being counted.
    pub rate: Option<u32>,
    /// Bytes of the file.
    pub size: u64,
    /// What looking cost.
    pub cost: Cost,
}

impl Structure {
    /// An outcome that says nothing but what its detail says.
    pub(super) fn bare(container: Container, detail: Detail) -> Self {
        Self {
            container,
            state: detail.state(),
            fault: detail.fault(),
            detail,
            duration_ms: None,
            codec: None,
            picture: None,
            samples: None,
            rate: None,
            size: 0,
            cost: Cost::default(),
        }
    }

    /// Frames in a thousand seconds: as they were measured, else on average. `None` when it is not
    /// known, and for files without pictures.
    pub fn frame_rate(&self) -> Option<u32> {
        let average = || {
            let frames = self.samples.filter(|_| self.picture.is_some())?;
            let ms = u64::try_from(self.duration_ms?).ok()?;
            u32::try_from(frames.saturating_mul(1_000_000).checked_div(ms)?).ok()
        };
        self.rate.or_else(average)
    }

    /// Bits a second, of the whole file over the whole time; `None` when the time is not known.
    pub fn bitrate(&self) -> Option<u64> {
        let ms = u64::try_from(self.duration_ms?).ok()?;
        self.size.saturating_mul(8_000).checked_div(ms)
    }
}

/// What one check asked of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Reads made.
    pub reads: u32,
    /// Bytes those reads brought.
    pub bytes: u64,
}

/// The kind of a recorded file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Container {
    /// MP4 or `QuickTime` with one movie that names all samples.
    Mp4,
    /// MP4 in fragments, each with its own samples.
    Fmp4,
    /// Matroska or `WebM`.
    Matroska,
    /// MPEG transport stream.
    MpegTs,
    /// MPEG program stream, as Hikvision recorders write under the name `.mp4`.
    MpegPs,
    /// RIFF AVI.
    Avi,
    /// Flash video.
    Flv,
    /// Dahua's own.
    Dhav,
    /// Units of H.264 or H.265 one after the other, without any container.
    AnnexB,
    /// Not recognised: encrypted as a whole, or proprietary.
    Unknown,
    /// There are no bytes to tell it from.
    None,
}

impl Container {
    /// The word used in JSON and in the store; never translated.
    pub fn word(self) -> &'static str {
        match self {
            Self::Mp4 => "mp4",
            Self::Fmp4 => "fmp4",
            Self::Matroska => "matroska",
            Self::MpegTs => "mpegts",
            Self::MpegPs => "mpegps",
            Self::Avi => "avi",
            Self::Flv => "flv",
            Self::Dhav => "dhav",
            Self::AnnexB => "annexb",
            Self::Unknown => "unknown",
            Self::None => "none",
        }
    }
}

/// How samples are coded, as the container names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// AVC.
    H264,
    /// HEVC.
    H265,
    /// VVC.
    H266,
    /// `AOMedia` Video 1.
    Av1,
    /// VP8.
    Vp8,
    /// VP9.
    Vp9,
    /// MPEG-4 part 2.
    Mpeg4,
    /// Motion JPEG.
    Mjpeg,
    /// MPEG-4 audio.
    Aac,
    /// MPEG audio layer III.
    Mp3,
    /// Dolby Digital, plain or plus.
    Ac3,
    /// Opus.
    Opus,
    /// G.711.
    G711,
    /// Uncompressed audio.
    Pcm,
    /// Encrypted samples that do not say what they were.
    Encrypted,
    /// A code this reader has no word for.
    Other(FourCc),
}

impl Codec {
    /// The codec that AVI, and Matroska after it, name by these four characters.
    pub(super) fn of_riff(four: [u8; 4]) -> Self {
        match &four.map(|byte| byte.to_ascii_lowercase()) {
            b"h264" | b"x264" | b"avc1" | b"davc" => Self::H264,
            b"hevc" | b"h265" | b"x265" | b"hev1" | b"hvc1" => Self::H265,
            b"mjpg" | b"jpeg" => Self::Mjpeg,
            b"xvid" | b"divx" | b"dx50" | b"fmp4" | b"mp4v" | b"m4s2" => Self::Mpeg4,
            b"vp80" => Self::Vp8,
            b"vp90" => Self::Vp9,
            b"av01" => Self::Av1,
            _ => Self::Other(FourCc(four)),
        }
    }

    /// The word used in JSON and in the store; never translated.
    pub fn word(self) -> &'static str {
        match self {
            Self::H264 => "h264",
            Self::H265 => "h265",
            Self::H266 => "h266",
            Self::Av1 => "av1",
            Self::Vp8 => "vp8",
            Self::Vp9 => "vp9",
            Self::Mpeg4 => "mpeg4",
            Self::Mjpeg => "mjpeg",
            Self::Aac => "aac",
            Self::Mp3 => "mp3",
            Self::Ac3 => "ac3",
            Self::Opus => "opus",
            Self::G711 => "g711",
            Self::Pcm => "pcm",
            Self::Encrypted => "encrypted",
            Self::Other(_) => "other",
        }
    }
}
