//! A program stream as Hikvision's recorders write it: forty bytes of their own, then a pack for each
//! frame, and before each key frame the table of streams.
//!
//! It must not know what is in the frames.

use super::bare::{FRAMES_A_SECOND, frames};

/// Ticks of the stream's clock between two frames.
const FRAME_TICKS: u64 = 90_000 / FRAMES_A_SECOND as u64;

/// The first frame's time: streams do not begin at nought.
const FIRST_TICKS: u64 = 90_000;

/// Most bytes of a frame in one packet: its length has sixteen bits.
const PART_BYTES: usize = 65_000;

/// The bare stream in packs.
pub(super) fn of(bare: &[u8]) -> Vec<u8> {
    let mut stream = b"IMKH".to_vec();
    stream.extend_from_slice(&[1, 1, 0, 0, 2, 0, 0, 1]);
    stream.resize(40, 0);
    let mut ticks = FIRST_TICKS;
    for (frame, is_key) in frames(bare) {
        stream.extend_from_slice(&pack(ticks));
        if is_key {
            stream.extend_from_slice(&MAP);
        }
        for (nth, part) in frame.chunks(PART_BYTES).enumerate() {
            stream.extend_from_slice(&packet(part, (nth == 0).then_some(ticks)));
        }
        ticks += FRAME_TICKS;
    }
    stream
}

/// The table of streams: one of H.264.
const MAP: [u8; 20] = [
    0, 0, 1, 0xbc, 0, 14, 0xe0, 0xff, 0, 0, 0, 4, 0x1b, 0xe0, 0, 0, 0x45, 0xbd, 0xdc, 0xf4,
];

/// The head of a pack at this time.
fn pack(ticks: u64) -> [u8; 14] {
    let clock = |from: u32, mask: u8| low(ticks >> from) & mask;
    [
        0,
        0,
        1,
        0xba,
        0x44 | (clock(30, 7) << 3) | clock(28, 3),
        low(ticks >> 20),
        (low(ticks >> 12) & 0xf8) | 4 | clock(13, 3),
        low(ticks >> 5),
        (low(ticks << 3) & 0xf8) | 4,
        1,
        0,
        0x5f,
        0x6b,
        0xf8,
    ]
}

/// One packet of video; the first of a frame tells its time.
fn packet(part: &[u8], ticks: Option<u64>) -> Vec<u8> {
    let time = ticks.map_or(Vec::new(), |ticks| {
        vec![
            0x21 | (low(ticks >> 29) & 0x0e),
            low(ticks >> 22),
            low(ticks >> 14) | 1,
            low(ticks >> 7),
            low(ticks << 1) | 1,
        ]
    });
    let flags = if time.is_empty() { 0 } else { 0x80 };
    let length = u16::try_from(3 + time.len() + part.len()).unwrap_or(u16::MAX);
    let mut packet = vec![0, 0, 1, 0xe0];
    packet.extend_from_slice(&length.to_be_bytes());
    packet.extend_from_slice(&[0x8c, flags, low(time.len() as u64)]);
    packet.extend_from_slice(&time);
    packet.extend_from_slice(part);
    packet
}

/// The lowest eight bits.
fn low(number: u64) -> u8 {
    number.to_le_bytes()[0]
}
