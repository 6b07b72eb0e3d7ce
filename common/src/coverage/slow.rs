//! Cameras whose clock runs slow: what took 72 seconds of the wall's clock plays 60, and between two
//! such clips there seems to be a gap that there is not.
//!
//! That it is so must show: nearly all clips of a stretch are stretched alike, and each file was
//! written until the next one began. A recorder that stops between its files was not written until
//! then, and a camera that stalls does so now and then, so both keep their gaps. It must not know
//! files.

use super::timeline::tolerance_ms;
use crate::time::Instant;

/// A whole in the millionths that a stretch is told in.
const WHOLE_PPM: i64 = 1_000_000;

/// Pairs of clips that must show it.
const PAIRS_MIN: usize = 4;

/// Of all pairs so many must agree, in percent.
const AGREE_PERCENT_MIN: usize = 60;

/// So far from the middle a pair may lie to agree, in millionths.
const AGREE_PPM: i64 = 10_000;

/// The largest stretch that is a slow clock, in millionths: cameras that deliver two thirds of what
/// they promise have been seen, slower ones are broken.
const STRETCH_PPM_MAX: i64 = 1_500_000;

/// Less than this is within the joining of neighbours anyway.
const STRETCH_PPM_MIN: i64 = 1_005_000;

/// A clip as its name, its media and its file's last write tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clip {
    /// When it starts.
    pub start: Instant,
    /// How long it plays, in milliseconds.
    pub media_ms: i64,
    /// When its file was written last.
    pub written: Instant,
}

/// How much longer than they play the clips of one camera last, in millionths; none when they do not
/// show that they do. Clips stand in order of time.
pub fn stretch_ppm(clips: &[Clip]) -> Option<i64> {
    let pairs = clips.windows(2);
    let all = pairs.len();
    let mut shown: Vec<i64> = pairs
        .filter_map(|pair| shown(pair[0], pair[1].start))
        .collect();
    if shown.len() < PAIRS_MIN {
        return None;
    }
    let middle = shown.len() / 2;
    let median = *shown.select_nth_unstable(middle).1;
    let agree = shown
        .iter()
        .filter(|ppm| (**ppm - median).abs() <= AGREE_PPM)
        .count();
    let is_common = agree * 100 >= all * AGREE_PERCENT_MIN;
    (is_common && median >= STRETCH_PPM_MIN).then_some(median)
}

/// How long a clip lasts, in milliseconds, where its neighbours are stretched so; `next` is the start
/// of the clip after it.
pub fn wall_ms(clip: Clip, next: Option<Instant>, stretch_ppm: i64) -> i64 {
    let stretched = clip.media_ms.saturating_mul(stretch_ppm) / WHOLE_PPM;
    let was_written = within(clip.written, clip.start + stretched, clip.media_ms);
    if !was_written {
        return clip.media_ms;
    }
    let room = next.map_or(stretched, |next| next.since(clip.start));
    stretched.min(room).max(clip.media_ms)
}

/// The stretch that a pair shows: the file was written until the next one began.
fn shown(clip: Clip, next: Instant) -> Option<i64> {
    let step_ms = next.since(clip.start);
    let ppm = step_ms.checked_mul(WHOLE_PPM)?.checked_div(clip.media_ms)?;
    let is_believable = clip.media_ms > 0 && (WHOLE_PPM..=STRETCH_PPM_MAX).contains(&ppm);
    (is_believable && within(clip.written, next, clip.media_ms)).then_some(ppm)
}

/// Whether two instants are one, as closely as files of that length tell.
fn within(one: Instant, other: Instant, media_ms: i64) -> bool {
    one.since(other).abs() <= tolerance_ms(media_ms)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::time::SECOND_MS;

    /// Clips of a camera that plays 60 s of every `step_s`, each written for `written_s`.
    fn clips(count: i64, step_s: i64, written_s: i64) -> Vec<Clip> {
        (0..count)
            .map(|n| {
                let start = Instant::from_s(1_000 + n * step_s);
                Clip {
                    start,
                    media_ms: 60 * SECOND_MS,
                    written: start + written_s * SECOND_MS,
                }
            })
            .collect()
    }

    #[test]
    fn a_slow_camera_is_known_by_all_its_clips() {
        let slow = clips(10, 72, 72);
        assert_eq!(stretch_ppm(&slow), Some(1_200_000));
        assert_eq!(wall_ms(slow[0], Some(slow[1].start), 1_200_000), 72_000);
        assert_eq!(wall_ms(slow[9], None, 1_200_000), 72_000);
    }

    #[test]
    fn a_recorder_that_stops_between_files_is_not_slow() {
        assert_eq!(stretch_ppm(&clips(10, 72, 60)), None);
    }

    #[test]
    fn a_camera_that_plays_as_long_as_it_lasts_is_not_slow() {
        assert_eq!(stretch_ppm(&clips(10, 60, 60)), None);
    }

    #[test]
    fn a_few_long_breaks_do_not_make_a_camera_slow_and_stay_gaps_of_a_slow_one() {
        let mut healthy = clips(20, 60, 60);
        for clip in &mut healthy[10..] {
            clip.start = clip.start + 20 * SECOND_MS;
            clip.written = clip.written + 20 * SECOND_MS;
        }
        assert_eq!(stretch_ppm(&healthy), None);
        let mut slow = clips(20, 72, 72);
        for clip in &mut slow[10..] {
            clip.start = clip.start + 40 * SECOND_MS;
            clip.written = clip.written + 40 * SECOND_MS;
        }
        let ppm = stretch_ppm(&slow).unwrap();
        assert_eq!(wall_ms(slow[9], Some(slow[10].start), ppm), 72_000);
    }

    #[test]
    fn copied_files_keep_the_length_they_play() {
        let mut copied = clips(10, 72, 72);
        for clip in &mut copied {
            clip.written = Instant::from_s(90_000_000);
        }
        assert_eq!(stretch_ppm(&copied), None);
        assert_eq!(wall_ms(copied[0], None, 1_200_000), 60_000);
    }

    proptest! {
        /// Whatever the clips: none becomes shorter than it plays, nor reaches into the next.
        #[test]
        fn a_clip_lasts_from_what_it_plays_to_the_next(
            steps in prop::collection::vec((0_i64..200_000, 0_i64..200_000, 0_i64..400_000), 2..40),
        ) {
            let mut start = Instant::from_s(1_000);
            let clips: Vec<_> = steps.iter().map(|(step, media_ms, written)| {
                start = start + *step;
                Clip { start, media_ms: *media_ms, written: start + *written }
            }).collect();
            if let Some(ppm) = stretch_ppm(&clips) {
                prop_assert!((STRETCH_PPM_MIN..=STRETCH_PPM_MAX).contains(&ppm));
                for pair in clips.windows(2) {
                    let ms = wall_ms(pair[0], Some(pair[1].start), ppm);
                    prop_assert!(ms >= pair[0].media_ms);
                    let room = pair[1].start.since(pair[0].start);
                    prop_assert!(ms <= room.max(pair[0].media_ms));
                }
            }
        }
    }
}
