//! Tables in a file: from the window when they are there, else block by block through a pane.
//!
//! Several can be read side by side, each through a pane of its own. It must not know what the
//! entries mean.

use std::fmt;

use super::reader::{Step, View};

/// Bytes of a long table in memory at once; a multiple of 4, 8 and 12, the widths of most entries.
const PANE_BYTES: usize = 12 * 1024;

/// Memory for a table that does not fit the window.
pub(super) struct Pane(Vec<u8>);

impl fmt::Debug for Pane {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Pane").finish_non_exhaustive()
    }
}

impl Default for Pane {
    fn default() -> Self {
        Self(vec![0; PANE_BYTES])
    }
}

/// Where a table lies: `count` entries of `width` bytes each, within the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) at: u64,
    pub(super) count: u64,
    pub(super) width: usize,
}

/// A table being read: straight from the window when it is there, else block by block.
pub(super) struct Column<'r> {
    view: View<'r>,
    table: Table,
    pane: &'r mut [u8],
    /// What the pane holds: its first entry, and how many.
    first: u64,
    loaded: u64,
}

impl<'r> Column<'r> {
    pub(super) fn new(view: View<'r>, table: Table, pane: &'r mut Pane) -> Self {
        Self {
            view,
            table,
            pane: &mut pane.0,
            first: 0,
            loaded: 0,
        }
    }

    /// The bytes of the entries from `index` on: of at least one, and of as many as there are in
    /// memory; of none behind the end.
    pub(super) fn from(&mut self, index: u64) -> Step<&[u8]> {
        let Table { at, count, width } = self.table;
        let rest = count.saturating_sub(index);
        if rest == 0 {
            return Ok(&[]);
        }
        let stride = u64::try_from(width).unwrap_or(u64::MAX);
        let from = at.saturating_add(index.saturating_mul(stride));
        let whole = usize::try_from(rest.saturating_mul(stride)).ok();
        if let Some(held) = whole.and_then(|len| self.view.held(from, len)) {
            return Ok(held);
        }
        if index < self.first || index - self.first >= self.loaded {
            let fits = u64::try_from(self.pane.len() / width.max(1)).unwrap_or(1);
            let loaded = rest.min(fits);
            let len = usize::try_from(loaded * stride).unwrap_or(0);
            self.loaded = 0;
            let into = self.pane.get_mut(..len).unwrap_or_default();
            self.view.fill(from, into)?;
            (self.first, self.loaded) = (index, loaded);
        }
        let start = usize::try_from((index - self.first) * stride).unwrap_or(usize::MAX);
        let end = usize::try_from(self.loaded * stride).unwrap_or(0);
        Ok(self.pane.get(start..end).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footage::container::reader::{Reader, Window};
    use crate::footage::container::structure::Cost;

    fn numbers(count: u32) -> Vec<u8> {
        (0..count).flat_map(u32::to_be_bytes).collect()
    }

    fn sum(column: &mut Column<'_>, count: u64) -> u64 {
        let (mut sum, mut index) = (0, 0);
        while index < count {
            let block = column.from(index).unwrap();
            assert!(!block.is_empty() && block.len().is_multiple_of(4));
            index += u64::try_from(block.len() / 4).unwrap();
            sum += block
                .chunks_exact(4)
                .map(|entry| u64::from(u32::from_be_bytes(entry.try_into().unwrap())))
                .sum::<u64>();
        }
        sum
    }

    #[test]
    fn a_table_reads_the_same_from_the_window_and_through_the_pane() {
        let bytes = numbers(10_000);
        let size = u64::try_from(bytes.len()).unwrap();
        let slice = bytes.as_slice();
        let (mut window, mut pane) = (Window::default(), Pane::default());
        let table = Table {
            at: 4,
            count: 9_999,
            width: 4,
        };
        let mut reader = Reader::new(&slice, size, &mut window);
        let streamed = sum(&mut Column::new(reader.view(), table, &mut pane), 9_999);
        assert_eq!(reader.cost().reads, 4);
        reader.hold(0, size).unwrap();
        let held = sum(&mut Column::new(reader.view(), table, &mut pane), 9_999);
        assert_eq!((streamed, held), (49_995_000, 49_995_000));
        assert_eq!(
            reader.cost(),
            Cost {
                reads: 5,
                bytes: 39_996 + 40_000
            }
        );
    }
}
