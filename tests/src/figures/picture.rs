//! What it costs to look at a picture, and how often a look is wrong.
//!
//! The cost is processor time of this process and of the decoder's child together, pipe and start
//! included, over pictures that ffmpeg codes at run time. The verdicts are those on the drawn scenes.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;

use keepwatch_agent::picture::decoder::{Decoder, Settings, Wanted};
use keepwatch_agent::picture::frame::{Codec, KeyFrame};
use keepwatch_agent::picture::mask::Masks;
use keepwatch_common::clock::SystemClock;
use keepwatch_common::time::{DAY_MS, MINUTE_MS};
use serde::Serialize;

use super::failure::{Failure, While};
use super::statistics::{count, median, rounded};
use crate::pictures::scene::{SCENES, Scene};
use crate::pictures::trial::{Outcome, Trial};

/// What to measure.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Pictures decoded in one run, of each codec.
    pub samples: usize,
    /// How often.
    pub runs: usize,
    /// Days of each healthy scene.
    pub days: i64,
    /// Minutes between two pictures of a scene.
    pub step_minutes: i64,
    /// Where the clips are laid for as long as it takes.
    pub folder: PathBuf,
}

/// What was measured.
#[derive(Debug, Clone, Serialize)]
pub struct Figures {
    /// Processor milliseconds of one H.264 picture of 1 920 × 1 080.
    pub cpu_ms_h264: f64,
    /// The same of H.265.
    pub cpu_ms_h265: f64,
    /// The same of H.264 by one `ffmpeg` process a picture, decoded and thrown away.
    pub cpu_ms_ffmpeg: f64,
    /// `ffmpeg`'s time divided by ours, H.264.
    pub vs_ffmpeg: f64,
    /// Bytes of the key frames.
    pub key_frame_bytes_h264: usize,
    /// See [`Figures::key_frame_bytes_h264`].
    pub key_frame_bytes_h265: usize,
    /// How the child was confined.
    pub confinement: String,
    /// Pictures of healthy cameras that were judged.
    pub healthy_samples: usize,
    /// Verdicts on them; each is false.
    pub false_verdicts: usize,
    /// Of these, by scene.
    pub false_by_scene: Vec<(&'static str, usize)>,
    /// Faults that were put in.
    pub faults: usize,
    /// Of these, how many were found.
    pub found: usize,
    /// Of these, after how many every verdict ended.
    pub ended: usize,
    /// Scene and fault of those that were not found or did not end.
    pub missed: Vec<String>,
    /// Pictures decoded in one run, and runs.
    pub samples: usize,
    /// See [`Figures::samples`].
    pub runs: usize,
}

/// A step needs `ffmpeg`.
#[derive(Debug, thiserror::Error)]
#[error("ffmpeg ended with {status}; install ffmpeg with libx264 and libx265")]
struct NoClip {
    status: std::process::ExitStatus,
}

/// The kernel does not say how much time a process took.
#[derive(Debug, thiserror::Error)]
#[error("the kernel does not say how much time this process took")]
struct NoTimes;

/// Size of the drawn pictures: that at which the agent measures all of them.
const DRAWN: (usize, usize) = (480, 270);

/// Days before faults are put in.
const DAYS_BEFORE: i64 = 10;

/// Scenes in which every fault can be found: the others are dark, empty or still.
const JUDGED: [&str; 4] = ["shop floor", "stockroom", "street", "entrance"];

/// Milliseconds of one tick of the kernel's count of processor time, on every processor we build for.
const TICK_MS: f64 = 10.0;

/// Measures everything; the clips are taken away afterwards.
pub fn measure(plan: &Plan) -> Result<Figures, Failure> {
    let folder = tempfile::tempdir_in(&plan.folder).during("making a folder")?;
    let (avc, hevc) = (folder.path().join("avc"), folder.path().join("hevc"));
    code(
        &avc,
        &[
            "-c:v", "libx264", "-preset", "fast", "-crf", "24", "-f", "h264",
        ],
    )?;
    let x265 = [
        "-c:v",
        "libx265",
        "-crf",
        "26",
        "-x265-params",
        "log-level=none",
    ];
    code(&hevc, &[&x265[..], &["-f", "hevc"]].concat())?;
    let doing = "reading a clip";
    let h264 = fs_err::read(&avc).during(doing)?;
    let h265 = fs_err::read(&hevc).during(doing)?;
    let (mut ours, mut ours_h265, mut ffmpeg) = (Vec::new(), Vec::new(), Vec::new());
    let mut confinement = String::new();
    for _ in 0..plan.runs {
        ours.push(decode_ms(
            Codec::H264,
            &h264,
            plan.samples,
            &mut confinement,
        )?);
        ours_h265.push(decode_ms(
            Codec::H265,
            &h265,
            plan.samples,
            &mut confinement,
        )?);
        ffmpeg.push(ffmpeg_ms(&avc, plan.samples.min(20))?);
    }
    let trial = Trial {
        size: DRAWN,
        step_ms: plan.step_minutes * MINUTE_MS,
    };
    let (false_by_scene, outcomes) = judge(&trial, plan.days)?;
    let good = |outcome: &Outcome| outcome.found && outcome.over;
    let missed = outcomes.iter().filter(|(_, outcome)| !good(outcome));
    let per_scene = usize::try_from(plan.days * DAY_MS / trial.step_ms).unwrap_or(0);
    Ok(Figures {
        cpu_ms_h264: rounded(median(&ours)),
        cpu_ms_h265: rounded(median(&ours_h265)),
        cpu_ms_ffmpeg: rounded(median(&ffmpeg)),
        vs_ffmpeg: rounded(median(&ffmpeg) / median(&ours)),
        key_frame_bytes_h264: h264.len(),
        key_frame_bytes_h265: h265.len(),
        confinement,
        healthy_samples: per_scene * SCENES.len(),
        false_verdicts: false_by_scene.iter().map(|(_, told)| told).sum(),
        false_by_scene,
        faults: outcomes.len(),
        found: outcomes.iter().filter(|(_, outcome)| outcome.found).count(),
        ended: outcomes.iter().filter(|(_, outcome)| outcome.over).count(),
        missed: missed
            .map(|(scene, o)| format!("{scene}: {:?}", o.fault))
            .collect(),
        samples: plan.samples,
        runs: plan.runs,
    })
}

/// Codes one key frame of a moving pattern with a camera's noise.
fn code(to: &Path, coding: &[&str]) -> Result<(), Failure> {
    let doing = "coding a picture";
    let status = Command::new("ffmpeg")
        .args([
            "-hide_banner",
            "-loglevel",
            "error",
            "-y",
            "-f",
            "lavfi",
            "-i",
        ])
        .args(["testsrc2=size=1920x1080:rate=25", "-vf"])
        .args(["noise=alls=6:allf=t,format=yuv420p", "-frames:v", "1"])
        .args(coding)
        .arg(to)
        .status()
        .during(doing)?;
    if status.success() {
        Ok(())
    } else {
        Err(NoClip { status }).during(doing)
    }
}

/// Processor milliseconds of one picture, the child's start spread over all.
fn decode_ms(
    codec: Codec,
    annexb: &[u8],
    samples: usize,
    confinement: &mut String,
) -> Result<f64, Failure> {
    let doing = "decoding pictures";
    let settings = Settings {
        program: std::env::current_exe().during(doing)?,
        ffmpeg: None,
        picture_ms: 60_000,
        unconfined: false,
    };
    let mut decoder = Decoder::new(settings, Arc::new(SystemClock::new()));
    let masks = Masks::default();
    let wanted = Wanted {
        masks: &masks,
        raster_width: 160,
    };
    let before = processor_ms()?;
    for _ in 0..samples {
        decoder
            .sample(KeyFrame { codec, annexb }, wanted)
            .during(doing)?;
    }
    *confinement = format!("{:?}", decoder.confinement());
    // Its time is counted when it has ended.
    drop(decoder);
    Ok((processor_ms()? - before) / count(samples))
}

fn ffmpeg_ms(clip: &Path, samples: usize) -> Result<f64, Failure> {
    let doing = "decoding pictures with ffmpeg";
    let before = processor_ms()?;
    for _ in 0..samples {
        let status = Command::new("ffmpeg")
            .args(["-hide_banner", "-loglevel", "error", "-threads", "1", "-i"])
            .arg(clip)
            .args(["-frames:v", "1", "-f", "null", "-"])
            .status()
            .during(doing)?;
        if !status.success() {
            return Err(NoClip { status }).during(doing);
        }
    }
    Ok((processor_ms()? - before) / count(samples))
}

/// Processor milliseconds of this process and of its children that have ended.
fn processor_ms() -> Result<f64, Failure> {
    let doing = "counting processor time";
    let stat = fs_err::read_to_string("/proc/self/stat").during(doing)?;
    // After the name in brackets: the twelfth to the fifteenth word.
    let words = stat
        .rsplit_once(')')
        .map(|(_, words)| words.split_whitespace());
    let times = words.map(|words| words.skip(11).take(4).map(str::parse::<u32>));
    let ticks: Result<u32, _> = times.ok_or(NoTimes).during(doing)?.sum();
    Ok(f64::from(ticks.during(doing)?) * TICK_MS)
}

/// False verdicts of each scene, and what became of each fault.
type Judged = (Vec<(&'static str, usize)>, Vec<(&'static str, Outcome)>);

/// Judges all scenes, as many at a time as there are processors.
fn judge(trial: &Trial, days: i64) -> Result<Judged, Failure> {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let (mut healthy, mut outcomes) = (Vec::new(), Vec::new());
    for some in SCENES.chunks(processors) {
        let judged: Vec<_> = thread::scope(|scope| {
            let started = some
                .iter()
                .map(|scene| scope.spawn(|| judge_one(trial, *scene, days)));
            let started: Vec<_> = started.collect();
            started
                .into_iter()
                .map(thread::ScopedJoinHandle::join)
                .collect()
        });
        for (scene, judged) in some.iter().zip(judged) {
            let panicked = |_| std::io::Error::other("a scene's thread panicked");
            let (told, of_faults) = judged.map_err(panicked).during("judging scenes")??;
            healthy.push((scene.name, told));
            outcomes.extend(of_faults.into_iter().map(|outcome| (scene.name, outcome)));
        }
    }
    Ok((healthy, outcomes))
}

fn judge_one(trial: &Trial, scene: Scene, days: i64) -> Result<(usize, Vec<Outcome>), Failure> {
    let told = trial.healthy(scene, days).len();
    let outcomes = if JUDGED.contains(&scene.name) {
        trial
            .faults(scene, DAYS_BEFORE)
            .during("putting in faults")?
    } else {
        Vec::new()
    };
    Ok((told, outcomes))
}
