//! The check of a stream: where it begins, where it ends, and some places between.
//!
//! It must not know what any packet looks like.

use std::io;

use crate::footage::container::detail::{Detail, Flaw, Seal, Unfinished};
use crate::footage::container::reader::{Reader, STEP_BYTES, Step, Stop};
use crate::footage::container::structure::{Codec, Structure};

use super::packet::{Format, Found, TICKS};
use super::probe::Probe;
use super::walk::{End, Stretch, walk};

/// Bytes of the beginning that are walked through: several frames, the first of them a key frame.
const HEAD_BYTES: u64 = 256 * 1024;

/// Bytes of the end that are walked through, more where they hold no frame's time: the last is more
/// than the largest frame.
const TAIL_BYTES: [u64; 3] = [64 * 1024, 512 * 1024, 4 * 1024 * 1024];

/// Places between that are looked at.
const PLACES: u64 = 8;

/// Bytes that must be good at each of them.
const PLACE_BYTES: u64 = 2048;

/// Longest time a file may hold: a day, and an hour more when the clocks go back.
const TIME_MS_MAX: i64 = 25 * 3_600 * 1000;

/// What was seen of a file.
#[derive(Default)]
struct Seen {
    head: Stretch,
    tail: Stretch,
    probe: Probe,
    /// All of it was walked through.
    whole: bool,
    /// Where packets first do not follow each other.
    lost: Option<u64>,
}

/// Checks a file of this format.
pub(in crate::footage::container) fn check<F: Format>(
    reader: &mut Reader<'_>,
    format: &mut F,
) -> io::Result<Structure> {
    let mut seen = Seen::default();
    let detail = match seen.look(reader, format) {
        Ok(detail) | Err(Stop::Found(detail)) => detail,
        Err(Stop::Read(error)) => return Err(error),
    };
    Ok(seen.structure(format, detail))
}

impl Seen {
    fn look<F: Format>(&mut self, reader: &mut Reader<'_>, format: &mut F) -> Step<Detail> {
        reader.stride(usize::try_from(HEAD_BYTES).unwrap_or(STEP_BYTES));
        let start = format.start(reader)?;
        let end = walk(
            reader,
            format,
            (start, start + HEAD_BYTES),
            &mut self.head,
            &mut self.probe,
        )?;
        if let Some(codec) = format.codec() {
            self.probe.name(Some(codec));
        }
        self.probe.close();
        match end {
            End::Lost(at) if self.head.frames == 0 && at == start => {
                Ok(Flaw::SyncLost { at }.into())
            }
            End::Cut(at) if at == start => Ok(Detail::Open(Unfinished::HeadOnly)),
            End::Reached(at) => self.look_on(reader, format, at),
            End::Lost(at) if zeros(reader, at)? && written(reader, at)? <= at + STEP => {
                Ok(Detail::Open(Unfinished::SpaceBehind { at }))
            }
            End::Lost(at) => {
                self.lost = Some(at);
                self.look_on(reader, format, at)
            }
            end => {
                self.whole = true;
                self.look_behind(reader, format, end)?;
                Ok(self.verdict(end))
            }
        }
    }

    /// Looks at what lies behind the head, which ended at `from`.
    fn look_on<F: Format>(
        &mut self,
        reader: &mut Reader<'_>,
        format: &mut F,
        from: u64,
    ) -> Step<Detail> {
        let size = reader.size();
        let end = written(reader, from)?;
        let last = self.look_at_end(reader, format, (from, end))?;
        if self.lost.is_none() {
            self.lost = look_between(reader, format, (from, end))?;
        }
        if end < size && self.lost.is_none() {
            return Ok(Detail::Open(Unfinished::SpaceBehind { at: end }));
        }
        Ok(self.verdict(last))
    }

    /// Walks to the end of what was written, from as little before it as tells the time.
    fn look_at_end<F: Format>(
        &mut self,
        reader: &mut Reader<'_>,
        format: &mut F,
        (from, end): (u64, u64),
    ) -> Step<End> {
        let mut last = End::Lost(from);
        for bytes in TAIL_BYTES {
            let near = end.saturating_sub(bytes).max(from);
            reader.stride(usize::try_from(bytes).unwrap_or(STEP_BYTES));
            let Some(at) = format.sync(reader, near)?.filter(|at| *at < end) else {
                last = End::Lost(near);
                continue;
            };
            self.tail = self.head.behind();
            last = walk(reader, format, (at, end), &mut self.tail, &mut self.probe)?;
            if self.tail.frames > 0 || near == from {
                break;
            }
        }
        if let End::Lost(at) = last
            && at + STEP < end
        {
            self.lost.get_or_insert(at);
        }
        self.look_behind(reader, format, last)?;
        Ok(last)
    }

