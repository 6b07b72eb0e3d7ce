//! The structure check of containers other than MP4: the five-minute clip, put into each by ffmpeg
//! without coding anew, and the made files of recorders that no program here writes.
//!
//! It must not know what the check does with them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Serialize;

use super::failure::{Failure, While};
use super::probes::mediainfo_us;
use super::reading::{check_us, ranges_of, raw_us};
use super::statistics::{count, median, rounded, whole};
use crate::footage::Clip;

/// Most files of one container: enough for a figure, and little to lay.
const FILES_MAX: usize = 1000;

/// Files of one container that `mediainfo` looks into.
const SAMPLE_MAX: usize = 30;

/// Containers that ffmpeg writes: our word, its word, and the ending.
const WRITTEN: [(&str, &str, &str); 6] = [
    ("matroska", "matroska", "mkv"),
    ("mpegts", "mpegts", "ts"),
    ("mpegps", "vob", "mpg"),
    ("avi", "avi", "avi"),
    ("flv", "flv", "flv"),
    ("annexb", "h264", "h264"),
];

/// Files of two seconds that a maker of ours made.
const MADE: [(&str, &str, &[u8]); 2] = [
    (
        "hikvision",
        "mp4",
        include_bytes!("../../../agent/testdata/container/made_hikvision.mp4"),
    ),
    (
        "dhav",
        "dav",
        include_bytes!("../../../agent/testdata/container/made_dahua.dav"),
    ),
];

/// What was measured of one container. Times are medians of the runs, in microseconds a file.
#[derive(Debug, Clone, Serialize)]
pub struct OfContainer {
    /// The structure check, open and close included.
    pub us_per_file: f64,
    /// Our time divided by that of reading the same bytes.
    pub vs_raw_read: f64,
    /// `mediainfo`'s time divided by ours.
    pub vs_mediainfo: f64,
    /// Reading the same byte ranges and judging nothing.
    pub raw_read_us_per_file: f64,
    /// `mediainfo`, one process for some of the files.
    pub mediainfo_us_per_file: f64,
    /// Bytes of one file that a check reads.
    pub bytes_read: usize,
    /// Reads of one file that a check makes.
    pub reads: usize,
    /// Bytes of one file.
    pub bytes: usize,
    /// Files.
    pub files: usize,
}

/// ffmpeg does not write what is to be measured.
#[derive(Debug, thiserror::Error)]
#[error("ffmpeg does not write {container}; tests/run installs what the tests need")]
struct NotWritten {
    container: &'static str,
}

/// Lays some files of each container, measures, and takes the files away.
pub(super) fn measure_others(
    files: usize,
    runs: usize,
    within: &Path,
) -> Result<BTreeMap<String, OfContainer>, Failure> {
    let folder = tempfile::tempdir_in(within).during("making a folder for footage")?;
    let clip = folder.path().join("clip.mp4");
    fs_err::write(&clip, Clip::FiveMinutes.bytes()).during("laying footage")?;
    let files = files.clamp(1, FILES_MAX);
    let mut all = BTreeMap::new();
    for (name, format, ending) in WRITTEN {
        let bytes = put_into(&clip, name, format, folder.path())?;
        all.insert(
            name.to_owned(),
            measure(&bytes, ending, files, runs, folder.path())?,
        );
    }
    for (name, ending, bytes) in MADE {
        all.insert(
            name.to_owned(),
            measure(bytes, ending, files, runs, folder.path())?,
        );
    }
    Ok(all)
}

/// The clip in another container.
fn put_into(
    clip: &Path,
    container: &'static str,
    format: &str,
    folder: &Path,
) -> Result<Vec<u8>, Failure> {
    let doing = "writing a recording with ffmpeg";
    let written = folder.join("written");
    let status = Command::new("ffmpeg")
        .args(["-nostdin", "-y", "-i"])
        .arg(clip)
        .args(["-map", "0:v", "-c", "copy", "-f", format])
        .arg(&written)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .during(doing)?;
    if !status.success() {
        return Err(NotWritten { container }).during(doing);
    }
    fs_err::read(&written).during(doing)
}

fn measure(
    bytes: &[u8],
    ending: &str,
    files: usize,
    runs: usize,
    folder: &Path,
) -> Result<OfContainer, Failure> {
    let within = tempfile::tempdir_in(folder).during("making a folder for footage")?;
    let name = |number: usize| within.path().join(format!("{number}.{ending}"));
    let paths: Vec<PathBuf> = (0..files).map(name).collect();
    for path in &paths {
        fs_err::write(path, bytes).during("laying footage")?;
    }
    let ranges = ranges_of(&paths)?;
    let sample: Vec<&PathBuf> = paths.iter().take(SAMPLE_MAX).collect();
    let (mut ours, mut raw, mut mediainfo) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..runs {
        ours.push(check_us(&paths)? / count(files));
        raw.push(raw_us(&paths, &ranges)? / count(files));
        mediainfo.push(mediainfo_us(&sample).during("running mediainfo")?);
    }
    let (ours, raw, mediainfo) = (median(&ours), median(&raw), median(&mediainfo));
    Ok(OfContainer {
        us_per_file: rounded(ours),
        vs_raw_read: rounded(ours / raw),
        vs_mediainfo: whole(mediainfo / ours),
        raw_read_us_per_file: rounded(raw),
        mediainfo_us_per_file: whole(mediainfo),
        bytes_read: ranges.iter().map(|(_, length)| length).sum(),
        reads: ranges.len(),
        bytes: bytes.len(),
        files,
    })
}
