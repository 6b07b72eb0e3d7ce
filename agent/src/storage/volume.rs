//! One volume: whether it is there, whether it is the one meant, and how full it is.
//!
//! The one meant is the one whose id is configured; without an id, the one that was seen there first.
//! "Storage missing" is never "footage deleted": everything else asks here before it concludes that
//! something is gone. The system is only asked, nothing is written.

use std::path::{Path, PathBuf};

use keepwatch_common::model::name::Name;
use keepwatch_common::model::volume::{Presence, VolumeState};
use sysinfo::{Disk, DiskRefreshKind, Disks};

use super::machine::Machine;
use super::mounts::Mounts;
use super::recognised::{Recognised, recognise};
use super::remembered::{Identity, RememberError, Remembered};
use crate::config::VolumeId;

/// Free space is told again when it has changed by this part of the whole: one percent.
const FREE_STEPS: u64 = 100;

/// A volume of the configuration.
#[derive(Debug, Clone)]
pub struct Volume {
    name: Name,
    path: PathBuf,
    id: Option<VolumeId>,
    machine: Machine,
}

/// What a path stands on now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The file system.
    pub identity: Identity,
    /// Whether the path itself is the mount point.
    pub is_mount_point: bool,
    /// Whether it is mounted read-only.
    pub read_only: bool,
    /// Bytes in all.
    pub total_bytes: u64,
    /// Bytes free for others than root.
    pub free_bytes: u64,
}

impl Volume {
    /// A volume by name and mount point.
    pub fn new(name: Name, path: PathBuf) -> Self {
        Self {
            name,
            path,
            id: None,
            machine: Machine::this(),
        }
    }

    /// The same, recognised by an id.
    #[must_use]
    pub fn identified(self, id: Option<VolumeId>) -> Self {
        Self { id, ..self }
    }

    /// The same on another machine than this.
    #[must_use]
    pub fn on(self, machine: &Machine) -> Self {
        let machine = machine.clone();
        Self { machine, ..self }
    }

    /// Its name.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// What it is recognised by.
    pub fn id(&self) -> Option<&VolumeId> {
        self.id.as_ref()
    }

    /// Where it should be mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system says of it now. The first sight of a mounted volume is remembered; how that
    /// went is told beside it, because a disk that takes no notes does not change what is seen.
    pub fn look(&self, remembered: &mut Remembered) -> (VolumeState, Result<(), RememberError>) {
        let standing = self.standing();
        let known = match (&self.id, &standing) {
            (Some(id), Some(_)) => Known::Recognised(self.recognise(id)),
            _ => Known::Seen(remembered.at(&self.path)),
        };
        let presence = presence(standing.as_ref(), known);
        let kept = match (presence, &standing) {
            (Presence::Present, Some(standing)) => {
                let identity = standing.identity.clone();
                match self.id {
                    // Whoever configures an id says which one it is, whatever was there before.
                    Some(_) => remembered.vouched(&self.path, identity),
                    None => remembered.first_seen(&self.path, identity),
                }
            }
            _ => Ok(()),
        };
        let present = standing.filter(|_| presence != Presence::Missing);
        let state = VolumeState {
            volume: self.name.clone(),
            path: self.path.to_string_lossy().into_owned(),
            presence,
            total_bytes: present.as_ref().map_or(0, |s| s.total_bytes),
            free_bytes: present
                .as_ref()
                .map_or(0, |s| rounded(s.free_bytes, s.total_bytes)),
            kind: present.map(|s| s.identity.kind).unwrap_or_default(),
        };
        (state, kept)
    }
}

impl Volume {
    /// What it stands on; a file system that the kernel turned read-only counts as such however its
    /// mount looks.
    fn standing(&self) -> Option<Standing> {
        let mut standing = standing(&self.path)?;
        let mounts = Mounts::read(&self.machine).unwrap_or_default();
        let mount = resolved(&self.path).and_then(|path| mounts.at(&path).cloned());
        standing.read_only |= mount.is_some_and(|mount| mount.is_read_only());
        Some(standing)
    }

    fn recognise(&self, id: &VolumeId) -> Recognised {
        let mounts = Mounts::read(&self.machine).unwrap_or_default();
        let mount = resolved(&self.path).and_then(|path| mounts.at(&path).cloned());
        let fsid = rustix::fs::statvfs(&self.path).ok();
        match mount {
            Some(mount) => recognise(&self.machine, id, &mount, fsid.map(|s| s.f_fsid)),
            None => Recognised::Unresolved,
        }
    }
}

/// A path without links, as mounts name it.
pub fn resolved(path: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(path).ok()
}

