//! Measures what an agent does to footage beside what others do, and prints the figures as JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use keepwatch_common::error_chain::chain;
use keepwatch_tests::figures::failure::{Failure, While};
use keepwatch_tests::figures::structure::{Plan, measure};

const MEANING: &str = "\
Figures (JSON on standard output); times are medians of the runs, single thread, files in memory:
  us_per_file             µs: structure check of one file, its open, stat and close included
  vs_ffprobe              ffprobe_us_per_file ÷ us_per_file
  vs_mediainfo            mediainfo_us_per_file ÷ us_per_file
  vs_raw_read             us_per_file ÷ raw_read_us_per_file
  ffprobe_us_per_file     µs: one ffprobe process a file, over the sample
  mediainfo_us_per_file   µs: one mediainfo process for the whole sample, divided by its files
  raw_read_us_per_file    µs: open, stat, read the byte ranges that the check reads, close
  by_clip                 the same of each clip by itself; bytes_read and reads are those of one file
  by_container            the same recording in each other container, at most a thousand files each; hikvision
                          and dhav are made files of two seconds; bytes is the size of one file
  files, sample, runs     how many files were checked, how many the others looked into, how often
  processors              of this machine; the check uses one";

/// Measures the structure check of recordings beside ffprobe, mediainfo and reading the same bytes.
#[derive(Debug, Parser)]
#[command(name = "footage-bench", after_help = MEANING)]
struct Options {
    /// What to measure
    #[arg(long, value_enum, default_value_t = Part::Check)]
    only: Part,
    /// Files to check, each an inode of its own
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    files: u32,
    /// Of these, how many ffprobe and mediainfo look into
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=2_000))]
    sample: u32,
    /// How often everything is measured
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
    /// Draws the sample
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A finished recording to copy instead of the shipped clips; can be given several times
    #[arg(long = "clip", value_name = "FILE")]
    clips: Vec<PathBuf>,
    /// Where the files are laid; they are removed afterwards
    #[arg(long, value_name = "FOLDER", default_value_os_t = std::env::temp_dir())]
    folder: PathBuf,
}

/// The parts that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The structure check
    Check,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are the answer"
)]
fn main() -> ExitCode {
    match figures(Options::parse()) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("footage-bench: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

fn figures(options: Options) -> Result<String, Failure> {
    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    let Part::Check = options.only;
    let plan = Plan {
        files: count(options.files),
        sample: count(options.sample),
        runs: count(options.runs),
        seed: options.seed,
        clips: options.clips,
        folder: options.folder,
    };
    serde_json::to_string_pretty(&measure(&plan)?).during("writing the figures")
}
