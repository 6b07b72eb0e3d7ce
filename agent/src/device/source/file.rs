//! One watched file: what it says now, told when that is not what was told last.
//!
//! Only regular files up to a limit are read, and no link is followed out of the file's folder. What was told last is remembered
//! as a hash and in memory only: after a start every file is told once. Nothing of the file is kept,
//! and an error never quotes it.

use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use keepwatch_common::error_chain::chain;
use keepwatch_common::limits::{DETAIL_BYTES_MAX, TREE_BYTES_MAX};
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::name::Name;
use keepwatch_common::model::tree::TreeError;
use keepwatch_common::model::watched::{Reading, WatchedFile};

use super::super::normalise::{CONFIG_BYTES_MAX, Format, NormaliseError, normalise};
use super::super::redact::Redactor;
use super::opening::{self, OpenRefusal};
use super::owner;
use crate::identity::crypto::sha256;

/// A file that is watched.
#[derive(Debug)]
pub struct Watched {
    name: Name,
    path: PathBuf,
    /// As configured, or as first guessed of a file that could be read so.
    format: Option<Format>,
    redactor: Redactor,
    mark: Option<Mark>,
    told: Option<Fingerprint>,
    /// The word of what was told last.
    word: &'static str,
}

/// What the file system tells of a file without opening it; nothing when it is not there.
type Mark = Option<(u64, u64, u64, i64, i64, i64, i64)>;