/// The file system that holds a path, as the system tells it.
pub fn standing(path: &Path) -> Option<Standing> {
    let id = file_system_id(path)?;
    let disks = Disks::new_with_refreshed_list_specifics(DiskRefreshKind::everything()).ok()?;
    let resolved = fs_err::canonicalize(path).ok()?;
    let holds = |disk: &&Disk| resolved.starts_with(disk.mount_point());
    let disk = disks
        .iter()
        .filter(holds)
        .max_by_key(|d| d.mount_point().as_os_str().len())?;
    Some(Standing {
        identity: Identity {
            mount: disk.mount_point().to_string_lossy().into_owned(),
            kind: disk.file_system().to_string_lossy().into_owned(),
            id: Some(id).filter(|id| id != "0-0"),
        },
        is_mount_point: disk.mount_point() == resolved,
        read_only: disk.is_read_only(),
        total_bytes: disk.total_space(),
        free_bytes: disk.available_space(),
    })
}

/// Whether what stands at a path is what stood there first.
pub fn is_same(standing: Option<&Standing>, first: Option<&Identity>) -> bool {
    match (standing, first) {
        (Some(now), Some(first)) => now.identity == *first,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// How it is known which volume stands there.
#[derive(Debug, Clone, Copy)]
enum Known<'a> {
    /// By its id.
    Recognised(Recognised),
    /// By what was seen first, if anything was.
    Seen(Option<&'a Identity>),
}

fn presence(standing: Option<&Standing>, known: Known<'_>) -> Presence {
    let Some(now) = standing.filter(|now| now.is_mount_point) else {
        return Presence::Missing;
    };
    match known {
        Known::Recognised(Recognised::Unresolved) => return Presence::Unreadable,
        Known::Recognised(Recognised::Absent | Recognised::Elsewhere) => return Presence::Swapped,
        Known::Seen(Some(first)) if now.identity != *first => return Presence::Swapped,
        Known::Recognised(Recognised::Same) | Known::Seen(_) => {}
    }
    if now.read_only {
        Presence::ReadOnly
    } else {
        Presence::Present
    }
}

/// The id of a file system that survives a reboot, as far as it has one.
fn file_system_id(path: &Path) -> Option<String> {
    let status = rustix::fs::statvfs(path).ok()?;
    Some(format!(
        "{:x}-{:x}",
        status.f_fsid >> 32,
        status.f_fsid & 0xffff_ffff
    ))
}

/// In steps, so that a volume that fills is told now and then and not at every file.
fn rounded(free: u64, total: u64) -> u64 {
    let step = (total / FREE_STEPS).max(1);
    free / step * step
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(mount: &str, is_mount_point: bool) -> Standing {
        Standing {
            identity: identity(mount),
            is_mount_point,
            read_only: false,
            total_bytes: 1_000,
            free_bytes: 555,
        }
    }

    fn identity(mount: &str) -> Identity {
        Identity {
            mount: mount.to_owned(),
            kind: "ext4".to_owned(),
            id: None,
        }
    }

    #[test]
    fn an_empty_mount_point_is_a_missing_volume() {
        let (first, bare) = (identity("/srv/footage"), stands("/", false));
        assert_eq!(
            presence(Some(&bare), Known::Seen(Some(&first))),
            Presence::Missing
        );
        assert_eq!(presence(None, Known::Seen(Some(&first))), Presence::Missing);
        assert!(!is_same(Some(&bare), Some(&first)));
    }

    #[test]
    fn another_disk_in_its_place_is_a_swapped_volume() {
        let other = Standing {
            identity: Identity {
                id: Some("9-9".to_owned()),
                ..identity("/srv/footage")
            },
            ..stands("/srv/footage", true)
        };
        assert_eq!(
            presence(Some(&other), Known::Seen(Some(&identity("/srv/footage")))),
            Presence::Swapped
        );
    }

    #[test]
    fn a_volume_that_cannot_be_written_is_told() {
        let stuck = Standing {
            read_only: true,
            ..stands("/srv", true)
        };
        assert_eq!(
            presence(Some(&stuck), Known::Seen(None)),
            Presence::ReadOnly
        );
        assert_eq!(
            presence(Some(&stands("/srv", true)), Known::Seen(None)),
            Presence::Present
        );
    }

    #[test]
    fn an_id_decides_whatever_was_seen_there_first() {
        let there = stands("/srv", true);
        let by = |recognised| presence(Some(&there), Known::Recognised(recognised));
        assert_eq!(by(Recognised::Same), Presence::Present);
        assert_eq!(by(Recognised::Absent), Presence::Swapped);
        assert_eq!(by(Recognised::Elsewhere), Presence::Swapped);
        assert_eq!(by(Recognised::Unresolved), Presence::Unreadable);
    }

    #[test]
    fn the_root_of_this_machine_is_a_volume() {
        let standing = standing(Path::new("/")).expect("every machine has one");
        assert!(
            standing.is_mount_point && standing.total_bytes > 0,
            "{standing:?}"
        );
    }

    #[test]
    fn free_space_is_told_in_steps_of_a_hundredth() {
        assert_eq!(rounded(555, 1_000), 550);
        assert_eq!(rounded(5, 10), 5);
    }
}
