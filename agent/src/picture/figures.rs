//! Figures of one picture: all that verdicts are made of, taken once, from a raster of fixed size.
//!
//! A *face*: it uses its children, one a kind of figure. Pure. The recorder's text never counts:
//! it stays black on white when the view behind it is blurred, gone or frozen.

mod colour;
mod edges;
mod patches;
mod sharpness;
mod tones;

use super::grid::{GRID_HEIGHT, GRID_WIDTH, Grid};
use super::mask::Masks;
use super::raster::{Normal, Picture, share};

/// Figures of a picture. Grey levels are the decoder's, 0 to 255; shares are parts of 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figures {
    /// Mean luma.
    pub mean: f32,
    /// Standard deviation of luma.
    pub deviation: f32,
    /// Share of pixels under [`DARK`].
    pub dark_share: f32,
    /// Share of pixels that are about the most common luma, when the colour is one, too; else 0.
    pub one_colour_share: f32,
    /// Entropy of luma in bits, 64 classes.
    pub entropy: f32,
    /// Variance of the Laplacian.
    pub laplacian: f32,
    /// Standard deviation of the noise at the measured size, in grey levels.
    pub noise: f32,
    /// Share of the largest connected part that is smooth or dark.
    pub patch_share: f32,
    /// Share of the largest connected part that is dark.
    pub dark_patch_share: f32,
    /// Mean blue difference; 128 is none.
    pub mean_u: f32,
    /// Mean red difference; 128 is none.
    pub mean_v: f32,
    /// Standard deviation of the colour over the picture; about 0 for grey pictures.
    pub colourfulness: f32,
}

/// How many figures there are.
pub const FIGURES: usize = 12;

/// Luma under which a pixel is dark: what `blackframe` of ffmpeg takes; a tenth of the limited range
/// that cameras use is 38, of the full range 26.
pub const DARK: u8 = 32;

/// All that is measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The figures.
    pub figures: Figures,
    /// One bit for each pair of neighbours in a 9 × 8 picture: whether the right one is brighter.
    pub dhash: u64,
    /// Mean luma of each cell, in 1/256 of a grey level.
    pub cells: Grid<u16>,
    /// How much edge there is in each cell.
    pub edges: Grid<u8>,
    /// The picture at the size at which it was measured.
    pub normal: Normal,
}

impl Figures {
    /// In the order in which they stand above.
    pub fn to_array(self) -> [f32; FIGURES] {
        [
            self.mean,
            self.deviation,
            self.dark_share,
            self.one_colour_share,
            self.entropy,
            self.laplacian,
            self.noise,
            self.patch_share,
            self.dark_patch_share,
            self.mean_u,
            self.mean_v,
            self.colourfulness,
        ]
    }

    /// From what [`Figures::to_array`] gave; `None` when one of them is no finite number.
    pub fn from_array(array: [f32; FIGURES]) -> Option<Self> {
        if !array.iter().all(|figure| figure.is_finite()) {
            return None;
        }
        let [
            mean,
            deviation,
            dark_share,
            one_colour_share,
            entropy,
            rest @ ..,
        ] = array;
        let [
            laplacian,
            noise,
            patch_share,
            dark_patch_share,
            mean_u,
            mean_v,
            colourfulness,
        ] = rest;
        Some(Self {
            mean,
            deviation,
            dark_share,
            one_colour_share,
            entropy,
            laplacian,
            noise,
            patch_share,
            dark_patch_share,
            mean_u,
            mean_v,
            colourfulness,
        })
    }
}

/// Measures a picture of at least one pixel.
pub fn measure(picture: &dyn Picture, masks: &Masks) -> Measured {
    let normal = Normal::of(picture);
    let grey = normal.grey();
    let cells = Grid::of(|x, y| normal.cell((x, y), (GRID_WIDTH, GRID_HEIGHT)));
    let edges = edges::edges(&normal, &grey);
    let counted = masks.counted_cells();
    let tones = tones::Tones::of(&normal, &grey, masks);
    let noise = sharpness::noise(&normal);
    let colour = colour::Colour::of(picture);
    let patches = patches::Patches::of(&cells, &edges, &counted, noise);
    let one_colour = colour.spread() <= colour::ONE_COLOUR_SPREAD;
    let figures = Figures {
        mean: tones.mean(),
        deviation: tones.deviation(),
        dark_share: tones.share_under(DARK),
        one_colour_share: if one_colour { tones.modal_share() } else { 0.0 },
        entropy: tones.entropy(),
        laplacian: sharpness::laplacian_variance(&normal, &grey, masks),
        noise,
        patch_share: patches.largest,
        dark_patch_share: patches.largest_dark,
        mean_u: colour.mean_u(),
        mean_v: colour.mean_v(),
        colourfulness: colour.spread(),
    };
    Measured {
        figures,
        dhash: dhash(&cells, &counted),
        cells,
        edges,
        normal,
    }
}

/// Width and height of the picture that the hash compares neighbours in.
const HASH_WIDTH: usize = 9;
const HASH_HEIGHT: usize = 8;

/// The difference hash of what counts; cells that do not are taken as black.
fn dhash(cells: &Grid<u16>, counted: &Grid<bool>) -> u64 {
    let mean = |x: usize, y: usize| {
        let columns = share(x, HASH_WIDTH, GRID_WIDTH);
        let rows = share(y, HASH_HEIGHT, GRID_HEIGHT);
        let (pixels, mut sum) = (rows.len() * columns.len(), 0_u64);
        for row in rows {
            let at = row * GRID_WIDTH + columns.start..row * GRID_WIDTH + columns.end;
            let values = cells.cells()[at.clone()].iter().zip(&counted.cells()[at]);
            sum += values
                .map(|(v, c)| u64::from(*v) * u64::from(*c))
                .sum::<u64>();
        }
        sum / u64::try_from(pixels).unwrap_or(1).max(1)
    };
    let mut hash = 0;
    for y in 0..HASH_HEIGHT {
        for x in 0..HASH_WIDTH - 1 {
            hash = hash << 1 | u64::from(mean(x + 1, y) > mean(x, y));
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn brighter_pictures_have_the_same_hash(
            cells in proptest::collection::vec(0_u16..30_000, crate::picture::grid::GRID_CELLS),
            more in 0_u16..30_000,
        ) {
            let counted = Grid::filled(true);
            let brighter = cells.iter().map(|cell| cell + more).collect();
            let one = dhash(&Grid::from_cells(cells).unwrap(), &counted);
            let other = dhash(&Grid::from_cells(brighter).unwrap(), &counted);
            prop_assert_eq!(one, other);
        }

        #[test]
        fn a_mirrored_slope_has_the_opposite_hash(step in 256_u16..1_000) {
            let counted = Grid::filled(true);
            let at = |x: usize| u16::try_from(x).unwrap() * step;
            let up = Grid::of(|x, _| at(x));
            let down = Grid::of(|x, _| at(GRID_WIDTH - x));
            prop_assert_eq!(dhash(&up, &counted), u64::MAX);
            prop_assert_eq!(dhash(&down, &counted), 0);
        }

        #[test]
        fn figures_come_back_from_their_array(array in any::<[f32; FIGURES]>()) {
            let finite = array.iter().all(|figure| figure.is_finite());
            prop_assert_eq!(Figures::from_array(array).map(Figures::to_array), finite.then_some(array));
        }
    }
}
