//! `keepwatch-agent verify`: what the structure of each named file says, one JSON object a line.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keepwatch_common::error_chain::chain;
use keepwatch_common::model::segment::SegmentState;
use serde::Serialize;

use super::outcome::{FAILED, FINDINGS, GOOD, complain, unprinted};
use crate::footage::container::{CheckError, Checker, Codec, Structure};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Files to check
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How the outcome is printed
    #[arg(long, value_enum, default_value = "jsonl")]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Jsonl,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    path: &'a str,
    container: Option<&'a str>,
    state: State,
    duration_s: Option<f64>,
    codec: Option<&'a str>,
    width: Option<u16>,
    height: Option<u16>,
    /// Frames, where all were counted.
    frames: Option<u64>,
    frames_per_s: Option<f64>,
    bits_per_s: Option<u64>,
    detail: String,
}

/// What is known of a file's state.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Unknown {
    Unreadable,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum State {
    Known(SegmentState),
    Unknown(Unknown),
}

pub(super) fn run(arguments: &Arguments) -> u8 {
    let Format::Jsonl = arguments.format;
    let mut checker = Checker::new();
    let mut out = std::io::stdout().lock();
    let mut code = GOOD;
    for path in &arguments.files {
        let shown = path.to_string_lossy();
        let outcome = checker.check_file(path);
        let line = match &outcome {
            Ok(structure) => {
                if structure.fault.is_some() {
                    code = code.max(FINDINGS);
                }
                line(&shown, structure)
            }
            Err(error) => {
                complain(error);
                code = FAILED;
                unreadable(&shown, error)
            }
        };
        if let Err(error) = line.and_then(|line| writeln!(out, "{line}")) {
            return unprinted(error, code);
        }
    }
    code
}

/// Every file has its line, also one of which nothing is known.
fn unreadable(path: &str, error: &CheckError) -> std::io::Result<String> {
    let line = Line {
        path,
        container: None,
        state: State::Unknown(Unknown::Unreadable),
        duration_s: None,
        codec: None,
        width: None,
        height: None,
        frames: None,
        frames_per_s: None,
        bits_per_s: None,
        detail: chain(error).to_string(),
    };
    Ok(serde_json::to_string(&line)?)
}

fn line(path: &str, structure: &Structure) -> std::io::Result<String> {
    let detail = match &structure.fault {
        Some(kind) => format!("{}: {}", kind.word(), structure.detail),
        None => structure.detail.to_string(),
    };
    #[expect(
        clippy::cast_precision_loss,
        reason = "a hundred years of milliseconds are exact"
    )]
    let duration_s = structure.duration_ms.map(|ms| ms as f64 / 1_000.0);
    let line = Line {
        path,
        container: Some(structure.container.word()),
        state: State::Known(structure.state),
        duration_s,
        codec: structure.codec.map(Codec::word),
        width: structure.picture.map(|(width, _)| width),
        height: structure.picture.map(|(_, height)| height),
        frames: structure.samples.filter(|_| structure.picture.is_some()),
        frames_per_s: structure.frame_rate().map(|rate| f64::from(rate) / 1_000.0),
        bits_per_s: structure.bitrate(),
        detail,
    };
    Ok(serde_json::to_string(&line)?)
}
