//! One key frame out of a stream: from about the right place on, and from farther back where none
//! stands between there and the wanted time.
//!
//! Where a time lies is guessed from the first and the last time in the file, as if every second took
//! the same bytes. It must not know what any packet looks like.

use crate::footage::container::keyframe::{Assembly, KEYFRAME_BYTES_MAX, KeyFrame, KeyFrameError};
use crate::footage::container::nal::{Family, Unit, between_codes};
use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::Codec;

use super::packet::{Format, Found, Piece};
use super::probe::Probe;
use super::walk::{Stretch, walk};

/// Bytes of the beginning that tell the first time, the codec and its parameters.
const HEAD_BYTES: u64 = 256 * 1024;

/// Bytes of the end that tell the last time.
const TAIL_BYTES: u64 = 512 * 1024;

/// How far before the guessed place the search begins, one try after the other: distances of key
/// frames of some seconds at some megabits a second.
const BACK_BYTES: [u64; 4] = [0, 1024 * 1024, 8 * 1024 * 1024, 32 * 1024 * 1024];

/// Bytes read at once on the way.
const STRIDE: usize = 128 * 1024;

/// Longest way from where a try begins.
const WAY_BYTES: u64 = 48 * 1024 * 1024;

/// Takes the key frame at or before `wanted_ms`, else one soon after.
pub(in crate::footage::container) fn keyframe<F: Format>(
    reader: &mut Reader<'_>,
    format: &mut F,
    wanted_ms: i64,
) -> Result<Option<KeyFrame>, KeyFrameError> {
    reader.stride(STRIDE);
    let start = format.start(reader)?;
    let (mut head, mut probe) = (Stretch::default(), Probe::default());
    walk(
        reader,
        format,
        (start, start.saturating_add(HEAD_BYTES)),
        &mut head,
        &mut probe,
    )?;
    probe.close();
    let codec = format.codec().or(probe.codec());
    let Some(family) = codec.and_then(Family::of) else {
        return match codec.filter(|_| head.frames > 0) {
            Some(codec) => Err(KeyFrameError::Codec { codec }),
            None => Ok(None),
        };
    };
    let mut search = Search {
        base: head.behind(),
        first: head.span.map_or(0, |(first, _)| first),
        wanted: 0,
        family,
        found: None,
    };
    let wanted = wanted_ms.clamp(0, i64::MAX / 1000) / 1000 * TICKS_SIGNED
        + wanted_ms.clamp(0, i64::MAX / 1000) % 1000 * (TICKS_SIGNED / 1000);
    search.wanted = search.first.saturating_add(wanted);
    let last = last_tick(reader, format, &search, start)?;
    let guess = guess(
        start,
        reader.size(),
        wanted,
        last.saturating_sub(search.first),
    );
    for back in BACK_BYTES {
        let near = guess.saturating_sub(back).max(start);
        let Some(from) = format.sync(reader, near)? else {
            continue;
        };
        reader.stride(STRIDE);
        search.pass(reader, format, from)?;
        if search
            .found
            .as_ref()
            .is_some_and(|frame| frame.ticks <= search.wanted)
            || near == start
        {
            break;
        }
    }
    let Some(frame) = search.found else {
        return Ok(None);
    };
    frame.finish(family, search.first, probe.sets()).map(Some)
}

/// Ticks of a second, where they are subtracted.
const TICKS_SIGNED: i64 = 90_000;

/// The last time in the file.
fn last_tick<F: Format>(
    reader: &mut Reader<'_>,
    format: &mut F,
    search: &Search,
    start: u64,
) -> Step<i64> {
    let near = reader.size().saturating_sub(TAIL_BYTES).max(start);
    let (mut tail, mut nobody) = (search.base, Probe::default());
    nobody.name(Some(Codec::Encrypted));
    let size = reader.size();
    if let Some(at) = format.sync(reader, near)? {
        walk(reader, format, (at, size), &mut tail, &mut nobody)?;
    }
    Ok(tail.span.map_or(search.first, |(_, last)| last))
}

/// Where a time lies when every second takes the same bytes, a second before it.
fn guess(start: u64, size: u64, wanted: i64, all: i64) -> u64 {
    let before = wanted.saturating_sub(TICKS_SIGNED).clamp(0, all.max(0));
    let (before, all) = (
        u128::try_from(before).unwrap_or(0),
        u128::try_from(all.max(1)).unwrap_or(1),
    );
    let bytes = u128::from(size.saturating_sub(start)) * before / all;
    start.saturating_add(u64::try_from(bytes).unwrap_or(0))
}

/// A search through frames.
struct Search {
    /// Counts times from the first of the file.
    base: Stretch,
    first: i64,
    wanted: i64,
    family: Family,
    found: Option<Frame>,
}

/// The bytes of one frame, as they were found.
struct Frame {
    at: u64,
    ticks: i64,
    bytes: Vec<u8>,
    /// Whether it needs no other; not known before its first slice is seen.
    key: Option<bool>,
    /// More bytes than are taken.
    large: u64,
}