/// Why a file cannot be told. Its text travels to people.
#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("cannot be opened or read: {0}")]
    Io(io::ErrorKind),
    #[error(transparent)]
    Open(#[from] OpenRefusal),
    #[error("has {bytes} bytes, more than the {CONFIG_BYTES_MAX} that are read")]
    TooLarge { bytes: u64 },
    #[error(transparent)]
    Normalise(#[from] NormaliseError),
    #[error("is too large once its secrets are hashed")]
    Redact(#[from] TreeError),
    #[error("says more than {TREE_BYTES_MAX} bytes")]
    TooMuch,
}

impl Watched {
    /// A file that was not read yet; without a format it is guessed.
    pub fn new(name: Name, path: PathBuf, format: Option<Format>, redactor: Redactor) -> Self {
        Self {
            name,
            path,
            format,
            redactor,
            mark: None,
            told: None,
            word: "unread",
        }
    }

    /// Its name in the branch's words.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What was told of it last: `tree`, `missing`, `unreadable`, or `unread` before the first time.
    pub fn word(&self) -> &'static str {
        self.word
    }

    /// Reads it, unless the file system says that nothing changed and it need not be certain. What
    /// it says, when that is not what was told last.
    pub fn look(&mut self, be_certain: bool) -> Option<WatchedFile> {
        let mark = mark(&self.path);
        if !be_certain && self.mark == Some(mark) {
            return None;
        }
        let reading = self.read();
        // As it was before it was read: what changes meanwhile is looked at again.
        self.mark = Some(mark);
        let digest = digest(&reading);
        if self.told == Some(digest) {
            return None;
        }
        self.told = Some(digest);
        self.word = word(&reading);
        Some(WatchedFile {
            name: self.name.clone(),
            path: self.path.to_string_lossy().into_owned(),
            reading,
        })
    }

    fn read(&mut self) -> Reading {
        match self.tree() {
            Ok(Some((canonical, uid))) => Reading::Tree {
                canonical,
                owner: Some(owner::name(uid)),
            },
            Ok(None) => Reading::Missing,
            Err(error) => Reading::Unreadable {
                reason: bounded(chain(&error).to_string()),
            },
        }
    }

    fn tree(&mut self) -> Result<Option<(String, u32)>, Unreadable> {
        let Some((bytes, uid)) = bytes(&self.path)? else {
            return Ok(None);
        };
        let format = self
            .format
            .unwrap_or_else(|| Format::guess(&self.path, &bytes));
        let configuration = normalise(format, &bytes)?;
        // A file that is edited must not become one of another format.
        self.format = Some(format);
        let canonical = self.redactor.redact(&configuration)?.to_canonical_json();
        if canonical.len() > TREE_BYTES_MAX {
            return Err(Unreadable::TooMuch);
        }
        Ok(Some((canonical, uid)))
    }
}

/// The file's bytes and its owner; nothing when it is not there.
fn bytes(path: &Path) -> Result<Option<(Vec<u8>, u32)>, Unreadable> {
    let failed = |error: io::Error| Unreadable::Io(error.kind());
    let Some(opened) = opening::open(path)? else {
        return Ok(None);
    };
    let limit = u64::try_from(CONFIG_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    opened
        .file
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() > CONFIG_BYTES_MAX {
        let bytes = opened.bytes.max(limit + 1);
        return Err(Unreadable::TooLarge { bytes });
    }
    Ok(Some((bytes, opened.uid)))
}

/// Of the file that a link leads to, so that a link that is turned counts.
fn mark(path: &Path) -> Mark {
    let seen = fs_err::metadata(path).ok()?;
    Some((
        seen.dev(),
        seen.ino(),
        seen.len(),
        seen.mtime(),
        seen.mtime_nsec(),
        seen.ctime(),
        seen.ctime_nsec(),
    ))
}

/// Tells readings apart. The owner is told along and is no change by itself.
fn digest(reading: &Reading) -> Fingerprint {
    let said = match reading {
        Reading::Tree { canonical, .. } => canonical.as_str(),
        Reading::Missing => "",
        Reading::Unreadable { reason } => reason,
    };
    sha256(format!("{}\0{said}", word(reading)).as_bytes())
}

fn word(reading: &Reading) -> &'static str {
    match reading {
        Reading::Tree { .. } => "tree",
        Reading::Missing => "missing",
        Reading::Unreadable { .. } => "unreadable",
    }
}

fn bounded(mut reason: String) -> String {
    if reason.len() > DETAIL_BYTES_MAX {
        let end = (0..=DETAIL_BYTES_MAX)
            .rev()
            .find(|end| reason.is_char_boundary(*end));
        reason.truncate(end.unwrap_or(0));
    }
    reason
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;

    use super::super::super::redact::{RedactionKey, Rules};
    use super::*;

    fn watched(path: PathBuf) -> Watched {
        let redactor = Redactor::new(RedactionKey::draw(&Seeded::new(1)), Rules::default());
        Watched::new(Name::new("frigate").unwrap(), path, None, redactor)
    }

    fn folder() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.yml");
        (folder, path)
    }

    fn canonical(told: Option<WatchedFile>) -> String {
        match told.unwrap().reading {
            Reading::Tree { canonical, .. } => canonical,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_file_is_told_once_and_again_when_it_says_something_else() {
        let (_folder, path) = folder();
        fs_err::write(&path, "fps: 5\n").unwrap();
        let mut watched = watched(path.clone());
        assert_eq!(canonical(watched.look(false)), r#"{"fps":5}"#);
        assert_eq!(watched.look(true), None);
        fs_err::write(&path, "# a remark\nfps:   5\n").unwrap();
        assert_eq!(watched.look(true), None, "it says the same");
        fs_err::write(&path, "fps: 6\n").unwrap();
        assert_eq!(canonical(watched.look(true)), r#"{"fps":6}"#);
    }

    #[test]
    fn no_secret_of_a_file_is_told() {
        let (_folder, path) = folder();
        fs_err::write(&path, "password: hunter2\n").unwrap();
        let told = canonical(watched(path).look(true));
        assert!(
            !told.contains("hunter2") && told.contains("password"),
            "{told}"
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_missing_once() {
        let (folder, path) = folder();
        let mut watched = watched(path.clone());
        assert_eq!(watched.look(false).unwrap().reading, Reading::Missing);
        assert_eq!(watched.look(true), None);
        fs_err::write(&path, "a: 1").unwrap();
        assert!(watched.look(false).is_some());
        drop(folder);
        assert_eq!(watched.look(false).unwrap().reading, Reading::Missing);
    }

    #[test]
    fn what_is_no_file_or_no_configuration_is_unreadable_and_quotes_nothing() {
        let (folder, path) = folder();
        let said = |told: Option<WatchedFile>| match told.unwrap().reading {
            Reading::Unreadable { reason } => reason,
            other => panic!("{other:?}"),
        };
        let own = said(watched(folder.path().to_owned()).look(true));
        assert!(own.contains("no regular file"), "{own}");
        fs_err::write(&path, "password: [hunter2").unwrap();
        let broken = said(watched(path.clone()).look(true));
        assert!(!broken.contains("hunter2"), "{broken}");
        fs_err::write(&path, vec![b'a'; CONFIG_BYTES_MAX + 1]).unwrap();
        let large = said(watched(path).look(true));
        assert!(large.contains("1048577 bytes"), "{large}");
    }

    #[test]
    fn a_link_that_is_turned_counts_as_a_change() {
        let (folder, path) = folder();
        for (name, text) in [("one.yml", "a: 1"), ("other.yml", "a: 2")] {
            fs_err::write(folder.path().join(name), text).unwrap();
        }
        fs_err::os::unix::fs::symlink("one.yml", &path).unwrap();
        let mut watched = watched(path.clone());
        assert_eq!(canonical(watched.look(false)), r#"{"a":1}"#);
        let fresh = folder.path().join("fresh");
        fs_err::os::unix::fs::symlink("other.yml", &fresh).unwrap();
        fs_err::rename(&fresh, &path).unwrap();
        assert_eq!(canonical(watched.look(false)), r#"{"a":2}"#);
    }

    #[test]
    fn a_link_out_of_the_folder_is_unreadable_and_says_what_to_watch() {
        let (elsewhere, secret) = folder();
        fs_err::write(&secret, "root:$6$salt$abcdefgh:19000").unwrap();
        let (_folder, path) = folder();
        fs_err::os::unix::fs::symlink(&secret, &path).unwrap();
        let Reading::Unreadable { reason } = watched(path).look(true).unwrap().reading else {
            panic!("it was read");
        };
        let target = fs_err::canonicalize(elsewhere.path()).unwrap();
        assert!(reason.contains(&*target.to_string_lossy()), "{reason}");
        assert!(reason.contains("watch the target itself"), "{reason}");
    }
}
