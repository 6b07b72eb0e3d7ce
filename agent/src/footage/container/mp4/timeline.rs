//! Time in a file: ticks into milliseconds, and the time that the fragments of a track cover.
//!
//! Arithmetic only. It must not know where a number was found.

/// Most a fragment may start after the end of the one before and still be counted as going on: the
/// hole in time that is ignored between recordings too. Recorders that write one nominal duration
/// for every sample fall short by less, and their start times are the truth.
const PAUSE_MS_MAX: i64 = 2_000;

/// Most two tellings of one duration may differ. Writers guess how long the last sample lasts, count
/// it or not, and round to the clock of the movie: less than two frames at the slowest rate in use,
/// one a second.
const SLACK_MS: i64 = 2_000;

/// Or, of long recordings, this part of them: clocks that are corrected while recording.
const SLACK_PART: i64 = 20;

/// Ticks of a clock as milliseconds, rounded down; a clock of zero ticks a second gives zero.
pub(super) fn ms(ticks: u64, timescale: u32) -> i64 {
    let exact = (u128::from(ticks) * 1000)
        .checked_div(u128::from(timescale))
        .unwrap_or(0);
    i64::try_from(exact).unwrap_or(i64::MAX)
}

/// Whether two tellings of one duration are too far apart to be of the same recording.
pub(super) fn differ(one_ms: i64, other_ms: i64) -> bool {
    let slack = SLACK_MS.max(one_ms.max(other_ms) / SLACK_PART);
    one_ms.saturating_sub(other_ms).saturating_abs() > slack
}

/// What the fragments of one track hold together.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Timeline {
    /// Ticks covered: durations of samples, and pauses too short to matter.
    pub(super) ticks: u64,
    pub(super) samples: u64,
    /// Where the last fragment ends, counted from the start of the track.
    pub(super) end: u64,
    /// The fragment being read, until its media data is seen.
    pending: Option<Part>,
}

/// The part of one fragment that is of one track.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Part {
    /// When it starts, if it says.
    pub(super) start: Option<u64>,
    pub(super) ticks: u64,
    pub(super) samples: u64,
}

impl Timeline {
    /// Notes a part; it counts once it is kept.
    pub(super) fn note(&mut self, part: Part) {
        let noted = self.pending.get_or_insert(Part {
            start: part.start,
            ..Part::default()
        });
        noted.ticks = noted.ticks.saturating_add(part.ticks);
        noted.samples = noted.samples.saturating_add(part.samples);
    }

    /// Counts what was noted; `timescale` is the clock of the track.
    pub(super) fn keep(&mut self, timescale: u32) {
        let Some(part) = self.pending.take() else {
            return;
        };
        let start = part.start.unwrap_or(self.end);
        let (later, earlier) = (
            start.saturating_sub(self.end),
            self.end.saturating_sub(start),
        );
        let goes_on = self.samples > 0 && ms(later.max(earlier), timescale) <= PAUSE_MS_MAX;
        if goes_on {
            self.ticks = self.ticks.saturating_add(later).saturating_sub(earlier);
        }
        self.ticks = self.ticks.saturating_add(part.ticks);
        self.samples = self.samples.saturating_add(part.samples);
        self.end = start.saturating_add(part.ticks);
    }

    /// Forgets what was noted: its media data is not there.
    pub(super) fn drop_noted(&mut self) {
        self.pending = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(parts: &[(u64, u64)]) -> u64 {
        let mut timeline = Timeline::default();
        for (start, ticks) in parts {
            timeline.note(Part {
                start: Some(*start),
                ticks: *ticks,
                samples: 1,
            });
            timeline.keep(1000);
        }
        timeline.ticks
    }

    #[test]
    fn a_short_pause_between_fragments_is_counted_and_a_long_one_is_not() {
        assert_eq!(played(&[(0, 1000), (1000, 1000)]), 2000);
        assert_eq!(played(&[(0, 1000), (1500, 1000)]), 2500);
        assert_eq!(played(&[(0, 1000), (60_000, 1000)]), 2000);
    }

    #[test]
    fn a_late_first_fragment_is_no_pause() {
        assert_eq!(played(&[(1800, 1000)]), 1000);
    }

    #[test]
    fn fragments_that_overlap_are_counted_once_and_a_clock_set_back_is_not_subtracted() {
        assert_eq!(played(&[(0, 1000), (900, 1000)]), 1900);
        assert_eq!(played(&[(90_000, 5000), (0, 1000)]), 6000);
    }

    #[test]
    fn a_fragment_that_is_not_kept_does_not_count() {
        let mut timeline = Timeline::default();
        timeline.note(Part {
            start: None,
            ticks: 10,
            samples: 1,
        });
        timeline.drop_noted();
        timeline.keep(1000);
        assert_eq!(timeline, Timeline::default());
    }

    #[test]
    fn ticks_become_milliseconds_without_overflow() {
        assert_eq!(ms(90_000, 90_000), 1000);
        assert_eq!(ms(u64::MAX, 1), i64::MAX);
        assert_eq!(ms(5, 0), 0);
    }

    #[test]
    fn durations_differ_beyond_two_seconds_or_a_twentieth() {
        assert!(!differ(10_000, 12_000));
        assert!(differ(10_000, 12_001));
        assert!(!differ(3_600_000, 3_420_000));
        assert!(differ(3_600_000, 3_419_999));
        assert!(differ(i64::MAX, i64::MIN));
    }
}
