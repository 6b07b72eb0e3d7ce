//! Puts plans on disk: one real file a camera and day, hard links for the rest of that day.
//!
//! A month of a branch is a hundred thousand files; as links they cost their directory entries.
//! Cameras and days never share a file, so an agent that wrongly remembered files by inode alone
//! would be caught. Laying the same plan again changes nothing; what stands in the way and is not
//! ours is refused and never overwritten. It reads no clock: file times come from the plan.

use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keepwatch_common::interval::Interval;
use keepwatch_common::time::{Instant, Zone};

use super::clip::Shape;
use super::naming::{Naming, NamingError};
use super::plan::{CameraPlan, PlanError, Segment};

/// A recorder's folder.
#[derive(Debug, Clone)]
pub struct Tree {
    root: PathBuf,
    naming: Naming,
}

/// What stands on disk after a plan was laid, whether it stood there before or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Laid {
    /// Names in folders.
    pub files: u64,
    /// Files with content of their own; the rest are links to them.
    pub inodes: u64,
    /// Bytes as one who reads every name sees them.
    pub bytes: u64,
    /// Bytes that the inodes hold.
    pub bytes_on_disk: u64,
}

impl std::ops::AddAssign for Laid {
    fn add_assign(&mut self, more: Self) {
        self.files += more.files;
        self.inodes += more.inodes;
        self.bytes += more.bytes;
        self.bytes_on_disk += more.bytes_on_disk;
    }
}

