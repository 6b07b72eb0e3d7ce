//! Walks a recorder's tree in name order and meets every segment once.
//!
//! It descends only where the layout says footage can be, follows no link below the root, and opens
//! no file. What it passes over although footage could be there, it tells. Name order is time order in every layout we know, so that whoever listens can work with
//! what came before. It must not know what a segment's structure says.

use std::ffi::{CStr, CString};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, StatxFlags, openat, statx};
use rustix::io::Errno;

use super::layout::{Layout, Named};
use super::unreadable::{ENTRIES_MAX, Unreadable};

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
    /// A place that could not be seen; the walk goes on without it.
    Unseen {
        /// Which, and why.
        place: Unreadable,
        /// What its path has told: the camera that it concerns, and its time.
        named: &'a Named,
    },
    /// So many of the folders right below the root are done.
    Progress {
        /// Done.
        done: usize,
        /// Of so many.
        total: usize,
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
            Err(place) => return (self.meet)(Met::Unseen { place, named }),
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
            let place = Unreadable::NotText { path };
            return (self.meet)(Met::Unseen {
                place,
                named: before,
            });
        };
        let Some(named) = self.layout.read(depth, name, before) else {
            return ControlFlow::Continue(());
        };
        let last = depth + 1 == self.layout.depth();
        let is_wanted = match entry.kind {
            FileType::Unknown | FileType::Symlink => true,
            FileType::Directory => !last,
            // Among folders a file is no footage; among segments whatever is no folder may be.
            _ => last,
        };
        if !is_wanted {
            return ControlFlow::Continue(());
        }
        if before.camera.is_none()
            && let Some(camera) = &named.camera
            && let Err(source) = Name::new(camera.as_str())
        {
            let place = Unreadable::NoName {
                path: self.path.clone(),
                shown: camera.escape_debug().to_string(),
                source,
            };
            return (self.meet)(Met::Unseen {
                place,
                named: &named,
            });
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
            // Deleted since it was listed.
            Err(Errno::NOENT) => ControlFlow::Continue(()),
            Err(Errno::NOTDIR | Errno::LOOP) => {
                if is_link(folder, &entry.name) {
                    self.unseen(named, |path| Unreadable::Link { path })
                } else {
                    ControlFlow::Continue(())
                }
            }
            Err(source) => self.unseen(named, |path| Unreadable::Refused { path, source }),
        }
    }

    fn unseen(
        &mut self,
        named: &Named,
        why: impl FnOnce(PathBuf) -> Unreadable,
    ) -> ControlFlow<()> {
        let place = why(self.path.clone());
        (self.meet)(Met::Unseen { place, named })
    }

    fn segment(&mut self, folder: BorrowedFd<'_>, entry: &Entry, named: &Named) -> ControlFlow<()> {
        let wanted = StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::MTIME;
        let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
        let status = match statx(folder, &entry.name, flags, wanted) {
            Ok(status) => status,
            Err(Errno::NOENT) => return ControlFlow::Continue(()),
            Err(source) => {
                return self.unseen(named, |path| Unreadable::Refused { path, source });
            }
        };
        match FileType::from_raw_mode(u32::from(status.stx_mode)) {
            FileType::RegularFile => {}
            FileType::Directory => return ControlFlow::Continue(()),
            FileType::Symlink => return self.unseen(named, |path| Unreadable::Link { path }),
            _ => return self.unseen(named, |path| Unreadable::NoFile { path }),
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

/// Whether the entry is a link; told only of what was no folder.
fn is_link(folder: BorrowedFd<'_>, name: &CStr) -> bool {
    let flags = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
    statx(folder, name, flags, StatxFlags::TYPE).is_ok_and(|status| {
        FileType::from_raw_mode(u32::from(status.stx_mode)) == FileType::Symlink
    })
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Zone;

    use super::super::layout::template::Template;
    use super::*;

    struct Seen {
        segments: Vec<String>,
        unseen: Vec<String>,
    }

    fn seen(root: &Path) -> Seen {
        let layout = Template::new("{camera}/%Y-%m-%d/%H-%M-%S.mp4", Zone::utc()).unwrap();
        let mut seen = Seen {
            segments: Vec::new(),
            unseen: Vec::new(),
        };
        walk(root, &layout, &mut |met| {
            match met {
                Met::Segment(found) => seen.segments.push(found.relative.to_owned()),
                Met::Unseen { place, .. } => seen.unseen.push(place.to_string()),
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
        let seen = seen(root.path());
        assert_eq!(seen.segments, ["a/2026-11-23/00-00-00.mp4"]);
        assert_eq!(seen.unseen.len(), 2, "{:?}", seen.unseen);
        assert!(seen.unseen.iter().all(|said| said.contains("is a link")));
    }

    #[test]
    fn a_camera_that_cannot_be_named_is_told_and_passed_over() {
        let root = tempfile::tempdir().unwrap();
        let long = format!("{}/2026-11-23/00-00-00.mp4", "x".repeat(201));
        lay(
            root.path(),
            &[
                "a/2026-11-23/00-00-00.mp4",
                &long,
                "\u{1b}[2J/2026-11-23/00-00-00.mp4",
            ],
        );
        let seen = seen(root.path());
        assert_eq!(seen.segments, ["a/2026-11-23/00-00-00.mp4"]);
        assert_eq!(seen.unseen.len(), 2);
        assert!(seen.unseen[0].contains("\\u{1b}[2J"), "{:?}", seen.unseen);
        assert!(!seen.unseen[0].contains('\u{1b}'));
    }

    #[test]
    fn a_name_that_is_no_text_is_told_and_passed_over() {
        use std::os::unix::ffi::OsStrExt;
        let root = tempfile::tempdir().unwrap();
        lay(root.path(), &["a/2026-11-23/00-00-00.mp4"]);
        fs_err::create_dir(root.path().join(std::ffi::OsStr::from_bytes(b"\xff\xfe"))).unwrap();
        let seen = seen(root.path());
        assert_eq!((seen.segments.len(), seen.unseen.len()), (1, 1));
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
