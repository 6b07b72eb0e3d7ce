//! How light and dark are spread: one histogram of what counts, and what follows from it.

use crate::picture::mask::Masks;
use crate::picture::raster::Normal;

/// How far from the most common luma a pixel still is of that colour: what compression makes of an
/// even surface.
const SAME: usize = 6;

/// Levels that one class of the entropy holds.
const LEVELS_IN_CLASS: usize = 4;

/// How many pixels there are of each level.
#[derive(Debug, Clone)]
pub(super) struct Tones {
    levels: [u32; 256],
    pixels: u32,
}

impl Tones {
    /// Counts the pixels that count.
    pub(super) fn of(normal: &Normal, grey: &[u8], masks: &Masks) -> Self {
        let mut levels = [0; 256];
        for (y, line) in grey.chunks(normal.width).enumerate() {
            for span in masks.counted(y, normal.width, normal.height) {
                for value in &line[span] {
                    levels[usize::from(*value)] += 1;
                }
            }
        }
        let pixels = levels.iter().sum();
        Self { levels, pixels }
    }

    /// Mean level.
    pub(super) fn mean(&self) -> f32 {
        narrow(self.moment(|level| level))
    }

    /// Standard deviation.
    pub(super) fn deviation(&self) -> f32 {
        let mean = self.moment(|level| level);
        narrow(self.moment(|level| (level - mean) * (level - mean)).sqrt())
    }

    /// Share of pixels under a level.
    pub(super) fn share_under(&self, level: u8) -> f32 {
        self.share(self.levels[..usize::from(level)].iter().sum())
    }

    /// Share of pixels that are about the most common level.
    pub(super) fn modal_share(&self) -> f32 {
        let around = self.levels.windows(2 * SAME + 1);
        self.share(around.map(|some| some.iter().sum()).max().unwrap_or(0))
    }

    /// Entropy in bits.
    pub(super) fn entropy(&self) -> f32 {
        let classes = self.levels.chunks(LEVELS_IN_CLASS);
        let shares = classes.map(|some| f64::from(self.share(some.iter().sum())));
        let bits = shares.filter(|share| *share > 0.0);
        narrow(bits.map(|share| -share * share.log2()).sum())
    }

    fn share(&self, pixels: u32) -> f32 {
        narrow(f64::from(pixels) / f64::from(self.pixels.max(1)))
    }

    /// The mean of something over all pixels.
    fn moment(&self, of: impl Fn(f64) -> f64) -> f64 {
        let levels = (0_u32..).map(f64::from).zip(self.levels);
        let sum: f64 = levels.map(|(level, n)| of(level) * f64::from(n)).sum();
        sum / f64::from(self.pixels.max(1))
    }
}

/// Figures need no more than what crosses the pipe.
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

    fn tones(grey: &[u8]) -> Tones {
        let fine = grey.iter().map(|value| u16::from(*value) << 8).collect();
        let normal = Normal {
            width: grey.len(),
            height: 1,
            fine,
        };
        Tones::of(&normal, grey, &Masks::none())
    }

    proptest! {
        #[test]
        fn sums_agree_with_a_list(grey in proptest::collection::vec(any::<u8>(), 1..300)) {
            let count = |n: usize| f64::from(u32::try_from(n).unwrap());
            let n = count(grey.len());
            let mean = grey.iter().map(|v| f64::from(*v)).sum::<f64>() / n;
            let variance = grey.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / n;
            let dark = count(grey.iter().filter(|v| **v < 32).count()) / n;
            let told = tones(&grey);
            prop_assert!((f64::from(told.mean()) - mean).abs() < 1e-3);
            prop_assert!((f64::from(told.deviation()) - variance.sqrt()).abs() < 1e-3);
            prop_assert!((f64::from(told.share_under(32)) - dark).abs() < 1e-6);
            prop_assert!((0.0..=6.001).contains(&told.entropy()));
        }
    }

    #[test]
    fn an_even_surface_has_one_tone_and_no_entropy() {
        let told = tones(&[90; 50]);
        assert!((told.modal_share() - 1.0).abs() < 1e-6);
        assert!(told.entropy().abs() < 1e-6);
    }
}
