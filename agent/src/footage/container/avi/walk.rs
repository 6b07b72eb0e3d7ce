//! Walking the RIFFs of an AVI file, and judging what they say.
//!
//! Chunks of frames are visited only where nothing else tells how many there are. It must not look
//! into frames.

use crate::footage::container::column::Pane;
use crate::footage::container::detail::{Detail, Flaw, Seal, Unfinished};
use crate::footage::container::four_cc::FourCc;
use crate::footage::container::reader::{Reader, Step};

use super::chunk::{Chunk, find};
use super::head::{Head, Stream};
use super::index::Index;

/// Most frames that are counted one by one, each with a read: some ten minutes at thirty a second.
const COUNTED_MAX: u64 = 20_000;

/// Most lists of frames of one file; each but the last has about a gibibyte.
const LISTS_MAX: usize = 1024;

/// What a walk came by.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) head: Head,
    /// The lists of frames, in the order they lie.
    pub(super) movies: Vec<Chunk>,
    pub(super) index: Option<Index>,
    /// Frames of the leading stream that were counted, one by one or in the index.
    pub(super) counted: Option<u64>,
}

/// A frame of the leading stream, met on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) number: u64,
    pub(super) at: u64,
    pub(super) end: u64,
}

impl Survey {
    /// The stream that tells what the file is, the first of video, else the first.
    pub(super) fn leading(&self) -> Option<&Stream> {
        let streams = &self.head.streams;
        streams.get(self.leading_number())
    }

    fn leading_number(&self) -> usize {
        let mut streams = self.head.streams.iter();
        streams.position(|stream| stream.video).unwrap_or(0)
    }

    /// Whether a chunk of this name is a frame of the leading stream.
    pub(super) fn leads(&self, name: [u8; 4]) -> bool {
        let [tens, ones, kind, _] = name;
        let digits = tens.is_ascii_digit() && ones.is_ascii_digit();
        let number =
            usize::from(tens.wrapping_sub(b'0')) * 10 + usize::from(ones.wrapping_sub(b'0'));
        digits && matches!(kind, b'd' | b'w') && number == self.leading_number()
    }

    /// Walks to the end, and says what the file comes to.
    pub(super) fn walk(&mut self, reader: &mut Reader<'_>) -> Step<Detail> {
        let size = reader.size();
        let (mut at, mut open) = (0, None);
        while let Some(riff) = find(reader, at, size)? {
            if !riff.list || !matches!(&riff.name.0, b"AVI " | b"AVIX") {
                break;
            }
            // The last byte may be the one that makes the size even.
            if riff.end > size + 1 {
                self.parts(reader, &riff, size)?;
                let (kind, end) = (FourCc(*b"RIFF"), riff.end);
                return Err(Flaw::BoxPastEnd { kind, at, end }.into());
            }
            open = self.parts(reader, &riff, riff.end.min(size))?.or(open);
            if riff.unsized_yet {
                open = open.or(Some(at));
            }
            at = riff.next();
        }
        if open.is_some() {
            return self.unfinished(reader);
        }
        let Some(movie) = self.movies.first().copied() else {
            // Every byte that was promised is there, and no frames among them.
            let (kind, within) = (FourCc(*b"movi"), 0);
            return Err(Flaw::BoxMissing { kind, within }.into());
        };
        match &self.index {
            Some(index) => {
                let frames = index.check(reader, &mut Pane::default(), |name| self.leads(name))?;
                // The index is of the first list only.
                self.counted = Some(frames).filter(|_| self.movies.len() == 1);
            }
            None if self.head.promises_index && !self.head.long_index && movie.end > movie.body => {
                return Err(Flaw::IndexMissing.into());
            }
            None => {}
        }
        let empty = self.leading().is_none_or(|stream| stream.length == 0);
        Ok(Detail::Sealed(if empty {
            Seal::Hollow
        } else {
            Seal::Marked
        }))
    }

    /// Takes down the parts of one RIFF; where a list of frames begins that has no size yet.
    fn parts(&mut self, reader: &mut Reader<'_>, riff: &Chunk, limit: u64) -> Step<Option<u64>> {
        let mut at = riff.body;
        while let Some(part) = find(reader, at, limit)? {
            let name = &part.name.0;
            if part.end > limit {
                return match name {
                    b"movi" => {
                        self.note(part);
                        Ok(None)
                    }
                    _ if riff.unsized_yet || riff.end > limit => Ok(None),
                    _ => Err(Flaw::BoxOutside {
                        kind: part.name,
                        at,
                    }
                    .into()),
                };
            }
            match name {
                b"hdrl" => self.head = Head::read(reader, &part)?,
                b"movi" => {
                    self.note(part);
                    if part.unsized_yet {
                        return Ok(Some(at));
                    }
                }
                b"idx1" => {
                    if let (Some(movie), None) = (self.movies.first().copied(), self.index) {
                        self.index = Index::read(reader, &part, &movie)?;
                    }
                }
                _ if !part.name.0.iter().all(|byte| matches!(byte, 0x20..=0x7e)) => {
                    return Err(Flaw::NotABox { at }.into());
                }
                _ => {}
            }
            at = part.next();
        }
        Ok(None)
    }

    fn note(&mut self, movie: Chunk) {
        if self.movies.len() < LISTS_MAX {
            self.movies.push(movie);
        }
    }

    /// Counts the frames of a file that was not closed.
    fn unfinished(&mut self, reader: &mut Reader<'_>) -> Step<Detail> {
        if self.head.streams.is_empty() || self.movies.is_empty() {
            return Ok(Detail::Open(Unfinished::HeadOnly));
        }
        let mut frames = 0;
        let cut = self.each(reader, |_| {
            frames += 1;
            frames >= COUNTED_MAX
        })?;
        self.counted = (frames < COUNTED_MAX).then_some(frames);
        Ok(Detail::Open(match cut {
            Some(at) => Unfinished::PacketCut { at },
            None => Unfinished::NotClosed,
        }))
    }

    /// Shows every whole frame of the leading stream, until `look` says that it has seen enough; where
    /// the frames break off, if they do.
    pub(super) fn each(
        &self,
        reader: &mut Reader<'_>,
        mut look: impl FnMut(Frame) -> bool,
    ) -> Step<Option<u64>> {
        let size = reader.size();
        let mut number = 0;
        for movie in &self.movies {
            let limit = movie.end.min(size);
            let mut at = movie.body;
            while at < limit {
                let Some(chunk) = find(reader, at, limit)? else {
                    return Ok(Some(at));
                };
                if chunk.list && &chunk.name.0 == b"rec " {
                    at = chunk.body;
                    continue;
                }
                if !is_within(chunk.name.0) {
                    return Ok(None);
                }
                if chunk.end > size {
                    return Ok(Some(at));
                }
                if self.leads(chunk.name.0) {
                    let (at, end) = (chunk.body, chunk.end);
                    if look(Frame { number, at, end }) {
                        return Ok(None);
                    }
                    number += 1;
                }
                at = chunk.next();
            }
        }
        Ok(None)
    }
}

/// Whether a chunk of this name belongs among frames.
fn is_within(name: [u8; 4]) -> bool {
    let [tens, ones, ..] = name;
    let numbered = tens.is_ascii_digit() && ones.is_ascii_digit();
    numbered || matches!(&name, b"JUNK" | [b'i', b'x', _, _] | [_, _, b'i', b'x'])
}
