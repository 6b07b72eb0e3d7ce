//! Sequence parameters of H.264 and H.265: the size of the picture, and how often there is one.
//!
//! Only as far as needed. What no encoder writes gives `None`, never an error: a size that is not
//! told is no fault. It must not know where the unit was found.

use super::bits::Bits;
use super::nal::Family;

/// Widest and highest picture that is believed: beyond 16K nothing records.
const SIDE_MAX: u32 = 16_384;

/// Most entries of a cycle of picture order; the standard allows 255.
const CYCLE_MAX: u32 = 255;

/// Most sub-layers of H.265; three bits, of which seven is forbidden.
const LAYERS_MAX: u32 = 6;

/// What sequence parameters say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sequence {
    /// Width and height in pixels.
    pub(super) picture: (u16, u16),
    /// Frames in a thousand seconds, if told.
    pub(super) rate: Option<u32>,
}

/// Reads a unit of sequence parameters, its head included.
pub(super) fn read(family: Family, unit: &[u8]) -> Option<Sequence> {
    match family {
        Family::Avc => avc(&mut Bits::of(unit.get(1..)?)),
        Family::Hevc => hevc(&mut Bits::of(unit.get(2..)?)),
    }
}

fn avc(bits: &mut Bits<'_>) -> Option<Sequence> {
    let profile = bits.number(8)?;
    bits.skip(16)?;
    bits.variable()?;
    let mut chroma = 1;
    if matches!(
        profile,
        44 | 83 | 86 | 100 | 110 | 118 | 122 | 128 | 134 | 135 | 138 | 139 | 244
    ) {
        chroma = avc_colours(bits)?;
    }
    bits.variable()?;
    avc_order(bits)?;
    bits.variable()?;
    bits.flag()?;
    let width = bits.variable()?.checked_add(1)?.checked_mul(16)?;
    let map_height = bits.variable()?.checked_add(1)?.checked_mul(16)?;
    let frames_only = bits.flag()?;
    let fields = if frames_only { 1 } else { 2 };
    let height = map_height.checked_mul(fields)?;
    if !frames_only {
        bits.flag()?;
    }
    bits.flag()?;
    let (across, down) = chroma_steps(chroma);
    let crop = if bits.flag()? { window(bits)? } else { [0; 4] };
    let picture = cropped((width, height), crop, (across, down * fields))?;
    let rate = bits.flag().and_then(|there| avc_rate(bits, there));
    Some(Sequence { picture, rate })
}

/// Colours and scaling of the higher profiles; the format of the colours.
fn avc_colours(bits: &mut Bits<'_>) -> Option<u32> {
    let chroma = bits.variable()?;
    if chroma == 3 {
        bits.flag()?;
    }
    bits.variable()?;
    bits.variable()?;
    bits.flag()?;
    if bits.flag()? {
        let lists = if chroma == 3 { 12 } else { 8 };
        for list in 0..lists {
            if bits.flag()? {
                scaling(bits, if list < 6 { 16 } else { 64 })?;
            }
        }
    }
    Some(chroma)
}

/// Passes over one scaling list.
fn scaling(bits: &mut Bits<'_>, entries: u32) -> Option<()> {
    let (mut last, mut next) = (8_i32, 8_i32);
    for _ in 0..entries {
        if next != 0 {
            next = last.checked_add(bits.signed()?)?.rem_euclid(256);
        }
        last = if next == 0 { last } else { next };
    }
    Some(())
}

/// Passes over how the order of pictures is coded.
fn avc_order(bits: &mut Bits<'_>) -> Option<()> {
    match bits.variable()? {
        0 => drop(bits.variable()?),
        1 => {
            bits.flag()?;
            bits.signed()?;
            bits.signed()?;
            let cycle = bits.variable().filter(|cycle| *cycle <= CYCLE_MAX)?;
            for _ in 0..cycle {
                bits.signed()?;
            }
        }
        _ => {}
    }
    Some(())
}