impl Search {
    /// Goes through the frames from here on, until one behind the wanted time is a key frame, or one
    /// behind it begins while a key frame before it is found.
    fn pass<F: Format>(&mut self, reader: &mut Reader<'_>, format: &mut F, from: u64) -> Step<()> {
        let until = from.saturating_add(WAY_BYTES).min(reader.size());
        let (mut at, mut clock) = (from, None);
        let mut frame: Option<Frame> = None;
        while at < until {
            reader.visit(at)?;
            let Found::Packet { end, piece } = format.packet(reader, at)? else {
                break;
            };
            if end > reader.size() {
                // The frame that goes on here is not whole.
                frame = None;
                break;
            }
            if let Some(piece) = piece {
                if piece.clock.is_some() && piece.clock != clock {
                    clock = piece.clock;
                    if self.take(frame.take()) {
                        return Ok(());
                    }
                    let ticks = self.base.ticks(clock.unwrap_or(0), F::WRAP);
                    frame = Some(Frame::at(piece.at, ticks));
                }
                if let Some(frame) = frame.as_mut() {
                    frame.add(reader, &piece, self.family)?;
                }
            }
            at = end.max(at + 1);
        }
        self.take(frame);
        Ok(())
    }

    /// Takes a frame that is over, if it is a better one; whether no later one can be.
    fn take(&mut self, frame: Option<Frame>) -> bool {
        let Some(frame) = frame else {
            return false;
        };
        let behind = frame.ticks > self.wanted;
        let had = self.found.as_ref().map(|found| found.ticks);
        let better = match had {
            None => true,
            Some(had) if had <= self.wanted => !behind && frame.ticks >= had,
            Some(had) => !behind || frame.ticks < had,
        };
        if frame.key == Some(true) && better {
            self.found = Some(frame);
        }
        behind && self.found.is_some()
    }
}

impl Frame {
    fn at(at: u64, ticks: i64) -> Self {
        Self {
            at,
            ticks,
            bytes: Vec::new(),
            key: None,
            large: 0,
        }
    }

    /// Adds a piece, unless the frame is known to need another.
    fn add(&mut self, reader: &mut Reader<'_>, piece: &Piece, family: Family) -> Step<()> {
        if self.key == Some(false) {
            return Ok(());
        }
        let len = usize::try_from(piece.len).unwrap_or(usize::MAX);
        if self.bytes.len().saturating_add(len) > KEYFRAME_BYTES_MAX {
            self.large = self.large.saturating_add(piece.len);
            return Ok(());
        }
        let from = self.bytes.len();
        self.bytes.resize(from + len, 0);
        let into = self.bytes.get_mut(from..).unwrap_or_default();
        let mut done = 0;
        for part in into.chunks_mut(STRIDE) {
            let at = piece.at + u64::try_from(done).unwrap_or(0);
            part.copy_from_slice(reader.bytes(at, part.len())?);
            done += part.len();
        }
        if self.key.is_none() {
            self.key = slices(&self.bytes, family);
        }
        Ok(())
    }

    fn finish(
        self,
        family: Family,
        first: i64,
        sets: &[Vec<u8>],
    ) -> Result<KeyFrame, KeyFrameError> {
        if self.large > 0 {
            let bytes = u64::try_from(self.bytes.len()).unwrap_or(0) + self.large;
            return Err(KeyFrameError::Large { at: self.at, bytes });
        }
        let at_ms = self.ticks.saturating_sub(first) / (TICKS_SIGNED / 1000);
        let mut assembly = Assembly::new(family);
        assembly.push_stream(&self.bytes, sets);
        assembly.finish(self.at, at_ms)
    }
}

/// Whether the first slice in these bytes is of a key picture; `None` when there is no slice yet.
fn slices(bytes: &[u8], family: Family) -> Option<bool> {
    between_codes(bytes).find_map(|(_, unit)| match family.unit(unit) {
        Unit::Key { .. } => Some(true),
        Unit::Slice { .. } => Some(false),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guess_is_within_the_file_and_a_second_early() {
        assert_eq!(guess(100, 1100, 0, 900_000), 100);
        assert_eq!(guess(100, 1100, 450_000, 900_000), 500);
        assert_eq!(guess(100, 1100, i64::MAX, 900_000), 1100);
        assert_eq!(guess(0, 10, 90_000, -5), 0);
    }

    #[test]
    fn a_frame_is_a_key_frame_by_its_first_slice() {
        let key = [0, 0, 1, 0x67, 1, 0, 0, 1, 0x65, 0x88];
        assert_eq!(slices(&key, Family::Avc), Some(true));
        assert_eq!(slices(&key[..6], Family::Avc), None);
        assert_eq!(slices(&[0, 0, 1, 0x41, 0x9a], Family::Avc), Some(false));
    }
}
