//! Where edges are: how much brightness changes from pixel to pixel, gathered into cells.

use crate::picture::grid::{GRID_HEIGHT, GRID_WIDTH, Grid};
use crate::picture::raster::{Normal, share};

/// Steepest change that counts: a lamp's rim must not outweigh a room full of shelves.
const STEP_MAX: u8 = 48;

/// Edge values for one grey level of mean change.
const SCALE: u32 = 4;

/// The mean change in each cell, times [`SCALE`]; 0 where the picture is too small for a cell.
pub(super) fn edges(normal: &Normal, grey: &[u8]) -> Grid<u8> {
    let (width, height) = (normal.width, normal.height);
    let mut cells = Grid::filled(0_u8);
    let mut steps = vec![0_u8; width];
    for (row, line) in cells.cells_mut().chunks_mut(GRID_WIDTH).enumerate() {
        let rows = share(row, GRID_HEIGHT, height);
        let mut sums = [0_u32; GRID_WIDTH];
        for y in rows.clone() {
            let here = &grey[y * width..][..width];
            let below = &grey[(y + 1).min(height - 1) * width..][..width];
            changes(here, below, &mut steps);
            for (x, sum) in sums.iter_mut().enumerate() {
                let columns = &steps[share(x, GRID_WIDTH, width)];
                *sum += columns.iter().map(|step| u32::from(*step)).sum::<u32>();
            }
        }
        for (x, (cell, sum)) in line.iter_mut().zip(sums).enumerate() {
            let pixels = rows.len() * share(x, GRID_WIDTH, width).len();
            let pixels = u32::try_from(pixels).unwrap_or(u32::MAX).max(1);
            *cell = u8::try_from(sum * SCALE / pixels).unwrap_or(u8::MAX);
        }
    }
    cells
}

/// Change to the right and downwards, at most [`STEP_MAX`]; 0 in the last column.
fn changes(here: &[u8], below: &[u8], steps: &mut [u8]) {
    let right = here.get(1..).unwrap_or_default();
    for (((step, a), b), c) in steps.iter_mut().zip(here).zip(right).zip(below) {
        *step = a.abs_diff(*b).saturating_add(a.abs_diff(*c)).min(STEP_MAX);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edge_is_in_the_cells_that_it_crosses() {
        let (width, height) = (GRID_WIDTH * 4, GRID_HEIGHT * 4);
        // A line two cells from the left.
        let grey: Vec<u8> = (0..width * height)
            .map(|at| if at % width < 10 { 20 } else { 200 })
            .collect();
        let normal = Normal {
            width,
            height,
            fine: grey.iter().map(|value| u16::from(*value) << 8).collect(),
        };
        let edges = edges(&normal, &grey);
        for line in edges.cells().chunks(GRID_WIDTH) {
            // One of four pixels in a row changes by the most that counts.
            assert_eq!(line[2], 48);
            assert!(
                line.iter()
                    .enumerate()
                    .all(|(x, edge)| x == 2 || *edge == 0)
            );
        }
    }

    #[test]
    fn a_picture_smaller_than_the_grid_has_edges_too() {
        let grey = [0_u8, 255, 0, 255];
        let normal = Normal {
            width: 2,
            height: 2,
            fine: grey.iter().map(|value| u16::from(*value) << 8).collect(),
        };
        assert!(edges(&normal, &grey).cells().iter().any(|edge| *edge > 0));
    }
}
