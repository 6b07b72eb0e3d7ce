//! NAL units: the pieces of H.264 and H.265, between start codes or behind their lengths.
//!
//! Only the first bytes of a unit are looked at, to tell parameter sets and key pictures. It must not
//! know which container the units lie in.

use super::structure::Codec;

/// What stands before every unit in Annex-B form.
pub(super) const START_CODE: [u8; 4] = [0, 0, 0, 1];

/// The two families of codecs whose units are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    Avc,
    Hevc,
}

/// What a unit is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    /// Video, sequence or picture parameters.
    Video,
    Sequence,
    Picture,
    /// A slice of a picture that needs no other.
    Key {
        first: bool,
    },
    /// A slice of another picture.
    Slice {
        first: bool,
    },
    /// Stands between pictures.
    Delimiter,
    /// Goes with a picture, or has no meaning here.
    Other,
    /// No unit that any encoder writes: the forbidden bit is set, or there is no head.
    Broken,
}

impl Family {
    /// The family of a codec, if it has units.
    pub(super) fn of(codec: Codec) -> Option<Self> {
        match codec {
            Codec::H264 => Some(Self::Avc),
            Codec::H265 => Some(Self::Hevc),
            _ => None,
        }
    }

    /// The codec of the family.
    pub(super) fn codec(self) -> Codec {
        match self {
            Self::Avc => Codec::H264,
            Self::Hevc => Codec::H265,
        }
    }

    /// What this unit is for, told by its head and the first byte behind that.
    pub(super) fn unit(self, nal: &[u8]) -> Unit {
        match (self, nal) {
            (_, [head, ..]) if head & 0x80 != 0 => Unit::Broken,
            (Self::Avc, [head, rest @ ..]) => {
                // The number of the first block of a slice is zero when its code is one bit long.
                let first = rest.first().is_some_and(|byte| byte & 0x80 != 0);
                match head & 0x1f {
                    1..=4 => Unit::Slice { first },
                    5 => Unit::Key { first },
                    7 => Unit::Sequence,
                    8 => Unit::Picture,
                    9 => Unit::Delimiter,
                    0 => Unit::Broken,
                    _ => Unit::Other,
                }
            }
            // The number of the layer plus one is never zero.
            (Self::Hevc, [_, second, ..]) if second & 0x07 == 0 => Unit::Broken,
            (Self::Hevc, [head, _, rest @ ..]) => {
                let first = rest.first().is_some_and(|byte| byte & 0x80 != 0);
                match (head >> 1) & 0x3f {
                    0..=15 => Unit::Slice { first },
                    16..=23 => Unit::Key { first },
                    32 => Unit::Video,
                    33 => Unit::Sequence,
                    34 => Unit::Picture,
                    35 => Unit::Delimiter,
                    _ => Unit::Other,
                }
            }
            (_, _) => Unit::Broken,
        }
    }
}

/// The units in bytes that follow Annex B, each with where it begins. Bytes before the first start
/// code are of no unit that is known, and left out.
pub(super) fn between_codes(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = code(bytes, 0);
    std::iter::from_fn(move || {
        let start = at?;
        let next = code(bytes, start);
        let end = next.map_or(bytes.len(), |next| next.saturating_sub(3));
        at = next;
        let unit = bytes.get(start..end).unwrap_or_default();
        // Zeros before a start code belong to the code.
        let zeros = unit.iter().rev().take_while(|byte| **byte == 0).count();
        let unit = unit.get(..unit.len() - zeros).unwrap_or_default();
        Some((start, unit))
    })
}

/// The place behind the next start code from `from` on.
fn code(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        match bytes.get(at..at.checked_add(3)?)? {
            [0, 0, 1] => return Some(at + 3),
            // A start code may only begin where its first zero may be.
            [_, _, 2..=0xff] => at += 3,
            [_, 1..=0xff, _] => at += 2,
            _ => at += 1,
        }
    }
}

/// The units in a sample where each stands behind its length of `width` bytes; an error where a
/// length reaches out of the sample, with how many bytes in.
pub(super) fn behind_lengths(
    bytes: &[u8],
    width: usize,
) -> impl Iterator<Item = Result<&[u8], usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = bytes.get(at..).filter(|rest| !rest.is_empty())?;
        let here = at;
        // Behind an error there is nothing to be found.
        at = bytes.len();
        let Some((length, rest)) = rest.split_at_checked(width.max(1)) else {
            return Some(Err(here));
        };
        let length = length
            .iter()
            .fold(0_usize, |sum, byte| (sum << 8) | usize::from(*byte));
        match rest.get(..length) {
            Some(unit) => {
                at = here + width.max(1) + length;
                Some(Ok(unit))
            }
            None => Some(Err(here)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_lie_between_start_codes_of_three_or_four_bytes() {
        let bytes = [
            9, 0, 0, 0, 1, 0x67, 1, 2, 0, 0, 1, 0x68, 0, 0, 0, 1, 0x65, 0x88,
        ];
        let units: Vec<_> = between_codes(&bytes).collect();
        assert_eq!(
            units,
            [
                (5, &[0x67, 1, 2][..]),
                (11, &[0x68][..]),
                (16, &[0x65, 0x88][..])
            ]
        );
        assert_eq!(between_codes(&[0, 0, 2, 1]).count(), 0);
    }

    #[test]
    fn units_behind_lengths_end_with_the_first_that_reaches_out() {
        let bytes = [0, 2, 0x65, 0x88, 0, 9, 1];
        let units: Vec<_> = behind_lengths(&bytes, 2).collect();
        assert_eq!(units, [Ok(&[0x65, 0x88][..]), Err(4)]);
        assert_eq!(behind_lengths(&[0], 4).collect::<Vec<_>>(), [Err(0)]);
    }

    #[test]
    fn units_are_told_by_their_heads() {
        assert_eq!(Family::Avc.unit(&[0x65, 0x88]), Unit::Key { first: true });
        assert_eq!(
            Family::Avc.unit(&[0x41, 0x18]),
            Unit::Slice { first: false }
        );
        assert_eq!(Family::Avc.unit(&[0x67]), Unit::Sequence);
        assert_eq!(Family::Avc.unit(&[0xe7]), Unit::Broken);
        assert_eq!(
            Family::Hevc.unit(&[0x26, 1, 0xaf]),
            Unit::Key { first: true }
        );
        assert_eq!(
            Family::Hevc.unit(&[0x02, 1, 0x50]),
            Unit::Slice { first: false }
        );
        assert_eq!(Family::Hevc.unit(&[0x40, 1]), Unit::Video);
        assert_eq!(Family::Hevc.unit(&[0x42, 0]), Unit::Broken);
        assert_eq!(Family::Avc.unit(&[]), Unit::Broken);
    }
}
