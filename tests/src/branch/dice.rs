//! Repeatable chance: the same seed throws the same, on every machine and for all time.
//!
//! A tiny generator of our own, because a library's may change between its versions and a seed that a
//! failed test printed would then lead nowhere.

/// Throws.
#[derive(Debug, Clone)]
pub struct Dice(u64);

impl Dice {
    /// Dice that throw what this seed says.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number (the mixing of `SplitMix64`).
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `least` up to, but without, `end`; `least` itself where there is none.
    pub fn within(&mut self, least: i64, end: i64) -> i64 {
        let width = u64::try_from(end.saturating_sub(least)).unwrap_or(0).max(1);
        let step = i64::try_from(self.throw() % width).unwrap_or(0);
        least + step
    }

    /// A place in a list of that length.
    pub fn place(&mut self, length: usize) -> usize {
        let end = i64::try_from(length).unwrap_or(i64::MAX);
        usize::try_from(self.within(0, end)).unwrap_or(0)
    }

    /// Bytes without any structure.
    pub fn bytes(&mut self, length: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.throw().to_le_bytes());
        words
            .take(length.div_ceil(8))
            .flatten()
            .take(length)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_throws_the_same_again_and_another_seed_does_not() {
        let three = |seed| {
            let mut dice = Dice::new(seed);
            [dice.throw(), dice.throw(), dice.throw()]
        };
        assert_eq!(three(7), three(7));
        assert_ne!(three(7), three(8));
    }

    #[test]
    fn throws_stay_within_their_bounds_and_reach_them() {
        let mut dice = Dice::new(1);
        let thrown: std::collections::BTreeSet<_> = (0..200).map(|_| dice.within(-2, 3)).collect();
        assert_eq!(thrown.into_iter().collect::<Vec<_>>(), [-2, -1, 0, 1, 2]);
        assert_eq!((dice.within(4, 4), dice.place(0)), (4, 0));
    }
}
