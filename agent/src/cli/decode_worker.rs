//! `keepwatch-agent decode-worker`: the confined child that decodes pictures. Not for people.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::outcome::{FAILED, GOOD};
use crate::picture::decoder::{become_ffmpeg, work};
use crate::picture::frame;

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Become this ffmpeg instead
    #[arg(long, value_name = "PROGRAM", requires = "codec")]
    through: Option<PathBuf>,
    /// How its picture is coded
    #[arg(long, value_enum)]
    codec: Option<Codec>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Codec {
    H264,
    Hevc,
}

/// Nothing is printed: whoever started it listens to its pipes only.
pub(super) fn run(arguments: &Arguments) -> u8 {
    let (Some(program), Some(codec)) = (&arguments.through, arguments.codec) else {
        return if work().is_ok() { GOOD } else { FAILED };
    };
    let codec = match codec {
        Codec::H264 => frame::Codec::H264,
        Codec::Hevc => frame::Codec::H265,
    };
    drop(become_ffmpeg(program, codec));
    FAILED
}
