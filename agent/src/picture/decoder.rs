//! Turns key frames into samples, in a child of this program that can do nothing else.
//!
//! A *face*: it uses its children. The child is started when it is first needed, dies with the
//! picture that kills it, and rests in between; what it refuses is given to `ffmpeg` where the
//! branch has one and allows it. Nothing here judges what a picture shows.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use keepwatch_common::backoff::Backoff;
use keepwatch_common::clock::{Clock, Tick};

mod bits;
mod calls;
mod confine;
mod ffmpeg;
mod parameters;
mod pipe;
mod process;
mod refusal;
mod software;
mod worker;

pub use confine::{Confinement, Landlock, confine};
pub use ffmpeg::become_ffmpeg;
pub use refusal::Refusal;
pub use worker::work;

use pipe::{GREETING_BYTES, answer_coming, read_answer, read_greeting, request_head};
use process::{Coming, Deadline, Process, TalkError};

use super::frame::{Codec, KEY_FRAME_BYTES_MAX, KeyFrame};
use super::mask::Masks;
use super::sample::Sample;

/// The subcommand and its options by which this program is the child.
pub const ROLE: &str = "decode-worker";
/// Names the `ffmpeg` that the child becomes.
pub const THROUGH: &str = "--through";
/// Names the codec for it.
pub const CODEC: &str = "--codec";

/// How long a child may take to say that it is there, in milliseconds: reading the program from a
/// slow disk included.
const START_MS: u64 = 5_000;

/// Pictures that one child decodes before a fresh one takes its place: well inside its processor
/// time, and an end to whatever it may have kept.
const PICTURES_MAX: u32 = 512;

/// Between a child's death and the next one, in milliseconds: at first, and at most.
const REST_FIRST_MS: u64 = 250;
const REST_MAX_MS: u64 = 60_000;

/// What is wanted of the decoder.
#[derive(Debug, Clone)]
pub struct Settings {
    /// This program.
    pub program: PathBuf,
    /// An `ffmpeg` that may be used.
    pub ffmpeg: Option<PathBuf>,
    /// How long one picture may take, in milliseconds.
    pub picture_ms: u64,
    /// Whether a kernel that cannot filter system calls is good enough.
    pub unconfined: bool,
}

/// What is wanted of one picture.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// What does not count, and what must not be shown.
    pub masks: &'a Masks,
    /// About how wide the raster is to be, in pixels.
    pub raster_width: u16,
}

/// Decodes and measures, one picture at a time; blocks until there is an answer.
#[derive(Debug)]
pub struct Decoder {
    settings: Settings,
    clock: Arc<dyn Clock>,
    child: Option<Worker>,
    backoff: Backoff,
    rests_until: Option<Tick>,
}

/// A child that has said how it is confined.
#[derive(Debug)]
struct Worker {
    process: Process,
    confinement: Confinement,
    pictures: u32,
}

/// Why there is no sample.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// It is longer than key frames are.
    #[error(
        "the key frame has {bytes} bytes, more than the {KEY_FRAME_BYTES_MAX} that are decoded"
    )]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// Nobody here can decode it.
    #[error("the {} key frame is not decoded, {refusal}; {}", codec.word(), remedy(*ffmpeg))]
    Unknown {
        /// How it is coded.
        codec: Codec,
        /// What our own decoder said.
        refusal: Refusal,
        /// Whether an `ffmpeg` was asked, too.
        ffmpeg: bool,
    },
    /// The child died too often; it is left alone for a while.
    #[error("the decoder died and rests for {ms} ms; ask again then")]
    Resting {
        /// How long, in milliseconds.
        ms: u64,
    },
    /// There is no child.
    #[error("the decoder cannot be started; see that the agent's program may be run")]
    Start(#[source] io::Error),
    /// The child could not be confined.
    #[error(
        "this kernel cannot filter system calls, so no picture is decoded; \
         run the agent on a kernel with seccomp, or allow decoding without"
    )]
    Unconfined,
    /// It took too long.
    #[error("the picture took longer than {ms} ms to decode; it is left out")]
    Late {
        /// How long it may take, in milliseconds.
        ms: u64,
    },
    /// The child died of it, or spoke nonsense after it.
    #[error("the decoder did not survive the picture; it is left out")]
    Died,
}

/// What would help.
fn remedy(ffmpeg: bool) -> &'static str {
    if ffmpeg {
        "neither does ffmpeg; look at the recording itself"
    } else {
        "install ffmpeg on the agent's machine and allow it"
    }
}

impl Decoder {
    /// Starts nothing yet.
    pub fn new(settings: Settings, clock: Arc<dyn Clock>) -> Self {
        Self {
            settings,
            clock,
            child: None,
            backoff: Backoff::new(REST_FIRST_MS, REST_MAX_MS),
            rests_until: None,
        }
    }

