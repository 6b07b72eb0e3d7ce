//! A folder of secrets: only we may read it, and a file in it is there whole or not at all.
//!
//! Keys stand here, so an interrupted write must leave the old file: the new one is written beside
//! it, flushed, renamed over it, and the rename is flushed too. The caller holds the lock on the
//! state folder; two processes writing one file are not provided for. What the bytes mean is not
//! known here.

use std::fs::Permissions;
use std::io::{self, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fs_err::os::unix::fs::OpenOptionsExt;
use zeroize::Zeroizing;

/// Rights of the folder: ours alone.
const FOLDER_MODE: u32 = 0o700;

/// Rights of a file: ours alone.
const FILE_MODE: u32 = 0o600;

/// Largest file read, in bytes. A key with its chain is a few thousand.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// A folder that only this user can enter.
#[derive(Debug, Clone)]
pub struct PrivateFolder {
    path: PathBuf,
}

/// Why a secret could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system refused; the source names the path.
    #[error("the folder of keys cannot be used")]
    Io(#[from] io::Error),
    /// Others may read the file.
    #[error(
        "{path} can be read by others (mode {mode:o}); run `chmod 600` on it, and if others used this machine, renew what it holds"
    )]
    Exposed {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// No file of ours is this large.
    #[error("{path} is larger than any file kept here; restore it from a backup")]
    TooLarge {
        /// Which file.
        path: PathBuf,
    },
}

impl PrivateFolder {
    /// Makes the folder when it is absent, and closes it to others when it is open to them.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        fs_err::create_dir_all(path)?;
        fs_err::set_permissions(path, Permissions::from_mode(FOLDER_MODE))?;
        Ok(Self {
            path: path.to_owned(),
        })
    }

    /// Where a file of this name stands.
    pub fn path_of(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The bytes of a file, wiped when dropped; `None` when there is none.
    pub fn read(&self, name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, FolderError> {
        let path = self.path_of(name);
        let file = match fs_err::File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            opened => opened?,
        };
        let metadata = file.metadata()?;
        let mode = metadata.permissions().mode() & 0o777;
        if mode & !FOLDER_MODE != 0 {
            return Err(FolderError::Exposed { path, mode });
        }
        let size = metadata.len();
        if size > FILE_BYTES_MAX {
            return Err(FolderError::TooLarge { path });
        }
        // Room for all of it at once: a buffer that grows leaves copies of a key behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(
            usize::try_from(size).unwrap_or_default() + 1,
        ));
        file.take(FILE_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    }

    /// Puts a file in place of the one of this name; after a crash one of the two is there, whole.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let fresh = self.path.join(format!(".{name}.new"));
        // What an interrupted write left.
        self.remove_path(&fresh)?;
        let mut file = fs_err::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(FILE_MODE)
            .open(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs_err::rename(&fresh, self.path_of(name))?;
        self.flush()
    }

    /// Removes a file; one that is not there is no error.
    pub fn remove(&self, name: &str) -> Result<(), FolderError> {
        self.remove_path(&self.path_of(name))?;
        self.flush()
    }

    fn remove_path(&self, path: &Path) -> Result<(), FolderError> {
        debug_assert!(path.starts_with(&self.path), "only files of this folder");
        match fs_err::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Makes renames and removals survive a power cut.
    fn flush(&self) -> Result<(), FolderError> {
        Ok(fs_err::File::open(&self.path)?.sync_all()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PrivateFolder) {
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(&scratch.path().join("keys")).unwrap();
        (scratch, folder)
    }

    fn mode(path: &Path) -> u32 {
        fs_err::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn folder_and_files_are_closed_to_others() {
        let (_scratch, folder) = folder();
        folder.write("key", b"secret").unwrap();
        assert_eq!(mode(&folder.path), 0o700);
        assert_eq!(mode(&folder.path_of("key")), 0o600);
    }

    #[test]
    fn what_was_written_last_is_read() {
        let (_scratch, folder) = folder();
        assert!(folder.read("key").unwrap().is_none());
        folder.write("key", b"a longer first value").unwrap();
        folder.write("key", b"second").unwrap();
        assert_eq!(folder.read("key").unwrap().unwrap().as_slice(), b"second");
        folder.remove("key").unwrap();
        folder.remove("key").unwrap();
        assert!(folder.read("key").unwrap().is_none());
    }

    #[test]
    fn what_an_interrupted_write_left_is_in_nobodys_way() {
        let (_scratch, folder) = folder();
        folder.write("key", b"old").unwrap();
        fs_err::write(folder.path.join(".key.new"), b"ha").unwrap();
        assert_eq!(folder.read("key").unwrap().unwrap().as_slice(), b"old");
        folder.write("key", b"new").unwrap();
        assert_eq!(folder.read("key").unwrap().unwrap().as_slice(), b"new");
    }

    #[test]
    fn a_file_that_others_can_read_is_refused_with_the_remedy() {
        let (_scratch, folder) = folder();
        folder.write("key", b"secret").unwrap();
        let path = folder.path_of("key");
        fs_err::set_permissions(&path, Permissions::from_mode(0o640)).unwrap();
        let error = folder.read("key").unwrap_err();
        assert!(matches!(error, FolderError::Exposed { mode: 0o640, .. }));
        assert!(error.to_string().contains("chmod 600"), "{error}");
    }
}
