//! Walks a recorder's tree in name order and meets every segment once.
//!
//! It descends only where the layout says footage can be, follows no link below the root, and opens
//! no file. Name order is time order in every layout we know, so that whoever listens can work with
//! what came before. It must not know what a segment's structure says.

use std::ffi::CString;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::time::Instant;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, StatxFlags, openat, statx};
use rustix::io::Errno;

use super::layout::{Layout, Named};

/// Entries of one folder held in memory at most: a second each of more than three weeks.
const ENTRIES_MAX: usize = 2_000_000;

/// One segment as its name and its directory entry tell.
#[derive(Debug)]
pub struct Found<'a> {
    /// The camera in the recorder's own words.
    pub camera: &'a str,
    /// When it starts, as the name tells.
    pub start: Instant,
    /// The file, below the root.
    pub relative: &'a str,
    /// The file.
    pub path: &'a Path,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub written: Instant,
}

/// What a walk meets.
#[derive(Debug)]
pub enum Met<'a> {
    /// A segment.
    Segment(Found<'a>),
    /// A folder or file that could not be read; the walk goes on without it.
    Unreadable(Unreadable),
    /// So many of the folders right below the root are done.
    Progress {
        /// Done.
        done: usize,
        /// Of so many.
        total: usize,
    },
}

/// A place that could not be read.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The system refused.
    #[error("cannot read {}", path.display())]
    Refused {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: Errno,
    },
    /// More entries than we hold.
    #[error("{} has more than {ENTRIES_MAX} entries; split it up", path.display())]
    TooLarge {
        /// Where.
        path: PathBuf,
    },
    /// A name that is no text.
    #[error("a name in {} is not UTF-8; rename it so that it can be reported", path.display())]
    NotText {
        /// The folder.
        path: PathBuf,
    },
}

/// Walks the tree below `root`, until `meet` breaks.
pub fn walk(
    root: &Path,
    layout: &dyn Layout,
    meet: &mut dyn FnMut(Met<'_>) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    // The root itself may be a link: that is the operator's choice.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, root, flags, Mode::empty()).map_err(|source| Unreadable::Refused {
        path: root.to_owned(),
        source,
    })?;
    let mut walk = Walk {
        layout,
        meet,
        path: root.to_owned(),
        relative: String::new(),
    };
    match walk.folder(&folder, 0, &Named::default()) {
        // Broken off by the listener is a way to end, too.
        ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(()),
    }
}

struct Walk<'a> {
    layout: &'a dyn Layout,
    meet: &'a mut dyn FnMut(Met<'_>) -> ControlFlow<()>,
    path: PathBuf,
    relative: String,
}

struct Entry {
    name: CString,
    kind: FileType,
}

