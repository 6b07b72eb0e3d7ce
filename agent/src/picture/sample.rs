//! All that is known of one decoded picture, and its form on the pipe from the decoder.
//!
//! Whoever decodes may have been taken over by what it decoded, so reading checks every length and
//! every number; a sample that exists is a sound one, if not a true one.

use super::figures::{FIGURES, Figures, Measured, measure};
use super::frame::SIDE_MAX;
use super::grid::{GRID_CELLS, Grid};
use super::mask::Masks;
use super::raster::{Picture, RASTER_HEIGHT_MAX, RASTER_WIDTH_MAX, Raster};

/// One picture, measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Width and height of the picture in pixels.
    pub size: (u32, u32),
    /// Its figures.
    pub figures: Figures,
    /// Its difference hash.
    pub dhash: u64,
    /// Mean luma of each cell, in 1/256 of a grey level.
    pub cells: Grid<u16>,
    /// How much edge there is in each cell.
    pub edges: Grid<u8>,
    /// The picture, small and masked.
    pub raster: Raster,
}

/// Bytes before the raster's own.
const FIXED_BYTES: usize = 4 + 4 + 4 * FIGURES + 8 + 2 * GRID_CELLS + GRID_CELLS + 2 + 2;

/// Bytes of a sample at most.
pub const SAMPLE_BYTES_MAX: usize =
    FIXED_BYTES + RASTER_WIDTH_MAX as usize * RASTER_HEIGHT_MAX as usize;

impl Sample {
    /// Measures a picture of at least one pixel; the raster kept is about `raster_width` wide.
    pub fn of(picture: &dyn Picture, masks: &Masks, raster_width: u16) -> Self {
        let Measured {
            figures,
            dhash,
            cells,
            edges,
            normal,
        } = measure(picture, masks);
        let size = picture.size();
        let pixels = |side| u32::try_from(side).unwrap_or(u32::MAX);
        Self {
            size: (pixels(size.0), pixels(size.1)),
            figures,
            dhash,
            cells,
            edges,
            raster: normal.raster(raster_width, size, masks),
        }
    }

    /// As bytes, little endian.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FIXED_BYTES + self.raster.luma().len());
        bytes.extend(self.size.0.to_le_bytes());
        bytes.extend(self.size.1.to_le_bytes());
        bytes.extend(self.figures.to_array().iter().flat_map(|f| f.to_le_bytes()));
        bytes.extend(self.dhash.to_le_bytes());
        bytes.extend(
            self.cells
                .cells()
                .iter()
                .flat_map(|cell| cell.to_le_bytes()),
        );
        bytes.extend(self.edges.cells());
        bytes.extend(self.raster.width().to_le_bytes());
        bytes.extend(self.raster.height().to_le_bytes());
        bytes.extend(self.raster.luma());
        bytes
    }

    /// From bytes; `None` when they are not what [`Sample::to_bytes`] could have given.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (fixed, luma) = bytes.split_at_checked(FIXED_BYTES)?;
        let mut rest = fixed;
        let size = (u32_of(&mut rest)?, u32_of(&mut rest)?);
        let mut figures = [0.0; FIGURES];
        for figure in &mut figures {
            *figure = f32::from_bits(u32_of(&mut rest)?);
        }
        let dhash = u64::from_le_bytes(take(&mut rest)?);
        let (cells, after) = rest.split_at_checked(2 * GRID_CELLS)?;
        let cells = cells.as_chunks().0.iter().copied().map(u16::from_le_bytes);
        let (edges, mut after) = after.split_at_checked(GRID_CELLS)?;
        let width = u16::from_le_bytes(take(&mut after)?);
        let height = u16::from_le_bytes(take(&mut after)?);
        let sides = 1..=SIDE_MAX;
        let sound = sides.contains(&size.0) && sides.contains(&size.1) && after.is_empty();
        sound.then_some(())?;
        Some(Self {
            size,
            figures: Figures::from_array(figures)?,
            dhash,
            cells: Grid::from_cells(cells.collect())?,
            edges: Grid::from_cells(edges.to_vec())?,
            raster: Raster::new(width, height, luma.to_vec())?,
        })
    }
}

fn u32_of(bytes: &mut &[u8]) -> Option<u32> {
    take(bytes).map(u32::from_le_bytes)
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (taken, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Even(u8);

    impl Picture for Even {
        fn size(&self) -> (usize, usize) {
            (640, 360)
        }
        fn luma(&self, y: usize, row: &mut [u8]) {
            for (x, value) in row.iter_mut().enumerate() {
                *value = self
                    .0
                    .wrapping_add(u8::try_from((x / 9 + y / 7) % 97).unwrap());
            }
        }
        fn chroma(&self, _: usize, _: usize) -> (u8, u8) {
            (120, 140)
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn a_sample_comes_back_from_its_bytes(luma: u8, width in 1_u16..400) {
            let sample = Sample::of(&Even(luma), &Masks::default(), width);
            prop_assert!(sample.to_bytes().len() <= SAMPLE_BYTES_MAX);
            prop_assert_eq!(Sample::from_bytes(&sample.to_bytes()), Some(sample));
        }

        #[test]
        fn damaged_bytes_are_none_or_a_sound_sample(at: usize, value: u8, cut: usize) {
            let mut bytes = Sample::of(&Even(3), &Masks::default(), 32).to_bytes();
            let at = at % FIXED_BYTES;
            bytes[at] = value;
            if let Some(sample) = Sample::from_bytes(&bytes) {
                prop_assert_eq!(sample.to_bytes(), bytes.clone());
            }
            bytes.truncate(cut % bytes.len());
            prop_assert_eq!(Sample::from_bytes(&bytes), None);
        }
    }
}
