//! The volumes of a branch, and whether what a folder stands on is what it stood on first.
//!
//! Shared by all who ask. A folder is on firm ground when no configured volume that holds it is
//! missing or another than before, and when the file system below it is the one seen first. The
//! whole look costs a millisecond, so a glance at device numbers goes before it. It must not know
//! what the folder holds.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use keepwatch_common::error_chain::chain;
use keepwatch_common::model::volume::{Presence, VolumeState};
use tracing::warn;

use super::remembered::{RememberError, Remembered};
use super::volume::{Volume, is_same, standing};

/// The configured volumes and what stood where.
#[derive(Debug)]
pub struct Foundation {
    volumes: Vec<Volume>,
    remembered: Mutex<Remembered>,
}

impl Foundation {
    /// Of a branch's volumes.
    pub fn new(volumes: Vec<Volume>, remembered: Remembered) -> Self {
        Self {
            volumes,
            remembered: Mutex::new(remembered),
        }
    }

    /// The volumes, in the order of the configuration.
    pub fn volumes(&self) -> &[Volume] {
        &self.volumes
    }

    /// How every volume stands now, in the order of the configuration.
    pub fn look(&self) -> Vec<VolumeState> {
        let mut remembered = self.remembered();
        self.volumes
            .iter()
            .map(|volume| {
                let (state, kept) = volume.look(&mut remembered);
                complain(kept);
                state
            })
            .collect()
    }

    /// Whether a folder stands on what it stood on first. The first sight is remembered.
    fn holds(&self, root: &Path) -> bool {
        let mut remembered = self.remembered();
        let is_held = |volume: &&Volume| root.starts_with(volume.path());
        for volume in self.volumes.iter().filter(is_held) {
            let (state, kept) = volume.look(&mut remembered);
            complain(kept);
            if !matches!(state.presence, Presence::Present | Presence::ReadOnly) {
                return false;
            }
        }
        let now = standing(root);
        // A volume that is recognised by its id vouches for what stands on it.
        let held = self.volumes.iter().filter(is_held);
        let innermost = held.max_by_key(|volume| volume.path().as_os_str().len());
        if let (Some(now), true) = (&now, innermost.is_some_and(|v| v.id().is_some())) {
            complain(remembered.vouched(root, now.identity.clone()));
            return true;
        }
        if !is_same(now.as_ref(), remembered.at(root)) {
            return false;
        }
        if let Some(now) = now {
            complain(remembered.first_seen(root, now.identity));
        }
        true
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // Nothing in it is half done when a thread panics: it is written whole.
        self.remembered
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is not written down counts as unseen after a restart: worth a word, and no reason to stop.
fn complain(kept: Result<(), RememberError>) {
    if let Err(error) = kept {
        warn!(error = %chain(&error), "volumes are remembered until the agent stops only");
    }
}

/// The ground below one folder.
#[derive(Debug)]
pub struct Ground {
    foundation: Arc<Foundation>,
    root: PathBuf,
    /// The devices when the ground was last found firm.
    firm: Option<Vec<Device>>,
}

/// Which device a path is on: its number and its file system's id; nothing when it is not there.
type Device = Option<(u64, u64)>;

impl Ground {
    /// Below `root`.
    pub fn new(foundation: Arc<Foundation>, root: PathBuf) -> Self {
        Self {
            foundation,
            root,
            firm: None,
        }
    }

    /// Whether the storage is there and no other than before.
    pub fn is_firm(&mut self) -> bool {
        let devices = self.devices();
        if self.firm.as_ref() == Some(&devices) {
            return true;
        }
        let is_firm = self.foundation.holds(&self.root);
        self.firm = is_firm.then_some(devices);
        is_firm
    }

    fn devices(&self) -> Vec<Device> {
        let volumes = self.foundation.volumes.iter().map(Volume::path);
        let held = volumes.filter(|path| self.root.starts_with(path));
        held.chain([self.root.as_path()]).map(device).collect()
    }
}

fn device(path: &Path) -> Device {
    let number = fs_err::metadata(path).ok()?.dev();
    let file_system = rustix::fs::statvfs(path).ok()?.f_fsid;
    Some((number, file_system))
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::name::Name;

    use super::*;

    fn foundation(state: &Path, volumes: &[&Path]) -> Arc<Foundation> {
        let named = |path: &&Path| Volume::new(Name::new("v").unwrap(), path.to_path_buf());
        let volumes = volumes.iter().map(named).collect();
        Arc::new(Foundation::new(volumes, Remembered::read(state)))
    }

    #[test]
    fn a_folder_stands_firm_and_one_that_is_not_there_does_not() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().join("footage");
        let mut ground = Ground::new(foundation(scratch.path(), &[]), root.clone());
        assert!(!ground.is_firm());
        fs_err::create_dir(&root).unwrap();
        assert!(ground.is_firm() && ground.is_firm());
        fs_err::remove_dir(&root).unwrap();
        assert!(!ground.is_firm());
    }

    #[test]
    fn a_folder_on_a_volume_that_is_not_mounted_does_not_stand_firm() {
        let scratch = tempfile::tempdir().unwrap();
        // No mount point, as a folder is whose disk is missing.
        let foundation = foundation(scratch.path(), &[scratch.path()]);
        let mut ground = Ground::new(foundation, scratch.path().to_owned());
        assert!(!ground.is_firm());
        assert_eq!(Remembered::read(scratch.path()).at(scratch.path()), None);
    }

    #[test]
    fn what_was_seen_first_is_asked_for_after_a_restart() {
        let scratch = tempfile::tempdir().unwrap();
        let root = scratch.path().to_owned();
        let mut first = Ground::new(foundation(&root, &[]), root.clone());
        assert!(first.is_firm());
        let file = root.join("volumes.json");
        let other = fs_err::read_to_string(&file)
            .unwrap()
            .replace("\"kind\": \"", "\"kind\": \"other-");
        fs_err::write(&file, other).unwrap();
        let mut second = Ground::new(foundation(&root, &[]), root.clone());
        assert!(!second.is_firm());
    }
}
