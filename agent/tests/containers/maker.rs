//! Makes the files of Hikvision and Dahua recorders out of a raw stream of H.264, since no recorder of
//! theirs can be run here: packs and packets as GB28181 has them, and frames between `DHAV` and `dhav`.
//!
//! It must not use what it tests.

/// Ticks of a second in a program stream.
const TICKS: u64 = 90_000;

/// The pictures of a raw stream of one slice each, their parameter sets before them.
pub(crate) fn pictures(raw: &[u8]) -> Vec<Vec<u8>> {
    let mut units: Vec<&[u8]> = Vec::new();
    let mut start = None;
    for (at, four) in raw.windows(4).enumerate() {
        if four == [0, 0, 0, 1] || (four.starts_with(&[0, 0, 1]) && at > 0 && raw[at - 1] != 0) {
            if let Some(start) = start {
                units.push(&raw[start..at]);
            }
            start = Some(at);
        }
    }
    units.extend(start.map(|start| &raw[start..]));
    let mut pictures = vec![Vec::new()];
    for unit in units {
        let kind = unit[unit.iter().position(|byte| *byte == 1).unwrap_or(0) + 1] & 0x1f;
        if let Some(picture) = pictures.last_mut() {
            picture.extend(unit);
        }
        if matches!(kind, 1 | 5) {
            pictures.push(Vec::new());
        }
    }
    pictures.retain(|picture| !picture.is_empty());
    pictures
}

/// Whether a picture needs no other: it brings its parameters.
fn is_key(picture: &[u8]) -> bool {
    picture.windows(4).any(|four| four == [0, 0, 1, 0x67])
}

/// A program stream as Hikvision writes it, with its own head before it or not: pictures at `rate` a
/// second from `start` ticks on.
pub(crate) fn hikvision(pictures: &[Vec<u8>], rate: u64, start: u64, headed: bool) -> Vec<u8> {
    let mut file = Vec::new();
    if headed {
        file.extend(b"IMKH");
        file.extend([1; 36]);
    }
    for (number, picture) in (0..).zip(pictures) {
        let clock = start + number * TICKS / rate;
        file.extend([
            0, 0, 1, 0xba, 0x44, 0, 4, 0, 4, 1, 0, 0, 3, 0xfe, 0xff, 0xff,
        ]);
        file.extend(&clock.to_be_bytes()[4..]);
        if is_key(picture) {
            file.extend([
                0, 0, 1, 0xbb, 0, 12, 0x80, 4, 4, 4, 0xe1, 0x7f, 0xe0, 0xe0, 0x80, 0xc0, 0xc0, 8,
            ]);
            file.extend([
                0, 0, 1, 0xbc, 0, 14, 0xe0, 0xff, 0, 0, 0, 4, 0x1b, 0xe0, 0, 0, 1, 2, 3, 4,
            ]);
        }
        // As many packets as the picture takes, as recorders cut them.
        for part in picture.chunks(2100) {
            let length = u16::try_from(part.len() + 8).unwrap_or(u16::MAX);
            file.extend([0, 0, 1, 0xe0]);
            file.extend(length.to_be_bytes());
            file.extend([0x8c, 0x80, 5]);
            file.extend(stamp(clock));
            file.extend(part);
        }
    }
    file
}

/// The time of a packet, in five bytes.
fn stamp(clock: u64) -> [u8; 5] {
    let byte = |shift: u64, mask: u64| u8::try_from((clock >> shift) & mask).unwrap_or(0);
    [
        0x21 | (byte(30, 7) << 1),
        byte(22, 0xff),
        1 | (byte(15, 0x7f) << 1),
        byte(7, 0xff),
        1 | (byte(0, 0x7f) << 1),
    ]
}

/// A file of Dahua's, pictures at `rate` a second from this second of an hour on.
pub(crate) fn dahua(pictures: &[Vec<u8>], rate: u64, start: u32) -> Vec<u8> {
    let mut file = Vec::new();
    for (number, picture) in (0_u32..).zip(pictures) {
        let ms = u64::from(number) * 1000 / rate;
        let second = start + u32::try_from(ms / 1000).unwrap_or(0);
        // The twelfth of March 2026, from three in the morning on.
        let date =
            (26 << 26) | (3 << 22) | (12 << 17) | (3 << 12) | ((second / 60) << 6) | (second % 60);
        let fine = u16::try_from((60_000 + ms) % 65_536).unwrap_or(0);
        let key = is_key(picture);
        let extra: &[u8] = if key {
            &[0x81, 0, 4, 10, 0x82, 0, 0, 0, 160, 0, 120, 0]
        } else {
            &[]
        };
        let length = u32::try_from(24 + extra.len() + picture.len() + 8).unwrap_or(0);
        file.extend(b"DHAV");
        file.extend([if key { 0xfd } else { 0xfc }, 0, 0, 0]);
        file.extend(number.to_le_bytes());
        file.extend(length.to_le_bytes());
        file.extend(date.to_le_bytes());
        file.extend(fine.to_le_bytes());
        file.extend([u8::try_from(extra.len()).unwrap_or(0), 0]);
        file.extend(extra);
        file.extend(picture);
        file.extend(b"dhav");
        file.extend(length.to_le_bytes());
    }
    file
}
