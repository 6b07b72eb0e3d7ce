//! What size a picture says it has: read from its parameter sets before a decoder believes it.
//!
//! A few bytes can claim a picture of a terabyte; whoever allocates for it has lost already.

use super::bits::Bits;
use super::refusal::Refusal;
use crate::picture::frame::{Codec, SIDE_MAX};

/// Units of a key frame that are looked at; a picture has one for each slice, at most some hundred.
const UNITS_MAX: usize = 4_096;

/// Reference frames in the cycle of picture order at most, by H.264 clause 7.4.2.1.1.
const CYCLE_MAX: u32 = 255;

/// Refuses a key frame unless each of its parameter sets tells a size that is decoded.
pub(super) fn check(codec: Codec, annexb: &[u8]) -> Result<(), Refusal> {
    let mut told = false;
    for (at, unit) in units(annexb).enumerate() {
        if at >= UNITS_MAX {
            return Err(Refusal::Damaged);
        }
        let size = match (codec, unit) {
            (Codec::H264, [header, payload @ ..]) if header & 0x1f == 7 => h264(payload),
            (Codec::H265, [header, _, payload @ ..]) if header >> 1 & 0x3f == 33 => h265(payload),
            _ => continue,
        };
        let (width, height) = size.ok_or(Refusal::Damaged)?;
        if width > SIDE_MAX || height > SIDE_MAX {
            return Err(Refusal::TooLarge { width, height });
        }
        if width == 0 || height == 0 {
            return Err(Refusal::Damaged);
        }
        told = true;
    }
    if told {
        Ok(())
    } else {
        Err(Refusal::NoParameters)
    }
}

/// The units between start codes.
fn units(annexb: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = start(annexb).map(|(_, after)| &annexb[after..]);
    std::iter::from_fn(move || {
        let from = rest?;
        let (unit, after) = match start(from) {
            Some((before, after)) => (&from[..before], Some(&from[after..])),
            None => (from, None),
        };
        rest = after;
        Some(unit)
    })
}

/// Where the next start code begins and ends.
fn start(bytes: &[u8]) -> Option<(usize, usize)> {
    let at = bytes.windows(3).position(|three| three == [0, 0, 1])?;
    Some((at, at + 3))
}

/// Width and height by an H.264 sequence parameter set, clause 7.3.2.1.1.
fn h264(payload: &[u8]) -> Option<(u32, u32)> {
    let mut bits = Bits::of(payload);
    let profile = bits.number(8)?;
    bits.skip(16)?;
    bits.golomb()?;
    if matches!(
        profile,
        44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 244
    ) {
        let chroma = bits.golomb()?;
        if chroma == 3 {
            bits.skip(1)?;
        }
        bits.golomb()?;
        bits.golomb()?;
        bits.skip(1)?;
        if bits.flag()? {
            pass_scaling(&mut bits, if chroma == 3 { 12 } else { 8 })?;
        }
    }
    bits.golomb()?;
    match bits.golomb()? {
        0 => drop(bits.golomb()?),
        1 => {
            bits.skip(1)?;
            bits.signed_golomb()?;
            bits.signed_golomb()?;
            let cycle = bits.golomb()?;
            if cycle > CYCLE_MAX {
                return None;
            }
            for _ in 0..cycle {
                bits.signed_golomb()?;
            }
        }
        _ => {}
    }
    bits.golomb()?;
    bits.skip(1)?;
    let (across, down) = (bits.golomb()?, bits.golomb()?);
    let fields = if bits.flag()? { 1 } else { 2 };
    let blocks = |count: u32| count.saturating_add(1).saturating_mul(16);
    Some((blocks(across), blocks(down).saturating_mul(fields)))
}

/// Passes over scaling lists, clause 7.3.2.1.1.1.
fn pass_scaling(bits: &mut Bits, lists: u32) -> Option<()> {
    for list in 0..lists {
        if !bits.flag()? {
            continue;
        }
        let (mut last, mut next) = (8_i32, 8_i32);
        for _ in 0..if list < 6 { 16 } else { 64 } {
            if next != 0 {
                next = last.wrapping_add(bits.signed_golomb()?) & 0xff;
            }
            if next != 0 {
                last = next;
            }
        }
    }
    Some(())
}

/// Width and height by an H.265 sequence parameter set, clause 7.3.2.2.1.
fn h265(payload: &[u8]) -> Option<(u32, u32)> {
    /// Bits of one profile and of one level.
    const PROFILE: usize = 88;
    const LEVEL: usize = 8;
    let mut bits = Bits::of(payload);
    bits.skip(4)?;
    let layers = bits.number(3)?;
    bits.skip(1)?;
    bits.skip(PROFILE + LEVEL)?;
    let mut below = Vec::new();
    for _ in 0..layers {
        below.push((bits.flag()?, bits.flag()?));
    }
    if layers > 0 {
        bits.skip(2 * (8 - usize::try_from(layers).ok()?))?;
    }
    for (profile, level) in below {
        bits.skip(if profile { PROFILE } else { 0 } + if level { LEVEL } else { 0 })?;
    }
    bits.golomb()?;
    if bits.golomb()? == 3 {
        bits.skip(1)?;
    }
    Some((bits.golomb()?, bits.golomb()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Baseline, 320 × 192: from the standard's syntax by hand.
    const BASELINE: [u8; 8] = [66, 0, 30, 0b1111_1000, 0b0010_1000, 0b0110_0100, 0, 0];

    fn with_start(header: u8, payload: &[u8]) -> Vec<u8> {
        [&[0, 0, 0, 1, header][..], payload].concat()
    }

    #[test]
    fn a_stream_without_parameter_sets_tells_no_size() {
        let slice = with_start(0x65, &[1, 2, 3]);
        assert_eq!(check(Codec::H264, &slice), Err(Refusal::NoParameters));
        assert_eq!(check(Codec::H265, b""), Err(Refusal::NoParameters));
    }

    #[test]
    fn a_claim_of_half_a_million_pixels_a_row_is_refused() {
        // As above, but 2¹⁵ blocks across.
        let huge = [
            66,
            0,
            30,
            0b1111_1000,
            0,
            0,
            0b0010_0000,
            0,
            0b0000_1100,
            0xff,
        ];
        let told = check(Codec::H264, &with_start(0x67, &huge));
        assert!(
            matches!(told, Err(Refusal::TooLarge { .. } | Refusal::Damaged)),
            "{told:?}"
        );
    }

    #[test]
    fn a_cut_parameter_set_is_damaged() {
        for bytes in 0..3 {
            let cut = with_start(0x67, &BASELINE[..bytes]);
            assert_eq!(check(Codec::H264, &cut), Err(Refusal::Damaged), "{bytes}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_judged(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            for (codec, header) in [(Codec::H264, 0x67), (Codec::H265, 0x42)] {
                let stream = with_start(header, &bytes);
                let (Ok(()) | Err(_)) = check(codec, &stream);
            }
        }

        #[test]
        fn units_hold_all_bytes_but_the_start_codes(
            parts in proptest::collection::vec(proptest::collection::vec(2_u8.., 0..9), 1..9),
        ) {
            let stream: Vec<u8> = parts.iter().flat_map(|p| [&[0, 0, 1][..], p].concat()).collect();
            let found: Vec<_> = units(&stream).map(<[u8]>::to_vec).collect();
            prop_assert_eq!(found, parts);
        }
    }
}
