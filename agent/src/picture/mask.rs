//! Parts of a picture that do not count (the text that a recorder draws) or must not be shown.
//!
//! In thousandths of the picture's sides, so that a configuration survives a change of resolution.

use std::ops::Range;

use super::grid::{GRID_CELLS, GRID_HEIGHT, GRID_WIDTH, Grid};

/// Rectangles of one kind at most; a picture with more of them should be masked whole.
pub const RECTANGLES_MAX: usize = 8;

/// Thousandths of a side.
pub const WHOLE: u16 = 1_000;

/// How much of the top and of the bottom is taken for text when nothing is configured, in
/// thousandths: date, time and camera name of the common makers stand there.
const TEXT_BAND: u16 = 90;

/// A rectangle in thousandths of the picture, half open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rectangle {
    left: u16,
    top: u16,
    right: u16,
    bottom: u16,
}

/// What does not count and what must not be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Masks {
    text: Vec<Rectangle>,
    private: Vec<Rectangle>,
}

impl Rectangle {
    /// From its edges in thousandths; `None` when it is empty or leaves the picture.
    pub fn new(left: u16, top: u16, right: u16, bottom: u16) -> Option<Self> {
        let sound = left < right && top < bottom && right <= WHOLE && bottom <= WHOLE;
        sound.then_some(Self {
            left,
            top,
            right,
            bottom,
        })
    }

    /// Left, top, right, bottom, in thousandths.
    pub fn edges(self) -> [u16; 4] {
        [self.left, self.top, self.right, self.bottom]
    }

    /// The columns of a picture of this width that it touches.
    pub fn columns(self, width: usize) -> Range<usize> {
        touched(self.left, self.right, width)
    }

    /// The rows of a picture of this height that it touches.
    pub fn rows(self, height: usize) -> Range<usize> {
        touched(self.top, self.bottom, height)
    }
}

impl Masks {
    /// Nothing is masked.
    pub fn none() -> Self {
        Self {
            text: Vec::new(),
            private: Vec::new(),
        }
    }

    /// With these rectangles; `None` when there are more than [`RECTANGLES_MAX`] of a kind.
    pub fn new(text: Vec<Rectangle>, private: Vec<Rectangle>) -> Option<Self> {
        let few = text.len() <= RECTANGLES_MAX && private.len() <= RECTANGLES_MAX;
        few.then_some(Self { text, private })
    }

    /// Where the recorder's text stands: does not count.
    pub fn text(&self) -> &[Rectangle] {
        &self.text
    }

    /// What must not be shown: black in every raster that is kept.
    pub fn private(&self) -> &[Rectangle] {
        &self.private
    }

    /// The columns of row `row` that count, in a picture of this size.
    pub fn counted(&self, row: usize, width: usize, height: usize) -> Vec<Range<usize>> {
        let mut spans: Vec<Range<usize>> = std::iter::once(0..width).collect();
        for rectangle in &self.text {
            if rectangle.rows(height).contains(&row) {
                let hole = rectangle.columns(width);
                spans = spans.iter().flat_map(|span| without(span, &hole)).collect();
            }
        }
        spans
    }

    /// Which cells count: those that no text touches.
    pub fn counted_cells(&self) -> Grid<bool> {
        let mut cells = Grid::filled(false);
        for (row, line) in cells.cells_mut().chunks_mut(GRID_WIDTH).enumerate() {
            for span in self.counted(row, GRID_WIDTH, GRID_HEIGHT) {
                line[span].fill(true);
            }
        }
        debug_assert_eq!(cells.cells().len(), GRID_CELLS);
        cells
    }
}

impl Default for Masks {
    /// Text at the top and at the bottom, nothing private.
    fn default() -> Self {
        let band = |top, bottom| Rectangle {
            left: 0,
            top,
            right: WHOLE,
            bottom,
        };
        Self {
            text: vec![band(0, TEXT_BAND), band(WHOLE - TEXT_BAND, WHOLE)],
            private: Vec::new(),
        }
    }
}

/// The pixels of `length` that the thousandths from `start` to `end` touch.
fn touched(start: u16, end: u16, length: usize) -> Range<usize> {
    let whole = usize::from(WHOLE);
    let first = usize::from(start) * length / whole;
    let last = (usize::from(end) * length).div_ceil(whole);
    first..last.min(length)
}

/// A span without a hole: nothing, one part or two.
fn without(span: &Range<usize>, hole: &Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let left = span.start..span.end.min(hole.start);
    let right = span.start.max(hole.end)..span.end;
    [left, right].into_iter().filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rectangle() -> impl Strategy<Value = Rectangle> {
        (0_u16..1_000, 0_u16..1_000, 1_u16..=1_000, 1_u16..=1_000)
            .prop_filter_map("an empty one", |(left, top, right, bottom)| {
                Rectangle::new(left, top, right, bottom)
            })
    }

    proptest! {
        #[test]
        fn a_pixel_counts_unless_a_rectangle_touches_it(
            text in proptest::collection::vec(rectangle(), 0..=RECTANGLES_MAX),
            width in 1_usize..90,
            height in 1_usize..60,
            row in 0_usize..60,
        ) {
            let row = row % height;
            let masks = Masks::new(text.clone(), Vec::new()).unwrap();
            let mut counted = vec![false; width];
            for span in masks.counted(row, width, height) {
                counted[span].fill(true);
            }
            for (column, counts) in counted.iter().enumerate() {
                let hit = text.iter().any(|r| {
                    r.rows(height).contains(&row) && r.columns(width).contains(&column)
                });
                prop_assert_eq!(*counts, !hit);
            }
        }
    }

    #[test]
    fn rectangles_that_leave_the_picture_are_none() {
        assert_eq!(Rectangle::new(0, 0, 1_001, 5), None);
        assert_eq!(Rectangle::new(5, 0, 5, 5), None);
        assert!(Rectangle::new(0, 0, 1_000, 1_000).is_some());
    }

    #[test]
    fn too_many_rectangles_are_refused() {
        let one = Rectangle::new(0, 0, 1, 1).unwrap();
        assert_eq!(Masks::new(vec![one; RECTANGLES_MAX + 1], Vec::new()), None);
    }
}
