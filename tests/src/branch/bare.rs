//! The drawn scene as a bare H.264 stream, and its frames one by one: what our own containers are made
//! of.
//!
//! It must not know any container.

/// Frames in a second of the scene.
pub(super) const FRAMES_A_SECOND: u32 = 2;

/// A minute of it.
pub(super) const MINUTE: &[u8] = include_bytes!("../../assets/branch/minute.h264");

/// The frames of a bare stream: each with the parameter sets before it, and whether it is a key frame.
pub(super) fn frames(bare: &[u8]) -> Vec<(Vec<u8>, bool)> {
    let mut frames: Vec<(Vec<u8>, bool)> = Vec::new();
    let mut waiting = Vec::new();
    for unit in units(bare) {
        waiting.extend_from_slice(&[0, 0, 0, 1]);
        waiting.extend_from_slice(unit);
        let kind = unit.first().map_or(0, |head| head & 0x1f);
        if matches!(kind, 1 | 5) {
            frames.push((std::mem::take(&mut waiting), kind == 5));
        }
    }
    frames
}

/// The units between start codes.
fn units(bare: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<_> = bare
        .windows(3)
        .enumerate()
        .filter(|(_, window)| *window == [0, 0, 1])
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([bare.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|(start, end)| {
            let unit = &bare[start + 3..end];
            let last = unit.iter().rposition(|byte| *byte != 0);
            &unit[..last.map_or(0, |last| last + 1)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bare_stream_is_a_minute_of_frames_and_a_key_frame_every_five_seconds() {
        let frames = frames(MINUTE);
        let keys = frames.iter().filter(|(_, is_key)| *is_key).count();
        assert_eq!((frames.len(), keys), (60 * FRAMES_A_SECOND as usize, 12));
    }
}
