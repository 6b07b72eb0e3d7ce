//! Bits of a parameter set, most significant first, without the bytes that keep start codes out.
//!
//! Behind the end there is nothing: every question has `None` for an answer, so no length in the bits
//! is believed. It must not know what the bits mean.

/// Bytes of one unit, read bit by bit.
#[derive(Debug, Clone)]
pub(super) struct Bits<'b> {
    bytes: &'b [u8],
    /// The next byte, and how many of its bits are taken.
    at: usize,
    taken: u32,
    /// Zeros right before the next byte, as far as they matter.
    zeros: u32,
}

/// Longest number in the variable code that is read: 32 bits behind 32 zeros.
const PREFIX_MAX: u32 = 32;

impl<'b> Bits<'b> {
    /// The bits of these bytes, the head of the unit left out.
    pub(super) fn of(bytes: &'b [u8]) -> Self {
        let mut bits = Self {
            bytes,
            at: 0,
            taken: 0,
            zeros: 0,
        };
        bits.pass_guard();
        bits
    }

    /// The next bit.
    pub(super) fn flag(&mut self) -> Option<bool> {
        let byte = *self.bytes.get(self.at)?;
        let bit = (byte >> (7 - self.taken)) & 1 == 1;
        self.taken += 1;
        if self.taken == 8 {
            self.zeros = if byte == 0 { self.zeros + 1 } else { 0 };
            self.taken = 0;
            self.at += 1;
            self.pass_guard();
        }
        Some(bit)
    }

    /// A number of so many bits, at most 32.
    pub(super) fn number(&mut self, bits: u32) -> Option<u32> {
        let mut number = 0_u32;
        for _ in 0..bits.min(32) {
            number = (number << 1) | u32::from(self.flag()?);
        }
        Some(number)
    }

    /// Passes over so many bits.
    pub(super) fn skip(&mut self, bits: u32) -> Option<()> {
        for _ in 0..bits {
            self.flag()?;
        }
        Some(())
    }

    /// A number in the variable code: as many zeros as it has bits behind its first.
    pub(super) fn variable(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros >= PREFIX_MAX {
                return None;
            }
        }
        let rest = self.number(zeros)?;
        (1_u32 << zeros).checked_sub(1)?.checked_add(rest)
    }

    /// As [`Self::variable`], of either sign.
    pub(super) fn signed(&mut self) -> Option<i32> {
        let code = self.variable()?;
        let half = i32::try_from(code.div_ceil(2)).ok()?;
        Some(if code % 2 == 0 { -half } else { half })
    }

    /// Passes the byte that keeps two zeros from being taken for a start code.
    fn pass_guard(&mut self) {
        if self.zeros >= 2 && self.bytes.get(self.at) == Some(&3) {
            self.at += 1;
            self.zeros = 0;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_fixed_and_variable_length_are_read() {
        // 1 | 010 | 011 | 00100 | 0101 -> 0, 1, 2, 3, and 5 in four bits.
        let mut bits = Bits::of(&[0b1010_0110, 0b0100_0101]);
        let codes = [(); 4].map(|()| bits.variable());
        assert_eq!(codes, [Some(0), Some(1), Some(2), Some(3)]);
        assert_eq!((bits.number(4), bits.flag()), (Some(5), None));
        assert_eq!(Bits::of(&[0b0110_0100]).signed(), Some(-1));
        assert_eq!(Bits::of(&[0b0100_0000]).signed(), Some(1));
    }

    #[test]
    fn guards_are_passed_and_zeros_without_end_are_no_number() {
        let mut bits = Bits::of(&[0, 0, 3, 1, 7]);
        assert_eq!(bits.number(32), Some(0x0000_0107));
        assert_eq!(Bits::of(&[0; 40]).variable(), None);
        assert_eq!(Bits::of(&[]).variable(), None);
    }
}
