//! Why a configuration cannot be used: always with the file, the field and the remedy.

use std::path::PathBuf;

use keepwatch_common::model::name::NameError;
use keepwatch_common::time::TimeError;

use super::volume_id::VolumeIdError;

/// A configuration file is at most this large; ours are a few kilobytes.
pub const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Recorders, volumes and watched files of one agent, each at most this many.
pub const ENTRIES_MAX: usize = 256;

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read the configuration {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The file is a folder, a pipe or a device.
    #[error("{} is no regular file; name the file that holds the configuration", path.display())]
    NotRegular {
        /// The file.
        path: PathBuf,
    },
    /// The file is too large to be a configuration.
    #[error("{} has {bytes} bytes; a configuration has at most {FILE_BYTES_MAX}", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// Its size.
        bytes: u64,
    },
    /// Not TOML, a field that does not exist, or one of another type.
    #[error("{}", path.display())]
    Syntax {
        /// The file.
        path: PathBuf,
        /// Where and what.
        #[source]
        source: toml::de::Error,
    },
    /// A field whose value cannot be.
    #[error("{}: {field}", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// The field, e.g. `recorder[1].root`.
        field: String,
        /// What is wrong, and what to write.
        #[source]
        source: FieldError,
    },
}

/// What is wrong with a field.
#[derive(Debug, thiserror::Error)]
pub enum FieldError {
    /// Not a name.
    #[error("{0}")]
    Name(NameError),
    /// Not an id of a volume.
    #[error("{0}")]
    VolumeId(VolumeIdError),
    /// Not a zone. What the tables of zones say adds nothing.
    #[error("{0}")]
    Zone(TimeError),
    /// Not an absolute path.
    #[error("{} must be an absolute path; begin it with /", path.display())]
    Relative {
        /// The path.
        path: PathBuf,
    },
    /// A second vault.
    #[error("there is one vault; remove the others")]
    OneVault,
    /// A vault that is not on the volume it names.
    #[error("{} is not on a [[volume]] called {volume}; name the one it is on", path.display())]
    NotOnVolume {
        /// The vault.
        path: PathBuf,
        /// The name given.
        volume: String,
    },
    /// Outside its range.
    #[error("{value} is outside {min} to {max}")]
    Range {
        /// What is written.
        value: u64,
        /// The smallest allowed.
        min: u64,
        /// The largest allowed.
        max: u64,
    },
    /// Two of one name.
    #[error("the name {name} is given twice; each needs its own")]
    Twice {
        /// The name.
        name: String,
    },
    /// Too many.
    #[error("has {count} entries, at most {ENTRIES_MAX} are possible")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// Nothing to do.
    #[error("nothing to watch; add a [[recorder]], a [[volume]] or a [[watch]]")]
    Nothing,
    /// A word that is none of those possible.
    #[error("“{word}” is not possible; use one of {possible}")]
    Word {
        /// What is written.
        word: String,
        /// What could be.
        possible: &'static str,
    },
}
