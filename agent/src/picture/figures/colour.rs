//! How much colour there is: a camera that sees by infrared has none.

use crate::picture::grid::{GRID_CELLS, GRID_HEIGHT, GRID_WIDTH};
use crate::picture::raster::Picture;

/// Spread up to which a picture is of one colour.
pub(super) const ONE_COLOUR_SPREAD: f32 = 2.0;

/// Sums over one pixel of each cell.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Colour {
    u: f32,
    v: f32,
    squares: f32,
}

impl Colour {
    pub(super) fn of(picture: &dyn Picture) -> Self {
        let (width, height) = picture.size();
        let mut colour = Self::default();
        for row in 0..GRID_HEIGHT {
            for column in 0..GRID_WIDTH {
                let x = (2 * column + 1) * width / (2 * GRID_WIDTH);
                let y = (2 * row + 1) * height / (2 * GRID_HEIGHT);
                let (u, v) = picture.chroma(x, y);
                let (u, v) = (f32::from(u) - 128.0, f32::from(v) - 128.0);
                colour.u += u;
                colour.v += v;
                colour.squares += u.mul_add(u, v * v);
            }
        }
        colour
    }

    pub(super) fn mean_u(self) -> f32 {
        128.0 + self.u / cells()
    }

    pub(super) fn mean_v(self) -> f32 {
        128.0 + self.v / cells()
    }

    /// Standard deviation of both together.
    pub(super) fn spread(self) -> f32 {
        let (u, v) = (self.u / cells(), self.v / cells());
        let variance = self.squares / cells() - u.mul_add(u, v * v);
        variance.max(0.0).sqrt()
    }
}

fn cells() -> f32 {
    f32::from(u16::try_from(GRID_CELLS).unwrap_or(u16::MAX))
}