/// The frame rate of H.264's usability information, if it is there.
fn avc_rate(bits: &mut Bits<'_>, there: bool) -> Option<u32> {
    const OWN_ASPECT: u32 = 255;
    if !there {
        return None;
    }
    if bits.flag()? && bits.number(8)? == OWN_ASPECT {
        bits.skip(32)?;
    }
    if bits.flag()? {
        bits.flag()?;
    }
    if bits.flag()? {
        bits.skip(4)?;
        if bits.flag()? {
            bits.skip(24)?;
        }
    }
    if bits.flag()? {
        bits.variable()?;
        bits.variable()?;
    }
    if !bits.flag()? {
        return None;
    }
    let (tick, scale) = (bits.number(32)?, bits.number(32)?);
    // A tick is a field, of which a frame has two.
    let rate = (u64::from(scale) * 500).checked_div(u64::from(tick))?;
    u32::try_from(rate)
        .ok()
        .filter(|rate| (1..=RATE_MAX).contains(rate))
}

/// Most frames in a thousand seconds that are believed: 480 a second.
const RATE_MAX: u32 = 480_000;

fn hevc(bits: &mut Bits<'_>) -> Option<Sequence> {
    bits.skip(4)?;
    let layers = bits.number(3).filter(|layers| *layers <= LAYERS_MAX)?;
    bits.flag()?;
    // The general profile and level.
    bits.skip(96)?;
    let mut there = Vec::new();
    for _ in 0..layers {
        there.push((bits.flag()?, bits.flag()?));
    }
    if layers > 0 {
        bits.skip(2 * (8 - layers))?;
    }
    for (profile, level) in there {
        bits.skip(if profile { 88 } else { 0 } + if level { 8 } else { 0 })?;
    }
    bits.variable()?;
    let chroma = bits.variable()?;
    if chroma == 3 {
        bits.flag()?;
    }
    let size = (bits.variable()?, bits.variable()?);
    let crop = if bits.flag()? { window(bits)? } else { [0; 4] };
    let picture = cropped(size, crop, chroma_steps(chroma))?;
    Some(Sequence {
        picture,
        rate: None,
    })
}

/// Pixels that one step of cropping takes, across and down.
fn chroma_steps(chroma: u32) -> (u32, u32) {
    match chroma {
        1 => (2, 2),
        2 => (2, 1),
        _ => (1, 1),
    }
}

/// What is cut off: left, right, top, bottom.
fn window(bits: &mut Bits<'_>) -> Option<[u32; 4]> {
    Some([
        bits.variable()?,
        bits.variable()?,
        bits.variable()?,
        bits.variable()?,
    ])
}

fn cropped(size: (u32, u32), crop: [u32; 4], step: (u32, u32)) -> Option<(u16, u16)> {
    let side = |all: u32, one: u32, other: u32, step: u32| {
        let off = one.checked_add(other)?.checked_mul(step)?;
        let left = all
            .checked_sub(off)
            .filter(|left| (1..=SIDE_MAX).contains(left))?;
        u16::try_from(left).ok()
    };
    let [left, right, top, bottom] = crop;
    Some((
        side(size.0, left, right, step.0)?,
        side(size.1, top, bottom, step.1)?,
    ))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    use super::*;

    /// What x264 writes for 160x120 at ten frames a second.
    const AVC: [u8; 25] = [
        0x67, 0x64, 0x00, 0x0a, 0xac, 0xb4, 0x14, 0x23, 0xf2, 0xe0, 0x22, 0x00, 0x00, 0x03, 0x00,
        0x02, 0x00, 0x00, 0x03, 0x00, 0x28, 0x1e, 0x24, 0x4d, 0x40,
    ];

    #[test]
    fn h264_tells_picture_and_rate() {
        let sequence = Sequence {
            picture: (160, 120),
            rate: Some(10_000),
        };
        assert_eq!(read(Family::Avc, &AVC), Some(sequence));
    }

    #[test]
    fn parameters_that_are_cut_before_the_size_tell_nothing() {
        for len in 0..9 {
            assert_eq!(read(Family::Avc, &AVC[..len]), None, "{len}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig {
            rng_seed: RngSeed::Fixed(11),
            failure_persistence: None,
            ..ProptestConfig::default()
        })]

        #[test]
        fn no_bits_make_a_picture_of_no_size(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            for family in [Family::Avc, Family::Hevc] {
                if let Some(Sequence { picture: (width, height), .. }) = read(family, &bytes) {
                    prop_assert!(width > 0 && height > 0);
                }
            }
        }
    }
}