    /// A packet that is longer than the file may be cut, or claim what it never had: then there are
    /// whole packets behind its head.
    fn look_behind<F: Format>(
        &mut self,
        reader: &mut Reader<'_>,
        format: &mut F,
        end: End,
    ) -> Step<()> {
        let End::Cut(at) = end else {
            return Ok(());
        };
        let Some(next) = format.sync(reader, at + 1)? else {
            return Ok(());
        };
        if next < reader.size()
            && let Found::Packet { end, .. } = format.packet(reader, next)?
            && end <= reader.size()
        {
            self.lost.get_or_insert(at);
        }
        Ok(())
    }

    fn verdict(&self, end: End) -> Detail {
        match (self.lost, end) {
            (Some(at), _) => Flaw::SyncLost { at }.into(),
            (None, End::Closed(_)) => Detail::Sealed(Seal::Marked),
            (None, End::Cut(at) | End::Lost(at)) => Detail::Open(Unfinished::PacketCut { at }),
            (None, _) if self.whole && self.head.frames == 0 => Detail::Sealed(Seal::Hollow),
            (None, _) => Detail::Sealed(Seal::Unmarked),
        }
    }

    fn structure<F: Format>(&self, format: &F, detail: Detail) -> Structure {
        let mut structure = Structure::bare(F::CONTAINER, detail);
        structure.codec = format.codec().or(self.probe.codec());
        let told = self.probe.sequence().map(|sequence| sequence.picture);
        structure.picture = told.or(format.picture());
        // Where frames share packets, not all of them were seen.
        let all_seen = self.head.longest > F::SHARED_BYTES;
        let measured = self.head.rate().or(self.tail.rate()).filter(|_| all_seen);
        structure.rate = measured.or(self.probe.sequence().and_then(|found| found.rate));
        structure.duration_ms = self.duration_ms(structure.rate);
        structure.samples = (self.whole && all_seen).then_some(self.head.frames);
        if structure.codec.is_some_and(scrambled) {
            structure.picture = None;
        }
        structure
    }

    /// From the first frame to the end of the last.
    fn duration_ms(&self, rate: Option<u32>) -> Option<i64> {
        let (first, head_last) = self.head.span?;
        let last = self
            .tail
            .span
            .map_or(head_last, |(_, last)| last.max(head_last));
        let ticks = u64::try_from(last.checked_sub(first)?).ok()?;
        let ms = ticks / (TICKS / 1000) + rate.map_or(0, |rate| 1_000_000 / u64::from(rate));
        i64::try_from(ms).ok().filter(|ms| *ms <= TIME_MS_MAX)
    }
}

fn scrambled(codec: Codec) -> bool {
    codec == Codec::Encrypted
}

/// Whether packets follow each other at some places between; the first where they do not. The places
/// are drawn from the size, so that every check of a file looks at the same ones.
fn look_between<F: Format>(
    reader: &mut Reader<'_>,
    format: &mut F,
    (from, end): (u64, u64),
) -> Step<Option<u64>> {
    let share = end.saturating_sub(from) / PLACES;
    if share < PLACE_BYTES * 2 {
        return Ok(None);
    }
    reader.stride(STEP_BYTES);
    let mut draw = reader.size();
    for place in 0..PLACES {
        draw = draw
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let near = from + place * share + (draw >> 33) % (share - PLACE_BYTES);
        // No coded picture and no sound has a page of zeros.
        if zeros(reader, near)? {
            return Ok(Some(near));
        }
        let Some(at) = format.sync(reader, near)? else {
            return Ok(Some(near));
        };
        let until = at.saturating_add(PLACE_BYTES).min(end);
        let (mut aside, mut nobody) = (Stretch::default(), Probe::default());
        nobody.name(Some(Codec::Encrypted));
        if let End::Lost(at) = walk(reader, format, (at, until), &mut aside, &mut nobody)?
            && at < end
        {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

/// Bytes of one look for where zeros begin.
const STEP: u64 = 4096;

/// Where what was written ends: the size, or where nothing but zeros follow, found by halving, to the
/// page. Zeros must reach to the end of the file.
fn written(reader: &mut Reader<'_>, from: u64) -> Step<u64> {
    let size = reader.size();
    if !zeros(reader, size.saturating_sub(STEP).max(from))? {
        return Ok(size);
    }
    let (mut low, mut high) = (from, size);
    reader.stride(STEP_BYTES);
    while high - low > STEP {
        let middle = low + (high - low) / 2;
        if zeros(reader, middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Whether there are only zeros in the page from `at` on; not so at the end of the file.
fn zeros(reader: &mut Reader<'_>, at: u64) -> Step<bool> {
    let len = reader.size().saturating_sub(at).min(STEP);
    let len = usize::try_from(len).unwrap_or(0);
    Ok(len > 0 && reader.bytes(at, len)?.iter().all(|byte| *byte == 0))
}
