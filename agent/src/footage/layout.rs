//! How recorders lay footage on disk: a reader per layout behind one contract.
//!
//! A layout turns names below a recorder's root into cameras and times, component by component, so
//! that a walk never enters a folder that cannot hold footage. It reads names only: no file is
//! opened here, and whether a segment is whole is not its question. A recorder whose names tell too
//! little keeps a book of its own, which the layout then reads instead.

use std::fmt;

use keepwatch_common::time::Zone;

use super::book::Book;
use super::named::Named;

/// Blue Iris's clips.
pub mod blueiris;
/// Layouts that are told by their recorder's own list.
pub mod booked;
/// Dahua's cards, network storage and FTP.
pub mod dahua;
/// Layouts that are a list of paths.
pub mod forms;
/// Frigate's recordings folder.
pub mod frigate;
/// Hikvision's cards and network storage.
pub mod hikvision;
/// Kerberos's recordings.
pub mod kerberos;
/// lightNVR's recordings.
pub mod lightnvr;
/// MediaMTX's recordings, by its own recordPath.
pub mod mediamtx;
/// Moonfire's sample files.
pub mod moonfire;
/// Motion's movies.
pub mod motion;
/// motionEye's movies.
pub mod motioneye;
/// OpenNVR's recordings.
pub mod opennvr;
/// A path with fields, compiled.
pub mod pattern;
/// Segments that ffmpeg lists.
pub mod segment_list;
/// Shinobi's videos.
pub mod shinobi;
/// Synology Surveillance Station's recordings.
pub mod synology;
/// Any layout that names its files by time: a path with strftime fields.
pub mod template;
/// Xiaomi's cameras.
pub mod xiaomi;
/// ZLMediaKit's recordings, also under wvp.
pub mod zlmediakit;
/// ZoneMinder's events.
pub mod zoneminder;

/// Folders between a root and its files, at most.
pub const DEPTH_MAX: usize = 16;

/// One recorder's way of naming footage.
pub trait Layout: fmt::Debug + Send + Sync {
    /// What people should know of it.
    fn about(&self) -> &'static About;

    /// The name given on the command line and in configuration.
    fn name(&self) -> String {
        self.about().name.to_owned()
    }

    /// Reads the folder `name` that lies `depth` folders below the root, after those before it;
    /// `None` when it cannot hold footage.
    fn folder(&self, depth: usize, name: &str, before: &Named) -> Option<Named>;

    /// Reads the file `name` in the folder that `before` tells of, `depth` folders below the root;
    /// `None` when it is no footage.
    fn file(&self, depth: usize, name: &str, before: &Named) -> Option<Named>;

    /// Whether no folder with footage lies `depth` folders below the root, so that nobody need look.
    fn has_no_folders(&self, depth: usize) -> bool {
        depth + 1 >= DEPTH_MAX
    }

    /// The zone that names are in.
    fn zone(&self) -> &Zone;

    /// How long a segment lasts when nothing else tells, in milliseconds.
    fn nominal_ms(&self) -> i64;

    /// The recorder's own list of its footage, where names alone tell too little; then no name is
    /// read.
    fn book(&self) -> Option<&dyn Book> {
        None
    }
}

/// What people should know of a layout.
#[derive(Debug)]
pub struct About {
    /// The name given on the command line and in configuration.
    pub name: &'static str,
    /// Whose recorders lay footage so.
    pub maker: &'static str,
    /// What paths look like.
    pub pattern: &'static str,
    /// The zone of its names.
    pub zone: ZoneRule,
    /// What tells when a segment begins and ends.
    pub told: Told,
    /// How this recorder deletes, for a person.
    pub deletes: &'static str,
    /// What keeps footage from deletion there, for a person.
    pub holds: &'static str,
}

/// The zone of a layout's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ZoneRule {
    /// UTC, unless configured otherwise.
    Utc,
    /// Names tell instants by themselves; a configured zone changes nothing.
    Epoch,
    /// The recorder's civil time: its IANA name has to be given, because this machine's own zone
    /// proves nothing about the recorder.
    Local,
}

impl ZoneRule {
    /// The word in tables and JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Utc => "utc",
            Self::Epoch => "epoch",
            Self::Local => "local",
        }
    }
}

/// What tells when a segment begins and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// The name tells the start; the end is the start and the media's length.
    Start,
    /// The name tells the start, and the file is written last when it ends.
    StartAndWriting,
    /// The name tells start and end.
    StartAndEnd,
    /// The file is written last when it ends, and begins its media's length before.
    Writing,
    /// The recorder's own list tells both.
    Book,
}

impl Told {
    /// The words for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Start => "start by name, end by media length",
            Self::StartAndWriting => "start by name, end by last write",
            Self::StartAndEnd => "start and end by name",
            Self::Writing => "end by last write, start by media length",
            Self::Book => "start and end by the recorder's own index",
        }
    }
}
