//! What a configuration names and this machine does not have now.
//!
//! It looks and changes nothing. It must not decide whether the agent may start: disks are mounted
//! later, and recorders write their configuration when they first run.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use keepwatch_common::clock::Tick;
use rustix::fs::{Access, access};

use super::health;
use crate::config::{self, Config};
use crate::status::SourceStanding;
use crate::storage::checkup::Checkup;
use crate::storage::machine::Machine;
use crate::storage::volume::{Volume, standing};

/// Something that would keep the agent from working now.
#[derive(Debug)]
pub(super) struct Warning {
    field: String,
    path: PathBuf,
    lack: Lack,
}

#[derive(Debug)]
enum Lack {
    Unreadable(io::ErrorKind),
    NoFolder,
    NoMountPoint,
    NoFile,
    Unwritable(io::ErrorKind),
    Health(String),
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ", self.field, self.path.display())?;
        match &self.lack {
            Lack::Unreadable(kind) => {
                write!(
                    f,
                    "cannot be read ({kind}); footage is not measured until it can"
                )
            }
            Lack::NoFolder => f.write_str("is no folder; name the recorder's folder"),
            Lack::NoMountPoint => f.write_str(
                "is no mount point now; it is told as missing until its volume is mounted there",
            ),
            Lack::Health(line) => write!(f, "health: {line}"),
            Lack::NoFile => f.write_str("is no regular file that can be read now"),
            Lack::Unwritable(kind) => {
                write!(
                    f,
                    "cannot be written ({kind}); make it this user's, or run as another"
                )
            }
        }
    }
}

/// Everything that is lacking, in the order of the configuration.
pub(super) fn lacking(config: &Config) -> Vec<Warning> {
    let recorders = config
        .recorders
        .iter()
        .enumerate()
        .map(|(index, recorder)| {
            let field = format!("recorder[{index}].root");
            (field, recorder.root.as_path(), folder(&recorder.root))
        });
    let mut checkup = Checkup::new(Machine::this());
    let volumes = config
        .volumes
        .iter()
        .enumerate()
        .flat_map(|(index, volume)| {
            let is_mounted = standing(&volume.path).is_some_and(|standing| standing.is_mount_point);
            let lack = (!is_mounted).then_some(Lack::NoMountPoint);
            let field = format!("volume[{index}].path");
            let lacks = match lack {
                Some(lack) => vec![lack],
                None => ailing(&mut checkup, volume),
            };
            lacks
                .into_iter()
                .map(move |lack| (field.clone(), volume.path.as_path(), Some(lack)))
        });
    let watched = config.watched.iter().enumerate().map(|(index, watched)| {
        let is_there = fs_err::metadata(&watched.path).is_ok_and(|seen| seen.is_file())
            && access(&watched.path, Access::READ_OK).is_ok();
        let lack = (!is_there).then_some(Lack::NoFile);
        (format!("watch[{index}].path"), watched.path.as_path(), lack)
    });
    let state = (
        "state".to_owned(),
        config.state.as_path(),
        unwritable(&config.state),
    );
    std::iter::once(state)
        .chain(recorders)
        .chain(volumes)
        .chain(watched)
        .filter_map(|(field, path, lack)| {
            Some(Warning {
                field,
                path: path.to_owned(),
                lack: lack?,
            })
        })
        .collect()
}

/// What of a volume that is mounted is not well, or cannot be asked.
fn ailing(checkup: &mut Checkup, volume: &config::Volume) -> Vec<Lack> {
    let examined = Volume::new(volume.name.clone(), volume.path.clone());
    let examined = examined.identified(volume.id.clone());
    let health = checkup.examine(&examined, Tick(0));
    let sources = health.sources.iter().map(SourceStanding::from);
    sources
        .filter(health::needs_a_look)
        .map(|source| Lack::Health(health::line(&source)))
        .collect()
}

fn folder(root: &Path) -> Option<Lack> {
    match fs_err::metadata(root) {
        Ok(seen) if !seen.is_dir() => Some(Lack::NoFolder),
        Ok(_) => fs_err::read_dir(root)
            .err()
            .map(|error| Lack::Unreadable(error.kind())),
        Err(error) => Some(Lack::Unreadable(error.kind())),
    }
}

/// The state folder is made at the first start, so its nearest folder that is there counts.
fn unwritable(state: &Path) -> Option<Lack> {
    let there = state
        .ancestors()
        .find(|folder| fs_err::metadata(folder).is_ok())?;
    access(there, Access::WRITE_OK | Access::EXEC_OK)
        .err()
        .map(|error| Lack::Unwritable(io::Error::from(error).kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings(folder: &Path) -> Vec<String> {
        let at = folder.display();
        let text = format!(
            "state = \"{at}/state\"\n\
             [[recorder]]\nname = \"nvr\"\nroot = \"{at}/footage\"\nlayout = \"frigate\"\n\
             [[volume]]\nname = \"disk\"\npath = \"{at}/footage\"\n\
             [[watch]]\nname = \"frigate\"\npath = \"{at}/config.yml\"\n"
        );
        let config = Config::parse(Path::new("agent.toml"), &text).unwrap();
        lacking(&config).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_is_not_there_is_warned_of_by_its_field() {
        let folder = tempfile::tempdir().unwrap();
        let said = warnings(folder.path());
        let fields: Vec<_> = said
            .iter()
            .filter_map(|said| said.split(':').next())
            .collect();
        assert_eq!(
            fields,
            ["recorder[0].root", "volume[0].path", "watch[0].path"]
        );
    }

    #[test]
    fn what_is_there_is_not_warned_of() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir(folder.path().join("footage")).unwrap();
        fs_err::write(folder.path().join("config.yml"), "a: 1").unwrap();
        let said = warnings(folder.path());
        assert!(
            matches!(&said[..], [only] if only.contains("no mount point")),
            "{said:?}"
        );
    }

    #[test]
    fn what_is_under_a_volume_and_cannot_be_asked_is_warned_of_with_the_remedy() {
        let folder = tempfile::tempdir().unwrap();
        let text = format!(
            "state = \"{}\"\n[[volume]]\nname = \"root\"\npath = \"/\"\nid = \"label:none\"\n",
            folder.path().display()
        );
        let config = Config::parse(Path::new("agent.toml"), &text).unwrap();
        let said: Vec<_> = lacking(&config).iter().map(ToString::to_string).collect();
        let first = said.first().map(String::as_str).unwrap_or_default();
        assert!(
            first.starts_with("volume[0].path: / health: mount "),
            "{said:?}"
        );
        assert!(first.contains("id"), "{said:?}");
    }

    #[test]
    fn a_root_that_is_a_file_is_no_folder() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("footage"), "").unwrap();
        let said = warnings(folder.path());
        assert!(said[0].contains("is no folder"), "{said:?}");
    }
}
