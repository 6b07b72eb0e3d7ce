//! The machine as it shows itself in files, and the tools on it.
//!
//! Where the kernel's trees stand is an argument, so that a test can lay a machine out in a folder.
//! Every reading is bounded; nothing is written anywhere. It must not know what the files mean.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::tool::{Installed, Tools};

/// Longest file read, in bytes: `mountinfo` of a machine with thousands of containers.
const TEXT_BYTES_MAX: u64 = 1024 * 1024;

/// Entries of one folder looked at: a machine with several shelves of disks has some hundred.
const ENTRIES_MAX: usize = 1_024;

/// Where a machine shows itself.
#[derive(Debug, Clone)]
pub struct Machine {
    /// `/sys`.
    pub sys: PathBuf,
    /// `/proc`.
    pub proc: PathBuf,
    /// `/dev`.
    pub dev: PathBuf,
    /// `/etc`.
    pub etc: PathBuf,
    /// What can be run on it.
    pub tools: Arc<dyn Tools>,
}

/// Why a file could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is not there.
    Absent,
    /// The agent may not.
    NoRight,
    /// It is too long, no text, or the device answers with an error.
    Garbled,
}

impl Machine {
    /// The one this runs on.
    pub fn this() -> Self {
        Self::below(Path::new("/"), Arc::new(Installed::default()))
    }

    /// One whose trees stand below a folder.
    pub fn below(root: &Path, tools: Arc<dyn Tools>) -> Self {
        Self {
            sys: root.join("sys"),
            proc: root.join("proc"),
            dev: root.join("dev"),
            etc: root.join("etc"),
            tools,
        }
    }

    /// The path of a block device in the kernel's list of them.
    pub fn block(&self, device: &str) -> PathBuf {
        self.sys.join("class/block").join(device)
    }
}

/// A file's text without the blanks around it.
pub fn text(path: &Path) -> Result<String, Unread> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let file = fs_err::File::open(path)?;
        file.take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Unread::Absent,
        io::ErrorKind::PermissionDenied => Unread::NoRight,
        _ => Unread::Garbled,
    })?;
    if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > TEXT_BYTES_MAX {
        return Err(Unread::Garbled);
    }
    let text = String::from_utf8(bytes).map_err(|_| Unread::Garbled)?;
    Ok(text.trim().to_owned())
}

/// A file that holds one number, in tens or after `0x` in sixteens; what is beyond an `i64` is the
/// largest.
pub fn number(path: &Path) -> Result<i64, Unread> {
    parse_number(&text(path)?).ok_or(Unread::Garbled)
}

fn parse_number(text: &str) -> Option<i64> {
    let number = match text.strip_prefix("0x") {
        Some(hex) => u128::from_str_radix(hex, 16).ok()?,
        None => text.parse().ok()?,
    };
    Some(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The names in a folder in their order; none when it cannot be read.
pub fn names(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs_err::read_dir(folder) else {
        return Vec::new();
    };
    let entries = entries.take(ENTRIES_MAX).filter_map(Result::ok);
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect();
    names.sort();
    names
}

/// The last part of where a link leads; none when it leads nowhere.
pub fn leads_to(link: &Path) -> Option<String> {
    let target = fs_err::canonicalize(link).ok()?;
    target.file_name()?.to_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_read_as_the_kernel_writes_them() {
        assert_eq!(parse_number("0"), Some(0));
        assert_eq!(parse_number("0x1a"), Some(26));
        assert_eq!(parse_number("18446744073709551615"), Some(i64::MAX));
        assert_eq!(parse_number("none"), None);
    }

    #[test]
    fn what_is_not_there_or_no_text_says_which() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        assert_eq!(text(&file), Err(Unread::Absent));
        fs_err::write(&file, [0xff, 0xfe]).unwrap();
        assert_eq!(text(&file), Err(Unread::Garbled));
        fs_err::write(&file, " 12\n").unwrap();
        assert_eq!(number(&file), Ok(12));
        assert_eq!(text(folder.path()), Err(Unread::Garbled));
    }

    proptest! {
        #[test]
        fn no_text_breaks_a_number(text in ".{0,40}") {
            parse_number(&text);
        }
    }
}
