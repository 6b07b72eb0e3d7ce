//! The demo's own folder: everything it makes is below, and all of that is removed at the end.
//!
//! A folder that somebody chose is used only when it is empty, and only what we put there is removed.

use std::io::{self, ErrorKind};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Longest path of the folder, in bytes: Linux allows 107 for a Unix socket, and the coordinator's
/// lies some levels below.
const PATH_BYTES_MAX: usize = 70;

/// Where the coordinator keeps its things.
const COORDINATOR: &str = "coordinator";

/// Where branches are.
const BRANCHES: &str = "branches";

/// Why there is no folder to work in.
#[derive(Debug, thiserror::Error)]
pub(super) enum FolderError {
    /// Somebody's things are there.
    #[error("{} is not empty; choose an empty folder or one that does not exist", path.display())]
    Occupied {
        /// The folder.
        path: PathBuf,
    },
    /// A socket below it could not be made, or a configuration could not name it.
    #[error(
        "{} cannot be used: its path must be UTF-8 of at most {PATH_BYTES_MAX} bytes; choose a \
         shorter one with --folder", path.display()
    )]
    Unfit {
        /// The folder.
        path: PathBuf,
    },
    /// The disk refuses; the cause names the path.
    #[error("the demo's folder cannot be made")]
    Disk(#[from] io::Error),
}

/// A folder that is ours.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    is_made: bool,
    is_kept: bool,
}

impl Folder {
    /// The chosen folder, or a fresh temporary one; with `is_kept` it stays at the end.
    pub(super) fn open(chosen: Option<&Path>, is_kept: bool) -> Result<Self, FolderError> {
        let (path, is_made) = match chosen {
            None => {
                let fresh = tempfile::Builder::new()
                    .prefix("keepwatch-demo-")
                    .tempdir()?;
                (fresh.keep(), true)
            }
            Some(path) => {
                let path = std::path::absolute(path)?;
                fit(&path)?;
                let is_made = make_or_find_empty(&path)?;
                (path, is_made)
            }
        };
        let folder = Self {
            path,
            is_made,
            is_kept,
        };
        // From here on it is removed, whatever goes wrong.
        fit(&folder.path)?;
        for room in [folder.coordinator(), folder.path.join(BRANCHES)] {
            fs_err::create_dir(&room)?;
            fs_err::set_permissions(&room, PermissionsExt::from_mode(0o700))?;
        }
        Ok(folder)
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where the coordinator keeps its things.
    pub(super) fn coordinator(&self) -> PathBuf {
        self.path.join(COORDINATOR)
    }

    /// Where a branch's machine keeps its things.
    pub(super) fn branch(&self, code: &str) -> PathBuf {
        self.path.join(BRANCHES).join(code)
    }

    /// Removes all that is ours, unless it should stay.
    pub(super) fn remove(mut self) -> io::Result<()> {
        self.clear()
    }

    fn clear(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.is_kept, true) {
            return Ok(());
        }
        let branches = self.path.join(BRANCHES);
        gone(remove_each(&branches))?;
        for room in [self.coordinator(), branches] {
            gone(fs_err::remove_dir_all(room))?;
        }
        if self.is_made {
            gone(fs_err::remove_dir(&self.path))?;
        }
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Who wanted to know has called `remove`.
        let (Ok(()) | Err(_)) = self.clear();
    }
}

fn fit(path: &Path) -> Result<(), FolderError> {
    let fits = path
        .to_str()
        .is_some_and(|text| text.len() <= PATH_BYTES_MAX);
    let path = path.to_owned();
    fits.then_some(()).ok_or(FolderError::Unfit { path })
}

/// Whether it had to be made.
fn make_or_find_empty(path: &Path) -> Result<bool, FolderError> {
    match fs_err::read_dir(path) {
        Ok(mut entries) => match entries.next() {
            None => Ok(false),
            Some(_) => Err(FolderError::Occupied {
                path: path.to_owned(),
            }),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs_err::create_dir_all(path)?;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes what is in a folder side by side: with a hundred thousand files the disk is waited for.
fn remove_each(folder: &Path) -> io::Result<()> {
    std::thread::scope(|scope| {
        let mut removing = Vec::new();
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            removing.push(scope.spawn(move || gone(fs_err::remove_dir_all(path))));
        }
        removing.into_iter().try_for_each(|thread| {
            let removed = thread.join();
            removed.unwrap_or_else(|_| Err(io::Error::other("a thread that removes died")))
        })
    })
}

fn gone(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_was_made_goes_with_all_that_is_in_it() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("demo");
        let folder = Folder::open(Some(&path), false).unwrap();
        fs_err::create_dir_all(folder.branch("0101").join("footage")).unwrap();
        folder.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn an_empty_folder_of_somebody_is_emptied_and_stays() {
        let theirs = tempfile::tempdir().unwrap();
        let folder = Folder::open(Some(theirs.path()), false).unwrap();
        fs_err::write(theirs.path().join("a note"), "mine").unwrap();
        folder.remove().unwrap();
        let left: Vec<_> = fs_err::read_dir(theirs.path()).unwrap().collect();
        assert_eq!(left.len(), 1);
    }

    #[test]
    fn a_folder_with_something_in_it_is_refused_and_untouched() {
        let theirs = tempfile::tempdir().unwrap();
        fs_err::write(theirs.path().join("a note"), "mine").unwrap();
        let refused = Folder::open(Some(theirs.path()), false).unwrap_err();
        assert!(matches!(refused, FolderError::Occupied { .. }));
        assert_eq!(fs_err::read_dir(theirs.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_folder_too_deep_for_a_socket_is_refused_and_not_made() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("x".repeat(PATH_BYTES_MAX));
        let refused = Folder::open(Some(&path), false).unwrap_err();
        assert!(matches!(refused, FolderError::Unfit { .. }));
        assert!(!path.exists());
    }

    #[test]
    fn a_folder_that_is_kept_stays() {
        let around = tempfile::tempdir().unwrap();
        let path = around.path().join("demo");
        Folder::open(Some(&path), true).unwrap().remove().unwrap();
        assert!(path.join(COORDINATOR).is_dir());
    }
}
