//! A few names of a tree, from everywhere in it: enough to tell whose it is.
//!
//! Bounded whatever the tree is: of each folder some entries, the newest by name among them. It must
//! not know any layout.

use std::io;
use std::path::Path;

use keepwatch_common::time::Instant;

use crate::footage::layout::DEPTH_MAX;

/// Folders looked into at most.
const FOLDERS_MAX: usize = 600;
/// Entries of one folder read at most; of more, those that the system tells first.
const ENTRIES_MAX: usize = 20_000;
/// Folders of one folder that are looked into.
const FOLDERS_EACH: usize = 6;
/// Files of one folder that are kept.
const FILES_EACH: usize = 12;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sampled {
    /// Its path below the folder that was asked for.
    pub(super) relative: String,
    /// When it was written last.
    pub(super) written: Instant,
}

/// Some files of the tree, in name order of their folders.
pub(super) fn sample(root: &Path) -> io::Result<Vec<Sampled>> {
    let mut sampling = Sampling {
        folders: FOLDERS_MAX,
        files: Vec::new(),
    };
    sampling.folder(root, "", 0)?;
    Ok(sampling.files)
}

struct Sampling {
    folders: usize,
    files: Vec<Sampled>,
}

impl Sampling {
    fn folder(&mut self, path: &Path, relative: &str, depth: usize) -> io::Result<()> {
        let Some(rest) = self.folders.checked_sub(1) else {
            return Ok(());
        };
        self.folders = rest;
        let (mut folders, mut files) = (Vec::new(), Vec::new());
        for entry in fs_err::read_dir(path)?.take(ENTRIES_MAX) {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(name),
                Ok(kind) if kind.is_file() => files.push(name),
                // Links and what is gone meanwhile.
                Ok(_) | Err(_) => {}
            }
        }
        files.sort_unstable();
        for name in some(&files, FILES_EACH) {
            let Ok(metadata) = fs_err::symlink_metadata(path.join(name)) else {
                continue;
            };
            self.files.push(Sampled {
                relative: format!("{relative}{name}"),
                written: Instant::from_s(std::os::unix::fs::MetadataExt::mtime(&metadata)),
            });
        }
        folders.sort_unstable();
        if depth + 1 < DEPTH_MAX {
            for name in some(&folders, FOLDERS_EACH) {
                let inner = format!("{relative}{name}/");
                // What cannot be read tells nothing; what can be, may be enough.
                let _unread = self.folder(&path.join(name), &inner, depth + 1).is_err();
            }
        }
        Ok(())
    }
}

/// The last half as they are, and the other half from all over the rest.
fn some(names: &[String], count: usize) -> impl Iterator<Item = &String> {
    let (rest, last) = names.split_at(names.len().saturating_sub(count / 2));
    let step = rest.len().div_ceil((count - count / 2).max(1)).max(1);
    rest.iter().step_by(step).chain(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_names_some_are_taken_the_newest_among_them() {
        let names: Vec<_> = (0..1_000).map(|name| format!("{name:04}")).collect();
        let taken: Vec<_> = some(&names, 12).map(String::as_str).collect();
        assert_eq!(taken.len(), 12);
        assert_eq!((taken[0], taken[11]), ("0000", "0999"));
        let few: Vec<_> = some(&names[..3], 12).collect();
        assert_eq!(few.len(), 3);
    }

    #[test]
    fn a_tree_of_folders_alone_ends() {
        let root = tempfile::tempdir().unwrap();
        for a in 0..8 {
            for b in 0..8 {
                fs_err::create_dir_all(root.path().join(format!("{a}/{b}/x/y"))).unwrap();
            }
        }
        assert_eq!(sample(root.path()).unwrap(), []);
    }
}
