//! A checked configuration: what exists here is valid.

use std::path::PathBuf;

use keepwatch_common::model::name::Name;
use keepwatch_common::time::Zone;

/// A whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// Which log lines are written, as a filter of `tracing` writes it; the environment goes first.
    pub log: Option<String>,
    /// Where the agent keeps its key, its certificate and its spool.
    pub state: PathBuf,
    /// How hard it works.
    pub pace: Pace,
    /// How much it may keep while the coordinator is away.
    pub spool: SpoolBounds,
    /// The recorders whose footage it measures.
    pub recorders: Vec<Recorder>,
    /// The volumes it looks after.
    pub volumes: Vec<Volume>,
    /// The configuration files it watches.
    pub watched: Vec<Watched>,
}

/// How hard the agent works.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Files opened in a second at most, so that reading never takes the disk from recording.
    pub files_per_second: u32,
    /// Between two walks of a whole tree, in milliseconds.
    pub reconcile_ms: u64,
    /// Steps in which healthy coverage is told, in milliseconds.
    pub coverage_step_ms: i64,
    /// Between two looks at volumes and watched files, in milliseconds.
    pub look_ms: u64,
}

/// Bounds of the spool.
#[derive(Debug, Clone, Copy)]
pub struct SpoolBounds {
    /// Bytes at most.
    pub bytes_max: u64,
    /// Age of evidence at most, in milliseconds.
    pub age_ms_max: i64,
    /// Bytes that stay free on its file system.
    pub free_bytes_min: u64,
}

/// One recorder.
#[derive(Debug, Clone)]
pub struct Recorder {
    /// Its name in the branch's words.
    pub name: Name,
    /// The folder that its layout starts from.
    pub root: PathBuf,
    /// The layout by name.
    pub layout: String,
    /// The zone that its file names are in, where it is given.
    pub layout_zone: Option<Zone>,
    /// Where the recorder's own list lies, where it does not lie with the footage.
    pub index: Option<PathBuf>,
    /// Whether files are opened; otherwise only names and sizes count.
    pub verify: bool,
}

/// One volume.
#[derive(Debug, Clone)]
pub struct Volume {
    /// Its name in the branch's words.
    pub name: Name,
    /// Its mount point.
    pub path: PathBuf,
}

/// One watched configuration file.
#[derive(Debug, Clone)]
pub struct Watched {
    /// Its name in the branch's words.
    pub name: Name,
    /// The file.
    pub path: PathBuf,
    /// How it is written: `auto`, `yaml`, `toml`, `json`, `ini`, `xml` or `lines`.
    pub format: String,
    /// More words that mark a secret in this file.
    pub secrets: Vec<String>,
}
