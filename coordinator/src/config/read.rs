//! From a file to a configuration.

use std::io::Read;
use std::path::Path;

use fs_err::os::unix::fs::OpenOptionsExt;

use super::error::ConfigError;
use super::raw;
use super::settings::Config;

/// A configuration file is at most this large; ours are a few kilobytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

impl Config {
    /// Reads and checks a file.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let refused = |source| ConfigError::Read {
            path: path.to_owned(),
            source,
        };
        // Neither a pipe without a writer nor a terminal may hold us up.
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        let file = fs_err::OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
            .map_err(refused)?;
        let metadata = file.metadata().map_err(refused)?;
        if !metadata.is_file() {
            return Err(ConfigError::NotRegular {
                path: path.to_owned(),
            });
        }
        let bytes = metadata.len();
        if bytes > FILE_BYTES_MAX {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
                bytes,
                bytes_max: FILE_BYTES_MAX,
            });
        }
        let mut text = String::new();
        file.take(FILE_BYTES_MAX)
            .read_to_string(&mut text)
            .map_err(refused)?;
        Self::parse(path, &text)
    }

    /// Checks a text; the path only names it in errors.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let raw: raw::RawConfig = toml::from_str(text).map_err(|source| ConfigError::Syntax {
            path: path.to_owned(),
            source,
        })?;
        raw::check(raw).map_err(|(field, source)| ConfigError::Field {
            path: path.to_owned(),
            field,
            source,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_is_refused_without_waiting_for_a_writer() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let rights = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rights).unwrap();
        for path in [pipe.as_path(), folder.path()] {
            let refused = Config::read(path).unwrap_err();
            assert!(
                matches!(refused, ConfigError::NotRegular { .. }),
                "{refused}"
            );
        }
    }
}
