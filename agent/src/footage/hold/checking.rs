//! Whether what is listed is still there and as it was.
//!
//! Sizes and times are compared in every look, bytes when those differ and on a schedule. A segment
//! is gone only where its storage is there.

use std::io;
use std::ops::{Bound, ControlFlow};
use std::path::Path;

use keepwatch_common::error_chain::chain;
use tracing::{error, warn};

use super::entry::{Entry, Fate, Listed};
use super::held::{Held, Round, Seen, seen};
use super::journal::Record;
use super::reading::{ReadError, Rest, digest};
use super::source::Source;

/// Entries whose size and time are compared in one look.
const COMPARED_MAX: usize = 4_000;

impl Held {
    /// Compares sizes and times of some entries with what they were.
    pub(super) fn compare(&mut self, root: &Path, source: &mut Source) -> io::Result<()> {
        let mut records = Vec::new();
        let after = std::mem::take(&mut self.compared);
        let mut count = 0;
        for (path, entry) in after_path(&self.manifest.entries, &after).take(COMPARED_MAX) {
            count += 1;
            self.compared.clone_from(path);
            let seen = seen(&root.join(path));
            match verdict(entry, seen, self.judged.get(path)) {
                Some(fate) if fate != entry.fate => {
                    let path = path.clone();
                    records.push(Record::Fate { path, fate });
                }
                Some(_) => {}
                None => {
                    self.suspects.insert(path.clone());
                }
            }
        }
        if count < COMPARED_MAX {
            self.compared.clear();
        }
        if records.is_empty() || !source.is_there() {
            return Ok(());
        }
        self.tell_of(&records);
        self.note(records)
    }

    /// Reads what is suspect, and everything when it is time, until the agent stops.
    pub(super) fn verify(
        &mut self,
        root: &Path,
        source: &mut Source,
        round: Round,
        rest: &mut dyn Rest,
    ) -> io::Result<ControlFlow<()>> {
        while !rest.is_enough()
            && let Some(path) = self.suspects.pop_first()
        {
            if self.reread(root, &path, source, rest)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        let at_ms = round.now.ms();
        match self.manifest.verified {
            // Whatever is listed was read a moment ago.
            None if self.has_walked_all && self.waiting.is_empty() => {
                self.note(vec![Record::Verified { at_ms }])?;
            }
            Some(verified) if round.now.since(verified) >= round.verify_ms => {
                self.verifying.get_or_insert_default();
            }
            _ => {}
        }
        while !rest.is_enough()
            && let Some(after) = self.verifying.clone()
        {
            let next = after_path(&self.manifest.entries, &after).next();
            let Some(path) = next.map(|(path, _)| path.clone()) else {
                self.verifying = None;
                self.inspected.clear();
                self.note(vec![Record::Verified { at_ms }])?;
                break;
            };
            if self.reread(root, &path, source, rest)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            self.verifying = Some(path);
        }
        Ok(ControlFlow::Continue(()))
    }

    fn reread(
        &mut self,
        root: &Path,
        path: &str,
        source: &mut Source,
        rest: &mut dyn Rest,
    ) -> io::Result<ControlFlow<()>> {
        let Some(entry) = self.manifest.entries.get(path).cloned() else {
            return Ok(ControlFlow::Continue(()));
        };
        let file = root.join(path);
        let before = seen(&file);
        let fate = match digest(&file, None, rest) {
            Ok(read) if read.blake3 == entry.listed.blake3 => Fate::Whole,
            Ok(_) => Fate::Changed,
            Err(ReadError::Stopped) => return Ok(ControlFlow::Break(())),
            Err(error) if error.is_gone() => Fate::Gone,
            Err(error) => {
                warn!(hold = %self.key, error = %chain(&error), "held footage cannot be read");
                return Ok(ControlFlow::Continue(()));
            }
        };
        if !source.is_there() {
            return Ok(ControlFlow::Continue(()));
        }
        self.read_again(path, &entry, (fate, before))?;
        Ok(ControlFlow::Continue(()))
    }

    fn read_again(
        &mut self,
        path: &str,
        entry: &Entry,
        (fate, seen): (Fate, Seen),
    ) -> io::Result<()> {
        self.judged.remove(path);
        if let (Fate::Changed, Seen::File(bytes, written_s)) = (fate, seen) {
            self.judged.insert(path.to_owned(), (bytes, written_s));
        }
        let mut records = Vec::new();
        if let (Fate::Whole, Seen::File(_, written_s)) = (fate, seen)
            && written_s != entry.listed.written_s
        {
            // Touched and not changed: it is not read again for that.
            records.push(Record::Listed(Listed {
                written_s,
                ..entry.listed.clone()
            }));
        }
        if fate != entry.fate {
            let path = path.to_owned();
            records.push(Record::Fate { path, fate });
        }
        self.tell_of(&records);
        self.note(records)
    }

    fn tell_of(&self, records: &[Record]) {
        let recorder = &self.manifest.camera.recorder;
        for record in records {
            if let Record::Fate { path, fate } = record
                && *fate != Fate::Whole
            {
                let path = path.escape_debug();
                error!(hold = %self.key, %recorder, %path, ?fate, "held footage is not what it was");
            }
        }
    }
}

/// What size and time say; nothing when only the bytes can tell.
fn verdict(entry: &Entry, seen: Seen, judged: Option<&(u64, i64)>) -> Option<Fate> {
    match seen {
        Seen::Gone => Some(Fate::Gone),
        Seen::Unseen => Some(entry.fate),
        Seen::File(bytes, _) if bytes != entry.listed.bytes => Some(Fate::Changed),
        // It was read, and is another.
        Seen::File(bytes, written_s) if judged == Some(&(bytes, written_s)) => Some(entry.fate),
        Seen::File(_, written_s) => {
            let is_same = written_s == entry.listed.written_s && entry.fate == Fate::Whole;
            is_same.then_some(Fate::Whole)
        }
    }
}

/// The entries after a path.
fn after_path<'a>(
    entries: &'a std::collections::BTreeMap<String, Entry>,
    after: &str,
) -> impl Iterator<Item = (&'a String, &'a Entry)> {
    entries.range::<str, _>((Bound::Excluded(after), Bound::Unbounded))
}
