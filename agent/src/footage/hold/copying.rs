//! Copies of everything that is held into the vault, what the recorder would delete first first.
//!
//! Only what is whole at the recorder is copied; what turned out otherwise while it was copied is
//! looked at again. It must not know why something is held.

use std::io;
use std::ops::ControlFlow;

use keepwatch_common::error_chain::chain;
use keepwatch_common::model::hold::HoldKey;
use tracing::warn;

use super::entry::{Entry, Fate, Listed};
use super::holder::{HoldError, Holder};
use super::journal::Record;
use super::reading::{ReadError, Rest};
use super::vault::Copied;

impl Holder {
    /// Copies what is not copied, oldest first, and looks at the copies of what is gone. Breaks when
    /// the agent stops.
    pub fn copy(&mut self, rest: &mut dyn Rest) -> Result<ControlFlow<()>, HoldError> {
        if !self
            .vault
            .as_mut()
            .is_some_and(super::vault::Vault::is_there)
        {
            return Ok(ControlFlow::Continue(()));
        }
        if self.inspect(rest)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
        let mut order: Vec<(i64, HoldKey, String)> = Vec::new();
        for held in self
            .holds
            .values()
            .filter(|h| h.manifest.released.is_none())
        {
            let wanted = held.manifest.entries.values();
            let wanted = wanted.filter(|entry| !entry.copied && entry.fate == Fate::Whole);
            order.extend(wanted.map(|e| (e.listed.start_ms, held.key, e.listed.path.clone())));
        }
        order.sort();
        let mut used = self.used();
        for held in self.holds.values_mut() {
            held.vault_is_full = false;
        }
        for (_, key, path) in order {
            if rest.is_enough() {
                break;
            }
            match self.copy_one(key, &path, used, rest)? {
                ControlFlow::Continue(bytes) => used += bytes,
                ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Bytes in the vault, those of released holds among them.
    fn used(&self) -> u64 {
        let entries = self
            .holds
            .values()
            .flat_map(|h| h.manifest.entries.values());
        let copied = entries.filter(|entry| entry.copied);
        copied.map(|entry| entry.listed.bytes).sum()
    }

    /// Copies one segment; the bytes that the vault grew by.
    fn copy_one(
        &mut self,
        key: HoldKey,
        path: &str,
        used: u64,
        rest: &mut dyn Rest,
    ) -> io::Result<ControlFlow<(), u64>> {
        let (Some(vault), Some(held)) = (&self.vault, self.holds.get_mut(&key)) else {
            return Ok(ControlFlow::Continue(0));
        };
        let Some(source) = self.sources.get_mut(&held.manifest.camera.recorder) else {
            return Ok(ControlFlow::Continue(0));
        };
        let Some(listed) = held
            .manifest
            .entries
            .get(path)
            .map(|entry| entry.listed.clone())
        else {
            return Ok(ControlFlow::Continue(0));
        };
        if !source.is_there() {
            return Ok(ControlFlow::Continue(0));
        }
        let from = source.root().join(path);
        match vault.copy((key, &listed), &from, used, rest) {
            Ok(Copied::Done) => {
                held.note(vec![copied(&listed, true)])?;
                return Ok(ControlFlow::Continue(listed.bytes));
            }
            Ok(Copied::NoRoom) => held.vault_is_full = true,
            // The next look finds out what became of it.
            Ok(Copied::Gone | Copied::Differs) => {
                held.suspects.insert(path.to_owned());
            }
            Err(ReadError::Stopped) => return Ok(ControlFlow::Break(())),
            Err(error) => {
                warn!(hold = %key, error = %chain(&error), "a held segment is not copied yet");
            }
        }
        Ok(ControlFlow::Continue(0))
    }

    /// A copy stands in for what is gone or changed only when it is whole itself: it is read once
    /// then, and with everything else on schedule.
    fn inspect(&mut self, rest: &mut dyn Rest) -> io::Result<ControlFlow<()>> {
        let Some(vault) = &self.vault else {
            return Ok(ControlFlow::Continue(()));
        };
        for held in self.holds.values_mut() {
            let due = |entry: &&Entry| entry.copied && entry.fate != Fate::Whole;
            let entries = held.manifest.entries.values().filter(due);
            let unseen = entries.filter(|entry| !held.inspected.contains(&entry.listed.path));
            let unseen: Vec<Listed> = unseen.map(|entry| entry.listed.clone()).collect();
            for listed in unseen {
                match vault.has(held.key, &listed, rest) {
                    Ok(true) => {}
                    Ok(false) => held.note(vec![copied(&listed, false)])?,
                    Err(ReadError::Stopped) => return Ok(ControlFlow::Break(())),
                    Err(error) => {
                        warn!(hold = %held.key, error = %chain(&error), "a copy cannot be read");
                        continue;
                    }
                }
                held.inspected.insert(listed.path);
            }
        }
        Ok(ControlFlow::Continue(()))
    }
}

fn copied(listed: &Listed, copied: bool) -> Record {
    Record::Copied {
        path: listed.path.clone(),
        copied,
    }
}
