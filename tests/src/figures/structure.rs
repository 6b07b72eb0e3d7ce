//! The structure check beside its peers: the same files, in the same runs, one thread each.
//!
//! A check is what an agent does: open the file by name, look at its size, read what the check wants
//! of it, judge, close. The raw figure does the same system calls and judges nothing. All of it comes
//! from memory, because one pass before the first run reads everything.

use std::collections::BTreeMap;
use std::path::PathBuf;

use keepwatch_common::ids::Seeded;
use serde::Serialize;

use super::failure::{Failure, While};
use super::others::{OfContainer, measure_others};
use super::probes::{ffprobe_us, look_for_both, mediainfo_us};
use super::reading::{Ranges, check_us, ranges_of, raw_us};
use super::segments::Segments;
use super::statistics::{count, median, rounded, whole};

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Files to check.
    pub files: usize,
    /// Of these, how many the other programs look into.
    pub sample: usize,
    /// How often.
    pub runs: usize,
    /// Draws the sample.
    pub seed: u64,
    /// Recordings to copy instead of the shipped clips.
    pub clips: Vec<PathBuf>,
    /// Where the files are laid for as long as it takes.
    pub folder: PathBuf,
}

/// What was measured. Times are medians of the runs, in microseconds a file.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// The structure check, open and close included.
    pub us_per_file: f64,
    /// `ffprobe`'s time divided by ours.
    pub vs_ffprobe: f64,
    /// `mediainfo`'s time divided by ours.
    pub vs_mediainfo: f64,
    /// Our time divided by that of reading the same bytes.
    pub vs_raw_read: f64,
    /// `ffprobe`, a process a file.
    pub ffprobe_us_per_file: f64,
    /// `mediainfo`, one process for the sample.
    pub mediainfo_us_per_file: f64,
    /// Reading the same byte ranges and judging nothing, open and close included.
    pub raw_read_us_per_file: f64,
    /// Of each clip by itself.
    pub by_clip: BTreeMap<String, OfClip>,
    /// Of the same recording in each other container; a part of the files, and no `ffprobe`.
    pub by_container: BTreeMap<String, OfContainer>,
    /// Files, each an inode of its own.
    pub files: usize,
    /// Files of the sample.
    pub sample: usize,
    /// Runs.
    pub runs: usize,
    /// Processors of this machine; the check uses one.
    pub processors: usize,
}

/// What was measured of one clip.
#[derive(Debug, Clone, Serialize)]
pub struct OfClip {
    /// The structure check.
    pub us_per_file: f64,
    /// Reading the same ranges.
    pub raw_read_us_per_file: f64,
    /// Bytes of one file that a check reads.
    pub bytes_read: usize,
    /// Reads of one file that a check makes.
    pub reads: usize,
    /// Files.
    pub files: usize,
}

/// One run's times.
#[derive(Debug, Default)]
struct Times {
    check: Vec<f64>,
    raw: Vec<f64>,
}

/// Lays the files, measures, and takes the files away.
pub fn measure(plan: &Plan) -> Result<Figures, Failure> {
    look_for_both().during("looking for programs to compare with")?;
    let segments = Segments::lay(plan.files, &plan.clips, &plan.folder)?;
    let mut ranges = Vec::new();
    for (_, paths) in &segments.of_clips {
        ranges.push(ranges_of(paths)?);
    }
    let sample = sample(&segments, plan);
    let mut of_clips: Vec<Times> = segments.of_clips.iter().map(|_| Times::default()).collect();
    let (mut all, mut ffprobe, mut mediainfo) = (Times::default(), Vec::new(), Vec::new());
    for run in 0..plan.runs {
        let (mut check, mut raw) = (0.0, 0.0);
        for (clip, (_, paths)) in segments.of_clips.iter().enumerate() {
            let (checked, read) = (check_us(paths)?, raw_us(paths, &ranges[clip])?);
            check += checked;
            raw += read;
            of_clips[clip].check.push(checked / count(paths.len()));
            of_clips[clip].raw.push(read / count(paths.len()));
        }
        all.check.push(check / count(segments.files()));
        all.raw.push(raw / count(segments.files()));
        // A process a file takes long: each run takes a part of the sample.
        let part: Vec<_> = sample
            .iter()
            .skip(run)
            .step_by(plan.runs)
            .copied()
            .collect();
        if !part.is_empty() {
            ffprobe.push(ffprobe_us(&part).during("running ffprobe")?);
        }
        mediainfo.push(mediainfo_us(&sample).during("running mediainfo")?);
    }
    let by_clip = segments.of_clips.iter().zip(&of_clips).zip(&ranges);
    let by_clip = by_clip.map(|(((name, paths), times), ranges)| {
        (name.clone(), OfClip::of(times, ranges, paths.len()))
    });
    let (ours, raw) = (median(&all.check), median(&all.raw));
    let (ffprobe, mediainfo) = (median(&ffprobe), median(&mediainfo));
    Ok(Figures {
        us_per_file: rounded(ours),
        vs_ffprobe: whole(ffprobe / ours),
        vs_mediainfo: whole(mediainfo / ours),
        vs_raw_read: rounded(ours / raw),
        ffprobe_us_per_file: whole(ffprobe),
        mediainfo_us_per_file: whole(mediainfo),
        raw_read_us_per_file: rounded(raw),
        by_clip: by_clip.collect(),
        by_container: measure_others(plan.files, plan.runs, &plan.folder)?,
        files: segments.files(),
        sample: sample.len(),
        runs: plan.runs,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
    })
}

impl OfClip {
    fn of(times: &Times, ranges: &Ranges, files: usize) -> Self {
        Self {
            us_per_file: rounded(median(&times.check)),
            raw_read_us_per_file: rounded(median(&times.raw)),
            bytes_read: ranges.iter().map(|(_, length)| length).sum(),
            reads: ranges.len(),
            files,
        }
    }
}

/// Some files, drawn without putting back.
fn sample<'s>(segments: &'s Segments, plan: &Plan) -> Vec<&'s PathBuf> {
    let mut paths: Vec<_> = segments.paths().collect();
    let numbers = Seeded::new(plan.seed);
    let wanted = plan.sample.min(paths.len());
    for place in 0..wanted {
        let left = u64::try_from(paths.len() - place).unwrap_or(1);
        let drawn = usize::try_from(numbers.below(left)).unwrap_or(0);
        paths.swap(place, place + drawn);
    }
    paths.truncate(wanted);
    paths
}
