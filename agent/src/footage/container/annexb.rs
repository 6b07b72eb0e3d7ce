//! H.264 and H.265 without a container: units between start codes, from the first byte to the last.
//!
//! Such a file says nothing of time but the rate in its parameters, and where it ends is an end like
//! any other. Small files are counted through; of others the beginning and some places between are
//! looked at. Bytes without any parameters are no such stream but unknown.

use std::io;

use super::detail::{Detail, Flaw, Seal, Unfinished, Unread};
use super::keyframe::{Assembly, KEYFRAME_BYTES_MAX, KeyFrame, KeyFrameError};
use super::nal::{Family, Unit, between_codes};
use super::reader::{Reader, Step, Stop};
use super::stream::Probe;
use super::structure::{Container, Structure};

/// Bytes looked at together; more than a unit of parameters, so that none is missed for long.
const BLOCK: u64 = 128 * 1024;

/// Largest file that is counted through.
const COUNTED_BYTES_MAX: u64 = 2 * 1024 * 1024;

/// Places between that are looked at in larger files, and bytes of each.
const PLACES: u64 = 8;
const PLACE_BYTES: u64 = 4096;

/// Zeros in a row that no coded picture has: a coded one has two at most.
const HOLE: [u8; 64] = [0; 64];

/// What was counted.
#[derive(Debug, Default)]
struct Seen {
    probe: Probe,
    pictures: u64,
    /// How far was counted.
    until: u64,
}

/// Checks a file that starts with a start code.
pub(super) fn check(reader: &mut Reader<'_>) -> io::Result<Structure> {
    let mut seen = Seen::default();
    let detail = match seen.look(reader) {
        Ok(detail) | Err(Stop::Found(detail)) => detail,
        Err(Stop::Read(error)) => return Err(error),
    };
    // Parameters of a sequence alone may be any bytes; those of pictures always follow.
    let codec = seen.probe.codec().filter(|_| seen.probe.sets().len() > 1);
    let Some(codec) = codec else {
        return Ok(Structure::bare(Container::Unknown, Unread::Foreign.into()));
    };
    let mut structure = Structure::bare(Container::AnnexB, detail);
    structure.codec = Some(codec);
    if let Some(sequence) = seen.probe.sequence() {
        structure.picture = Some(sequence.picture);
        structure.rate = sequence.rate;
    }
    if seen.until >= reader.size() {
        structure.samples = Some(seen.pictures);
        structure.duration_ms = structure
            .rate
            .and_then(|rate| i64::try_from(seen.pictures * 1_000_000 / u64::from(rate)).ok());
    }
    Ok(structure)
}

impl Seen {
    fn look(&mut self, reader: &mut Reader<'_>) -> Step<Detail> {
        reader.stride(usize::try_from(BLOCK).unwrap_or(0));
        let size = reader.size();
        let all = size <= COUNTED_BYTES_MAX;
        let until = if all { size } else { size.min(BLOCK) };
        let mut at = 0;
        while at < until {
            let len = usize::try_from((until - at).min(BLOCK)).unwrap_or(0);
            let block = reader.bytes(at, len)?;
            if at == 0 {
                self.probe.take_all(block);
            }
            let Some(family) = self.probe.family() else {
                return Ok(Unread::Foreign.into());
            };
            let whole = at + u64::try_from(len).unwrap_or(0) >= size;
            let (pictures, next, flaw) = count(family, block, whole);
            if let Some(place) = flaw {
                return verdict(reader, at + u64::try_from(place).unwrap_or(0));
            }
            self.pictures += pictures;
            at += u64::try_from(next.max(1)).unwrap_or(1);
            self.until = at;
        }
        if !all && let Some(family) = self.probe.family() {
            look_between(reader, family)?;
        }
        Ok(Detail::Sealed(Seal::Unmarked))
    }
}

/// Pictures that begin in a block, where the next block is to begin, and where it is broken. The last
/// unit of a block is left to the next one, since its end is not known.
fn count(family: Family, block: &[u8], last: bool) -> (u64, usize, Option<usize>) {
    let (mut pictures, mut held, mut next) = (0, 0, block.len());
    for (at, unit) in between_codes(block) {
        pictures += held;
        held = 0;
        next = at.saturating_sub(3);
        match family.unit(unit) {
            Unit::Broken => {
                let cut = at + unit.len() >= block.len();
                if !cut {
                    return (pictures, next, Some(at));
                }
            }
            Unit::Key { first: true } | Unit::Slice { first: true } => held = 1,
            _ => {}
        }
        if let Some(hole) = unit.windows(HOLE.len()).position(|bytes| bytes == HOLE) {
            return (pictures, next, Some(at + hole));
        }
    }
    if last || next == 0 {
        return (pictures + held, block.len(), None);
    }
    (pictures, next, None)
}

/// What a broken place comes to: space that was never written, if it goes on to the end.
fn verdict(reader: &mut Reader<'_>, at: u64) -> Step<Detail> {
    let size = reader.size();
    let near = size.saturating_sub(PLACE_BYTES).max(at);
    let len = usize::try_from(size - near).unwrap_or(0);
    if len >= HOLE.len() && reader.bytes(near, len)?.iter().all(|byte| *byte == 0) {
        return Ok(Detail::Open(Unfinished::SpaceBehind { at }));
    }
    Ok(Flaw::SyncLost { at }.into())
}