/// Why footage could not be laid.
#[derive(Debug, thiserror::Error)]
pub enum LayError {
    /// The plan contradicts itself.
    #[error("the plan cannot be laid")]
    Plan(#[from] PlanError),
    /// A camera cannot be named so.
    #[error("the camera's files cannot be named")]
    Naming(#[from] NamingError),
    /// Another file has the name.
    #[error("{path} is there already and is not what the plan lays; choose an empty folder", path = path.display())]
    Occupied {
        /// Where.
        path: PathBuf,
    },
    /// The disk refused; the cause names the path.
    #[error("footage could not be written")]
    Disk(#[from] io::Error),
}

/// The real file of a camera's day and the end of its newest link.
struct Day {
    date: jiff::civil::Date,
    file: PathBuf,
    end: Instant,
}

impl Tree {
    /// As Frigate lays: `recordings/%Y-%m-%d/%H/<camera>/%M.%S.mp4` in UTC.
    pub fn frigate(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            naming: Naming::frigate(),
        }
    }

    /// Any other recorder: a pattern with `%Y %m %d %H %M %S` and `{camera}`, told in a zone.
    pub fn template(root: &Path, pattern: &str, zone: Zone) -> Result<Self, NamingError> {
        Ok(Self {
            root: root.to_owned(),
            naming: Naming::template(pattern, zone)?,
        })
    }

    /// The recorder's root.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the segment of a camera that starts then is, or would be.
    pub fn path(&self, camera: &str, start: Instant) -> Result<PathBuf, NamingError> {
        Ok(self.root.join(self.naming.path(camera, start)?))
    }

    /// Lays all files of a plan. `progress` hears of every finished camera-day: how many files it
    /// has. Cameras may be laid side by side from several threads.
    pub fn lay(&self, plan: &CameraPlan, progress: &mut dyn FnMut(u64)) -> Result<Laid, LayError> {
        let mut laid = Laid::default();
        let mut said = 0;
        let mut day: Option<Day> = None;
        let mut folder = PathBuf::new();
        for segment in plan.segments()? {
            let path = self.path(&plan.camera, segment.start)?;
            if let Some(parent) = path.parent().filter(|parent| *parent != folder) {
                fs_err::create_dir_all(parent)?;
                parent.clone_into(&mut folder);
            }
            let date = self.naming.day(segment.start);
            if let Some(over) = day.take_if(|day| day.date != date) {
                close(&over)?;
                progress(laid.files - said);
                said = laid.files;
            }
            lay_segment(&segment, date, path, &mut day, &mut laid)?;
        }
        if let Some(over) = day {
            close(&over)?;
        }
        progress(laid.files - said);
        Ok(laid)
    }

    /// Adds one segment as a live recorder does: written under a hidden name, then renamed, so that
    /// no reader sees half of it. The file has an inode of its own.
    pub fn add_segment(&self, camera: &str, segment: &Segment) -> Result<PathBuf, LayError> {
        let path = self.path(camera, segment.start)?;
        if path.try_exists()? {
            return Err(LayError::Occupied { path });
        }
        if let Some(parent) = path.parent() {
            fs_err::create_dir_all(parent)?;
        }
        let hidden = hidden(&path);
        // What a killed run left under this name is ours and worth nothing.
        let mut file = fs_err::File::create(&hidden)?;
        file.write_all(segment.shape.cut(segment.clip))?;
        file.set_modified(file_time(segment.end()))?;
        drop(file);
        fs_err::rename(&hidden, &path)?;
        Ok(path)
    }

    /// Deletes the files of a plan that start inside an interval, as a recorder does when it needs
    /// room or a person when he must not. Empty folders stay. Returns how many were there.
    pub fn delete(&self, plan: &CameraPlan, within: Interval) -> Result<u64, LayError> {
        let mut deleted = 0;
        let segments = plan.segments()?;
        for segment in segments.iter().filter(|s| within.contains(s.start)) {
            match fs_err::remove_file(self.path(&plan.camera, segment.start)?) {
                Ok(()) => deleted += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(deleted)
    }
}

/// A damaged segment is a file of its own; a whole one is a link to its day's file, or becomes it.
fn lay_segment(
    segment: &Segment,
    date: jiff::civil::Date,
    path: PathBuf,
    day: &mut Option<Day>,
    laid: &mut Laid,
) -> Result<(), LayError> {
    let bytes = segment.shape.cut(segment.clip);
    let length = bytes.len() as u64;
    laid.files += 1;
    laid.bytes += length;
    if segment.shape == Shape::Whole
        && let Some(day) = day.as_mut()
    {
        day.end = segment.end();
        if link(&day.file, &path, length)? {
            return Ok(());
        }
    }
    laid.inodes += 1;
    laid.bytes_on_disk += length;
    put(&path, bytes)?;
    if segment.shape == Shape::Whole {
        // The first of its day, or the file system refused another link: the next ones link here.
        *day = Some(Day {
            date,
            file: path,
            end: segment.end(),
        });
    } else {
        touch(&path, segment.end())?;
    }
    Ok(())
}

/// Links, unless the file system cannot (`false`): too many links, another device, or no links at
/// all, as on exFAT.
fn link(original: &Path, path: &Path, length: u64) -> Result<bool, LayError> {
    match fs_err::hard_link(original, path) {
        Ok(()) => Ok(true),
        Err(error) => match error.kind() {
            ErrorKind::AlreadyExists => present(path, length).map(|()| true),
            ErrorKind::TooManyLinks
            | ErrorKind::CrossesDevices
            | ErrorKind::PermissionDenied
            | ErrorKind::Unsupported => Ok(false),
            _ => Err(error.into()),
        },
    }
}

/// Writes a file that is not there yet.
fn put(path: &Path, bytes: &[u8]) -> Result<(), LayError> {
    match fs_err::File::create_new(path) {
        Ok(mut file) => {
            file.write_all(bytes)?;
            Ok(())
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => present(path, bytes.len() as u64),
        Err(error) => Err(error.into()),
    }
}

/// Accepts what an earlier run laid: a plain file of the right length.
fn present(path: &Path, length: u64) -> Result<(), LayError> {
    let found = fs_err::symlink_metadata(path)?;
    if found.is_file() && found.len() == length {
        return Ok(());
    }
    Err(LayError::Occupied {
        path: path.to_owned(),
    })
}

/// All links of a day share one file and so one time: the end of its last segment.
fn close(day: &Day) -> Result<(), LayError> {
    touch(&day.file, day.end)
}

fn touch(path: &Path, at: Instant) -> Result<(), LayError> {
    let file = fs_err::OpenOptions::new().append(true).open(path)?;
    Ok(file.set_modified(file_time(at))?)
}

fn file_time(at: Instant) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(at.ms()).unwrap_or(0))
}

/// `05.00.mp4` is written as `.05.00.mp4.part`: hidden, and of no kind that a layout reads.
fn hidden(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.part"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::MetadataExt;

    use super::super::clip::Clip;
    use super::*;

    fn at(text: &str) -> Instant {
        Instant::parse(&format!("2026-11-{text}Z")).unwrap()
    }

    fn span(start: &str, end: &str) -> Interval {
        Interval::new(at(start), at(end)).unwrap()
    }

    /// Two days and a bit, with a gap, a truncated and an empty file on the first day.
    fn plan(camera: &str) -> CameraPlan {
        let span_of_plan = span("20T00:00:00", "22T01:00:00");
        CameraPlan::new(camera, span_of_plan, Clip::FiveMinutes)
            .gap(span("20T06:00:00", "20T07:00:00"))
            .truncated(at("20T10:00:00"))
            .empty(at("20T11:00:00"))
    }

    fn lay(tree: &Tree, plan: &CameraPlan) -> Laid {
        tree.lay(plan, &mut |_| ()).unwrap()
    }

    /// Every file below a folder.
    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs_err::read_dir(&folder).unwrap() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    found.push(entry.path());
                }
            }
        }
        found.sort();
        found
    }

    fn inode(path: &Path) -> u64 {
        fs_err::metadata(path).unwrap().ino()
    }

    #[test]
    fn every_file_of_the_plan_stands_on_disk() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        let mut said = Vec::new();
        let laid = tree
            .lay(&plan("till"), &mut |files| said.push(files))
            .unwrap();
        assert_eq!(laid.files, 288 - 12 + 288 + 12);
        assert_eq!(files(folder.path()).len() as u64, laid.files);
        assert_eq!(said, [276, 288, 12]);
        let bytes: u64 = files(folder.path())
            .iter()
            .map(|path| fs_err::metadata(path).unwrap().len())
            .sum();
        assert_eq!(laid.bytes, bytes);
    }

    #[test]
    fn a_day_of_a_camera_is_one_inode_and_no_other_is() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        let laid = [lay(&tree, &plan("till")), lay(&tree, &plan("door"))];
        let all: BTreeSet<_> = files(folder.path())
            .iter()
            .map(|path| inode(path))
            .collect();
        // Three days each, and a truncated and an empty file each.
        assert_eq!(all.len(), 2 * (3 + 2));
        assert_eq!(laid.map(|laid| laid.inodes), [5, 5]);
        let of = |start| inode(&tree.path("till", at(start)).unwrap());
        assert_eq!(of("20T00:00:00"), of("20T23:55:00"));
        assert_ne!(of("20T23:55:00"), of("21T00:00:00"));
    }

    #[test]
    fn a_gap_has_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        lay(&tree, &plan("till"));
        let hours = folder.path().join("recordings/2026-11-20");
        assert!(hours.join("05/till").is_dir());
        assert!(!hours.join("06").exists());
        assert!(hours.join("07/till/00.00.mp4").is_file());
    }

    #[test]
    fn damaged_files_have_the_bytes_their_shape_says() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        lay(&tree, &plan("till"));
        let read = |start| fs_err::read(tree.path("till", at(start)).unwrap()).unwrap();
        assert_eq!(read("20T10:00:00"), Shape::Truncated.cut(Clip::FiveMinutes));
        assert_eq!(read("20T11:00:00"), b"");
        assert_eq!(read("20T11:05:00"), Clip::FiveMinutes.bytes());
    }

    #[test]
    fn file_times_are_the_end_of_the_day_or_of_the_damaged_segment() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        lay(&tree, &plan("till"));
        let time = |start| {
            let path = tree.path("till", at(start)).unwrap();
            Instant::from_s(fs_err::metadata(path).unwrap().mtime())
        };
        assert_eq!(time("20T00:00:00"), at("21T00:00:00"));
        assert_eq!(time("22T00:00:00"), at("22T01:00:00"));
        assert_eq!(time("20T10:00:00"), at("20T10:05:00"));
    }

    #[test]
    fn laying_again_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        let first = lay(&tree, &plan("till"));
        let inodes =
            |tree: &Tree| -> Vec<_> { files(tree.root()).iter().map(|p| inode(p)).collect() };
        let before = inodes(&tree);
        assert_eq!(lay(&tree, &plan("till")).files, first.files);
        assert_eq!(inodes(&tree), before);
    }

    #[test]
    fn a_file_that_is_not_ours_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        let path = tree.path("till", at("20T00:05:00")).unwrap();
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, "evidence").unwrap();
        let refused = tree.lay(&plan("till"), &mut |_| ());
        assert!(matches!(refused, Err(LayError::Occupied { path: named }) if named == path));
        assert_eq!(fs_err::read(&path).unwrap(), b"evidence");
    }

    #[test]
    fn a_live_segment_appears_whole_and_alone() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        let live = Segment {
            start: at("23T08:00:00"),
            clip: Clip::TenSeconds,
            shape: Shape::Whole,
        };
        let path = tree.add_segment("till", &live).unwrap();
        assert_eq!(files(folder.path()), [path.as_path()]);
        assert_eq!(fs_err::read(&path).unwrap(), Clip::TenSeconds.bytes());
        let again = tree.add_segment("till", &live);
        assert!(matches!(again, Err(LayError::Occupied { .. })));
    }

    #[test]
    fn deleting_takes_the_segments_that_start_inside() {
        let folder = tempfile::tempdir().unwrap();
        let tree = Tree::frigate(folder.path());
        let laid = lay(&tree, &plan("till"));
        let morning = span("20T00:00:00", "20T08:00:00");
        assert_eq!(tree.delete(&plan("till"), morning).unwrap(), 84);
        assert_eq!(tree.delete(&plan("till"), morning).unwrap(), 0);
        assert_eq!(files(folder.path()).len() as u64, laid.files - 84);
    }
}
