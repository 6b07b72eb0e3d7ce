//! What every recorder does: it lays the files of a scenario its own way, and what it laid can be told.
//!
//! A *contract*: its children implement it. It must not know any of them.

use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keepwatch_common::time::{Instant, SECOND_MS};

use super::damage::{Kind, Made, State};
use super::dice::Dice;
use super::media::Container;
use super::scenario::{Fault, Scenario};
use super::take::{Condition, Take};

/// Segments of ffmpeg's and its list of them.
pub mod ffmpeg_list;
/// Hikvision's ring of files and its index.
pub mod hikvision;
/// Moonfire's samples and its database.
pub mod moonfire;
/// Recorders whose names tell everything.
pub mod tree;

/// A kind of recorder.
pub trait Recorder: std::fmt::Debug {
    /// What it is called here.
    fn name(&self) -> &str;

    /// Where an audit of what was laid in this folder has to look.
    fn place(&self, folder: &Path) -> Place;

    /// What it writes.
    fn container(&self) -> Container;

    /// Whether such a fault can befall it, and leaves a trace that an audit of its files can tell.
    fn shows(&self, fault: &Fault) -> bool;

    /// The camera in its own words.
    fn camera(&self, name: &str, nth: usize) -> String;

    /// Lays the files below the folder, and tells what an audit must make of each, in the order in which
    /// it meets them: by name in a tree, line by line in a list.
    fn lay(&self, folder: &Path, scenario: &Scenario) -> Result<Vec<Laid>, LayError>;
}

/// Where an audit has to look, in the agent's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The recorder's root.
    pub root: PathBuf,
    /// The layout.
    pub layout: String,
    /// The zone of its names, where it needs one.
    pub zone: Option<String>,
    /// Its own list, where that lies elsewhere.
    pub index: Option<PathBuf>,
}

/// One segment on disk and what is true of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Laid {
    /// The camera in the recorder's own words.
    pub camera: String,
    /// The segment as the layout tells it: its path below the recorder's root.
    pub path: String,
    /// When it begins as far as can be told.
    pub start: Instant,
    /// What it is.
    pub state: State,
    /// What is wrong with it.
    pub fault: Option<Kind>,
    /// How many seconds of footage it proves.
    pub proves_s: i64,
}

impl Laid {
    /// What else is true where the name says that a file is not closed: it is not whole, and proves
    /// only what can be read in it.
    #[must_use]
    pub fn named_open(mut self, take: &Take, made: &Made) -> Self {
        match take.condition {
            Condition::Open => (self.state, self.fault) = (State::Open, None),
            Condition::Killed => {
                (self.state, self.fault) = (State::Corrupt, Some(Kind::Truncated));
            }
            _ => return self,
        }
        self.proves_s = made.media_s.unwrap_or(0);
        self
    }

    /// What is true of a take that was made into a file.
    pub fn of(camera: String, path: String, take: &Take, made: &Made, tells_wall: bool) -> Self {
        let wall_s = if tells_wall { take.wall_s } else { 0 };
        let whole = matches!(made.state, State::Sealed | State::Opaque);
        let proves_s = match made.media_s {
            Some(media_s) if whole => media_s.max(wall_s),
            Some(media_s) => media_s,
            // What cannot be read lasts as long as it was written to.
            None if whole => written(take, made).since(take.start) / SECOND_MS,
            None => 0,
        };
        Self {
            camera,
            path,
            start: take.start,
            state: made.state,
            fault: made.fault,
            proves_s,
        }
    }
}

/// Why a scenario could not be laid.
#[derive(Debug, thiserror::Error)]
pub enum LayError {
    /// The disk refused; the cause names the path.
    #[error("the branch could not be written")]
    Disk(#[from] io::Error),
    /// A database refused.
    #[error("the recorder's database could not be written")]
    Database(#[from] sqlx::Error),
    /// A name cannot be filled in.
    #[error("the recorder's files could not be named")]
    Name(#[from] jiff::Error),
}

/// When a file was written last: when it ended, and where its writer did not get so far, with the last
/// of what it holds.
pub fn written(take: &Take, made: &Made) -> Instant {
    if take.is_closed() {
        return take.end();
    }
    take.start + (made.media_s.unwrap_or(take.wall_s / 2) + 1) * SECOND_MS
}

/// Writes one file with its time; nothing where somebody has deleted it.
pub fn put(path: &Path, take: &Take, made: &Made) -> io::Result<()> {
    if take.condition == Condition::Gone {
        return Ok(());
    }
    if let Some(parent) = path.parent() {
        fs_err::create_dir_all(parent)?;
    }
    // Never over another: a recorder that gave two files one name would lose footage in silence.
    let mut file = fs_err::File::create_new(path)?;
    io::Write::write_all(&mut file, &made.bytes)?;
    let ms = u64::try_from(written(take, made).ms()).unwrap_or(0);
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_millis(ms))
}

/// The dice of one file: independent of every other's, so that one more fault changes no other file.
pub fn dice(scenario: &Scenario, take: &Take) -> Dice {
    Dice::new(scenario.seed.rotate_left(32) ^ u64::from(take.number))
}
