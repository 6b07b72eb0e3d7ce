//! From a file to a configuration.

use std::path::Path;

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
        let bytes = fs_err::metadata(path).map_err(refused)?.len();
        if bytes > FILE_BYTES_MAX {
            return Err(ConfigError::TooLarge {
                path: path.to_owned(),
                bytes,
                bytes_max: FILE_BYTES_MAX,
            });
        }
        Self::parse(path, &fs_err::read_to_string(path).map_err(refused)?)
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
