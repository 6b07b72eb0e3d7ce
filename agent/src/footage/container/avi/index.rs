//! The index behind the frames of the first RIFF: entries of sixteen bytes.
//!
//! It must not know what a stream is but its number.

use crate::footage::container::column::{Column, Pane, Table};
use crate::footage::container::detail::Flaw;
use crate::footage::container::reader::{Reader, Step, View};

use super::chunk::{Chunk, HEAD_BYTES, four, le32};

/// Most entries that are read: a day of video at twenty a second, and sound.
const ENTRIES_MAX: u64 = 4 * 1024 * 1024;

/// Entries that are followed to the frame they name; the same ones at every check.
const FOLLOWED: u64 = 8;

/// Bytes of an entry.
const ENTRY_BYTES: u64 = 16;

/// Set when the frame needs no other.
const KEY: u32 = 0x10;

/// An entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) name: [u8; 4],
    pub(super) key: bool,
    /// Where its chunk begins, and the size of its body.
    pub(super) at: u64,
    pub(super) len: u64,
}

/// The index of the frames in one list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Index {
    table: Table,
    /// What offsets are counted from.
    base: u64,
    /// Where the frames end.
    end: u64,
}

impl Index {
    /// The index in this chunk, of the frames in `movi`; `None` when it is empty.
    pub(super) fn read(reader: &mut Reader<'_>, idx1: &Chunk, movi: &Chunk) -> Step<Option<Self>> {
        let count = (idx1.end.saturating_sub(idx1.body) / ENTRY_BYTES).min(ENTRIES_MAX);
        let table = Table {
            at: idx1.body,
            count,
            width: 16,
        };
        if count == 0 {
            return Ok(None);
        }
        let mut index = Self {
            table,
            base: movi.body - 4,
            end: movi.end,
        };
        let first = entry(index.base, reader.bytes(idx1.body, 16)?);
        // Some writers count from the start of the file.
        if !index.holds(reader, &first)? {
            index.base = 0;
        }
        Ok(Some(index))
    }

    /// Checks that all entries are within the frames, and that some lead to what they name; how many
    /// are of frames that `leads` knows by their names, and not empty.
    pub(super) fn check(
        &self,
        reader: &mut Reader<'_>,
        pane: &mut Pane,
        leads: impl Fn([u8; 4]) -> bool,
    ) -> Step<u64> {
        let (mut number, mut astray, mut frames) = (0, None, 0);
        let every = (self.table.count / FOLLOWED).max(1);
        let mut followed = Vec::new();
        let phase = reader.size() % every;
        self.each(reader.view(), pane, |entry| {
            let within = entry.at.saturating_add(HEAD_BYTES + entry.len) <= self.end;
            if !within && astray.is_none() {
                astray = Some(self.table.at + number * ENTRY_BYTES);
            }
            if number % every == phase {
                followed.push((number, entry));
            }
            number += 1;
            frames += u64::from(entry.len > 0 && leads(entry.name));
        })?;
        if let Some(at) = astray {
            return Err(Flaw::IndexAstray { at }.into());
        }
        for (number, entry) in followed {
            if !self.holds(reader, &entry)? {
                let at = self.table.at + number * ENTRY_BYTES;
                return Err(Flaw::IndexAstray { at }.into());
            }
        }
        Ok(frames)
    }

    /// Shows every entry.
    pub(super) fn each(
        &self,
        view: View<'_>,
        pane: &mut Pane,
        mut look: impl FnMut(Entry),
    ) -> Step<()> {
        let mut column = Column::new(view, self.table, pane);
        let mut number = 0;
        while number < self.table.count {
            let (block, _) = column.from(number)?.as_chunks::<16>();
            if block.is_empty() {
                break;
            }
            number += u64::try_from(block.len()).unwrap_or(1);
            block.iter().for_each(|bytes| look(entry(self.base, bytes)));
        }
        Ok(())
    }

    /// Whether the chunk that an entry names is where it says.
    fn holds(&self, reader: &mut Reader<'_>, entry: &Entry) -> Step<bool> {
        if entry.at.saturating_add(HEAD_BYTES) > self.end.min(reader.size()) {
            return Ok(false);
        }
        let head = reader.bytes(entry.at, 8)?;
        Ok(four(head, 0) == entry.name && u64::from(le32(head, 4)) == entry.len)
    }
}

fn entry(base: u64, bytes: &[u8]) -> Entry {
    Entry {
        name: four(bytes, 0),
        key: le32(bytes, 4) & KEY != 0,
        at: base.saturating_add(u64::from(le32(bytes, 8))),
        len: u64::from(le32(bytes, 12)),
    }
}
