//! From packet to packet through one stretch of a stream: where it ends, and the frames on the way.
//!
//! A frame is told from the next by its time, since packets are cut where it suits the writer. It must
//! not judge.

use crate::footage::container::reader::{Reader, Step};

use super::packet::{Format, Found, Piece, TICKS};
use super::probe::Probe;

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// As far as it was to go: here the next packet begins.
    Reached(u64),
    /// With the file.
    Clean,
    /// In the middle of the packet that begins here.
    Cut(u64),
    /// With the mark that nothing follows, which begins here.
    Closed(u64),
    /// Here is no packet.
    Lost(u64),
}

/// The frames of a stretch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The first time in the file, from which all others are counted.
    pub(super) base: Option<u64>,
    /// The earliest and the latest, in ticks from the base.
    pub(super) span: Option<(i64, i64)>,
    /// Frames seen.
    pub(super) frames: u64,
    /// Bytes of the longest piece.
    pub(super) longest: u64,
    /// The time of the frame that is going on.
    current: Option<u64>,
}

impl Stretch {
    /// Another stretch of the same file.
    pub(super) fn behind(&self) -> Self {
        Self {
            base: self.base,
            ..Self::default()
        }
    }

    /// Ticks from the base, on a clock that starts again after `wrap`.
    pub(super) fn ticks(&self, clock: u64, wrap: u64) -> i64 {
        relative(self.base.unwrap_or(clock), clock, wrap)
    }

    /// Notes a piece; whether a new frame begins with it.
    pub(super) fn note(&mut self, piece: &Piece, wrap: u64) -> bool {
        self.longest = self.longest.max(piece.len);
        let Some(clock) = piece.clock else {
            return false;
        };
        if self.current == Some(clock) {
            return false;
        }
        self.base.get_or_insert(clock);
        self.current = Some(clock);
        self.frames += 1;
        let ticks = self.ticks(clock, wrap);
        let (first, last) = self.span.unwrap_or((ticks, ticks));
        self.span = Some((first.min(ticks), last.max(ticks)));
        true
    }

    /// Frames in a thousand seconds, when there are two or more.
    pub(super) fn rate(&self) -> Option<u32> {
        let (first, last) = self.span?;
        let ticks = u64::try_from(last.checked_sub(first)?).ok()?;
        let steps = self.frames.checked_sub(1)?;
        let rate = steps.saturating_mul(TICKS * 1000).checked_div(ticks)?;
        u32::try_from(rate).ok().filter(|rate| *rate > 0)
    }
}

/// How far `clock` is from `base`, the shorter way around.
fn relative(base: u64, clock: u64, wrap: u64) -> i64 {
    let forward = if clock >= base {
        clock - base
    } else {
        wrap.saturating_sub(base).saturating_add(clock)
    };
    if forward <= wrap / 2 {
        i64::try_from(forward).unwrap_or(i64::MAX)
    } else {
        let back = i64::try_from(wrap.saturating_sub(forward)).unwrap_or(i64::MAX);
        -back
    }
}

/// Walks from `at` until a packet begins at or behind `until`.
pub(super) fn walk<F: Format>(
    reader: &mut Reader<'_>,
    format: &mut F,
    (mut at, until): (u64, u64),
    stretch: &mut Stretch,
    probe: &mut Probe,
) -> Step<End> {
    let size = reader.size();
    loop {
        if at >= size {
            return Ok(End::Clean);
        }
        if at >= until {
            return Ok(End::Reached(at));
        }
        reader.visit(at)?;
        let (end, piece) = match format.packet(reader, at)? {
            Found::Closed => return Ok(End::Closed(at)),
            Found::Lost => return Ok(End::Lost(at)),
            Found::Packet { end, .. } if end > size => return Ok(End::Cut(at)),
            Found::Packet { end, piece } => (end, piece),
        };
        if let Some(piece) = piece {
            if stretch.note(&piece, F::WRAP) {
                if let Some(codec) = format.codec() {
                    probe.name(Some(codec));
                }
                probe.close();
            }
            let wanted = u64::try_from(probe.wants()).unwrap_or(0).min(piece.len);
            if wanted > 0 {
                let wanted = usize::try_from(wanted).unwrap_or(0);
                probe.take(reader.bytes(piece.at, wanted)?);
            }
        }
        // No packet is without bytes, or the walk would stand still.
        at = end.max(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(clock: u64) -> Piece {
        Piece {
            at: 0,
            len: 1,
            clock: Some(clock),
        }
    }

    #[test]
    fn frames_are_told_by_their_times_in_any_order() {
        let mut stretch = Stretch::default();
        for clock in [9_000, 9_000, 18_000, 13_500, 13_500] {
            stretch.note(&at(clock), 1 << 33);
        }
        assert_eq!((stretch.frames, stretch.span), (3, Some((0, 9_000))));
        assert_eq!(stretch.rate(), Some(20_000));
    }

    #[test]
    fn a_clock_that_starts_again_goes_on() {
        let wrap = 1 << 33;
        let mut stretch = Stretch::default();
        stretch.note(&at(wrap - 90), wrap);
        stretch.note(&at(90), wrap);
        assert_eq!(stretch.span, Some((0, 180)));
        let mut late = stretch.behind();
        late.note(&at(wrap - 180), wrap);
        assert_eq!(late.span, Some((-90, -90)));
    }
}
