//! Reads files slowly and takes their digests: the disks are there to record.
//!
//! A file is opened for reading only, without touching the time of its last access where the kernel
//! lets us, without a lock, and what was read is given back by the page cache, so that hashing a day
//! of footage drives out nothing that a recorder needs.

use std::fmt;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;

use fs_err::os::unix::fs::OpenOptionsExt;
use rustix::fs::{Advice, OFlags, fadvise};

/// Bytes read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// Spreads reading over time and hears the wish to stop.
pub trait Rest: fmt::Debug {
    /// So many bytes were read or written; waits when that was too fast. Breaks when the agent
    /// stops.
    fn spent(&mut self, bytes: u64) -> ControlFlow<()>;

    /// Whether it is time to look at other things before the next file.
    fn is_enough(&self) -> bool {
        false
    }
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    pub(super) bytes: u64,
    /// BLAKE3 in hexadecimal.
    pub(super) blake3: String,
}

/// Why a file was not read to its end.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the agent stops")]
    Stopped,
    #[error("a held file cannot be read")]
    Read(#[source] io::Error),
    #[error("a copy cannot be written")]
    Write(#[source] io::Error),
}

impl ReadError {
    /// Whether the file is not there.
    pub(super) fn is_gone(&self) -> bool {
        matches!(self, Self::Read(error) if error.kind() == io::ErrorKind::NotFound)
    }

    /// Whether there is no room for a copy.
    pub(super) fn is_full(&self) -> bool {
        matches!(self, Self::Write(error) if matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        ))
    }
}

/// Takes the digest of a file, and writes what it reads to `copy` when there is one.
pub(super) fn digest(
    path: &Path,
    mut copy: Option<&mut fs_err::File>,
    rest: &mut dyn Rest,
) -> Result<Digest, ReadError> {
    let mut file = open(path).map_err(ReadError::Read)?;
    let mut hasher = blake3::Hasher::new();
    let mut chunk = vec![0; CHUNK_BYTES];
    let mut bytes = 0;
    loop {
        let count = match file.read(&mut chunk) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(ReadError::Read(error)),
        };
        hasher.update(&chunk[..count]);
        if let Some(copy) = &mut copy {
            copy.write_all(&chunk[..count]).map_err(ReadError::Write)?;
        }
        let count = u64::try_from(count).unwrap_or(u64::MAX);
        bytes += count;
        if rest.spent(count).is_break() {
            return Err(ReadError::Stopped);
        }
    }
    // Only advice: where it is not taken, nothing is lost.
    let (Ok(()) | Err(_)) = fadvise(&file, 0, None, Advice::DontNeed);
    Ok(Digest {
        bytes,
        blake3: hasher.finalize().to_hex().to_string(),
    })
}

fn open(path: &Path) -> io::Result<fs_err::File> {
    // Neither a link nor a pipe without a writer may lead us astray.
    let flags = OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let with = |flags: OFlags| {
        fs_err::OpenOptions::new()
            .read(true)
            .custom_flags(flags.bits().cast_signed())
            .open(path)
    };
    let file = match with(flags | OFlags::NOATIME) {
        // Only the owner may leave the time of access alone.
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => with(flags)?,
        opened => opened?,
    };
    if !file.metadata()?.is_file() {
        return Err(io::Error::from(io::ErrorKind::InvalidInput));
    }
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug)]
    struct StopAfter(u64);

    impl Rest for StopAfter {
        fn spent(&mut self, bytes: u64) -> ControlFlow<()> {
            match self.0.checked_sub(bytes) {
                Some(left) => self.0 = left,
                None => return ControlFlow::Break(()),
            }
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn the_digest_is_that_of_all_bytes_and_they_are_copied() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, to) = (scratch.path().join("a"), scratch.path().join("b"));
        let bytes: Vec<u8> = (0..700_000_u32)
            .map(|n| u8::try_from(n % 251).unwrap())
            .collect();
        fs_err::write(&from, &bytes).unwrap();
        let mut copy = fs_err::File::create(&to).unwrap();
        let read = digest(&from, Some(&mut copy), &mut StopAfter(u64::MAX)).unwrap();
        assert_eq!(read.blake3, blake3::hash(&bytes).to_hex().to_string());
        assert_eq!(read.bytes, 700_000);
        assert_eq!(fs_err::read(&to).unwrap(), bytes);
    }

    #[test]
    fn who_wants_to_stop_does_not_wait_for_the_end() {
        let scratch = tempfile::tempdir().unwrap();
        let from = scratch.path().join("a");
        fs_err::write(&from, vec![0; 700_000]).unwrap();
        let stopped = digest(&from, None, &mut StopAfter(300_000));
        assert!(matches!(stopped, Err(ReadError::Stopped)));
    }

    #[test]
    fn a_link_is_not_followed_and_what_is_not_there_is_gone() {
        let scratch = tempfile::tempdir().unwrap();
        let (file, link) = (scratch.path().join("a"), scratch.path().join("b"));
        fs_err::write(&file, b"x").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        let refused = digest(&link, None, &mut StopAfter(9)).unwrap_err();
        assert!(!refused.is_gone());
        let missing = digest(&scratch.path().join("c"), None, &mut StopAfter(9));
        assert!(missing.unwrap_err().is_gone());
    }
}
