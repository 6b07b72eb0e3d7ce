//! Walks a recorder's tree in name order and meets every segment once.
//!
//! It descends only where the layout says footage can be. It must not know what a segment's structure
//! says.

use std::ffi::{CStr, CString};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, StatxFlags, openat, statx};
use rustix::io::Errno;

use crate::footage::book::Extent;
use crate::footage::found::{Found, Met, filed};
use crate::footage::layout::{DEPTH_MAX, Layout};
use crate::footage::named::Named;
use crate::footage::unreadable::{ENTRIES_MAX, Unreadable};

/// Walks the tree below `root`, until `meet` breaks.
pub(super) fn walk(
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
        // What is no folder stands among segments; what does not say, may be either.
        let may_be_folder = matches!(
            entry.kind,
            FileType::Directory | FileType::Unknown | FileType::Symlink
        );
        let may_be_file = entry.kind != FileType::Directory;
        let as_file = || self.layout.file(depth, name, before);
        let as_folder = || self.layout.folder(depth, name, before);
        let (named, is_file) = if let Some(named) = may_be_file.then(as_file).flatten() {
            (named, true)
        } else if let Some(named) = may_be_folder.then(as_folder).flatten() {
            (named, false)
        } else {
            return ControlFlow::Continue(());
        };
        if !is_file && depth + 1 >= DEPTH_MAX {
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
        let next = if is_file {
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
        let start = filed(named, self.layout, written);
        let (Some(camera), Some(start)) = (named.camera.as_deref(), start) else {
            return ControlFlow::Continue(());
        };
        (self.meet)(Met::Segment(Found {
            camera,
            start,
            end: named.end(self.layout.zone(), start),
            is_open: named.is_open,
            relative: &self.relative,
            path: &self.path,
            extent: Extent::Whole,
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
            if matches!(name.to_bytes(), b"." | b"..") {
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
