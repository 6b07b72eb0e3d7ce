//! Copies of what is held, in a folder that the branch's own file names.
//!
//! A copy has its name only when all of it is on disk and has the digest of the list: it is written
//! under another name, flushed, compared and renamed. What a kill left half done is begun anew. The
//! folder never grows beyond what is allowed, nor into the last room of its file system.

use std::io;
use std::path::{Path, PathBuf};

use keepwatch_common::model::hold::HoldKey;

use super::entry::Listed;
use super::reading::{ReadError, Rest, digest};
use crate::footage::recorder::Guard;

/// The name of a copy that is not whole yet. Layouts pass over names with a dot, and so do we.
const COPYING: &str = ".copying";

/// Where copies go, and how many.
#[derive(Debug)]
pub struct Vault {
    /// The folder.
    pub root: PathBuf,
    /// The volume that it is on.
    pub guard: Box<dyn Guard>,
    /// Bytes at most.
    pub bytes_max: u64,
    /// Bytes that stay free on the file system.
    pub free_bytes_min: u64,
}

/// What came of copying one segment.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Copied {
    /// The copy is there and whole.
    Done,
    /// There is no room for it.
    NoRoom,
    /// The recorder's file is not there.
    Gone,
    /// The recorder's file is not what was listed.
    Differs,
}

impl Vault {
    /// Whether the volume is there.
    pub(super) fn is_there(&mut self) -> bool {
        self.guard.is_intact()
    }

    /// Copies one segment from the recorder's file; `used` bytes are in the vault already.
    pub(super) fn copy(
        &self,
        (key, listed): (HoldKey, &Listed),
        from: &Path,
        used: u64,
        rest: &mut dyn Rest,
    ) -> Result<Copied, ReadError> {
        if self.has(key, listed, rest)? {
            return Ok(Copied::Done);
        }
        if !self.has_room(listed.bytes, used) {
            return Ok(Copied::NoRoom);
        }
        match self.write((key, listed), from, rest) {
            Err(error) if error.is_gone() => Ok(Copied::Gone),
            Err(error) if error.is_full() => Ok(Copied::NoRoom),
            copied => copied,
        }
    }

