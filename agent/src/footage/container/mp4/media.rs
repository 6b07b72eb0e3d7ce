//! Where the media data of a file lies, and whether samples lie in it.
//!
//! Ranges only. It must not read them: what is inside is none of a structure check's business.

/// Most media data boxes that are remembered. Progressive files have one; only files that are first
/// written in fragments and then given a movie can have more that matter.
const RANGES_MAX: usize = 4_096;

/// The bytes of all media data boxes of a file, in the order they lie.
#[derive(Debug, Default)]
pub(super) struct Media {
    ranges: Vec<Range>,
    /// The file has more of them than are remembered.
    overflowed: bool,
}

/// Bytes from `start` up to `end`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Range {
    pub(super) start: u64,
    pub(super) end: u64,
}

/// One sample: its bytes, and when it is decoded in ticks of its track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) bytes: Range,
    pub(super) ticks: u64,
}

impl Range {
    /// How far into the range a place may be so that `len` bytes from it on are within; `None` if
    /// nothing that long is.
    pub(super) fn reach(self, len: u64) -> Option<u64> {
        self.end.checked_sub(self.start)?.checked_sub(len)
    }

    /// Whether `len` bytes at `at` are within.
    pub(super) fn holds(self, at: u64, len: u64) -> bool {
        at >= self.start && at.checked_add(len).is_some_and(|end| end <= self.end)
    }
}

impl Media {
    /// Forgets the file before.
    pub(super) fn clear(&mut self) {
        self.ranges.clear();
        self.overflowed = false;
    }

    /// Remembers one more, which lies behind those before.
    pub(super) fn push(&mut self, range: Range) {
        if self.ranges.len() < RANGES_MAX {
            self.ranges.push(range);
        } else {
            self.overflowed = true;
        }
    }

    /// The range that `at` is in or at the end of.
    pub(super) fn around(&self, at: u64) -> Option<Range> {
        let next = self.ranges.partition_point(|range| range.start <= at);
        let range = *self.ranges.get(next.checked_sub(1)?)?;
        (at <= range.end).then_some(range)
    }

    /// Where the first one lies.
    pub(super) fn first(&self) -> Option<Range> {
        self.ranges.first().copied()
    }

    /// Whether not all of them are remembered.
    pub(super) fn overflowed(&self) -> bool {
        self.overflowed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_found_in_the_range_it_is_in() {
        let mut media = Media::default();
        let (low, high) = (Range { start: 10, end: 20 }, Range { start: 30, end: 40 });
        media.push(low);
        media.push(high);
        assert_eq!(media.around(9), None);
        assert_eq!(media.around(10), Some(low));
        assert_eq!(media.around(25), None);
        assert_eq!(media.around(39), Some(high));
        assert_eq!(media.around(41), None);
    }

    #[test]
    fn bytes_are_held_up_to_the_last_one() {
        let range = Range { start: 10, end: 20 };
        assert!(range.holds(10, 10) && range.holds(20, 0));
        assert!(!range.holds(10, 11) && !range.holds(9, 1) && !range.holds(u64::MAX, 2));
        assert_eq!(range.reach(10), Some(0));
        assert_eq!(range.reach(11), None);
    }

    #[test]
    fn more_ranges_than_are_remembered_are_told() {
        let mut media = Media::default();
        for start in (0..).step_by(10).take(RANGES_MAX + 1) {
            media.push(Range {
                start,
                end: start + 1,
            });
        }
        assert!(media.overflowed());
        media.clear();
        assert!(!media.overflowed() && media.first().is_none());
    }
}
