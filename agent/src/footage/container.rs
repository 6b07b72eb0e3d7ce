//! What the structure of a recorded file says: container, state, length, codec. No decoding.
//!
//! A face over the readers of single containers. It must not know the file's name or place: whether
//! an unfinished file is being written or was left behind, and whether an unreadable one is what
//! this recorder always writes, is for those to judge who see its neighbours.

use std::io;
use std::ops::Range;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::Errno;
use thiserror::Error;

use self::detail::{Flaw, Unread};
use self::dhav::Dhav;
use self::flv::Flv;
use self::magic::{Looks, MAGIC_BYTES};
use self::mpegps::MpegPs;
use self::mpegts::MpegTs;
use self::reader::{Reader, Stop, Window};

pub use self::detail::Detail;
pub use self::extract::keyframe;
pub use self::four_cc::FourCc;
pub use self::keyframe::{KEYFRAME_BYTES_MAX, KeyFrame, KeyFrameError};
pub use self::reader::ReadAt;
pub use self::structure::{Codec, Container, Cost, Structure};

/// Units without a container.
mod annexb;
/// AVI.
mod avi;
/// Parameter sets, bit by bit.
mod bits;
/// Tables, block by block.
mod column;
/// Decoder configurations.
mod config;
/// What was found, and which state and fault that is.
pub mod detail;
/// Dahua's frames.
mod dhav;
/// One key frame out of any container.
mod extract;
/// Flash video.
mod flv;
/// Containers told by their first bytes.
mod four_cc;
/// A key frame, and why there may be none.
mod keyframe;
mod magic;
/// Matroska and `WebM`.
mod matroska;
/// MP4 and fragmented MP4.
mod mp4;
/// MPEG program streams.
mod mpegps;
/// MPEG transport streams.
mod mpegts;
/// Pieces of H.264 and H.265.
mod nal;
/// Reading here and there within a budget.
mod reader;
/// Sequence parameters.
mod sps;
/// What streams of packets have in common.
mod stream;
/// The outcome of a check, in words.
mod structure;

/// Checks one file after the other with the same memory: about 300 KiB, whatever the files claim.
#[derive(Debug, Default)]
pub struct Checker {
    window: Window,
    mp4: mp4::Scratch,
    /// Asking the kernel not to note the access was refused: it is the owner's right alone.
    noted: bool,
}

/// Why a file could not be checked; about reading it, never about what is in it.
#[derive(Debug, Error)]
pub enum CheckError {
    /// The file could not be opened.
    #[error("cannot open the recording {}; check that it is still there and that the agent may read it", path.display())]
    Open {
        /// The file, as it was asked for.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// The name is not of a regular file.
    #[error("{} is not a regular file; only regular files are read as recordings", path.display())]
    NotRegular {
        /// The name, as it was asked for.
        path: PathBuf,
    },
    /// The file could not be read, or shrank meanwhile.
    #[error("cannot read the recording {}; its disk may be failing, or it was cut meanwhile", path.display())]
    Read {
        /// The file, as it was asked for.
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

impl Checker {
    /// A checker with fresh memory.
    pub fn new() -> Self {
        Self::default()
    }

    /// Checks the file of this name.
    pub fn check_file(&mut self, path: &Path) -> Result<Structure, CheckError> {
        self.check_file_at(CWD, path)
    }

    /// Checks the file of this name in the folder `dir`; an absolute name stands for itself.
    ///
    /// The file is opened for reading alone. A symbolic link, pipe or device is refused, and none of
    /// them is waited for.
    pub fn check_file_at(&mut self, dir: impl AsFd, name: &Path) -> Result<Structure, CheckError> {
        let path = || name.to_path_buf();
        let file = match self.open(&dir, name) {
            Ok(file) => file,
            // What a link and a socket answer to being opened like this.
            Err(Errno::LOOP | Errno::NXIO) => return Err(CheckError::NotRegular { path: path() }),
            Err(errno) => {
                return Err(CheckError::Open {
                    path: path(),
                    source: errno.into(),
                });
            }
        };
        let stat = rustix::fs::fstat(&file).map_err(|errno| CheckError::Read {
            path: path(),
            source: errno.into(),
        })?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(CheckError::NotRegular { path: path() });
        }
        let size = u64::try_from(stat.st_size).unwrap_or(0);
        self.check(&file, size).map_err(|source| CheckError::Read {
            path: path(),
            source,
        })
    }

    /// Checks a part of the file of this name as if it were a file of its own; of what the file does
    /// not reach, nothing is read.
    pub fn check_part(&mut self, path: &Path, part: Range<u64>) -> Result<Structure, CheckError> {
        let file = self.open(&CWD, path).map_err(|errno| CheckError::Open {
            path: path.to_path_buf(),
            source: errno.into(),
        })?;
        let read = |source| CheckError::Read {
            path: path.to_path_buf(),
            source,
        };
        let stat = rustix::fs::fstat(&file).map_err(|errno| read(errno.into()))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(CheckError::NotRegular {
                path: path.to_path_buf(),
            });
        }
        let end = part.end.min(u64::try_from(stat.st_size).unwrap_or(0));
        let size = end.saturating_sub(part.start);
        let part = Part {
            file,
            from: part.start,
        };
        self.check(&part, size).map_err(read)
    }

    /// Checks `source`, which has `size` bytes.
    pub fn check(&mut self, source: &dyn ReadAt, size: u64) -> io::Result<Structure> {
        let mut reader = Reader::new(source, size, &mut self.window);
        let mut structure = if size == 0 {
            Structure::bare(Container::None, Flaw::Empty.into())
        } else if size < mp4::SIZE_MIN {
            Structure::bare(Container::Unknown, Flaw::Scrap { size }.into())
        } else {
            let head = usize::try_from(size).map_or(MAGIC_BYTES, |size| size.min(MAGIC_BYTES));
            let looks = match reader.bytes(0, head) {
                Ok(head) => magic::looks(head),
                Err(Stop::Read(error)) => return Err(error),
                Err(Stop::Found(detail)) => {
                    return Ok(Structure::bare(Container::Unknown, detail));
                }
            };
            match looks {
                Looks::Mp4 => mp4::check(&mut reader, &mut self.mp4)?,
                Looks::Foreign(Container::Matroska) => matroska::check(&mut reader)?,
                Looks::Foreign(Container::AnnexB) => annexb::check(&mut reader)?,
                Looks::Foreign(Container::Flv) => stream::check(&mut reader, &mut Flv::default())?,
                Looks::Foreign(Container::Avi) => avi::check(&mut reader)?,
                Looks::Foreign(Container::MpegTs) => {
                    stream::check(&mut reader, &mut MpegTs::default())?
                }
                Looks::Foreign(Container::MpegPs) => {
                    stream::check(&mut reader, &mut MpegPs::default())?
                }
                Looks::Foreign(Container::Dhav) => {
                    stream::check(&mut reader, &mut Dhav::default())?
                }
                Looks::Foreign(container) => Structure::bare(container, Unread::Foreign.into()),
                Looks::Zeros => Structure::bare(Container::Unknown, Flaw::ZeroHead.into()),
            }
        };
        structure.cost = reader.cost();
        structure.size = size;
        Ok(structure)
    }

    fn open(&mut self, dir: &impl AsFd, name: &Path) -> Result<OwnedFd, Errno> {
        let flags =
            OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
        let open = |flags| loop {
            match rustix::fs::openat(dir, name, flags, Mode::empty()) {
                Err(Errno::INTR) => {}
                other => return other,
            }
        };
        if self.noted {
            return open(flags);
        }
        match open(flags | OFlags::NOATIME) {
            Err(Errno::PERM) => {
                let file = open(flags)?;
                // Once refused it is not asked again: the files of one recorder have one owner.
                self.noted = true;
                Ok(file)
            }
            other => other,
        }
    }
}

/// A file from some place on.
struct Part {
    file: OwnedFd,
    from: u64,
}

impl ReadAt for Part {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.file.read_at(buf, self.from.saturating_add(offset))
    }
}

