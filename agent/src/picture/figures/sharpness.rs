//! How sharp a picture is, and how much of what looks sharp is noise.

use crate::picture::mask::Masks;
use crate::picture::raster::Normal;

/// Every how many rows noise is looked for: a quarter of the picture is plenty for a median.
const NOISE_ROW_STEP: usize = 4;

/// What the median of |a − 2b + c| is for noise of deviation 1: 0.6745 · √6.
const MEDIAN_OF_SECOND_DIFFERENCE: f32 = 1.652;

/// Differences above this many 1/256 of a grey level are edges and not noise.
const DIFFERENCES: usize = 64 * 256;

/// Variance of the 4-neighbour Laplacian over the pixels that count.
pub(super) fn laplacian_variance(normal: &Normal, grey: &[u8], masks: &Masks) -> f32 {
    let (width, height) = (normal.width, normal.height);
    if width < 3 || height < 3 {
        return 0.0;
    }
    let (mut sum, mut squares, mut pixels) = (0_i64, 0_i64, 0_u32);
    for y in 1..height - 1 {
        let line = |at: usize| &grey[at * width..][..width];
        let (above, here, below) = (line(y - 1), line(y), line(y + 1));
        for span in masks.counted(y, width, height) {
            // One pixel less on each side, so that no text reaches in.
            let (from, to) = (span.start + 1, span.end.saturating_sub(1));
            if from >= to {
                continue;
            }
            let (s, q) = row_sums(&above[from..to], &here[from - 1..=to], &below[from..to]);
            sum += i64::from(s);
            squares += i64::from(q);
            pixels += u32::try_from(to - from).unwrap_or(u32::MAX);
        }
    }
    let pixels = f64::from(pixels.max(1));
    let (mean, square) = (wide(sum) / pixels, wide(squares) / pixels);
    narrow(mean.mul_add(-mean, square).max(0.0))
}

/// Sum and sum of squares of one row's Laplacian; `here` has one pixel more on each side.
fn row_sums(above: &[u8], here: &[u8], below: &[u8]) -> (i32, i32) {
    let (mut sum, mut squares) = (0_i32, 0_i32);
    let sides = here.iter().zip(&here[2..]).zip(&here[1..]);
    for ((up, down), ((left, right), middle)) in above.iter().zip(below).zip(sides) {
        let around = i32::from(*up) + i32::from(*down) + i32::from(*left) + i32::from(*right);
        let value = around - 4 * i32::from(*middle);
        sum += value;
        // At most 1 020² × 480 pixels: inside 31 bits.
        squares += value * value;
    }
    (sum, squares)
}

/// Standard deviation of the noise, in grey levels: the median of second differences, which most of
/// a picture has none of but for noise.
pub(super) fn noise(normal: &Normal) -> f32 {
    let mut counts = vec![0_u32; DIFFERENCES];
    for line in normal.fine.chunks(normal.width).step_by(NOISE_ROW_STEP) {
        for three in line.windows(3) {
            let [a, b, c] = [three[0], three[1], three[2]].map(i32::from);
            let difference = usize::try_from((a - 2 * b + c).unsigned_abs()).unwrap_or(DIFFERENCES);
            counts[difference.min(DIFFERENCES - 1)] += 1;
        }
    }
    let half = counts.iter().sum::<u32>() / 2;
    let mut below = 0;
    let median = (0_u16..).zip(&counts).find(|(_, count)| {
        below += **count;
        below > half
    });
    median.map_or(0.0, |(median, _)| {
        f32::from(median) / 256.0 / MEDIAN_OF_SECOND_DIFFERENCE
    })
}

#[expect(
    clippy::cast_precision_loss,
    reason = "sums of a small picture stay under 2⁵³"
)]
fn wide(sum: i64) -> f64 {
    sum as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "precision is what is given up"
)]
fn narrow(figure: f64) -> f32 {
    figure as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn normal(width: usize, grey: &[u8]) -> Normal {
        Normal {
            width,
            height: grey.len() / width,
            fine: grey.iter().map(|value| u16::from(*value) << 8).collect(),
        }
    }

    proptest! {
        #[test]
        fn the_variance_agrees_with_a_list(
            width in 3_usize..20, grey in proptest::collection::vec(any::<u8>(), 60..300),
        ) {
            let height = grey.len() / width;
            let grey = &grey[..width * height];
            let mut all = Vec::new();
            for y in 1..height - 1 {
                for x in 1..width - 1 {
                    let at = |x: usize, y: usize| f64::from(grey[y * width + x]);
                    all.push(at(x - 1, y) + at(x + 1, y) + at(x, y - 1) + at(x, y + 1)
                        - 4.0 * at(x, y));
                }
            }
            let n = f64::from(u32::try_from(all.len()).unwrap());
            let mean = all.iter().sum::<f64>() / n;
            let model = all.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n;
            let told = laplacian_variance(&normal(width, grey), grey, &Masks::none());
            prop_assert!((f64::from(told) - model).abs() <= model * 1e-5 + 1e-3);
        }
    }

    #[test]
    fn slopes_have_no_noise_and_no_sharpness() {
        let grey: Vec<u8> = (0..100 * 50)
            .map(|at| u8::try_from(at % 100).unwrap())
            .collect();
        let normal = normal(100, &grey);
        assert!(noise(&normal).abs() < 1e-6);
        assert!(laplacian_variance(&normal, &grey, &Masks::none()).abs() < 1e-6);
    }
}
