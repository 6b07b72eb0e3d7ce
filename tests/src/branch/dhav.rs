//! Frames as Dahua's recorders write them: between `DHAV` and `dhav`, each with its length, its date
//! and what it is.
//!
//! It must not know what is in the frames.

use super::bare::{FRAMES_A_SECOND, frames};

/// Bytes before a frame's own, and behind them.
const HEAD_BYTES: usize = 24;
const TAIL_BYTES: usize = 8;

/// 2026-11-01, midnight: years from 2000, then months, days, hours, minutes and seconds.
const DATE: u32 = (26 << 26) | (11 << 22) | (1 << 17);

/// What a key frame tells beside: H.264 at two frames a second, 160 by 90 pixels.
const EXTRA: [u8; 12] = [0x81, 0, 2, 2, 0x82, 0, 0, 0, 160, 0, 90, 0];

/// The bare stream frame by frame.
pub(super) fn of(bare: &[u8]) -> Vec<u8> {
    let mut stream = Vec::new();
    for (number, (frame, is_key)) in (0_u32..).zip(frames(bare)) {
        stream.extend_from_slice(&framed(&frame, is_key, number));
    }
    stream
}

fn framed(frame: &[u8], is_key: bool, number: u32) -> Vec<u8> {
    let (kind, extra): (u8, &[u8]) = if is_key { (0xfd, &EXTRA) } else { (0xfc, &[]) };
    let length = HEAD_BYTES + extra.len() + frame.len() + TAIL_BYTES;
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let fine = number % FRAMES_A_SECOND * 1_000 / FRAMES_A_SECOND;
    let seconds = number / FRAMES_A_SECOND;
    let date = DATE | ((seconds / 60) << 6) | (seconds % 60);
    // The fine clock runs on through the seconds and starts again at sixteen bits.
    let fine = (seconds * 1_000 + fine) % 65_536;
    let mut bytes = b"DHAV".to_vec();
    bytes.extend_from_slice(&[kind, 0, 0, 0]);
    bytes.extend_from_slice(&number.to_le_bytes());
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes.extend_from_slice(&date.to_le_bytes());
    bytes.extend_from_slice(&fine.to_le_bytes()[..2]);
    bytes.push(u8::try_from(extra.len()).unwrap_or(0));
    let sum = bytes.iter().fold(0_u8, |sum, byte| sum.wrapping_add(*byte));
    bytes.push(sum);
    bytes.extend_from_slice(extra);
    bytes.extend_from_slice(frame);
    bytes.extend_from_slice(b"dhav");
    bytes.extend_from_slice(&length.to_le_bytes());
    bytes
}
