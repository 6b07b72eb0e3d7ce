//! The largest connected part of a picture that shows nothing: smooth, or dark.
//!
//! What covers a lens from near is out of focus: a smooth patch, whatever its colour.

use crate::picture::grid::{GRID_CELLS, GRID_HEIGHT, GRID_WIDTH, Grid};

/// Luma under which a part of the picture is dark enough to be something held before the lens.
const DARK_PATCH: u8 = 50;

/// How far the means of two neighbours of one smooth patch may be apart, in 1/256 of a grey level.
const STEP_MAX: u16 = 4 * 256;

/// Edge value that a smooth cell has at most, without noise: compression leaves about one.
const SMOOTH_MAX: f32 = 4.0;

/// Edge value that noise of deviation 1 adds: 2 · 2/√π grey levels, times 4, and some to spare.
const SMOOTH_PER_NOISE: f32 = 11.0;

/// Shares of the cells that count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Patches {
    /// The largest smooth patch.
    pub(super) largest: f32,
    /// The largest dark patch.
    pub(super) largest_dark: f32,
}

impl Patches {
    pub(super) fn of(
        cells: &Grid<u16>,
        edges: &Grid<u8>,
        counted: &Grid<bool>,
        noise: f32,
    ) -> Self {
        let (cells, edges, counted) = (cells.cells(), edges.cells(), counted.cells());
        let smooth_max = noise.mul_add(SMOOTH_PER_NOISE, SMOOTH_MAX);
        let smooth = |at: usize| counted[at] && f32::from(edges[at]) <= smooth_max;
        let dark = |at: usize| counted[at] && cells[at] < u16::from(DARK_PATCH) << 8;
        let near = |a: usize, b: usize| cells[a].abs_diff(cells[b]) <= STEP_MAX;
        let all = counted.iter().filter(|counts| **counts).count();
        let share = |cells: usize| {
            let number = |n: usize| f32::from(u16::try_from(n).unwrap_or(u16::MAX));
            number(cells) / number(all.max(1))
        };
        Self {
            largest: share(largest(smooth, near)),
            largest_dark: share(largest(dark, |_, _| true)),
        }
    }
}

/// Cells of the largest part in which neighbours belong and go together.
fn largest(belongs: impl Fn(usize) -> bool, together: impl Fn(usize, usize) -> bool) -> usize {
    let mut seen = [false; GRID_CELLS];
    let mut most = 0;
    let mut open = Vec::new();
    for start in 0..GRID_CELLS {
        if seen[start] || !belongs(start) {
            continue;
        }
        seen[start] = true;
        open.push(start);
        let mut size = 0;
        while let Some(at) = open.pop() {
            size += 1;
            for next in neighbours(at).into_iter().flatten() {
                if !seen[next] && belongs(next) && together(at, next) {
                    seen[next] = true;
                    open.push(next);
                }
            }
        }
        most = most.max(size);
    }
    most
}

fn neighbours(at: usize) -> [Option<usize>; 4] {
    let (x, y) = (at % GRID_WIDTH, at / GRID_WIDTH);
    [
        (x > 0).then(|| at - 1),
        (x + 1 < GRID_WIDTH).then(|| at + 1),
        (y > 0).then(|| at - GRID_WIDTH),
        (y + 1 < GRID_HEIGHT).then(|| at + GRID_WIDTH),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same by repainting until nothing changes.
    fn model(belongs: &[bool]) -> usize {
        let mut colour: Vec<usize> = (0..GRID_CELLS).collect();
        loop {
            let before = colour.clone();
            for at in 0..GRID_CELLS {
                for next in neighbours(at).into_iter().flatten() {
                    if belongs[at] && belongs[next] {
                        let least = colour[at].min(colour[next]);
                        (colour[at], colour[next]) = (least, least);
                    }
                }
            }
            if before == colour {
                break;
            }
        }
        let sizes = (0..GRID_CELLS).map(|c| {
            (0..GRID_CELLS)
                .filter(|at| belongs[*at] && colour[*at] == c)
                .count()
        });
        sizes.max().unwrap()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]
        #[test]
        fn the_largest_part_agrees_with_repainting(
            belongs in proptest::collection::vec(proptest::bool::weighted(0.6), GRID_CELLS),
        ) {
            prop_assert_eq!(largest(|at| belongs[at], |_, _| true), model(&belongs));
        }
    }

    #[test]
    fn a_hand_before_half_the_lens_is_a_patch_of_half_the_picture() {
        let cells = Grid::of(|x, y| match x {
            ..32 => 90 << 8,
            _ => u16::try_from((x * 7 + y * 13) % 200 * 256).unwrap(),
        });
        let edges = Grid::of(|x, _| if x < 32 { 1 } else { 60 });
        let patches = Patches::of(&cells, &edges, &Grid::filled(true), 0.0);
        assert!((patches.largest - 0.5).abs() < 1e-6);
    }
}
