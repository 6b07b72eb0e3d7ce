//! Everything that is held at this branch, one look after the other.
//!
//! Holds come and are released by the list of what is wanted; one that is in the list no more and
//! was not released is kept and verified on, because a list can be lost and footage cannot be made
//! again. It must not know how the list came here.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::clock::Clock;
use keepwatch_common::error_chain::chain;
use keepwatch_common::model::desired::DesiredSet;
use keepwatch_common::model::hold::{HoldKey, HoldStanding, HoldState, WantedHold};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::time::Instant;
use tracing::{info, warn};

use super::held::{Held, Round};
use super::journal::{self, EXTENSION, Journal, Record};
use super::manifest::{Manifest, Outlook};
use super::reading::Rest;
pub use super::source::Source;
use super::vault::Vault;

/// Segments listed at most, of all holds together: about two hundred bytes of memory each.
const SEGMENTS_MAX: usize = 60_000;

/// What the branch allows.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    /// Holds at most.
    pub count_max: usize,
    /// Between two walks for an interval that is over, in milliseconds.
    pub walk_ms: u64,
    /// Between two readings of everything, in milliseconds.
    pub verify_ms: i64,
    /// How long copies stay after a release, in milliseconds.
    pub release_grace_ms: i64,
}

/// See the module.
#[derive(Debug)]
pub struct Holder {
    folder: PathBuf,
    bounds: Bounds,
    pub(super) sources: BTreeMap<Name, Source>,
    pub(super) vault: Option<Vault>,
    pub(super) holds: BTreeMap<HoldKey, Held>,
    /// Wanted, and not taken on.
    refused: Vec<WantedHold>,
    /// Put away, and still in the list.
    archived: Vec<WantedHold>,
    told: BTreeMap<HoldKey, HoldState>,
}

