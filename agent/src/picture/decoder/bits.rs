//! Bits of a parameter set, as H.264 and H.265 both write them.

/// Bytes of a parameter set that are looked at: its size stands near the front.
const BYTES_MAX: usize = 1_024;

/// Leading zeros of an Exp-Golomb number at most.
const ZEROS_MAX: u32 = 31;

/// Reads bits from the front; `None` once there are none left.
#[derive(Debug)]
pub(super) struct Bits {
    bytes: Vec<u8>,
    at: usize,
}

impl Bits {
    /// Of a unit's payload, whose guard bytes are taken out.
    pub(super) fn of(payload: &[u8]) -> Self {
        let mut bytes = Vec::with_capacity(payload.len().min(BYTES_MAX));
        let mut zeros = 0;
        for byte in payload.iter().take(BYTES_MAX) {
            if zeros >= 2 && *byte == 3 {
                zeros = 0;
                continue;
            }
            zeros = if *byte == 0 { zeros + 1 } else { 0 };
            bytes.push(*byte);
        }
        Self { bytes, at: 0 }
    }

    /// One bit.
    pub(super) fn flag(&mut self) -> Option<bool> {
        let byte = self.bytes.get(self.at / 8)?;
        let bit = byte >> (7 - self.at % 8) & 1;
        self.at += 1;
        Some(bit == 1)
    }

    /// Up to 32 bits as a number.
    pub(super) fn number(&mut self, bits: u32) -> Option<u32> {
        (0..bits).try_fold(0, |number, _| Some(number << 1 | u32::from(self.flag()?)))
    }

    /// Passes over bits.
    pub(super) fn skip(&mut self, bits: usize) -> Option<()> {
        self.at = self.at.checked_add(bits)?;
        (self.at <= self.bytes.len() * 8).then_some(())
    }

    /// An unsigned Exp-Golomb number.
    pub(super) fn golomb(&mut self) -> Option<u32> {
        let mut zeros = 0;
        while !self.flag()? {
            zeros += 1;
            if zeros > ZEROS_MAX {
                return None;
            }
        }
        let rest = self.number(zeros)?;
        Some((1_u32 << zeros) - 1 + rest)
    }

    /// A signed Exp-Golomb number.
    pub(super) fn signed_golomb(&mut self) -> Option<i32> {
        let number = self.golomb()?;
        let half = i32::try_from(number.div_ceil(2)).ok()?;
        Some(if number % 2 == 0 { -half } else { half })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The bits of a number as it is written, after H.264 clause 9.1.
    fn written(number: u32) -> Vec<bool> {
        let plus = u64::from(number) + 1;
        let bits = 64 - plus.leading_zeros();
        let zeros = std::iter::repeat_n(false, bits as usize - 1);
        zeros
            .chain((0..bits).rev().map(|bit| plus >> bit & 1 == 1))
            .collect()
    }

    fn packed(bits: &[bool]) -> Vec<u8> {
        let byte =
            |eight: &[bool]| (0..8).fold(0, |b, i| b << 1 | u8::from(eight.get(i) == Some(&true)));
        bits.chunks(8).map(byte).collect()
    }

    proptest! {
        #[test]
        fn numbers_come_back(numbers in proptest::collection::vec(0_u32..=0x7fff_fffe, 1..20)) {
            let bits: Vec<_> = numbers.iter().flat_map(|n| written(*n)).collect();
            let mut reader = Bits { bytes: packed(&bits), at: 0 };
            for number in numbers {
                prop_assert_eq!(reader.golomb(), Some(number));
            }
        }

        #[test]
        fn any_bytes_end(payload in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let mut reader = Bits::of(&payload);
            let mut read = 0;
            while reader.signed_golomb().is_some() {
                read += 1;
            }
            prop_assert!(read <= BYTES_MAX * 8);
        }
    }

    #[test]
    fn guard_bytes_are_taken_out() {
        assert_eq!(Bits::of(&[0, 0, 3, 1, 0, 0, 3]).bytes, [0, 0, 1, 0, 0]);
    }
}
