//! What of a camera's footage belongs to a hold, and is not listed yet.
//!
//! A segment is listed once it is finished: its structure says so, and nobody writes it any more. The
//! list has its digest from then on. It must not know what becomes of a listed one.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::error_chain::chain;
use keepwatch_common::interval::Interval;
use keepwatch_common::model::segment::SegmentState;
use tracing::warn;

use super::entry::Listed;
use super::held::{Candidate, Held, Round, SETTLED_MS, Seen, seen};
use super::journal::Record;
use super::reading::{ReadError, Rest, digest};
use super::source::Source;
use super::within::Within;
use crate::footage::book::Extent;
use crate::footage::file::FileReader;
use crate::footage::found::{Found, Met};
use crate::footage::layout::Told;
use crate::footage::walk::walk;

/// Segments of one hold that wait to be listed at once; the next walk finds the others.
const FOUND_MAX: usize = 10_000;

impl Held {
    /// Walks the interval and remembers what is not listed.
    pub(super) fn find(&mut self, root: &Path, source: &Source) {
        let camera = self.manifest.camera.camera.as_str();
        let within = Within::new(source.layout.as_ref(), camera, self.manifest.span);
        let told = source.layout.about().told;
        let (mut found_all, mut waiting) = (true, BTreeMap::new());
        let walked = walk(root, &within, &mut |met| {
            match met {
                // A piece of a file that others share cannot be kept by itself: the hold stays
                // unfinished, and says so.
                Met::Segment(found) if matches!(found.extent, Extent::Part(_)) => {
                    found_all &= found.camera != camera;
                }
                Met::Segment(found) if found.camera == camera && self.is_new(&found, told) => {
                    if waiting.len() == FOUND_MAX {
                        found_all = false;
                        return ControlFlow::Break(());
                    }
                    let seen = candidate(&found);
                    let known = self.waiting.get(found.relative);
                    let is_same = known.is_some_and(|(known, _)| *known == seen);
                    waiting.insert(found.relative.to_owned(), (seen, is_same));
                }
                Met::Unseen { .. } => found_all = false,
                Met::Segment(_) | Met::Progress { .. } => {}
            }
            ControlFlow::Continue(())
        });
        if let Err(unseen) = walked {
            warn!(hold = %self.key, error = %chain(&unseen), "its footage cannot be seen");
            found_all = false;
        }
        self.waiting = waiting;
        self.has_walked_all = found_all;
    }

    fn is_new(&self, found: &Found<'_>, told: Told) -> bool {
        // What is filed under its last write may begin inside.
        (told == Told::Writing || found.start < self.manifest.span.end())
            && !self.manifest.entries.contains_key(found.relative)
            && self.outside.get(found.relative) != Some(&candidate(found))
    }

    /// Lists what waits, oldest first.
    pub(super) fn list(
        &mut self,
        root: &Path,
        source: &Source,
        round: Round,
        rest: &mut dyn Rest,
    ) -> io::Result<ControlFlow<()>> {
        let mut order: Vec<_> = self
            .waiting
            .iter()
            .map(|(path, (seen, _))| (seen.start, path.clone()))
            .collect();
        order.sort();
        self.list_is_full = false;
        for (_, path) in order {
            if rest.is_enough() {
                break;
            }
            let Some((candidate, seen_twice)) = self.waiting.get(&path).cloned() else {
                continue;
            };
            if !seen_twice && round.now.since(candidate.written) < SETTLED_MS {
                continue;
            }
            if self.manifest.entries.len() >= round.room {
                self.list_is_full = true;
                break;
            }
            let found = (path.as_str(), root.join(&path), &candidate);
            match self.read(found, source, rest) {
                Ok(Some(listed)) => {
                    self.waiting.remove(&path);
                    self.note(vec![Record::Listed(listed)])?;
                }
                Ok(None) => {
                    // Still open, or outside: the next walk sees it again when it changed.
                    if self.outside.contains_key(&path) {
                        self.waiting.remove(&path);
                    }
                }
                Err(ReadError::Stopped) => return Ok(ControlFlow::Break(())),
                Err(error) if error.is_gone() => {
                    self.waiting.remove(&path);
                }
                Err(error) => {
                    warn!(hold = %self.key, error = %chain(&error), "footage cannot be listed yet");
                }
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// What a segment is, when it is finished and touches the interval.
    fn read(
        &mut self,
        (path, file, candidate): (&str, PathBuf, &Candidate),
        source: &Source,
        rest: &mut dyn Rest,
    ) -> Result<Option<Listed>, ReadError> {
        let found = Found {
            camera: self.manifest.camera.camera.as_str(),
            start: candidate.start,
            end: candidate.end,
            is_open: candidate.is_open,
            relative: path,
            path: &file,
            extent: candidate.extent.clone(),
            bytes: candidate.bytes,
            written: candidate.written,
        };
        let told = source.layout.about().told;
        let checked = FileReader::new(true, told).check(&found);
        let unread = (SegmentState::Sealed, candidate.start, None);
        let (state, start, duration_ms) = checked.map_or(unread, |checked| {
            (checked.state, checked.start, checked.duration_ms)
        });
        if state == SegmentState::Open {
            return Ok(None);
        }
        let nominal_ms = source.layout.nominal_ms();
        let end = start + duration_ms.unwrap_or(nominal_ms).max(1);
        let span = Interval::new(start, end);
        if span
            .and_then(|span| span.intersection(self.manifest.span))
            .is_none()
        {
            if self.outside.len() < FOUND_MAX {
                self.outside.insert(path.to_owned(), candidate.clone());
            }
            return Ok(None);
        }
        let before = seen(&file);
        let read = digest(&file, None, rest)?;
        match (before, seen(&file)) {
            (Seen::File(bytes, written_s), after)
                if after == Seen::File(read.bytes, written_s) && bytes == read.bytes =>
            {
                Ok(Some(Listed {
                    path: path.to_owned(),
                    bytes,
                    written_s,
                    start_ms: start.ms(),
                    end_ms: end.ms(),
                    blake3: read.blake3,
                }))
            }
            // It was written while it was read.
            _ => Ok(None),
        }
    }
}

fn candidate(found: &Found<'_>) -> Candidate {
    Candidate {
        start: found.start,
        end: found.end,
        is_open: found.is_open,
        extent: found.extent.clone(),
        bytes: found.bytes,
        written: found.written,
    }
}
