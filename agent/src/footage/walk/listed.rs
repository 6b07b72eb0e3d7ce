//! Meets what a recorder's own list names: each line's file is looked for, because a list is no proof
//! that footage is there.
//!
//! A line without its file is not footage. It must not know how any list is written.

use std::ops::ControlFlow;
use std::path::Path;

use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, StatxFlags, openat, statx};
use rustix::io::Errno;

use crate::footage::book::{Book, Extent, Line};
use crate::footage::found::{Found, Met};
use crate::footage::named::Named;
use crate::footage::unreadable::Unreadable;

/// Reads the list of the recorder at `root`, until `meet` breaks.
pub(super) fn walk(
    root: &Path,
    book: &dyn Book,
    meet: &mut dyn FnMut(Met<'_>) -> ControlFlow<()>,
) -> Result<(), Unreadable> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat(CWD, root, flags, Mode::empty()).map_err(|source| Unreadable::Refused {
        path: root.to_owned(),
        source,
    })?;
    let outcome = book.read(root, &mut |line| {
        if !is_below(line.file) {
            return ControlFlow::Continue(());
        }
        let path = root.join(line.file);
        let named = Named {
            camera: Some(line.camera.to_owned()),
            ..Named::default()
        };
        if let Err(source) = Name::new(line.camera) {
            let place = Unreadable::NoName {
                path,
                shown: line.camera.escape_debug().to_string(),
                source,
            };
            return meet(Met::Unseen {
                place,
                named: &named,
            });
        }
        let wanted = StatxFlags::TYPE | StatxFlags::SIZE | StatxFlags::MTIME;
        let at = AtFlags::SYMLINK_NOFOLLOW | AtFlags::STATX_DONT_SYNC;
        let status = match statx(&folder, line.file, at, wanted) {
            Ok(status) => status,
            Err(Errno::NOENT) => return ControlFlow::Continue(()),
            Err(source) => {
                let place = Unreadable::Refused { path, source };
                return meet(Met::Unseen {
                    place,
                    named: &named,
                });
            }
        };
        if FileType::from_raw_mode(u32::from(status.stx_mode)) != FileType::RegularFile {
            return ControlFlow::Continue(());
        }
        let relative = relative(&line);
        let written = Instant::from_s(status.stx_mtime.tv_sec);
        meet(Met::Segment(Found {
            camera: line.camera,
            start: line.start,
            end: line.end,
            is_open: line.end.is_none(),
            relative: &relative,
            path: &path,
            bytes: match &line.extent {
                Extent::Part(part) => part.end.min(status.stx_size).saturating_sub(part.start),
                Extent::Whole | Extent::Raw(_) => status.stx_size,
            },
            extent: line.extent,
            written,
        }))
    });
    outcome.map_err(|source| Unreadable::Book { source })
}

/// A list can name anything: only what lies below the root is looked at.
fn is_below(file: &str) -> bool {
    !file.is_empty() && file.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

fn relative(line: &Line<'_>) -> String {
    match &line.extent {
        Extent::Part(part) => format!("{}#{}", line.file, part.start),
        Extent::Whole | Extent::Raw(_) => line.file.to_owned(),
    }
}
