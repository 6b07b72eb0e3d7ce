//! The agent's configuration: one TOML file, read whole and checked before anything starts.
//!
//! A *face*: it uses its children. The file is the branch's own word on what the agent may touch: no
//! remote configuration can widen it. It must not open what it names; whether a path exists is found
//! out when it is watched.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

use fs_err::os::unix::fs::OpenOptionsExt;

mod error;
mod raw;
mod settings;
mod volume_id;

pub use error::{ConfigError, ENTRIES_MAX, FILE_BYTES_MAX, FieldError};
pub use settings::{
    Camera, Config, HoldBounds, Pace, Recorder, SpoolBounds, Vault, Volume, Watched,
};
pub use volume_id::{VolumeId, VolumeIdError};

/// What is set here goes before what the file says of the log.
const LOG_VARIABLE: &str = "KEEPWATCH_LOG";

/// The filter of log lines that the environment asks for.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the environment"
)]
pub fn log_filter() -> Option<String> {
    std::env::var(LOG_VARIABLE)
        .ok()
        .filter(|filter| !filter.is_empty())
}

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
        self.check_vaults()
    }

    fn check_vaults(&self) -> Result<(), (String, FieldError)> {
        for (index, vault) in self.vaults.iter().enumerate() {
            if index > 0 {
                return Err((format!("vault[{index}]"), FieldError::OneVault));
            }
            let volume = self.volumes.iter().find(|one| one.name == vault.volume);
            if !volume.is_some_and(|volume| vault.path.starts_with(&volume.path)) {
                let elsewhere = FieldError::NotOnVolume {
                    path: vault.path.clone(),
                    volume: vault.volume.to_string(),
                };
                return Err((format!("vault[{index}].volume"), elsewhere));
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

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("agent.toml"), text)
    }

    fn refusal(text: &str) -> String {
        chain(&parse(text).unwrap_err()).to_string()
    }

    #[test]
    fn a_short_file_is_enough() {
        let config = parse(WHOLE).unwrap();
        assert_eq!(config.recorders[0].layout_zone, None);
        assert_eq!(config.watched[0].format, "auto");
        assert_eq!(config.pace.reconcile_ms, 3_600_000);
        assert_eq!(config.spool.bytes_max, 256 * 1024 * 1024);
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused_with_its_line() {
        let said = refusal(&WHOLE.replace("root =", "rot ="));
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
                "volume[0].name: a name must not be empty",
            ),
            (
                "layout = \"frigate\"",
                "layout = \"frigate\"\nlayout_timezone = \"Mars\"",
                "recorder[0].layout_timezone: “Mars” is not a time zone; write an IANA name",
            ),
            (
                "path = \"/srv/frigate\"",
                "path = \"/srv/frigate\"\nid = \"sda1\"",
                "volume[0].id: “sda1” is no id; write \"uuid:…\"",
            ),
            (
                "state =",
                "pace = { files_per_second = 0 }\nstate =",
                "pace.files_per_second: 0 is outside 1 to",
            ),
        ] {
            let said = refusal(&WHOLE.replace(from, to));
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn two_recorders_of_one_name_are_refused() {
        let twice =
            format!("{WHOLE}\n[[recorder]]\nname = \"nvr\"\nroot = \"/x\"\nlayout = \"frigate\"");
        let said = refusal(&twice);
        assert!(
            said.contains("recorder[1].name") && said.contains("twice"),
            "{said}"
        );
    }

    #[test]
    fn a_vault_is_on_a_volume_that_is_looked_after() {
        let vault = |volume: &str, path: &str| {
            format!("{WHOLE}\n[[vault]]\npath = \"{path}\"\nvolume = \"{volume}\"\nmegabytes = 10")
        };
        let config = parse(&vault("footage", "/srv/frigate/vault")).unwrap();
        assert_eq!(config.vaults[0].bytes_max, 10 << 20);
        for (volume, path) in [("none", "/srv/frigate/vault"), ("footage", "/srv/other")] {
            let said = refusal(&vault(volume, path));
            assert!(said.contains("vault[0].volume"), "{said}");
        }
    }

    #[test]
    fn nothing_to_watch_is_refused() {
        assert!(refusal("state = \"/x\"").contains("add a [[recorder]]"));
    }

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