impl Walk<'_> {
    fn folder(&mut self, folder: &OwnedFd, depth: usize, named: &Named) -> ControlFlow<()> {
        let entries = match self.entries(folder) {
            Ok(entries) => entries,
            Err(trouble) => return (self.meet)(Met::Unreadable(trouble)),
        };
        let total = entries.len();
        for (done, entry) in entries.into_iter().enumerate() {
            if depth == 0 {
                (self.meet)(Met::Progress { done, total })?;
            }
            self.entry(folder.as_fd(), &entry, depth, named)?;
        }
        if depth == 0 {
            (self.meet)(Met::Progress { done: total, total })
        } else {
            ControlFlow::Continue(())
        }
    }

    fn entry(
        &mut self,
        folder: BorrowedFd<'_>,
        entry: &Entry,
        depth: usize,
        before: &Named,
    ) -> ControlFlow<()> {
        let Ok(name) = entry.name.to_str() else {
            let path = self.path.clone();
            return (self.meet)(Met::Unreadable(Unreadable::NotText { path }));
        };
        let Some(named) = self.layout.read(depth, name, before) else {
            return ControlFlow::Continue(());
        };
        let last = depth + 1 == self.layout.depth();
        let wanted = if last {
            FileType::RegularFile
        } else {
            FileType::Directory
        };
        if entry.kind != wanted && entry.kind != FileType::Unknown {
            return ControlFlow::Continue(());
        }
        let length = self.relative.len();
        if depth > 0 {
            self.relative.push('/');
        }
        self.relative.push_str(name);
        self.path.push(name);
        let next = if last {
            self.segment(folder, entry, &named)
        } else {
            self.descend(folder, entry, depth, &named)
        };
        self.path.pop();
        self.relative.truncate(length);
        next
    }

    fn descend(
        &mut self,
        folder: BorrowedFd<'_>,
        entry: &Entry,
        depth: usize,
        named: &Named,
    ) -> ControlFlow<()> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        match openat(folder, &entry.name, flags, Mode::empty()) {
            Ok(inner) => self.folder(&inner, depth + 1, named),
            // Deleted since it was listed, or no folder after all.
            Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => ControlFlow::Continue(()),
            Err(source) => {
                let path = self.path.clone();
                (self.meet)(Met::Unreadable(Unreadable::Refused { path, source }))
            }
        }
    }

    fn segment(&mut self, folder: BorrowedFd<'_>, entry: &Entry, named: &Named) -> ControlFlow<()> {
        let wanted = StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::MTIME;
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
        let status = match statx(folder, &entry.name, flags, wanted) {
            Ok(status) => status,
            Err(Errno::NOENT) => return ControlFlow::Continue(()),
            Err(source) => {
                let path = self.path.clone();
                return (self.meet)(Met::Unreadable(Unreadable::Refused { path, source }));
            }
        };
        if FileType::from_raw_mode(u32::from(status.stx_mode)) != FileType::RegularFile {
            return ControlFlow::Continue(());
        }
        let written = Instant::from_s(status.stx_mtime.tv_sec);
        let start = named.start(self.layout.zone(), Some(written));
        let (Some(camera), Some(start)) = (named.camera.as_deref(), start) else {
            return ControlFlow::Continue(());
        };
        (self.meet)(Met::Segment(Found {
            camera,
            start,
            relative: &self.relative,
            path: &self.path,
            bytes: status.stx_size,
            written,
        }))
    }

    /// The folder's entries in name order.
    fn entries(&self, folder: &OwnedFd) -> Result<Vec<Entry>, Unreadable> {
        let refused = |source| Unreadable::Refused {
            path: self.path.clone(),
            source,
        };
        let mut entries = Vec::new();
        for entry in Dir::read_from(folder).map_err(refused)? {
            let entry = entry.map_err(refused)?;
            let name = entry.file_name();
            if name.to_bytes().starts_with(b".") {
                continue;
            }
            if entries.len() == ENTRIES_MAX {
                return Err(Unreadable::TooLarge {
                    path: self.path.clone(),
                });
            }
            entries.push(Entry {
                name: name.to_owned(),
                kind: entry.file_type(),
            });
        }
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Zone;

    use super::super::layout::template::Template;
    use super::*;

    struct Seen {
        segments: Vec<String>,
        unreadable: usize,
    }

    fn seen(root: &Path) -> Seen {
        let layout = Template::new("{camera}/%Y-%m-%d/%H-%M-%S.mp4", Zone::utc()).unwrap();
        let mut seen = Seen {
            segments: Vec::new(),
            unreadable: 0,
        };
        walk(root, &layout, &mut |met| {
            match met {
                Met::Segment(found) => seen.segments.push(found.relative.to_owned()),
                Met::Unreadable(_) => seen.unreadable += 1,
                Met::Progress { .. } => {}
            }
            ControlFlow::Continue(())
        })
        .unwrap();
        seen
    }

    fn lay(root: &Path, paths: &[&str]) {
        for path in paths {
            fs_err::create_dir_all(root.join(path).parent().unwrap()).unwrap();
            fs_err::write(root.join(path), b"x").unwrap();
        }
    }

    #[test]
    fn segments_are_met_in_name_order_and_nothing_else_is() {
        let root = tempfile::tempdir().unwrap();
        lay(
            root.path(),
            &[
                "b/2026-11-23/00-00-10.mp4",
                "a/2026-11-23/00-00-10.mp4",
                "a/2026-11-23/00-00-00.mp4",
                "a/2026-11-22/23-59-50.mp4",
                "a/2026-11-23/00-00-20.mp4.tmp",
                "a/notes/00-00-00.mp4",
                "a/2026-11-23/.00-00-30.mp4",
            ],
        );
        assert_eq!(
            seen(root.path()).segments,
            [
                "a/2026-11-22/23-59-50.mp4",
                "a/2026-11-23/00-00-00.mp4",
                "a/2026-11-23/00-00-10.mp4",
                "b/2026-11-23/00-00-10.mp4",
            ]
        );
    }

    #[test]
    fn links_below_the_root_are_not_followed() {
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["a/2026-11-23/00-00-00.mp4"]);
        std::os::unix::fs::symlink(root.path().join("a"), root.path().join("b")).unwrap();
        std::os::unix::fs::symlink(
            root.path().join("a/2026-11-23/00-00-00.mp4"),
            root.path().join("a/2026-11-23/00-00-10.mp4"),
        )
        .unwrap();
        assert_eq!(seen(root.path()).segments, ["a/2026-11-23/00-00-00.mp4"]);
    }

    #[test]
    fn a_name_that_is_no_text_is_told_and_passed_over() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["a/2026-11-23/00-00-00.mp4"]);
        fs_err::create_dir(root.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"))).unwrap();
        let seen = seen(root.path());
        assert_eq!((seen.segments.len(), seen.unreadable), (1, 1));
    }

    #[test]
    fn a_root_that_is_not_there_is_refused_by_name() {
        let layout = Template::new("{camera}/%s.mp4", Zone::utc()).unwrap();
        let refused = walk(Path::new("/no/such/root"), &layout, &mut |_| {
            ControlFlow::Continue(())
        });
        assert!(refused.unwrap_err().to_string().contains("/no/such/root"));
    }
}