/// Looks for holes and broken units at some places; the same ones at every check.
fn look_between(reader: &mut Reader<'_>, family: Family) -> Step<()> {
    reader.stride(usize::try_from(PLACE_BYTES).unwrap_or(0));
    let share = reader.size() / PLACES;
    for place in 0..PLACES {
        let at = place * share + reader.size() % share.saturating_sub(PLACE_BYTES).max(1);
        let len = usize::try_from(PLACE_BYTES.min(reader.size() - at)).unwrap_or(0);
        let (_, _, flaw) = count(family, reader.bytes(at, len)?, false);
        let hole = reader.bytes(at, len)?;
        let hole = hole.windows(HOLE.len()).position(|bytes| bytes == HOLE);
        if let Some(within) = flaw.or(hole) {
            return Err(Stop::Found(verdict(
                reader,
                at + u64::try_from(within).unwrap_or(0),
            )?));
        }
    }
    Ok(())
}

/// Bytes that a key frame is looked for in.
const SEARCH_BYTES: u64 = 16 * 1024 * 1024;

/// Takes the first key frame from about where `wanted_ms` is on; with no rate told, the first of all.
pub(super) fn keyframe(
    reader: &mut Reader<'_>,
    wanted_ms: i64,
) -> Result<Option<KeyFrame>, KeyFrameError> {
    reader.stride(usize::try_from(BLOCK).unwrap_or(0));
    let size = reader.size();
    let mut probe = Probe::default();
    let len = usize::try_from(size.min(BLOCK)).unwrap_or(0);
    let head = reader.bytes(0, len)?;
    probe.take_all(head);
    let Some(family) = probe.family() else {
        return Ok(None);
    };
    let (pictures, counted, _) = count(family, head, size <= BLOCK);
    let rate = probe.sequence().and_then(|sequence| sequence.rate);
    // Milliseconds in so many bytes, as if every second took the same.
    let ms = rate.map_or(0, |rate| pictures * 1_000_000 / u64::from(rate));
    let counted = u64::try_from(counted).unwrap_or(0).max(1);
    let wanted = u64::try_from(wanted_ms).unwrap_or(0);
    let guess = wanted.saturating_mul(counted).checked_div(ms).unwrap_or(0);
    let from = guess.min(size.saturating_sub(BLOCK));
    let found = match find(reader, family, from)? {
        None if from > 0 => find(reader, family, 0)?,
        found => found,
    };
    let Some((at, bytes)) = found else {
        return Ok(None);
    };
    let mut assembly = Assembly::new(family);
    assembly.push_stream(&bytes, probe.sets());
    let at_ms = i64::try_from(at.saturating_mul(ms) / counted).unwrap_or(i64::MAX);
    assembly.finish(at, at_ms).map(Some)
}

/// The first key picture from `from` on, with what stands before it, and where that begins.
fn find(reader: &mut Reader<'_>, family: Family, from: u64) -> Step<Option<(u64, Vec<u8>)>> {
    let until = from.saturating_add(SEARCH_BYTES).min(reader.size());
    let mut taken: Vec<u8> = Vec::new();
    let (mut start, mut at) = (from, from);
    while at < until && taken.len() <= KEYFRAME_BYTES_MAX {
        let len = usize::try_from((until - at).min(BLOCK)).unwrap_or(0);
        taken.extend(reader.bytes(at, len)?);
        at += u64::try_from(len).unwrap_or(BLOCK);
        match key_picture(family, &taken, at >= reader.size()) {
            Part::Whole(part) => {
                start += u64::try_from(part.start).unwrap_or(0);
                return Ok(taken.get(part).map(|bytes| (start, bytes.to_vec())));
            }
            Part::Begun(place) => {
                start += u64::try_from(place).unwrap_or(0);
                taken.drain(..place.min(taken.len()));
            }
        }
    }
    Ok(None)
}

/// Where a key picture is in some bytes.
enum Part {
    Whole(std::ops::Range<usize>),
    /// It may begin here, and is not whole.
    Begun(usize),
}

fn key_picture(family: Family, bytes: &[u8], last: bool) -> Part {
    let (mut sets, mut key) = (None, None);
    let mut behind = bytes.len();
    for (at, unit) in between_codes(bytes) {
        let begin = at.saturating_sub(3);
        let unit = family.unit(unit);
        match (unit, key) {
            (Unit::Key { .. }, None) => key = Some(sets.unwrap_or(begin)),
            // It ends where another picture or its parameters begin.
            (Unit::Key { first: true } | Unit::Slice { .. } | Unit::Delimiter, Some(from))
            | (Unit::Video | Unit::Sequence | Unit::Picture, Some(from)) => {
                return Part::Whole(from..begin);
            }
            (Unit::Slice { .. }, None) => sets = None,
            (Unit::Video | Unit::Sequence | Unit::Picture, None) => {
                sets = sets.or(Some(begin));
            }
            _ => {}
        }
        behind = begin;
    }
    match key {
        Some(from) if last => Part::Whole(from..bytes.len()),
        Some(from) => Part::Begun(from),
        None => Part::Begun(sets.unwrap_or(behind)),
    }
}
