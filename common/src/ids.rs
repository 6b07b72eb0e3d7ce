//! Where ids and nonces come from: time-ordered ids for rows, random numbers for epochs.
//!
//! The randomness is handed in, so that a test with a seed mints the same ids again.

use std::fmt;

use uuid::{Builder, Uuid};

use crate::time::Instant;

/// Gives random bytes. The programs hand in the crypto provider's generator, tests a seeded one.
pub trait Randomness: fmt::Debug + Send + Sync {
    /// Fills the buffer.
    fn fill(&self, bytes: &mut [u8]);
}

/// Mints a time-ordered id (UUID version 7, RFC 9562): ids made later sort later.
pub fn time_ordered(at: Instant, randomness: &dyn Randomness) -> Uuid {
    let mut random = [0_u8; 10];
    randomness.fill(&mut random);
    Builder::from_unix_timestamp_millis(u64::try_from(at.ms()).unwrap_or(0), &random).into_uuid()
}

/// A random number that names one life of something: a spool, a process.
pub fn nonce(randomness: &dyn Randomness) -> u64 {
    let mut random = [0_u8; 8];
    randomness.fill(&mut random);
    u64::from_le_bytes(random)
}

/// `N` random bytes, for a token or a key.
pub fn random_bytes<const N: usize>(randomness: &dyn Randomness) -> [u8; N] {
    let mut random = [0_u8; N];
    randomness.fill(&mut random);
    random
}

/// Repeatable numbers for tests and simulations (`SplitMix64`, Steele et al. 2014); never for secrets.
#[derive(Debug)]
pub struct Seeded(std::sync::atomic::AtomicU64);

impl Seeded {
    /// The same seed gives the same numbers.
    pub fn new(seed: u64) -> Self {
        Self(std::sync::atomic::AtomicU64::new(seed))
    }

    /// The next number.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let state = self
            .0
            .fetch_add(STEP, std::sync::atomic::Ordering::SeqCst)
            .wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound` (0 when the bound is 0).
    pub fn below(&self, bound: u64) -> u64 {
        self.next().checked_rem(bound).unwrap_or(0)
    }
}

impl Randomness for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_made_later_sort_later() {
        let source = Seeded::new(7);
        let first = time_ordered(Instant::from_s(1_000), &source);
        let second = time_ordered(Instant::from_s(1_001), &source);
        assert!(first < second);
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn one_seed_gives_one_sequence() {
        let draw = || nonce(&Seeded::new(42));
        assert_eq!(draw(), draw());
        assert_ne!(draw(), nonce(&Seeded::new(43)));
    }
}
