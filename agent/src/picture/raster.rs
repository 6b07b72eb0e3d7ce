//! Grey pictures and their averages: from a decoder's planes down to the little that is looked at.
//!
//! Everything is an average over boxes that cover the picture without overlap, so that nothing of it
//! is skipped and noise shrinks with the size. Sums are in whole numbers; loops run along rows, so
//! that the compiler makes vectors of them.

use std::ops::Range;

use super::mask::Masks;

/// Width of a kept raster at most, in pixels.
pub const RASTER_WIDTH_MAX: u16 = 320;
/// Height of a kept raster at most, in pixels.
pub const RASTER_HEIGHT_MAX: u16 = 320;

/// Size at which pictures are measured, in pixels: larger ones are averaged down to it, so that 4K
/// costs little more than full HD and a figure means the same at both.
pub const NORMAL_WIDTH: usize = 480;
/// See [`NORMAL_WIDTH`].
pub const NORMAL_HEIGHT: usize = 270;

/// How many rows are summed before the sums are carried on: 255 × 256 fits 16 bits.
const ROWS_AT_ONCE: usize = 256;

/// A decoded picture, row by row, 8 bits a sample, whatever the decoder's own form is.
pub trait Picture {
    /// Width and height in pixels.
    fn size(&self) -> (usize, usize);
    /// Luma of row `y` into a buffer as long as the picture is wide.
    fn luma(&self, y: usize, row: &mut [u8]);
    /// Blue and red difference at a pixel; 128 and 128 where the picture has no colour.
    fn chroma(&self, x: usize, y: usize) -> (u8, u8);
}

/// A small grey picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raster {
    width: u16,
    height: u16,
    luma: Vec<u8>,
}

/// Averages of a picture at the size at which it is measured, in 1/256 of a grey level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Normal {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row.
    pub fine: Vec<u16>,
}

impl Raster {
    /// From its bytes, row by row; `None` when their number or the size is wrong.
    pub fn new(width: u16, height: u16, luma: Vec<u8>) -> Option<Self> {
        let sound = (1..=RASTER_WIDTH_MAX).contains(&width)
            && (1..=RASTER_HEIGHT_MAX).contains(&height)
            && luma.len() == usize::from(width) * usize::from(height);
        sound.then_some(Self {
            width,
            height,
            luma,
        })
    }

    /// Pixels in a row.
    pub fn width(&self) -> u16 {
        self.width
    }

    /// Rows.
    pub fn height(&self) -> u16 {
        self.height
    }

    /// Row by row, 0 black.
    pub fn luma(&self) -> &[u8] {
        &self.luma
    }
}

impl Normal {
    /// Averages a picture down; one that is smaller keeps its size.
    pub fn of(picture: &dyn Picture) -> Self {
        let (wide, high) = picture.size();
        let (width, height) = (wide.min(NORMAL_WIDTH), high.min(NORMAL_HEIGHT));
        let mut fine = Vec::with_capacity(width * height);
        let (mut row, mut sums) = (vec![0_u8; wide], vec![0_u16; wide]);
        let mut totals = vec![0_u32; width];
        for y in 0..height {
            let rows = share(y, height, high);
            totals.fill(0);
            for some in chunks(&rows) {
                sums.fill(0);
                for at in some {
                    picture.luma(at, &mut row);
                    for (sum, value) in sums.iter_mut().zip(&row) {
                        *sum += u16::from(*value);
                    }
                }
                for (x, total) in totals.iter_mut().enumerate() {
                    let columns = &sums[share(x, width, wide)];
                    *total += columns.iter().map(|sum| u32::from(*sum)).sum::<u32>();
                }
            }
            fine.extend(totals.iter().enumerate().map(|(x, total)| {
                let pixels = rows.len() * share(x, width, wide).len();
                average(u64::from(*total) << 8, pixels)
            }));
        }
        Self {
            width,
            height,
            fine,
        }
    }

    /// The average over the box that is cell (`x`, `y`) of a division into `across` × `down`.
    ///
    /// A division finer than the picture repeats its pixels.
    pub fn cell(&self, (x, y): (usize, usize), (across, down): (usize, usize)) -> u16 {
        let columns = share_or_one(x, across, self.width);
        let rows = share_or_one(y, down, self.height);
        let pixels = rows.len() * columns.len();
        let sum = rows.map(|row| {
            let line = &self.fine[row * self.width..][columns.clone()];
            line.iter().map(|value| u64::from(*value)).sum::<u64>()
        });
        average(sum.sum(), pixels)
    }

    /// Whole grey levels, row by row.
    pub fn grey(&self) -> Vec<u8> {
        let whole = |value: &u16| u8::try_from((u32::from(*value) + 128) >> 8).unwrap_or(u8::MAX);
        self.fine.iter().map(whole).collect()
    }

    /// A raster of about this width in the picture's own proportions, the private parts black.
    pub fn raster(&self, wanted: u16, (wide, high): (usize, usize), masks: &Masks) -> Raster {
        let widest = self.width.min(usize::from(RASTER_WIDTH_MAX));
        let width = usize::from(wanted).clamp(1, widest);
        let tallest = self.height.min(usize::from(RASTER_HEIGHT_MAX));
        let height = (width * high / wide.max(1)).clamp(1, tallest);
        let mut luma = Vec::with_capacity(width * height);
        for y in 0..height {
            luma.extend((0..width).map(|x| {
                let fine = self.cell((x, y), (width, height));
                u8::try_from(fine >> 8).unwrap_or(u8::MAX)
            }));
        }
        for rectangle in masks.private() {
            for y in rectangle.rows(height) {
                luma[y * width..][rectangle.columns(width)].fill(0);
            }
        }
        let small = |side| u16::try_from(side).unwrap_or(u16::MAX);
        Raster {
            width: small(width),
            height: small(height),
            luma,
        }
    }
}

