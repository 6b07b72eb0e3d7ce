//! Measures what an agent does to footage beside what others do, and prints the figures as JSON.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, ValueEnum};
use keepwatch_agent::picture::decoder;
use keepwatch_common::error_chain::chain;
use keepwatch_tests::figures::failure::{Failure, While};
use keepwatch_tests::figures::{picture, structure};

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
  processors              of this machine; the check uses one
With --only picture; times are processor time, pipe and the start of the child included:
  cpu_ms_h264, _h265      ms: decode and measure one key frame of 1920x1080
  cpu_ms_ffmpeg           ms: one ffmpeg process that only decodes the H.264 one
  vs_ffmpeg               cpu_ms_ffmpeg ÷ cpu_ms_h264
  healthy_samples         drawn pictures of healthy cameras, over all scenes
  false_verdicts          verdicts on these; by scene beside it
  faults, found, ended    put in, found by their check, and over some hours after they were over";

/// Measures what an agent does to footage beside what others do.
#[derive(Debug, Parser)]
#[command(name = "footage-bench", after_help = MEANING)]
struct Options {
    /// What to measure
    #[arg(long, value_enum, default_value_t = Part::Check)]
    only: Part,
    /// How the figures are printed
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
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
    /// Pictures decoded in one run
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pictures: u32,
    /// Days of each healthy scene that are judged
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(i64).range(1..=400))]
    days: i64,
    /// Minutes between two pictures of a scene
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(i64).range(1..=60))]
    step: i64,
}

/// The forms of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON object
    Json,
}

/// The parts that can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// The structure check
    Check,
    /// Pictures: what a look costs, and what it says
    Picture,
}

#[expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the figures are the answer"
)]
fn main() -> ExitCode {
    // The decoder's child is this program once more.
    if std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == decoder::ROLE)
    {
        return decoder::work().map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS);
    }
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
    let Format::Json = options.format;
    let writing = "writing the figures";
    match options.only {
        Part::Check => {
            let plan = structure::Plan {
                files: count(options.files),
                sample: count(options.sample),
                runs: count(options.runs),
                seed: options.seed,
                clips: options.clips,
                folder: options.folder,
            };
            serde_json::to_string_pretty(&structure::measure(&plan)?).during(writing)
        }
        Part::Picture => {
            let plan = picture::Plan {
                samples: count(options.pictures),
                runs: count(options.runs),
                days: options.days,
                step_minutes: options.step,
                folder: options.folder,
            };
            serde_json::to_string_pretty(&picture::measure(&plan)?).during(writing)
        }
    }
}
