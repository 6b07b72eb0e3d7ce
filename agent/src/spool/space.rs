//! How much room the spool's file system has left.
//!
//! Behind a trait so that a test can fill a disk without one.

use std::fmt;
use std::path::PathBuf;

/// Says how much of a file system is free.
pub trait DiskSpace: fmt::Debug + Send + Sync {
    /// Free bytes for an unprivileged process, or nothing when it cannot be told: then no floor is
    /// kept, and the cap by bytes still holds.
    fn free_bytes(&self) -> Option<u64>;
}

/// The file system that holds a folder, asked anew each time.
#[derive(Debug)]
pub struct FolderSpace {
    folder: PathBuf,
}

impl FolderSpace {
    /// Asks about the file system of `folder`.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }
}

impl DiskSpace for FolderSpace {
    fn free_bytes(&self) -> Option<u64> {
        let figures = rustix::fs::statvfs(&self.folder).ok()?;
        figures.f_bavail.checked_mul(figures.f_frsize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_not_there_has_no_figure() {
        let folder = tempfile::tempdir().unwrap();
        assert!(FolderSpace::new(folder.path().to_owned()).free_bytes() > Some(0));
        assert_eq!(FolderSpace::new(folder.path().join("x")).free_bytes(), None);
    }
}
