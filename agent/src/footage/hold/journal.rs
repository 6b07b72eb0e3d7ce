//! One hold's list on disk: what happened, line by line, each with its checksum.
//!
//! Lines are only ever added and are on disk when [`Journal::append`] returns, so a kill or a power
//! cut leaves at most a torn last line, which the next opening cuts off. A list of ten thousand
//! segments that grows every ten seconds is not written anew each time. It must not know what the
//! lines mean together.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use keepwatch_common::model::hold::HoldKey;
use serde::{Deserialize, Serialize};

use super::entry::{Fate, Listed};

/// How a list's file ends.
pub(super) const EXTENSION: &str = "hold";

/// Where lists of released holds go, below the folder of lists.
const ARCHIVE: &str = "released";

/// Largest list read, in bytes: all the segments that may be listed, with everything that can become
/// of them.
const BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Hexadecimal digits of the checksum before each line.
const CHECKSUM_DIGITS: usize = 8;

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Record {
    /// The hold was taken on.
    Begun {
        recorder: String,
        camera: String,
        from_ms: i64,
        to_ms: i64,
    },
    /// A segment is listed, first or anew.
    Listed(Listed),
    /// What became of one.
    Fate { path: String, fate: Fate },
    /// Whether the vault has a copy of one.
    Copied { path: String, copied: bool },
    /// Everything was read and compared.
    Verified { at_ms: i64 },
    /// It was released, by our clock.
    Released { at_ms: i64 },
}

/// A list that can be added to.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: fs_err::File,
    length: u64,
}

/// What a list says.
#[derive(Debug)]
pub(super) struct Lines {
    pub(super) records: Vec<Record>,
    /// Lines in its middle that say nothing any more: the disk lost them.
    pub(super) damaged: usize,
}

impl Journal {
    /// Opens or makes the list of a hold.
    pub(super) fn open(folder: &Path, key: HoldKey) -> io::Result<(Self, Lines)> {
        let path = folder.join(format!("{key}.{EXTENSION}"));
        let mut file = fs_err::OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)?;
        let (read, length) = read(&mut file)?;
        if file.metadata()?.len() > length {
            file.set_len(length)?;
        }
        file.sync_all()?;
        fs_err::File::open(folder)?.sync_all()?;
        let journal = Self { path, file, length };
        Ok((journal, read))
    }

    /// Adds lines; they are on disk when this returns, or none of them counts.
    pub(super) fn append(&mut self, records: &[Record]) -> io::Result<()> {
        if records.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        for record in records {
            let json = serde_json::to_string(record)?;
            let checksum = crc32c::crc32c(json.as_bytes());
            let line = format!("{checksum:08x} {json}\n");
            text.push_str(&line);
        }
        let written = self.write(text.as_bytes());
        if written.is_err() {
            // Half a line must not stand before the next one.
            self.file.set_len(self.length)?;
        }
        written
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.seek(SeekFrom::Start(self.length))?;
        self.file.write_all(bytes)?;
        self.file.sync_data()?;
        self.length += u64::try_from(bytes.len()).unwrap_or(0);
        Ok(())
    }

    /// Puts the list away: nothing is done for it any more.
    pub(super) fn archive(self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let archive = folder.join(ARCHIVE);
        fs_err::create_dir_all(&archive)?;
        let name = self.path.file_name().unwrap_or_default();
        fs_err::rename(&self.path, archive.join(name))?;
        fs_err::File::open(&archive)?.sync_all()?;
        fs_err::File::open(folder)?.sync_all()
    }
}

/// Whether a hold's list was put away.
pub(super) fn is_archived(folder: &Path, key: HoldKey) -> bool {
    folder
        .join(ARCHIVE)
        .join(format!("{key}.{EXTENSION}"))
        .exists()
}

/// Reads all lines, and up to where they are whole.
fn read(file: &mut fs_err::File) -> io::Result<(Lines, u64)> {
    let mut read = Lines {
        records: Vec::new(),
        damaged: 0,
    };
    let (mut at, mut whole) = (0, 0);
    // Damage that nothing whole follows is a torn end.
    let mut doubtful = 0;
    let mut lines = BufReader::new(file.take(BYTES_MAX));
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = lines.read_until(b'\n', &mut line)?;
        if count == 0 {
            break;
        }
        at += u64::try_from(count).unwrap_or(0);
        match record(&line) {
            Some(record) => {
                read.records.push(record);
                read.damaged += std::mem::take(&mut doubtful);
                whole = at;
            }
            None => doubtful += 1,
        }
    }
    Ok((read, whole))
}

fn record(line: &[u8]) -> Option<Record> {
    let text = std::str::from_utf8(line).ok()?.strip_suffix('\n')?;
    let (checksum, json) = text.split_at_checked(CHECKSUM_DIGITS)?;
    let json = json.strip_prefix(' ')?;
    let is_whole = u32::from_str_radix(checksum, 16).ok()? == crc32c::crc32c(json.as_bytes());
    is_whole.then(|| serde_json::from_str(json).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: HoldKey = HoldKey(Uuid::from_u128(7));

    fn verified(at_ms: i64) -> Record {
        Record::Verified { at_ms }
    }

    #[test]
    fn a_list_cut_anywhere_has_all_whole_lines_before_the_cut_and_goes_on() {
        let scratch = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(scratch.path(), KEY).unwrap();
        journal.append(&[verified(1), verified(2)]).unwrap();
        journal.append(&[verified(3)]).unwrap();
        let path = journal.path.clone();
        let whole = fs_err::read(&path).unwrap();
        for cut in 0..=whole.len() {
            fs_err::write(&path, &whole[..cut]).unwrap();
            let lines = whole[..cut].split(|byte| *byte == b'\n').count() - 1;
            let (mut journal, read) = Journal::open(scratch.path(), KEY).unwrap();
            assert_eq!(
                (read.records.len(), read.damaged),
                (lines, 0),
                "cut at {cut}"
            );
            journal.append(&[verified(9)]).unwrap();
            let (_, read) = Journal::open(scratch.path(), KEY).unwrap();
            assert_eq!(read.records.len(), lines + 1);
            assert_eq!(read.records.last(), Some(&verified(9)));
        }
    }

    #[test]
    fn a_line_that_the_disk_lost_is_counted_and_spoils_no_other() {
        let scratch = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(scratch.path(), KEY).unwrap();
        journal
            .append(&[verified(1), verified(2), verified(3)])
            .unwrap();
        let mut bytes = fs_err::read(&journal.path).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        fs_err::write(&journal.path, &bytes).unwrap();
        let (_, read) = Journal::open(scratch.path(), KEY).unwrap();
        assert_eq!(read.records, [verified(1), verified(3)]);
        assert_eq!(read.damaged, 1);
    }

    #[test]
    fn an_archived_list_is_out_of_the_way_and_kept() {
        let scratch = tempfile::tempdir().unwrap();
        let (journal, _) = Journal::open(scratch.path(), KEY).unwrap();
        assert!(!is_archived(scratch.path(), KEY));
        journal.archive().unwrap();
        assert!(is_archived(scratch.path(), KEY));
    }
}
