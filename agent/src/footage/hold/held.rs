//! One hold at work: its list, and what a look at it takes.
//!
//! Storage that is not there changes nothing. What is on disk is written down before it counts. It
//! must not know the vault, nor other holds.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::ops::ControlFlow;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use keepwatch_common::clock::Tick;
use keepwatch_common::model::hold::HoldKey;
use keepwatch_common::time::{Instant, SECOND_MS};

use super::journal::{Journal, Record};
use super::manifest::{Manifest, Outlook};
use super::reading::Rest;
use super::source::Source;
use crate::footage::book::Extent;

/// A file that was not written for so long is finished, in milliseconds; a younger one is when two
/// looks saw the same.
pub(super) const SETTLED_MS: i64 = 60 * SECOND_MS;

/// A segment that a walk saw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    pub(super) start: Instant,
    pub(super) end: Option<Instant>,
    pub(super) is_open: bool,
    pub(super) extent: Extent,
    pub(super) bytes: u64,
    pub(super) written: Instant,
}

/// See the module.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) key: HoldKey,
    pub(super) manifest: Manifest,
    pub(super) journal: Journal,
    /// No more can be listed.
    pub(super) list_is_full: bool,
    /// Something was not copied for want of room.
    pub(super) vault_is_full: bool,
    /// Seen and not listed, and whether two looks saw the same.
    pub(super) waiting: BTreeMap<String, (Candidate, bool)>,
    /// Seen, and outside the interval after all.
    pub(super) outside: BTreeMap<String, Candidate>,
    pub(super) walk_due: Tick,
    /// The last walk saw every place and every segment.
    pub(super) has_walked_all: bool,
    /// The last entry whose size and time were compared.
    pub(super) compared: String,
    /// Entries whose bytes have to be read to know what became of them.
    pub(super) suspects: BTreeSet<String>,
    /// Size and time of those whose bytes were read and are others.
    pub(super) judged: BTreeMap<String, (u64, i64)>,
    /// Entries whose copies were read since they are gone or changed.
    pub(super) inspected: BTreeSet<String>,
    /// The last entry that the reading of everything came to.
    pub(super) verifying: Option<String>,
}

/// When it is, and how far to go.
#[derive(Debug, Clone, Copy)]
pub(super) struct Round {
    pub(super) now: Instant,
    pub(super) tick: Tick,
    /// Between two walks of an interval that is over, in milliseconds.
    pub(super) walk_ms: u64,
    /// Between two readings of everything, in milliseconds.
    pub(super) verify_ms: i64,
    /// Segments that may be listed, of this hold.
    pub(super) room: usize,
}

impl Held {
    pub(super) fn new(key: HoldKey, manifest: Manifest, journal: Journal) -> Self {
        Self {
            key,
            manifest,
            journal,
            list_is_full: false,
            vault_is_full: false,
            waiting: BTreeMap::new(),
            outside: BTreeMap::new(),
            walk_due: Tick(0),
            has_walked_all: false,
            compared: String::new(),
            suspects: BTreeSet::new(),
            judged: BTreeMap::new(),
            inspected: BTreeSet::new(),
            verifying: None,
        }
    }

    /// Writes down what happened, and goes by it.
    pub(super) fn note(&mut self, records: Vec<Record>) -> io::Result<()> {
        self.journal.append(&records)?;
        for record in records {
            self.manifest.apply(record);
        }
        Ok(())
    }

    /// How it stands beside its list.
    pub(super) fn outlook(&self, now: Instant, nominal_ms: i64, has_vault: bool) -> Outlook {
        let is_over = now >= self.manifest.span.end() + nominal_ms;
        Outlook {
            is_growing: !self.has_walked_all || !self.waiting.is_empty() || !is_over,
            is_full: self.list_is_full || self.vault_is_full,
            has_vault,
            nominal_ms,
        }
    }

    /// One look: compares, finds, lists and reads again what is due. Breaks when the agent stops.
    pub(super) fn look(
        &mut self,
        source: &mut Source,
        round: Round,
        rest: &mut dyn Rest,
    ) -> io::Result<ControlFlow<()>> {
        if !source.is_there() {
            return Ok(ControlFlow::Continue(()));
        }
        let root = source.root();
        self.compare(&root, source)?;
        let is_over = round.now > self.manifest.span.end() + 2 * SETTLED_MS;
        if round.tick >= self.walk_due || !is_over || !self.waiting.is_empty() {
            self.find(&root, source);
            self.walk_due = round.tick.after(round.walk_ms);
        }
        if self.list(&root, source, round, rest)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        self.verify(&root, source, round, rest)
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// A file of this size, written last in this second.
    File(u64, i64),
    /// Nothing.
    Gone,
    /// Nobody knows.
    Unseen,
}

pub(super) fn seen(path: &Path) -> Seen {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) => Seen::File(metadata.len(), metadata.mtime()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Seen::Gone,
        Err(_) => Seen::Unseen,
    }
}