impl ReadAt for OwnedFd {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        loop {
            match rustix::io::pread(self, &mut *buf, offset) {
                Err(Errno::INTR) => {}
                other => return Ok(other?),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::segment::{FaultKind, SegmentState};
    use tempfile::TempDir;

    use super::*;

    fn folder_with(name: &str, bytes: &[u8]) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs_err::write(&path, bytes).unwrap();
        (folder, path)
    }

    fn found(bytes: &[u8]) -> (Container, SegmentState, Option<FaultKind>) {
        let (_folder, path) = folder_with("00.00.mp4", bytes);
        let found = Checker::new().check_file(&path).unwrap();
        (found.container, found.state, found.fault)
    }

    #[test]
    fn files_without_content_are_corrupt() {
        let corrupt = SegmentState::Corrupt;
        assert_eq!(
            found(b""),
            (Container::None, corrupt, Some(FaultKind::Empty))
        );
        assert_eq!(
            found(b"short"),
            (Container::Unknown, corrupt, Some(FaultKind::Truncated))
        );
        assert_eq!(
            found(&[0; 5000]),
            (Container::Unknown, corrupt, Some(FaultKind::Corrupt))
        );
    }

    #[test]
    fn other_containers_are_named_and_opaque() {
        let opaque = SegmentState::Opaque;
        assert_eq!(
            found(b"\0\0\x01\xba and so on"),
            (Container::MpegPs, opaque, None)
        );
        assert_eq!(
            found(b"Salted__and so on"),
            (Container::Unknown, opaque, None)
        );
    }

    #[test]
    fn a_file_is_found_from_its_folder() {
        let (folder, _path) = folder_with("a.mp4", b"\0\0\0\x08ftyp");
        let dir = fs_err::File::open(folder.path()).unwrap();
        let found = Checker::new()
            .check_file_at(&dir, Path::new("a.mp4"))
            .unwrap();
        assert_eq!(found.state, SegmentState::Open);
        assert_eq!(found.cost, Cost { reads: 1, bytes: 8 });
    }

    #[test]
    fn what_is_not_a_regular_file_is_refused_without_waiting() {
        let (folder, path) = folder_with("a.mp4", b"\0\0\0\x08ftyp");
        let pipe = folder.path().join("pipe.mp4");
        rustix::fs::mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR, 0).unwrap();
        let link = folder.path().join("link.mp4");
        rustix::fs::symlink(&path, &link).unwrap();
        for name in [pipe.as_path(), &link, folder.path()] {
            let refused = Checker::new().check_file(name);
            assert!(
                matches!(refused, Err(CheckError::NotRegular { .. })),
                "{refused:?}"
            );
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error_that_names_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gone.mp4");
        let error = Checker::new().check_file(&path).unwrap_err();
        assert!(matches!(error, CheckError::Open { .. }));
        assert!(error.to_string().contains("gone.mp4"));
    }
}
