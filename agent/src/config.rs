//! The agent's configuration: one TOML file, read whole and checked before anything starts.
//!
//! The branch's own word on what the agent may touch: no remote configuration can widen it. It must
//! not open what it names; whether a path exists is found out when it is watched.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use keepwatch_common::model::name::{Name, NameError};
use keepwatch_common::time::{TimeError, Zone};

mod raw;

/// A configuration file is at most this large; ours are a few kilobytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Recorders, volumes and watched files of one agent, each at most this many.
pub const ENTRIES_MAX: usize = 256;

/// A whole configuration.
#[derive(Debug, Clone)]
pub struct Config {
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
    /// The zone that its file names are in.
    pub layout_zone: Zone,
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
    #[error("is no name")]
    Name(#[source] NameError),
    /// Not a zone.
    #[error("is no time zone")]
    Zone(#[source] TimeError),
    /// Not an absolute path.
    #[error("{} must be an absolute path; begin it with /", path.display())]
    Relative {
        /// The path.
        path: PathBuf,
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

impl Config {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let refused = |source| ConfigError::Read {
            path: path.to_owned(),
            source,
        };
        let bytes = fs_err::metadata(path).map_err(refused)?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
                bytes,
            });
        }
        Self::parse(path, &fs_err::read_to_string(path).map_err(refused)?)
    }

    /// Checks a text; the path only names it in errors.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let raw: raw::File = toml::from_str(text).map_err(|source| ConfigError::Syntax {
            path: path.to_owned(),
            source,
        })?;
        let config = raw.check().map_err(|(field, source)| ConfigError::Field {
            path: path.to_owned(),
            field,
            source,
        })?;
        config
            .check_names()
            .map_err(|(field, source)| ConfigError::Field {
                path: path.to_owned(),
                field,
                source,
            })?;
        Ok(config)
    }

    fn check_names(&self) -> Result<(), (String, FieldError)> {
        let recorders: Vec<_> = self.recorders.iter().map(|r| &r.name).collect();
        let volumes: Vec<_> = self.volumes.iter().map(|v| &v.name).collect();
        let watched: Vec<_> = self.watched.iter().map(|w| &w.name).collect();
        for (section, names) in [
            ("recorder", recorders),
            ("volume", volumes),
            ("watch", watched),
        ] {
            if names.len() > ENTRIES_MAX {
                return Err((
                    section.to_owned(),
                    FieldError::TooMany { count: names.len() },
                ));
            }
            let mut seen = BTreeSet::new();
            for (index, name) in names.into_iter().enumerate() {
                if !seen.insert(name) {
                    let twice = FieldError::Twice {
                        name: name.to_string(),
                    };
                    return Err((format!("{section}[{index}].name"), twice));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::error_chain::chain;

    use super::*;

    const WHOLE: &str = r#"
        state = "/var/lib/keepwatch-agent"
        [[recorder]]
        name = "nvr"
        root = "/srv/frigate/recordings"
        layout = "frigate"
        [[volume]]
        name = "footage"
        path = "/srv/frigate"
        [[watch]]
        name = "frigate"
        path = "/etc/frigate/config.yml"
    "#;

    fn parse(text: &str) -> Result<Config, String> {
        Config::parse(Path::new("agent.toml"), text).map_err(|error| chain(&error).to_string())
    }

    #[test]
    fn a_short_file_is_enough() {
        let config = parse(WHOLE).unwrap();
        assert_eq!(config.recorders[0].layout_zone, Zone::utc());
        assert_eq!(config.watched[0].format, "auto");
        assert_eq!(config.pace.reconcile_ms, 3_600_000);
        assert_eq!(config.spool.bytes_max, 256 * 1024 * 1024);
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused_with_its_line() {
        let said = parse(&WHOLE.replace("root =", "rot =")).unwrap_err();
        assert!(
            said.contains("agent.toml") && said.contains("rot") && said.contains("line"),
            "{said}"
        );
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_its_field_and_the_remedy() {
        for (from, to, expected) in [
            (
                "/srv/frigate/recordings",
                "recordings",
                "recorder[0].root: recordings must be an absolute path",
            ),
            (
                "name = \"footage\"",
                "name = \"\"",
                "volume[0].name: is no name: a name must not be empty",
            ),
            (
                "layout = \"frigate\"",
                "layout = \"frigate\"\nlayout_timezone = \"Mars\"",
                "recorder[0].layout_timezone",
            ),
            (
                "state =",
                "pace = { files_per_second = 0 }\nstate =",
                "pace.files_per_second: 0 is outside 1 to",
            ),
        ] {
            let said = parse(&WHOLE.replace(from, to)).unwrap_err();
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn two_recorders_of_one_name_are_refused() {
        let twice =
            format!("{WHOLE}\n[[recorder]]\nname = \"nvr\"\nroot = \"/x\"\nlayout = \"frigate\"");
        let said = parse(&twice).unwrap_err();
        assert!(
            said.contains("recorder[1].name") && said.contains("twice"),
            "{said}"
        );
    }

    #[test]
    fn nothing_to_watch_is_refused() {
        assert!(
            parse("state = \"/x\"")
                .unwrap_err()
                .contains("add a [[recorder]]")
        );
    }
}
