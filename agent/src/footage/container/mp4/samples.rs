//! Whether the sample tables of a track agree with each other and with the media data.
//!
//! Every table is read once from front to back. Where a chunk lies is compared with the largest
//! chunk there can be, so that only chunks close to the end of their media data are measured sample
//! by sample; the answer is the same as if all were. It must not know boxes.

use crate::footage::container::column::{Column, Pane, Table};
use crate::footage::container::detail::{Flaw, Unread};
use crate::footage::container::four_cc::FourCc;
use crate::footage::container::reader::{Step, Stop, View};

use super::boxes::{be32, be64};
use super::media::{Media, Range};
use super::tables::{
    Run, SizeColumn, Sizes, Tables, each_block, each_run, entries, longs, quads, words,
};
use super::track::Track;

/// Memory for the three tables that are read side by side.
#[derive(Debug, Default)]
pub(super) struct Panes {
    pub(super) first: Pane,
    second: Pane,
    third: Pane,
}

/// What the tables of a track hold together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) samples: u64,
    /// In ticks of the track; a writer may have gone back in time.
    pub(super) ticks: u64,
}

/// Samples in a chunk, on average, from which on every chunk is measured.
const LONG_CHUNK: u64 = 16;

/// All tables of one track, where those that may be missing are empty.
#[derive(Clone, Copy)]
struct Complete {
    track: u32,
    times: Table,
    sizes: Sizes,
    runs: Table,
    chunks: Table,
}

/// Checks the tables of `track` against each other and `media`. A movie `in_fragments` may leave
/// out tables, since its samples are elsewhere.
pub(super) fn tally(
    view: View<'_>,
    panes: &mut Panes,
    track: &Track,
    media: &Media,
    in_fragments: bool,
) -> Step<Tally> {
    let tables = if in_fragments {
        Complete::or_empty(track.id, &track.tables)
    } else {
        Complete::all(track.id, &track.tables)?
    };
    let samples = tables.sized();
    let (timed, ticks) = tables.count_times(view, &mut panes.first)?;
    let (chunked, per_chunk) = tables.count_runs(view, &mut panes.first)?;
    for others in [timed, chunked] {
        if samples != others {
            return Err(Flaw::CountsDiffer {
                track: track.id,
                sizes: samples,
                others,
            }
            .into());
        }
    }
    let late = if tables.chunks.count.saturating_mul(LONG_CHUNK) <= samples {
        // Few chunks of many samples are measured as fast as their sizes are bounded.
        Some(0)
    } else {
        let bound = tables.size_bound(view, &mut panes.first)?;
        let longest = u64::from(bound).saturating_mul(u64::from(per_chunk));
        tables.first_late(view, &mut panes.first, media, longest)?
    };
    if let Some(late) = late {
        tables.measure(view, panes, media, late)?;
    }
    Ok(Tally { samples, ticks })
}

impl Complete {
    fn all(track: u32, tables: &Tables) -> Step<Self> {
        let missing = |kind: &[u8; 4]| Flaw::BoxMissing {
            kind: FourCc(*kind),
            within: tables.at,
        };
        Ok(Self {
            track,
            times: tables.times.ok_or_else(|| missing(b"stts"))?,
            sizes: tables.sizes.ok_or_else(|| missing(b"stsz"))?,
            runs: tables.runs.ok_or_else(|| missing(b"stsc"))?,
            chunks: tables.chunks.ok_or_else(|| missing(b"stco"))?,
        })
    }

    fn or_empty(track: u32, tables: &Tables) -> Self {
        Self {
            track,
            times: tables.times.unwrap_or_default(),
            sizes: tables.sizes.unwrap_or_default(),
            runs: tables.runs.unwrap_or_default(),
            chunks: tables.chunks.unwrap_or_default(),
        }
    }

    /// How many samples have a size.
    fn sized(&self) -> u64 {
        match self.sizes {
            Sizes::Same { count, .. } | Sizes::Each(Table { count, .. }) => count,
        }
    }

    /// A size that no sample exceeds: all bits that any size has. Finding the largest itself would
    /// take several times as long, and the bound is less than twice as large.
    fn size_bound(&self, view: View<'_>, pane: &mut Pane) -> Step<u32> {
        let table = match self.sizes {
            Sizes::Same { size, .. } => return Ok(size),
            Sizes::Each(table) => table,
        };
        let mut bits = 0;
        each_block(view, table, pane, |block| {
            bits |= match table.width {
                1 => u32::from(block.iter().fold(0, |bits, size| bits | size)),
                2 => u32::from(words(block).fold(0, |bits, size| bits | size)),
                _ => longs(block).fold(0, |bits, size| bits | size),
            };
            Ok(())
        })?;
        Ok(bits)
    }

