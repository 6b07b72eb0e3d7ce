//! What is handed to the decoder: one key frame and its codec. It knows no container and no file.

/// Bytes of a key frame at most: ten times what a 4K camera at its best quality writes.
pub const KEY_FRAME_BYTES_MAX: usize = 8 << 20;

/// Longest side of a picture, in pixels, that is decoded: the largest that camera makers sell is
/// 7 680 wide.
pub const SIDE_MAX: u32 = 8_192;

/// How a key frame is coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Codec {
    /// AVC, ITU-T H.264.
    H264,
    /// HEVC, ITU-T H.265.
    H265,
}

impl Codec {
    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::H264 => "H.264",
            Self::H265 => "H.265",
        }
    }
}

/// One key frame with its parameter sets, as an Annex-B byte stream.
#[derive(Debug, Clone, Copy)]
pub struct KeyFrame<'a> {
    /// How it is coded.
    pub codec: Codec,
    /// Start codes and units: parameter sets first, then the slices of one picture.
    pub annexb: &'a [u8],
}
