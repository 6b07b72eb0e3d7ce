//! Sample tables: where they lie, and going through them block by block.
//!
//! It must not know which of them must agree with which.

use crate::footage::container::column::{Column, Pane, Table};
use crate::footage::container::reader::{Step, View};

use super::boxes::be32;

/// Where the sample tables of a track lie, those that are there.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tables {
    /// Where the box around them begins.
    pub(super) at: u64,
    /// Pairs of a count and a duration.
    pub(super) times: Option<Table>,
    pub(super) sizes: Option<Sizes>,
    /// Triples of first chunk, samples per chunk, and sample entry.
    pub(super) runs: Option<Table>,
    /// Offsets of chunks, four or eight bytes wide.
    pub(super) chunks: Option<Table>,
    /// Numbers of the samples that need no other, counted from one; without it all are.
    pub(super) keys: Option<Table>,
}

impl Tables {
    /// Whether there are entries to read.
    pub(super) fn filled(&self) -> bool {
        self.chunks.is_some_and(|chunks| chunks.count > 0)
    }
}

/// The sizes of the samples of a track.
#[derive(Debug, Clone, Copy)]
pub(super) enum Sizes {
    /// All alike.
    Same { size: u32, count: u64 },
    /// Each its own, one, two or four bytes wide.
    Each(Table),
}

impl Default for Sizes {
    fn default() -> Self {
        Self::Same { size: 0, count: 0 }
    }
}

/// Chunks that follow each other and hold equally many samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The first of them, counted from zero.
    pub(super) first: u64,
    pub(super) len: u64,
    pub(super) per_chunk: u32,
}

/// Shows `look` the bytes of all entries of `table`, whole entries at a time.
pub(super) fn each_block(
    view: View<'_>,
    table: Table,
    pane: &mut Pane,
    mut look: impl FnMut(&[u8]) -> Step<()>,
) -> Step<()> {
    let mut column = Column::new(view, table, pane);
    let mut index = 0;
    while index < table.count {
        let block = column.from(index)?;
        index += entries(block, table.width);
        look(block)?;
    }
    Ok(())
}

/// Shows `look` the runs in this table of a track with so many chunks. Whether they were in order is
/// the answer; what `look` saw is to be forgotten if they were not.
pub(super) fn each_run(
    view: View<'_>,
    runs: Table,
    chunks: u64,
    pane: &mut Pane,
    mut look: impl FnMut(Run) -> Step<()>,
) -> Step<bool> {
    let mut last: Option<(u64, u32)> = None;
    let mut ordered = true;
    each_block(view, runs, pane, |block| {
        let (triples, _) = block.as_chunks::<12>();
        for triple in triples {
            let first = u64::from(be32(triple, 0));
            match last {
                None => ordered &= first == 1,
                Some((start, _)) if first <= start => ordered = false,
                Some((start, per_chunk)) => {
                    look(Run {
                        first: start - 1,
                        len: first - start,
                        per_chunk,
                    })?;
                }
            }
            if !ordered {
                break;
            }
            last = Some((first, be32(triple, 4)));
        }
        Ok(())
    })?;
    match last.map(|(first, per_chunk)| (first, (chunks + 1).checked_sub(first), per_chunk)) {
        Some((first, Some(len), per_chunk)) => {
            look(Run {
                first: first - 1,
                len,
                per_chunk,
            })?;
            Ok(ordered)
        }
        Some((_, None, _)) => Ok(false),
        None => Ok(ordered),
    }
}

/// The sizes of samples, added up from any place forward.
pub(super) enum SizeColumn<'r> {
    Same(u32),
    Each { column: Column<'r>, width: usize },
}

impl<'r> SizeColumn<'r> {
    pub(super) fn new(view: View<'r>, sizes: Sizes, pane: &'r mut Pane) -> Self {
        match sizes {
            Sizes::Same { size, .. } => Self::Same(size),
            Sizes::Each(table) => Self::Each {
                column: Column::new(view, table, pane),
                width: table.width,
            },
        }
    }

    /// The bytes of `count` samples from `index` on; samples behind the last have none.
    pub(super) fn sum(&mut self, index: u64, count: u64) -> Step<u64> {
        let (column, width) = match self {
            Self::Same(size) => return Ok(u64::from(*size).saturating_mul(count)),
            Self::Each { column, width } => (column, *width),
        };
        let (mut sum, mut at) = (0_u64, index);
        let end = index.saturating_add(count);
        while at < end {
            let block = column.from(at)?;
            let wanted =
                usize::try_from(end - at).map_or(usize::MAX, |left| left.saturating_mul(width));
            let block = block.get(..wanted).unwrap_or(block);
            if block.is_empty() {
                break;
            }
            sum += match width {
                1 => block.iter().map(|size| u64::from(*size)).sum::<u64>(),
                2 => words(block).map(u64::from).sum(),
                _ => longs(block).map(u64::from).sum(),
            };
            at += entries(block, width);
        }
        Ok(sum)
    }
}

/// Whole entries in a block; never none, so that no loop over blocks stands still.
pub(super) fn entries(block: &[u8], width: usize) -> u64 {
    u64::try_from(block.len() / width.max(1)).map_or(u64::MAX, |count| count.max(1))
}

/// A block as numbers of two bytes.
pub(super) fn words(block: &[u8]) -> impl Iterator<Item = u16> {
    block
        .as_chunks()
        .0
        .iter()
        .map(|bytes| u16::from_be_bytes(*bytes))
}

/// A block as numbers of four bytes.
pub(super) fn longs(block: &[u8]) -> impl Iterator<Item = u32> {
    block
        .as_chunks()
        .0
        .iter()
        .map(|bytes| u32::from_be_bytes(*bytes))
}

/// A block as numbers of eight bytes.
pub(super) fn quads(block: &[u8]) -> impl Iterator<Item = u64> {
    block
        .as_chunks()
        .0
        .iter()
        .map(|bytes| u64::from_be_bytes(*bytes))
}