    /// How many samples have a duration, and the sum of those. Durations are signed here: a writer
    /// whose clock was set back leaves one that is, and players take it so.
    fn count_times(&self, view: View<'_>, pane: &mut Pane) -> Step<(u64, u64)> {
        let (mut samples, mut ticks) = (0_u64, 0_i128);
        each_block(view, self.times, pane, |block| {
            for pair in quads(block) {
                let [count, delta] = [pair >> 32, pair & u64::from(u32::MAX)].map(low_half);
                samples += u64::from(count);
                ticks += i128::from(i64::from(count) * i64::from(delta.cast_signed()));
            }
            Ok(())
        })?;
        Ok((samples, u64::try_from(ticks.max(0)).unwrap_or(u64::MAX)))
    }

    /// How many samples the chunks hold, and the most that one chunk does.
    fn count_runs(&self, view: View<'_>, pane: &mut Pane) -> Step<(u64, u32)> {
        let (mut samples, mut most) = (0_u64, 0);
        let ordered = each_run(view, self.runs, self.chunks.count, pane, |run| {
            samples = samples.saturating_add(u64::from(run.per_chunk).saturating_mul(run.len));
            most = most.max(run.per_chunk);
            Ok(())
        })?;
        if !ordered {
            return Err(Flaw::RunsUnordered { track: self.track }.into());
        }
        Ok((samples, most))
    }

    /// The index of the first chunk that is not followed by `longest` bytes of its media data, so
    /// that it must be measured.
    fn first_late(
        &self,
        view: View<'_>,
        pane: &mut Pane,
        media: &Media,
        longest: u64,
    ) -> Step<Option<u64>> {
        let mut column = Column::new(view, self.chunks, pane);
        let mut around = media.first().unwrap_or_default();
        let mut index = 0;
        while index < self.chunks.count {
            let block = column.from(index)?;
            let late = match self.chunks.width {
                4 => late_in(longs(block).map(u64::from), media, &mut around, longest),
                _ => late_in(quads(block), media, &mut around, longest),
            };
            match late {
                Some(within) => return Ok(Some(index + within)),
                None => index += entries(block, self.chunks.width),
            }
        }
        Ok(None)
    }

    /// Measures every chunk from `late` on sample by sample.
    fn measure(&self, view: View<'_>, panes: &mut Panes, media: &Media, late: u64) -> Step<()> {
        let mut measure = Measure {
            track: self.track,
            media,
            around: Range::default(),
            offsets: Column::new(view, self.chunks, &mut panes.second),
            wide: self.chunks.width == 8,
            sizes: SizeColumn::new(view, self.sizes, &mut panes.third),
        };
        let mut sample = 0_u64;
        let pane = &mut panes.first;
        each_run(view, self.runs, self.chunks.count, pane, |run| {
            let skipped = late.saturating_sub(run.first).min(run.len);
            if skipped < run.len {
                let from = sample + skipped * u64::from(run.per_chunk);
                measure.run(run, run.first + skipped, from)?;
            }
            sample += run.len * u64::from(run.per_chunk);
            Ok(())
        })?;
        Ok(())
    }
}

/// Chunks being measured, from any of them forward.
struct Measure<'r> {
    track: u32,
    media: &'r Media,
    /// The media data that the last chunk was in.
    around: Range,
    offsets: Column<'r>,
    /// Whether offsets are eight bytes wide.
    wide: bool,
    sizes: SizeColumn<'r>,
}

impl Measure<'_> {
    /// Measures the chunks of `run` from `chunk` on, which begins with `sample`.
    fn run(&mut self, run: Run, chunk: u64, mut sample: u64) -> Step<()> {
        let per_chunk = u64::from(run.per_chunk);
        for chunk in chunk..run.first + run.len {
            let offset = self.offsets.from(chunk)?;
            let at = if self.wide {
                be64(offset, 0)
            } else {
                u64::from(be32(offset, 0))
            };
            let len = self.sizes.sum(sample, per_chunk)?;
            if !self.around.holds(at, len) {
                self.around = self.media.around(at).unwrap_or_default();
                if len > 0 && !self.around.holds(at, len) {
                    return Err(self.outside(at));
                }
            }
            sample += per_chunk;
        }
        Ok(())
    }

    fn outside(&self, at: u64) -> Stop {
        if self.media.overflowed() {
            return Unread::Places { at }.into();
        }
        let track = self.track;
        Flaw::SamplesOutside { track, at }.into()
    }
}

/// The index of the first of these chunks that is not followed by `longest` bytes of the media data
/// it is in. Chunks that follow each other mostly are in the same one: `around`.
fn late_in(
    mut chunks: impl Iterator<Item = u64>,
    media: &Media,
    around: &mut Range,
    longest: u64,
) -> Option<u64> {
    let mut reach = around.reach(longest);
    let mut index = 0;
    let late = chunks.find(|at| {
        index += 1;
        // A chunk before the range wraps around to be farther than any reach.
        if reach.is_some_and(|reach| at.wrapping_sub(around.start) <= reach) {
            return false;
        }
        *around = media.around(*at).unwrap_or_default();
        reach = around.reach(longest);
        reach.is_none_or(|reach| at.wrapping_sub(around.start) > reach)
    });
    late.map(|_| index - 1)
}

/// The lower four bytes of a number that has no more.
fn low_half(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
