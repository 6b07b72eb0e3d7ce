//! The clips that stand for recorded files: real H.264 in MP4, drawn and encoded by ourselves.
//!
//! They are compiled in, so that a demo on a fresh machine needs no encoder and no second folder.
//! `tests/assets/encode` says how they were made.

use keepwatch_common::time::{MINUTE_MS, SECOND_MS};

/// A whole recorded file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Clip {
    /// What most recorders write: five minutes a file.
    FiveMinutes,
    /// What Frigate writes: ten seconds a file.
    TenSeconds,
}

impl Clip {
    /// Exactly how long it plays, in milliseconds.
    pub fn ms(self) -> i64 {
        match self {
            Self::FiveMinutes => 5 * MINUTE_MS,
            Self::TenSeconds => 10 * SECOND_MS,
        }
    }

    /// The file's bytes; its index stands before its media.
    pub fn bytes(self) -> &'static [u8] {
        match self {
            Self::FiveMinutes => include_bytes!("../../assets/five-minutes.mp4"),
            Self::TenSeconds => include_bytes!("../../assets/ten-seconds.mp4"),
        }
    }
}

/// What became of a file when it was recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shape {
    /// Finished.
    Whole,
    /// The recorder lost power: the first six tenths of the bytes.
    Truncated,
    /// The disk was full: no bytes.
    Empty,
}

impl Shape {
    /// The bytes of a clip that ended in this shape.
    pub fn cut(self, clip: Clip) -> &'static [u8] {
        let whole = clip.bytes();
        match self {
            Self::Whole => whole,
            Self::Truncated => &whole[..whole.len() / 10 * 6],
            Self::Empty => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The movie header's own length: `mvhd` version 0 has time scale and duration after two times.
    fn told_ms(bytes: &[u8]) -> u32 {
        let at = bytes.windows(4).position(|w| w == b"mvhd").unwrap() + 4;
        assert_eq!(bytes[at], 0, "a version 0 header");
        let word = |offset: usize| {
            u32::from_be_bytes(bytes[at + offset..at + offset + 4].try_into().unwrap())
        };
        word(16) * 1_000 / word(12)
    }

    #[test]
    fn each_clip_is_as_long_as_it_says() {
        for clip in [Clip::FiveMinutes, Clip::TenSeconds] {
            assert_eq!(i64::from(told_ms(clip.bytes())), clip.ms());
        }
    }

    #[test]
    fn clips_are_small_enough_to_link_by_the_hundred_thousand() {
        assert!(Clip::FiveMinutes.bytes().len() <= 60 * 1_024);
        assert!(Clip::TenSeconds.bytes().len() <= 20 * 1_024);
    }

    #[test]
    fn a_truncated_clip_keeps_its_index_and_loses_media() {
        for clip in [Clip::FiveMinutes, Clip::TenSeconds] {
            let cut = Shape::Truncated.cut(clip);
            let place = |name: &[u8]| cut.windows(4).position(|w| w == name);
            assert!(place(b"moov") < place(b"mdat"));
            assert!(place(b"mdat").is_some());
            assert!(cut.len() < clip.bytes().len());
        }
    }
}