/// The part of `whole` that is the share `at` of `parts`; never empty when `parts` ≤ `whole`.
pub fn share(at: usize, parts: usize, whole: usize) -> Range<usize> {
    at * whole / parts..(at + 1) * whole / parts
}

/// As [`share`], but one where the division is finer than the whole.
fn share_or_one(at: usize, parts: usize, whole: usize) -> Range<usize> {
    let part = share(at, parts, whole);
    if part.is_empty() {
        part.start.min(whole - 1)..part.start.min(whole - 1) + 1
    } else {
        part
    }
}

fn chunks(rows: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<> {
    let (start, end) = (rows.start, rows.end);
    (start..end)
        .step_by(ROWS_AT_ONCE)
        .map(move |at| at..(at + ROWS_AT_ONCE).min(end))
}

/// Rounded to nearest; never more than 16 bits because the values averaged are not.
fn average(sum: u64, count: usize) -> u16 {
    let count = u64::try_from(count).unwrap_or(u64::MAX).max(1);
    u16::try_from((sum + count / 2) / count).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::picture::mask::Rectangle;
    use proptest::prelude::*;

    #[derive(Debug)]
    struct Plain {
        width: usize,
        luma: Vec<u8>,
    }

    impl Picture for Plain {
        fn size(&self) -> (usize, usize) {
            (self.width, self.luma.len() / self.width)
        }
        fn luma(&self, y: usize, row: &mut [u8]) {
            row.copy_from_slice(&self.luma[y * self.width..][..self.width]);
        }
        fn chroma(&self, _: usize, _: usize) -> (u8, u8) {
            (128, 128)
        }
    }

    fn plain(width: usize, height: usize, seed: u32) -> Plain {
        let noise = |at: usize| {
            let at = u32::try_from(at).unwrap();
            ((at ^ seed).wrapping_mul(2_654_435_761) >> 24) as u8
        };
        Plain {
            width,
            luma: (0..width * height).map(noise).collect(),
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn every_pixel_counts_once_and_equally(
            width in 1_usize..1_100, height in 1_usize..600, seed: u32, x: usize, y: usize,
        ) {
            let picture = plain(width, height, seed);
            let normal = Normal::of(&picture);
            prop_assert_eq!(normal.fine.len(), normal.width * normal.height);
            let (x, y) = (x % normal.width, y % normal.height);
            let (mut sum, mut pixels) = (0.0, 0.0);
            for row in 0..height {
                for column in 0..width {
                    if share(y, normal.height, height).contains(&row)
                        && share(x, normal.width, width).contains(&column)
                    {
                        sum += f64::from(picture.luma[row * width + column]);
                        pixels += 1.0;
                    }
                }
            }
            let told = f64::from(normal.fine[y * normal.width + x]) / 256.0;
            prop_assert!((told - sum / pixels).abs() <= 0.5 / 256.0, "{told} {}", sum / pixels);
        }

        #[test]
        fn shares_cover_the_whole_without_overlap(parts in 1_usize..500, more in 0_usize..9_000) {
            let whole = parts + more;
            let mut next = 0;
            for at in 0..parts {
                let part = share(at, parts, whole);
                prop_assert_eq!(part.start, next);
                prop_assert!(!part.is_empty());
                next = part.end;
            }
            prop_assert_eq!(next, whole);
        }
    }

    #[test]
    fn a_small_picture_keeps_its_pixels() {
        let picture = plain(16, 9, 7);
        assert_eq!(Normal::of(&picture).grey(), picture.luma);
    }

    #[test]
    fn tall_pictures_do_not_overflow_their_sums() {
        let picture = Plain {
            width: 2,
            luma: vec![255; 2 * 8_192 * 16],
        };
        assert!(Normal::of(&picture).grey().iter().all(|grey| *grey == 255));
    }

    #[test]
    fn private_parts_are_black_in_what_is_kept() {
        let picture = Plain {
            width: 100,
            luma: vec![200; 100 * 50],
        };
        let left = Rectangle::new(0, 0, 500, 1_000).unwrap();
        let masks = Masks::new(Vec::new(), vec![left]).unwrap();
        let raster = Normal::of(&picture).raster(20, (100, 50), &masks);
        assert_eq!((raster.width(), raster.height()), (20, 10));
        for line in raster.luma().chunks(20) {
            assert!(line[..10].iter().all(|grey| *grey == 0));
            assert!(line[10..].iter().all(|grey| *grey == 200));
        }
    }

    #[test]
    fn a_raster_has_as_many_bytes_as_its_size_says() {
        assert_eq!(Raster::new(2, 2, vec![0; 3]), None);
        assert_eq!(Raster::new(0, 2, Vec::new()), None);
        assert_eq!(Raster::new(RASTER_WIDTH_MAX + 1, 1, vec![0; 321]), None);
    }
}
