//! `keepwatch-agent verify`: what the structure of each named file says, one JSON object a line.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use keepwatch_common::model::segment::SegmentState;
use serde::Serialize;

use super::outcome::{FAILED, FINDINGS, GOOD, complain, unprinted};
use crate::footage::container::{Checker, Codec, Structure};

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
    container: &'a str,
    state: SegmentState,
    duration_s: Option<f64>,
    codec: Option<&'a str>,
    detail: String,
}

pub(super) fn run(arguments: &Arguments) -> u8 {
    let Format::Jsonl = arguments.format;
    let mut checker = Checker::new();
    let mut out = std::io::stdout().lock();
    let mut code = GOOD;
    for path in &arguments.files {
        match checker.check_file(path) {
            Ok(structure) => {
                if structure.fault.is_some() {
                    code = code.max(FINDINGS);
                }
                let line = line(&path.to_string_lossy(), &structure);
                if let Err(error) = line.and_then(|line| writeln!(out, "{line}")) {
                    return unprinted(error, code);
                }
            }
            Err(error) => {
                complain(&error);
                code = FAILED;
            }
        }
    }
    code
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
        container: structure.container.word(),
        state: structure.state,
        duration_s,
        codec: structure.codec.map(Codec::word),
        detail,
    };
    Ok(serde_json::to_string(&line)?)
}
