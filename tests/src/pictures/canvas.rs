//! A picture being drawn, in grey levels that may leave the range until it is finished.

use keepwatch_agent::picture::raster::Picture;

use super::grain::Grain;

/// A picture of one colour cast, or of none.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Row by row.
    pub grey: Vec<f32>,
    /// How much colour there is, as differences from none; 0 for infrared.
    pub colour: f32,
    /// The one colour of all, where it is one.
    pub cast: Option<(u8, u8)>,
}

/// A finished picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Painted {
    width: usize,
    luma: Vec<u8>,
    /// Blue and red difference of 16 × 9 parts.
    chroma: Vec<(u8, u8)>,
}

/// Parts of different colour.
const ACROSS: usize = 16;
const DOWN: usize = 9;

impl Canvas {
    /// All of one grey.
    pub fn even(width: usize, height: usize, grey: f32) -> Self {
        Self {
            width,
            height,
            grey: vec![grey; width * height],
            colour: 0.0,
            cast: None,
        }
    }

    /// Fills a rectangle, which may leave the picture, by column and row.
    pub fn fill(
        &mut self,
        (left, top): (usize, usize),
        (width, height): (usize, usize),
        mut grey: impl FnMut(usize, usize) -> f32,
    ) {
        self.change((left, top), (width, height), |x, y, _| grey(x, y));
    }

    /// Changes a rectangle, which may leave the picture, by column, row and what is there.
    pub fn change(
        &mut self,
        (left, top): (usize, usize),
        (width, height): (usize, usize),
        mut to: impl FnMut(usize, usize, f32) -> f32,
    ) {
        for y in top..(top + height).min(self.height) {
            for x in left..(left + width).min(self.width) {
                let grey = &mut self.grey[y * self.width + x];
                *grey = to(x, y, *grey);
            }
        }
    }

    /// Changes every pixel by its column.
    pub fn each(&mut self, mut change: impl FnMut(usize, f32) -> f32) {
        for line in self.grey.chunks_mut(self.width) {
            for (x, grey) in line.iter_mut().enumerate() {
                *grey = change(x, *grey);
            }
        }
    }

    /// Adds noise of a deviation.
    pub fn noise(&mut self, deviation: f32, grain: &mut Grain) {
        for eight in self.grey.chunks_mut(8) {
            for (grey, noise) in eight.iter_mut().zip(grain.noise()) {
                *grey += noise * deviation;
            }
        }
    }

    /// Averages over a square of this radius, twice: out of focus.
    pub fn blur(&mut self, radius: usize) {
        for _ in 0..2 {
            let (width, height) = (self.width, self.height);
            self.grey = smooth(
                &self.grey,
                radius,
                width,
                |x, y| y * width + x,
                (width, height),
            );
            self.grey = smooth(
                &self.grey,
                radius,
                width,
                |y, x| y * width + x,
                (height, width),
            );
        }
    }

    /// The picture as a camera gives it.
    pub fn finish(&self, seed: u64) -> Painted {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to a byte before"
        )]
        let byte = |grey: f32| grey.round().clamp(0.0, 255.0) as u8;
        let mut grain = Grain::of(&[seed, 77]);
        let mut part = || byte(128.0 + (grain.part() - 0.5) * self.colour);
        let chroma = (0..ACROSS * DOWN).map(|_| self.cast.unwrap_or_else(|| (part(), part())));
        Painted {
            width: self.width,
            chroma: chroma.collect(),
            luma: self.grey.iter().map(|grey| byte(*grey)).collect(),
        }
    }
}

/// Averages along lines: `at` gives the place of a pixel along a line and of the line.
fn smooth(
    grey: &[f32],
    radius: usize,
    _width: usize,
    at: impl Fn(usize, usize) -> usize,
    (length, lines): (usize, usize),
) -> Vec<f32> {
    let mut smoothed = grey.to_vec();
    for line in 0..lines {
        let value = |along: usize| grey[at(along.min(length - 1), line)];
        let span = f32::from(u16::try_from(2 * radius + 1).unwrap_or(1));
        let near = |along: usize| value(along.saturating_sub(radius));
        let mut sum: f32 = (0..=2 * radius).map(near).sum();
        for along in 0..length {
            smoothed[at(along, line)] = sum / span;
            sum += value(along + 1 + radius) - near(along);
        }
    }
    smoothed
}

impl Picture for Painted {
    fn size(&self) -> (usize, usize) {
        (self.width, self.luma.len() / self.width)
    }

    fn luma(&self, y: usize, row: &mut [u8]) {
        row.copy_from_slice(&self.luma[y * self.width..][..self.width]);
    }

    fn chroma(&self, x: usize, y: usize) -> (u8, u8) {
        let (width, height) = self.size();
        self.chroma[y * DOWN / height * ACROSS + x * ACROSS / width]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blur_keeps_the_mean_and_takes_the_edge() {
        let mut canvas = Canvas::even(64, 36, 0.0);
        canvas.fill((32, 0), (32, 36), |_, _| 200.0);
        canvas.blur(5);
        let middle = canvas.grey[18 * 64 + 32];
        assert!((middle - 100.0).abs() < 20.0, "{middle}");
        assert!(canvas.grey[18 * 64] < 1.0 && canvas.grey[18 * 64 + 63] > 199.0);
    }
}
