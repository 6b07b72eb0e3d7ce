//! What the structure of a recorded file says: container, state, length, codec. No decoding.
//!
//! A face over the readers of single containers. It must not know the file's name or place: whether
//! an unfinished file is being written or was left behind, and whether an unreadable one is what
//! this recorder always writes, is for those to judge who see its neighbours.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, FileType, Mode, OFlags};
use rustix::io::Errno;
use thiserror::Error;

use self::detail::{Flaw, Unread};
use self::magic::{Looks, MAGIC_BYTES};
use self::reader::{Reader, Stop, Window};

pub use self::detail::Detail;
pub use self::reader::ReadAt;
pub use self::structure::{Codec, Container, Cost, FourCc, Structure};

/// Tables, block by block.
mod column;
/// What was found, and which state and fault that is.
pub mod detail;
/// Containers told by their first bytes.
mod magic;
/// MP4 and fragmented MP4.
mod mp4;
/// Reading here and there within a budget.
mod reader;
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
    #[error("cannot open the recording {}; the agent needs the right to read it", path.display())]
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
            Err(Errno::LOOP) => return Err(CheckError::NotRegular { path: path() }),
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
                Looks::Foreign(container) => Structure::bare(container, Unread::Foreign.into()),
                Looks::Zeros => Structure::bare(Container::Unknown, Flaw::ZeroHead.into()),
            }
        };
        structure.cost = reader.cost();
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
