//! Hikvision's footage on cards and network storage: files of one size, overwritten in a ring, and an
//! index that tells which bytes of which file are when.
//!
//! A file's name tells nothing. Its last record may be of what it held before: only as many segments
//! count as the index says. EZVIZ's cameras write their own time as if it were UTC.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::time::{Instant, MINUTE_MS, Zone};

use self::records::{Entry, FormError};
use super::{About, Told, ZoneRule};
use crate::footage::book::{Book, BookError, Extent, Line};
use crate::footage::named::{Named, TimeFields};

/// The index's bytes.
pub mod records;

/// What people should know of it.
pub const ABOUT: About = About {
    name: "hikvision",
    maker: "Hikvision, on cards and network storage",
    pattern: "[{camera}/]datadir{n}/hiv{file}.mp4 with index00.bin",
    zone: ZoneRule::Epoch,
    told: Told::Book,
    deletes: "by overwriting the oldest file",
    holds: "locked segments, where the recorder supports them",
};

/// The same from cameras that take their own time for UTC.
pub const EZVIZ: About = About {
    name: "ezviz",
    maker: "EZVIZ, and Hikvision firmware that writes local time as UTC",
    pattern: "[{camera}/]datadir{n}/hiv{file}.mp4 with index00.bin",
    zone: ZoneRule::Local,
    told: Told::Book,
    deletes: "by overwriting the oldest file",
    holds: "nothing",
};

/// The index's name.
pub const INDEX: &str = "index00.bin";

/// Continuous recording is told in pieces of minutes; used only when nothing tells a length.
pub const NOMINAL_MS: i64 = 5 * MINUTE_MS;

/// Data folders below one root at most: a recorder makes one per 4 TB, a network storage one per
/// camera.
const FOLDERS_MAX: usize = 1_024;

/// Entries of one folder looked at for data folders.
const ENTRIES_MAX: usize = 4_096;

/// Whether a path is of a file that an index lists.
pub fn is_listed(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let number = name
        .strip_prefix("hiv")
        .and_then(|name| name.strip_suffix(".mp4"));
    number.is_some_and(|number| number.len() == 5 && number.bytes().all(|b| b.is_ascii_digit()))
}

/// The list of all data folders below a root.
#[derive(Debug)]
pub struct Hikvision {
    /// The zone that times were written in as if it were UTC.
    zone: Option<Zone>,
}

impl Hikvision {
    /// Times of the index are in UTC, or with a zone, its civil time.
    pub fn new(zone: Option<Zone>) -> Self {
        Self { zone }
    }

