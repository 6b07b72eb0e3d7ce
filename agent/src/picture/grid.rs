//! The picture divided into 64 × 36 cells, whatever its size: what views are compared by.
//!
//! A cell is 30 × 30 pixels of a full-HD picture: small enough to tell one view from another, large
//! enough that a trembling pole moves nothing into the next cell.

/// Cells in a row.
pub const GRID_WIDTH: usize = 64;
/// Rows of cells.
pub const GRID_HEIGHT: usize = 36;
/// Cells.
pub const GRID_CELLS: usize = GRID_WIDTH * GRID_HEIGHT;

/// One value for each cell, row by row from the top left; always [`GRID_CELLS`] of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grid<T>(Vec<T>);

impl<T: Copy> Grid<T> {
    /// The same value everywhere.
    pub fn filled(value: T) -> Self {
        Self(vec![value; GRID_CELLS])
    }

    /// A value for each cell, by its column and row.
    pub fn of(mut value: impl FnMut(usize, usize) -> T) -> Self {
        let cells = (0..GRID_CELLS).map(|at| value(at % GRID_WIDTH, at / GRID_WIDTH));
        Self(cells.collect())
    }

    /// From values row by row; `None` unless there are [`GRID_CELLS`].
    pub fn from_cells(cells: Vec<T>) -> Option<Self> {
        (cells.len() == GRID_CELLS).then_some(Self(cells))
    }

    /// Row by row.
    pub fn cells(&self) -> &[T] {
        &self.0
    }

    /// Row by row, to be changed.
    pub fn cells_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}