    /// Whether a whole copy is there.
    pub(super) fn has(
        &self,
        key: HoldKey,
        listed: &Listed,
        rest: &mut dyn Rest,
    ) -> Result<bool, ReadError> {
        match digest(&self.path_of(key, listed), None, rest) {
            Ok(read) => Ok(read.blake3 == listed.blake3),
            Err(error) if error.is_gone() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Removes all copies of a hold.
    pub(super) fn remove(&self, key: HoldKey) -> io::Result<()> {
        match fs_err::remove_dir_all(self.folder_of(key)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn write(
        &self,
        (key, listed): (HoldKey, &Listed),
        from: &Path,
        rest: &mut dyn Rest,
    ) -> Result<Copied, ReadError> {
        let folder = self.folder_of(key);
        fs_err::create_dir_all(&folder).map_err(ReadError::Write)?;
        let fresh = folder.join(COPYING);
        let mut file = fs_err::File::create(&fresh).map_err(ReadError::Write)?;
        let read = digest(from, Some(&mut file), rest);
        let is_whole = matches!(&read, Ok(read) if read.blake3 == listed.blake3);
        if !is_whole {
            drop(file);
            fs_err::remove_file(&fresh).map_err(ReadError::Write)?;
            return read.map(|_| Copied::Differs);
        }
        file.sync_all().map_err(ReadError::Write)?;
        self.name(&fresh, &self.path_of(key, listed))
            .map_err(ReadError::Write)?;
        Ok(Copied::Done)
    }

    /// Gives a copy its name, so that it outlives a power cut.
    fn name(&self, fresh: &Path, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        fs_err::create_dir_all(folder)?;
        fs_err::rename(fresh, path)?;
        let mut at = Some(folder);
        while let Some(folder) = at.filter(|folder| folder.starts_with(&self.root)) {
            fs_err::File::open(folder)?.sync_all()?;
            at = folder.parent();
        }
        Ok(())
    }

    fn has_room(&self, bytes: u64, used: u64) -> bool {
        let free = rustix::fs::statvfs(&self.root).or_else(|_| {
            // Before the first copy only the folder around it is there.
            rustix::fs::statvfs(self.root.parent().unwrap_or(&self.root))
        });
        let free = free.map_or(0, |figures| {
            figures.f_bavail.saturating_mul(figures.f_frsize)
        });
        used.saturating_add(bytes) <= self.bytes_max
            && free.saturating_sub(bytes) >= self.free_bytes_min
    }

    fn folder_of(&self, key: HoldKey) -> PathBuf {
        self.root.join(key.to_string())
    }

    fn path_of(&self, key: HoldKey, listed: &Listed) -> PathBuf {
        self.folder_of(key).join(&listed.path)
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use uuid::Uuid;

    use super::*;

    const KEY: HoldKey = HoldKey(Uuid::from_u128(7));

    #[derive(Debug)]
    struct Firm;

    impl Guard for Firm {
        fn is_intact(&mut self) -> bool {
            true
        }
    }

    #[derive(Debug)]
    struct Unhurried;

    impl Rest for Unhurried {
        fn spent(&mut self, _bytes: u64) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
    }

    struct Room {
        _scratch: tempfile::TempDir,
        from: PathBuf,
        vault: Vault,
        listed: Listed,
    }

    fn room(bytes_max: u64, free_bytes_min: u64) -> Room {
        let scratch = tempfile::tempdir().unwrap();
        let from = scratch.path().join("00.10.mp4");
        fs_err::write(&from, b"footage").unwrap();
        let vault = Vault {
            root: scratch.path().join("vault"),
            guard: Box::new(Firm),
            bytes_max,
            free_bytes_min,
        };
        let listed = Listed {
            path: "2026-11-23/00/till/00.10.mp4".to_owned(),
            bytes: 7,
            written_s: 0,
            start_ms: 0,
            end_ms: 10_000,
            blake3: blake3::hash(b"footage").to_hex().to_string(),
        };
        Room {
            _scratch: scratch,
            from,
            vault,
            listed,
        }
    }

    impl Room {
        fn copy(&self, used: u64) -> Copied {
            let what = (KEY, &self.listed);
            self.vault
                .copy(what, &self.from, used, &mut Unhurried)
                .unwrap()
        }

        fn target(&self) -> PathBuf {
            self.vault.path_of(KEY, &self.listed)
        }
    }

    #[test]
    fn a_copy_is_whole_and_nothing_else_is_left() {
        let room = room(100, 0);
        assert_eq!(room.copy(0), Copied::Done);
        assert_eq!(fs_err::read(room.target()).unwrap(), b"footage");
        assert!(!room.vault.folder_of(KEY).join(COPYING).exists());
        room.vault.remove(KEY).unwrap();
        assert!(!room.target().exists());
    }

    #[test]
    fn what_a_kill_left_half_done_is_begun_anew() {
        let room = room(100, 0);
        fs_err::create_dir_all(room.vault.folder_of(KEY)).unwrap();
        fs_err::write(room.vault.folder_of(KEY).join(COPYING), b"foo").unwrap();
        assert_eq!(room.copy(0), Copied::Done);
        assert_eq!(fs_err::read(room.target()).unwrap(), b"footage");
    }

    #[test]
    fn a_copy_that_was_named_before_a_kill_is_found_again() {
        let room = room(100, 0);
        assert_eq!(room.copy(0), Copied::Done);
        fs_err::remove_file(&room.from).unwrap();
        assert_eq!(
            room.copy(100),
            Copied::Done,
            "neither read nor counted again"
        );
    }

    #[test]
    fn what_is_not_what_was_listed_is_not_copied() {
        let room = room(100, 0);
        fs_err::write(&room.from, b"another").unwrap();
        assert_eq!(room.copy(0), Copied::Differs);
        fs_err::remove_file(&room.from).unwrap();
        assert_eq!(room.copy(0), Copied::Gone);
        assert!(!room.target().exists());
    }

    #[test]
    fn neither_the_cap_nor_the_last_room_is_used() {
        assert_eq!(room(7, 0).copy(0), Copied::Done);
        assert_eq!(room(7, 0).copy(1), Copied::NoRoom);
        assert_eq!(room(100, u64::MAX).copy(0), Copied::NoRoom);
    }
}
