//! Recordings to look into: as many files as asked for, each an inode of its own, in a folder that
//! goes with them.
//!
//! They are what the maker of footage lays, half of each shipped clip; or copies of recordings that
//! somebody brings along, because our clips are small.

use std::path::{Path, PathBuf};

use keepwatch_common::time::{DAY_MS, Instant, MINUTE_MS};
use tempfile::TempDir;

use super::failure::{Failure, While};
use crate::footage::{Clip, Segment, Shape, Tree};

/// Cameras that the files are spread over, as a recorder would.
const CAMERAS: usize = 8;

/// Files, by the clip they are copies of.
#[derive(Debug)]
pub struct Segments {
    _folder: TempDir,
    /// The clip's name and its files.
    pub of_clips: Vec<(String, Vec<PathBuf>)>,
}

impl Segments {
    /// Lays so many files, spread evenly over the clips: the shipped ones unless others are brought.
    pub fn lay(files: usize, brought: &[PathBuf], within: &Path) -> Result<Self, Failure> {
        let folder = tempfile::tempdir_in(within).during("making a folder for footage")?;
        let tree = Tree::frigate(folder.path());
        let contents = contents(brought)?;
        let share = files.div_ceil(contents.len());
        let mut of_clips = Vec::new();
        let mut left = files;
        for (kind, (name, content)) in contents.into_iter().enumerate() {
            let paths: Result<Vec<_>, Failure> = (0..share.min(left))
                .map(|number| content.lay(&tree, kind, number))
                .collect();
            let paths = paths?;
            left -= paths.len();
            of_clips.push((name, paths));
        }
        Ok(Self {
            _folder: folder,
            of_clips,
        })
    }

    /// All files.
    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.of_clips.iter().flat_map(|(_, paths)| paths)
    }

    /// How many there are.
    pub fn files(&self) -> usize {
        self.paths().count()
    }
}

/// What is copied.
enum Content {
    Shipped(Clip),
    Brought(Vec<u8>),
}

fn contents(brought: &[PathBuf]) -> Result<Vec<(String, Content)>, Failure> {
    if brought.is_empty() {
        let shipped = [
            ("five-minutes", Clip::FiveMinutes),
            ("ten-seconds", Clip::TenSeconds),
        ];
        let named = shipped.map(|(name, clip)| (name.to_owned(), Content::Shipped(clip)));
        return Ok(named.into());
    }
    brought
        .iter()
        .map(|path| {
            let bytes = fs_err::read(path).during("reading a recording")?;
            Ok((path.display().to_string(), Content::Brought(bytes)))
        })
        .collect()
}

impl Content {
    /// Each kind has a day of its own, and as many days more as it needs.
    fn lay(&self, tree: &Tree, kind: usize, number: usize) -> Result<PathBuf, Failure> {
        let camera = format!("camera-{}", number % CAMERAS);
        let whole = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
        let month = Instant::EPOCH + 31 * DAY_MS * whole(kind);
        let start = month + 5 * MINUTE_MS * whole(number / CAMERAS);
        match self {
            Self::Shipped(clip) => {
                let segment = Segment {
                    start,
                    clip: *clip,
                    shape: Shape::Whole,
                };
                tree.add_segment(&camera, &segment).during("laying footage")
            }
            Self::Brought(bytes) => {
                let path = tree.path(&camera, start).during("laying footage")?;
                if let Some(hour) = path.parent() {
                    fs_err::create_dir_all(hour).during("laying footage")?;
                }
                fs_err::write(&path, bytes).during("laying footage")?;
                Ok(path)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::os::unix::fs::MetadataExt;

    use super::*;

    fn inodes(segments: &Segments) -> BTreeSet<u64> {
        let inode = |path: &PathBuf| fs_err::metadata(path).unwrap().ino();
        segments.paths().map(inode).collect()
    }

    #[test]
    fn every_file_is_an_inode_of_its_own() {
        let within = tempfile::tempdir().unwrap();
        let segments = Segments::lay(41, &[], within.path()).unwrap();
        assert_eq!((segments.files(), inodes(&segments).len()), (41, 41));
        let shares: Vec<_> = segments.of_clips.iter().map(|(_, p)| p.len()).collect();
        assert_eq!(shares, [21, 20]);
    }

    #[test]
    fn recordings_that_are_brought_along_are_copied_as_they_are() {
        let within = tempfile::tempdir().unwrap();
        let brought = within.path().join("mine.mp4");
        fs_err::write(&brought, "not ours").unwrap();
        let segments = Segments::lay(3, &[brought], within.path()).unwrap();
        assert_eq!(inodes(&segments).len(), 3);
        assert!(
            segments
                .paths()
                .all(|path| fs_err::read(path).unwrap() == b"not ours")
        );
    }
}
