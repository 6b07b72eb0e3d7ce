//! The files of the repository, read once: texts with their content, the rest by name.
//!
//! Samples in tests are made from pairs of path and text, so that no check needs a disk.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

/// Folders that hold no source of ours: what is built, and the history.
const SKIPPED: [&str; 2] = ["target", ".git"];

/// Largest file read as text, in bytes. Ours end at a few tens of kilobytes; a word list or a font
/// is not prose and not code.
const TEXT_BYTES_MAX: u64 = 1 << 20;

/// Paths are relative to the repository's root and separated by `/`.
#[derive(Debug, Default)]
pub struct Repository {
    texts: BTreeMap<String, String>,
    names: BTreeSet<String>,
}

impl Repository {
    /// Reads everything below a root.
    pub fn read(root: &Path) -> io::Result<Self> {
        let mut repository = Self::default();
        repository.read_folder(root, "")?;
        Ok(repository)
    }

    /// A sample: paths and their texts.
    pub fn sample<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut repository = Self::default();
        for (path, text) in files {
            repository.names.insert(path.to_owned());
            repository.texts.insert(path.to_owned(), text.to_owned());
        }
        repository
    }

    /// All texts in order of path.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// The Rust files in order of path.
    pub fn rust(&self) -> impl Iterator<Item = (&str, &str)> {
        self.texts().filter(|(path, _)| is_rust(path))
    }

    /// The text of one file.
    pub fn text(&self, path: &str) -> Option<&str> {
        self.texts.get(path).map(String::as_str)
    }

    /// Whether a file, or a folder with a file in it, has this path.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        let folder = format!("{path}/");
        self.names.contains(path) || self.folder(&folder).next().is_some()
    }

    /// The files below a folder; its path ends in `/`.
    pub fn folder<'s>(&'s self, folder: &'s str) -> impl Iterator<Item = &'s str> {
        self.names
            .range(folder.to_owned()..)
            .map(String::as_str)
            .take_while(move |name| name.starts_with(folder))
    }

    fn read_folder(&mut self, folder: &Path, prefix: &str) -> io::Result<()> {
        for entry in fs_err::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if SKIPPED.contains(&name.as_str()) {
                continue;
            }
            let path = format!("{prefix}{name}");
            if entry.file_type()?.is_dir() {
                self.read_folder(&entry.path(), &format!("{path}/"))?;
                continue;
            }
            if entry.metadata()?.len() <= TEXT_BYTES_MAX
                && let Ok(text) = String::from_utf8(fs_err::read(entry.path())?)
            {
                self.texts.insert(path.clone(), text);
            }
            self.names.insert(path);
        }
        Ok(())
    }
}

/// Whether a path is that of a Rust file.
fn is_rust(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|extension| extension == "rs")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_exist_through_their_files() {
        let sample = Repository::sample([("a/b/c.rs", ""), ("a/bb.rs", "")]);
        assert!(sample.exists("a/b") && sample.exists("a/b/") && sample.exists("a/b/c.rs"));
        assert!(!sample.exists("a/c") && !sample.exists("b/c.rs"));
        assert_eq!(sample.folder("a/b/").collect::<Vec<_>>(), ["a/b/c.rs"]);
    }

    #[test]
    fn what_is_built_and_what_is_no_text_is_not_read() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::create_dir(folder.path().join("target")).unwrap();
        fs_err::write(folder.path().join("target/built.rs"), "").unwrap();
        fs_err::write(folder.path().join("picture"), [0xff, 0xfe, 0x00]).unwrap();
        fs_err::write(folder.path().join("kept.rs"), "//! Kept.").unwrap();
        let read = Repository::read(folder.path()).unwrap();
        assert_eq!(read.texts().collect::<Vec<_>>(), [("kept.rs", "//! Kept.")]);
        assert!(read.exists("picture") && !read.exists("target"));
    }
}
