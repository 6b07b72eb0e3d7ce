//! One volume: whether it is there, whether it is the one seen first, and how full it is.
//!
//! "Storage missing" is never "footage deleted": everything else asks here before it concludes that
//! something is gone. The system is only asked, nothing is written.

use std::path::{Path, PathBuf};

use keepwatch_common::model::name::Name;
use keepwatch_common::model::volume::{Presence, VolumeState};
use sysinfo::{Disk, DiskRefreshKind, Disks};

use super::remembered::{Identity, RememberError, Remembered};

/// Free space is told again when it has changed by this part of the whole: one percent.
const FREE_STEPS: u64 = 100;

/// A volume of the configuration.
#[derive(Debug)]
pub struct Volume {
    name: Name,
    path: PathBuf,
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
        Self { name, path }
    }

    /// Where it should be mounted.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the system says of it now. The first sight of a mounted volume is remembered; how that
    /// went is told beside it, because a disk that takes no notes does not change what is seen.
    pub fn look(&self, remembered: &mut Remembered) -> (VolumeState, Result<(), RememberError>) {
        let standing = standing(&self.path);
        let presence = presence(standing.as_ref(), remembered.at(&self.path));
        let kept = match (presence, &standing) {
            (Presence::Present, Some(standing)) => {
                remembered.first_seen(&self.path, standing.identity.clone())
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

fn presence(standing: Option<&Standing>, first: Option<&Identity>) -> Presence {
    match standing {
        None => Presence::Missing,
        Some(now) if !now.is_mount_point => Presence::Missing,
        Some(now) if first.is_some_and(|first| now.identity != *first) => Presence::Swapped,
        Some(now) if now.read_only => Presence::ReadOnly,
        Some(_) => Presence::Present,
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
        assert_eq!(presence(Some(&bare), Some(&first)), Presence::Missing);
        assert_eq!(presence(None, Some(&first)), Presence::Missing);
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
            presence(Some(&other), Some(&identity("/srv/footage"))),
            Presence::Swapped
        );
    }

    #[test]
    fn a_volume_that_cannot_be_written_is_told() {
        let stuck = Standing {
            read_only: true,
            ..stands("/srv", true)
        };
        assert_eq!(presence(Some(&stuck), None), Presence::ReadOnly);
        assert_eq!(
            presence(Some(&stands("/srv", true)), None),
            Presence::Present
        );
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