    fn read_folder(
        &self,
        root: &Path,
        folder: &str,
        meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<ControlFlow<()>, BookError> {
        let path = root.join(folder).join(INDEX);
        let read = |source: std::io::Error| BookError::Read {
            path: path.clone(),
            source,
        };
        let file = fs_err::File::open(&path).map_err(read)?;
        let size = file.metadata().map_err(read)?.len();
        let file = std::os::fd::OwnedFd::from(file.into_file());
        let cameras = folder.rsplit_once('/').map_or("", |(cameras, _)| cameras);
        let mut told = |entry: Entry| {
            let camera = match cameras {
                "" => entry.channel.to_string(),
                cameras => format!("{cameras}/{}", entry.channel),
            };
            let name = format!("hiv{:05}.mp4", entry.file);
            let file = match folder {
                "" => name,
                folder => format!("{folder}/{name}"),
            };
            meet(Line {
                camera: &camera,
                file: &file,
                extent: entry.bytes.map_or(Extent::Whole, Extent::Part),
                start: self.instant(entry.start_s),
                end: entry.end_s.map(|end_s| self.instant(end_s)),
            })
        };
        records::read(&file, size, &mut told).map_err(|error| match error {
            FormError::Read(source) => read(source),
            FormError::Form(what) => BookError::Form {
                path: path.clone(),
                what,
            },
        })
    }

    fn instant(&self, seconds: i64) -> Instant {
        let at = Instant::from_s(seconds);
        let Some(zone) = &self.zone else {
            return at;
        };
        let civil = at.timestamp().to_zoned_datetime(jiff::tz::TimeZone::UTC);
        let small = |part: i8| u8::try_from(part).ok();
        let named = Named {
            time: TimeFields {
                year: u16::try_from(civil.year()).ok(),
                month: small(civil.month()),
                day: small(civil.day()),
                hour: small(civil.hour()),
                minute: small(civil.minute()),
                second: small(civil.second()),
                ..TimeFields::default()
            },
            ..Named::default()
        };
        named.start(zone, None).unwrap_or(at)
    }
}

impl Book for Hikvision {
    fn read(
        &self,
        root: &Path,
        meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), BookError> {
        let folders = folders(root);
        if folders.is_empty() {
            return Err(BookError::Read {
                path: root.join(INDEX),
                source: std::io::ErrorKind::NotFound.into(),
            });
        }
        for folder in folders {
            if self.read_folder(root, &folder, meet)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    fn files(&self, root: &Path) -> Vec<PathBuf> {
        let folders = folders(root).into_iter();
        folders
            .map(|folder| root.join(folder).join(INDEX))
            .collect()
    }
}

/// The folders that have an index: the root itself, those in it, and those in a camera's folder.
fn folders(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    if root.join(INDEX).is_file() {
        found.push(String::new());
    }
    for outer in names(root) {
        if root.join(&outer).join(INDEX).is_file() {
            found.push(outer);
            continue;
        }
        let inner = names(&root.join(&outer)).into_iter();
        let inner = inner.filter(|inner| inner.starts_with("datadir"));
        let paths = inner.map(|inner| format!("{outer}/{inner}"));
        found.extend(paths.filter(|path| root.join(path).join(INDEX).is_file()));
    }
    found.truncate(FOLDERS_MAX);
    found
}

/// Folders of a folder in name order; none where it cannot be read.
fn names(path: &Path) -> Vec<String> {
    let Ok(entries) = fs_err::read_dir(path) else {
        return Vec::new();
    };
    let mut names: Vec<_> = entries
        .take(ENTRIES_MAX)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::records::samples::{Made, index};
    use super::*;

    fn lines(root: &Path, zone: Option<&str>) -> Vec<(String, String, Instant, Option<Instant>)> {
        let zone = zone.map(|name| Zone::named(name).unwrap());
        let mut lines = Vec::new();
        Hikvision::new(zone)
            .read(root, &mut |line| {
                lines.push((
                    line.camera.to_owned(),
                    line.file.to_owned(),
                    line.start,
                    line.end,
                ));
                ControlFlow::Continue(())
            })
            .unwrap();
        lines
    }

    fn lay(folder: &Path) {
        fs_err::create_dir_all(folder).unwrap();
        let made = Made {
            channel: 1,
            segments: vec![(1_795_421_700, 1_795_422_000, 0..4_096)],
            ..Made::default()
        };
        fs_err::write(folder.join(INDEX), index(&[made])).unwrap();
    }

    #[test]
    fn a_card_and_a_network_storage_are_read_alike() {
        let root = tempfile::tempdir().unwrap();
        lay(&root.path().join("datadir0"));
        lay(&root.path().join("yard/datadir1"));
        let at = Instant::parse("2026-11-23T08:15:00Z").unwrap();
        let line =
            |camera: &str, file: &str| (camera.to_owned(), file.to_owned(), at, Some(at + 300_000));
        assert_eq!(
            lines(root.path(), None),
            [
                line("1", "datadir0/hiv00000.mp4"),
                line("yard/1", "yard/datadir1/hiv00000.mp4")
            ]
        );
        assert_eq!(Hikvision::new(None).files(root.path()).len(), 2);
    }

    #[test]
    fn times_that_were_written_as_if_in_utc_are_read_in_their_zone() {
        let root = tempfile::tempdir().unwrap();
        lay(root.path());
        let lines = lines(root.path(), Some("Asia/Shanghai"));
        assert_eq!(lines[0].2, Instant::parse("2026-11-23T00:15:00Z").unwrap());
    }

    #[test]
    fn a_root_without_an_index_is_not_empty_but_unreadable() {
        let root = tempfile::tempdir().unwrap();
        let read = Hikvision::new(None).read(root.path(), &mut |_| ControlFlow::Continue(()));
        assert!(matches!(read, Err(BookError::Read { .. })));
    }
}