    /// Decodes a key frame and measures it.
    pub fn sample(&mut self, key: KeyFrame<'_>, wanted: Wanted<'_>) -> Result<Sample, DecodeError> {
        if key.annexb.len() > KEY_FRAME_BYTES_MAX {
            let bytes = key.annexb.len();
            return Err(DecodeError::TooLong { bytes });
        }
        let refusal = match self.ask_child(key, wanted)? {
            Ok(sample) => return Ok(sample),
            Err(refusal) => refusal,
        };
        let ffmpeg = self.settings.ffmpeg.is_some() && refusal.is_worth_another();
        if ffmpeg && let Some(sample) = self.ask_ffmpeg(key, wanted) {
            return Ok(sample);
        }
        Err(DecodeError::Unknown {
            codec: key.codec,
            refusal,
            ffmpeg,
        })
    }

    /// Ends the child until it is needed again.
    pub fn rest(&mut self) {
        self.child = None;
    }

    /// How the child is confined, if there is one.
    pub fn confinement(&self) -> Option<Confinement> {
        self.child.as_ref().map(|child| child.confinement)
    }

    fn ask_child(
        &mut self,
        key: KeyFrame<'_>,
        wanted: Wanted<'_>,
    ) -> Result<Result<Sample, Refusal>, DecodeError> {
        let head = request_head(key, wanted.masks, wanted.raster_width);
        let clock = Arc::clone(&self.clock);
        let ms = self.settings.picture_ms;
        let mut child = self.take_child()?;
        let deadline = Deadline::in_ms(clock.as_ref(), ms);
        let told = child
            .process
            .exchange(&[&head, key.annexb], false, answer_coming, deadline);
        let answer = told.and_then(|heard| read_answer(&heard).ok_or(TalkError::Wrong));
        match answer {
            Ok(answer) => {
                self.backoff.worked();
                child.pictures += 1;
                self.child = (child.pictures < PICTURES_MAX).then_some(child);
                Ok(answer)
            }
            Err(error) => {
                self.died();
                Err(match error {
                    TalkError::Late => DecodeError::Late { ms },
                    TalkError::Ended | TalkError::Wrong | TalkError::Pipes(_) => DecodeError::Died,
                })
            }
        }
    }

    /// The child, started if there is none; it is put back only when it has answered well.
    fn take_child(&mut self) -> Result<Worker, DecodeError> {
        if let Some(child) = self.child.take() {
            return Ok(child);
        }
        let now = self.clock.tick();
        if let Some(until) = self.rests_until.filter(|until| *until > now) {
            let ms = until.since(now);
            return Err(DecodeError::Resting { ms });
        }
        let deadline = Deadline::in_ms(self.clock.as_ref(), START_MS);
        let started = start(&self.settings, deadline);
        match started {
            Ok(child) if child.confinement.seccomp || self.settings.unconfined => Ok(child),
            Ok(_) => Err(DecodeError::Unconfined),
            Err(error) => {
                self.died();
                Err(DecodeError::Start(error))
            }
        }
    }

    fn died(&mut self) {
        // Nobody else on this machine starts decoders, so waits need not be spread.
        let most = self.backoff.ceiling_ms();
        let wait = self.backoff.failed(most);
        self.rests_until = Some(self.clock.tick().after(wait));
    }

    fn ask_ffmpeg(&self, key: KeyFrame<'_>, wanted: Wanted<'_>) -> Option<Sample> {
        let ffmpeg = self.settings.ffmpeg.as_deref()?;
        let role = [ROLE, THROUGH].map(OsStr::new);
        let codec = [CODEC, key.codec.option()].map(OsStr::new);
        let role = [&role[..], &[ffmpeg.as_os_str()], &codec].concat();
        let deadline = Deadline::in_ms(self.clock.as_ref(), self.settings.picture_ms);
        let picture = ffmpeg::decode(&self.settings.program, &role, key, deadline).ok()?;
        Some(Sample::of(&picture, wanted.masks, wanted.raster_width))
    }
}

fn start(settings: &Settings, deadline: Deadline<'_>) -> io::Result<Worker> {
    let mut command = Command::new(&settings.program);
    let mut process = Process::start(command.arg(OsString::from(ROLE)))?;
    let coming = |heard: &[u8]| match heard.len() {
        ..GREETING_BYTES => Coming::More,
        GREETING_BYTES => Coming::Whole,
        _ => Coming::Wrong,
    };
    let heard = process.exchange(&[], false, coming, deadline);
    let confinement = heard.ok().and_then(|heard| read_greeting(&heard));
    let Some(confinement) = confinement else {
        return Err(io::Error::from(io::ErrorKind::InvalidData));
    };
    Ok(Worker {
        process,
        confinement,
        pictures: 0,
    })
}
