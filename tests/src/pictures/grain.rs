//! Numbers by seed, for furniture and for noise: the same place has the same number again.

/// A stream of numbers (`SplitMix64`, Steele et al. 2014).
#[derive(Debug, Clone)]
pub struct Grain(u64);

impl Grain {
    /// The same parts give the same stream.
    pub fn of(parts: &[u64]) -> Self {
        let mut grain = Self(0);
        for part in parts {
            grain.0 ^= part.wrapping_mul(0xd6e8_feb8_6659_fd93);
            grain.0 = grain.number();
        }
        grain
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below a bound, which is at least 1.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound.max(1)).unwrap_or(1);
        usize::try_from(self.number() % bound).unwrap_or(0)
    }

    /// A number from 0 to 1.
    pub fn part(&mut self) -> f32 {
        f32::from(u16::try_from(self.number() >> 48).unwrap_or(0)) / f32::from(u16::MAX)
    }

    /// Eight numbers of mean 0 and deviation 1, each the sum of two that are evenly spread.
    pub fn noise(&mut self) -> [f32; 8] {
        /// Deviation of the sum of two bytes.
        const DEVIATION: f32 = 104.5;
        let (a, b) = (self.number().to_le_bytes(), self.number().to_le_bytes());
        std::array::from_fn(|at| (f32::from(a[at]) + f32::from(b[at]) - 255.0) / DEVIATION)
    }
}
