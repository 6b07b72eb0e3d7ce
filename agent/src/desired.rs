//! What people want of this agent, kept over restarts: the last list of intentions that came.
//!
//! A branch that is dark for weeks still holds what it was asked to hold. The list is kept as it
//! came, also what this program does not understand: the next one may. A file that cannot be read is
//! told as *no list*, and the coordinator sends it again; meanwhile nothing is given up, because only
//! a release that is in a list gives anything up. It must not know what is done about an intention.

use std::path::Path;

use keepwatch_common::error_chain::chain;
use keepwatch_common::model::desired::DesiredSet;
use keepwatch_common::wire::codec::{self, EncodeError};
use keepwatch_common::wire::v1::desired::Desired;
use tokio::sync::watch;
use tracing::{info, warn};

use crate::identity::folder::{FolderError, PrivateFolder};

/// The file in the state folder.
const FILE: &str = "desired.list";

/// The checksum before the list, in bytes.
const CHECKSUM_BYTES: usize = 4;

/// The last list, and whoever acts on it.
#[derive(Debug)]
pub struct Desk {
    folder: PrivateFolder,
    told: watch::Sender<DesiredSet>,
}

/// Why a list does not outlive this process.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// The file system refuses.
    #[error("what is wanted of this agent cannot be kept")]
    Folder(#[from] FolderError),
    /// It cannot be coded.
    #[error("what is wanted of this agent cannot be coded")]
    Encode(#[from] EncodeError),
}

impl Desk {
    /// Reads what was kept; and a way to hear of what comes.
    pub fn open(state: &Path) -> Result<(Self, watch::Receiver<DesiredSet>), FolderError> {
        let folder = PrivateFolder::open(state)?;
        let kept = match folder.read(FILE)? {
            None => DesiredSet::default(),
            Some(bytes) => read(&bytes).unwrap_or_else(|| {
                warn!(
                    file = FILE,
                    "what is wanted of this agent cannot be read and is asked for again"
                );
                DesiredSet::default()
            }),
        };
        let (told, heard) = watch::channel(kept);
        Ok((Self { folder, told }, heard))
    }

    /// The version of the list in force, 0 for none, and how much of it is not understood.
    pub fn in_force(&self) -> (u64, usize) {
        let set = self.told.borrow();
        (set.version, set.not_understood)
    }

    /// Goes by another list from now on. Where it cannot be kept it is in force all the same, and
    /// comes again after a restart.
    pub fn take(&mut self, desired: &Desired) {
        let set = desired.to_model();
        info!(
            version = set.version,
            intentions = set.intentions.len(),
            not_understood = set.not_understood,
            "other things are wanted of this agent"
        );
        if let Err(error) = self.keep(desired) {
            warn!(error = %chain(&error), "what is wanted is forgotten when the agent stops");
        }
        self.told.send_replace(set);
    }

    fn keep(&self, desired: &Desired) -> Result<(), KeepError> {
        let coded = codec::encode(desired)?;
        let mut bytes = crc32c::crc32c(&coded).to_le_bytes().to_vec();
        bytes.extend_from_slice(&coded);
        Ok(self.folder.write(FILE, &bytes)?)
    }
}

fn read(bytes: &[u8]) -> Option<DesiredSet> {
    let (checksum, coded) = bytes.split_at_checked(CHECKSUM_BYTES)?;
    if crc32c::crc32c(coded).to_le_bytes() != *checksum {
        return None;
    }
    let desired: Desired = codec::decode_desired(coded).ok()?;
    desired.check().ok()?;
    Some(desired.to_model())
}

#[cfg(test)]
mod tests {
    use keepwatch_common::wire::v1::desired::Intention;

    use super::*;

    fn list(version: u64, kind: u16) -> Desired {
        let coded = vec![1, 2, 3];
        Desired {
            version,
            intentions: vec![Intention {
                kind,
                version: 1,
                coded,
            }],
        }
    }

    #[test]
    fn the_last_list_outlives_the_process() {
        let state = tempfile::tempdir().unwrap();
        let (mut desk, heard) = Desk::open(state.path()).unwrap();
        assert_eq!(desk.in_force(), (0, 0));
        desk.take(&list(7, 999));
        desk.take(&list(8, 999));
        assert_eq!(heard.borrow().version, 8);
        let (again, heard) = Desk::open(state.path()).unwrap();
        assert_eq!(again.in_force(), (8, 1), "also what it does not understand");
        assert_eq!(heard.borrow().version, 8);
    }

    #[test]
    fn a_damaged_file_is_no_list_and_no_obstacle() {
        let state = tempfile::tempdir().unwrap();
        let (mut desk, _heard) = Desk::open(state.path()).unwrap();
        desk.take(&list(7, 999));
        let file = state.path().join(FILE);
        let whole = fs_err::read(&file).unwrap();
        for cut in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[cut] ^= 0x10;
            fs_err::write(&file, &damaged).unwrap();
            assert_eq!(Desk::open(state.path()).unwrap().0.in_force(), (0, 0));
            fs_err::write(&file, &whole[..cut]).unwrap();
            assert_eq!(Desk::open(state.path()).unwrap().0.in_force(), (0, 0));
        }
        let (mut desk, _heard) = Desk::open(state.path()).unwrap();
        desk.take(&list(9, 999));
        assert_eq!(Desk::open(state.path()).unwrap().0.in_force(), (9, 1));
    }

    #[test]
    fn what_an_interrupted_write_left_is_in_nobodys_way() {
        let state = tempfile::tempdir().unwrap();
        let (mut desk, _heard) = Desk::open(state.path()).unwrap();
        desk.take(&list(7, 999));
        fs_err::write(state.path().join(format!(".{FILE}.new")), b"half").unwrap();
        let (mut desk, _heard) = Desk::open(state.path()).unwrap();
        assert_eq!(desk.in_force().0, 7);
        desk.take(&list(8, 999));
        assert_eq!(Desk::open(state.path()).unwrap().0.in_force().0, 8);
    }
}