/// Why nothing can be held.
#[derive(Debug, thiserror::Error)]
#[error("the lists of what is held cannot be used")]
pub struct HoldError(#[from] io::Error);

impl Holder {
    /// Opens all lists in a folder.
    pub fn open(
        folder: &Path,
        bounds: Bounds,
        sources: Vec<Source>,
        vault: Option<Vault>,
    ) -> Result<Self, HoldError> {
        fs_err::create_dir_all(folder)?;
        let mut holder = Self {
            folder: folder.to_owned(),
            bounds,
            sources: sources
                .into_iter()
                .map(|source| (source.name.clone(), source))
                .collect(),
            vault,
            holds: BTreeMap::new(),
            refused: Vec::new(),
            archived: Vec::new(),
            told: BTreeMap::new(),
        };
        for entry in fs_err::read_dir(folder)? {
            let path = entry?.path();
            let is_list = path.extension().is_some_and(|it| it == EXTENSION);
            let key = path.file_stem().and_then(|stem| stem.to_str());
            if let Some(key) = key.filter(|_| is_list).and_then(HoldKey::parse) {
                holder.reopen(key)?;
            }
        }
        Ok(holder)
    }

    fn reopen(&mut self, key: HoldKey) -> io::Result<()> {
        let (journal, lines) = Journal::open(&self.folder, key)?;
        if lines.damaged > 0 {
            warn!(hold = %key, lines = lines.damaged, "the disk lost part of a hold's list");
        }
        // Without its beginning it is begun anew, as soon as the list of what is wanted has it.
        if let Some(manifest) = Manifest::of(lines.records) {
            self.holds.insert(key, Held::new(key, manifest, journal));
        }
        Ok(())
    }

    /// Goes by another list of what is wanted.
    pub fn want(&mut self, wanted: &DesiredSet, now: Instant) -> Result<(), HoldError> {
        self.refused.clear();
        self.archived.clear();
        for hold in wanted.holds() {
            if let Some(held) = self.holds.get_mut(&hold.key) {
                if hold.released.is_some() && held.manifest.released.is_none() {
                    info!(hold = %hold.key, "released");
                    held.note(vec![Record::Released { at_ms: now.ms() }])?;
                }
            } else if hold.released.is_some() || journal::is_archived(&self.folder, hold.key) {
                self.archived.push(hold.clone());
            } else if self.holds.len() < self.bounds.count_max
                && self.sources.contains_key(&hold.camera.recorder)
            {
                self.begin(hold)?;
            } else {
                self.refused.push(hold.clone());
            }
        }
        Ok(())
    }

    fn begin(&mut self, wanted: &WantedHold) -> io::Result<()> {
        info!(hold = %wanted.key, recorder = %wanted.camera.recorder, "footage is to be held");
        let manifest = Manifest::new(wanted.camera.clone(), wanted.span);
        let (journal, _) = Journal::open(&self.folder, wanted.key)?;
        let mut held = Held::new(wanted.key, manifest, journal);
        let begun = held.manifest.begun();
        held.note(vec![begun])?;
        self.holds.insert(wanted.key, held);
        Ok(())
    }

    /// One look at everything. Breaks when the agent stops; what was done until then counts.
    pub fn look(
        &mut self,
        clock: &dyn Clock,
        rest: &mut dyn Rest,
    ) -> Result<ControlFlow<()>, HoldError> {
        let keys: Vec<_> = self.holds.keys().copied().collect();
        for key in keys {
            let listed: usize = self
                .holds
                .values()
                .map(|held| held.manifest.entries.len())
                .sum();
            let Some(held) = self.holds.get_mut(&key) else {
                continue;
            };
            if held.manifest.released.is_some() {
                continue;
            }
            let Some(source) = self.sources.get_mut(&held.manifest.camera.recorder) else {
                continue;
            };
            let round = Round {
                now: clock.now(),
                tick: clock.tick(),
                walk_ms: self.bounds.walk_ms,
                verify_ms: self.bounds.verify_ms,
                room: held.manifest.entries.len() + SEGMENTS_MAX.saturating_sub(listed),
            };
            if held.look(source, round, rest)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What changed since the last call.
    pub fn tell(&mut self, now: Instant) -> Vec<Body> {
        let mut states: Vec<HoldState> = self
            .holds
            .values()
            .map(|held| self.state(held, now))
            .collect();
        let bare = |wanted: &WantedHold, standing| HoldState {
            key: wanted.key,
            camera: wanted.camera.clone(),
            standing,
            segments: 0,
            bytes: 0,
            covered_ms: 0,
            copied: 0,
            gone: 0,
            changed: 0,
            verified: None,
            spans: Vec::new(),
        };
        let refused = self.refused.iter();
        states.extend(refused.map(|wanted| bare(wanted, HoldStanding::Refused)));
        let archived = self.archived.iter();
        states.extend(archived.map(|wanted| bare(wanted, HoldStanding::Released)));
        states.retain(|state| self.told.get(&state.key) != Some(state));
        let told = states.iter().map(|state| (state.key, state.clone()));
        self.told.extend(told);
        states.into_iter().map(Body::Hold).collect()
    }

    /// Everything counts as untold.
    #[cfg(test)]
    pub(super) fn forget_told(&mut self) {
        self.told.clear();
    }

    fn state(&self, held: &Held, now: Instant) -> HoldState {
        let source = self.sources.get(&held.manifest.camera.recorder);
        let outlook = match source {
            Some(source) => held.outlook(now, source.layout.nominal_ms(), self.vault.is_some()),
            // Its recorder is not configured any more: what was listed stands, and nothing follows.
            None => Outlook {
                is_growing: true,
                ..held.outlook(now, 0, self.vault.is_some())
            },
        };
        let overview = held.manifest.overview(outlook);
        HoldState {
            key: held.key,
            camera: held.manifest.camera.clone(),
            standing: overview.standing,
            segments: overview.segments,
            bytes: overview.bytes,
            covered_ms: overview.covered_ms,
            copied: overview.copied,
            gone: overview.gone,
            changed: overview.changed,
            verified: held.manifest.verified,
            spans: overview.spans,
        }
    }

    /// Puts away what was released long enough ago, with its copies.
    pub fn clear(&mut self, now: Instant) -> Result<(), HoldError> {
        let is_over = |held: &Held| {
            let released = held.manifest.released;
            released.is_some_and(|at| now.since(at) >= self.bounds.release_grace_ms)
        };
        let over: Vec<_> = self
            .holds
            .values()
            .filter(|h| is_over(h))
            .map(|h| h.key)
            .collect();
        for key in over {
            if let Some(vault) = &mut self.vault {
                if !vault.is_there() {
                    continue;
                }
                if let Err(error) = vault.remove(key) {
                    warn!(hold = %key, error = %chain(&error), "copies of a released hold are not removed yet");
                    continue;
                }
            }
            if let Some(held) = self.holds.remove(&key) {
                info!(hold = %key, "a released hold is put away");
                held.journal.archive()?;
            }
        }
        Ok(())
    }
}
