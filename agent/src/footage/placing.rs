//! When a segment was recorded: what its name, its last write and its media tell, put together.
//!
//! Pure. Media alone lies when a camera's clock is slow: a clip of a minute then plays fifty seconds.
//! So what is told about the wall's clock goes first, as long as the media can be that long. It must
//! not know how a file is found or read.

use keepwatch_common::coverage::tolerance_ms;
use keepwatch_common::time::{Instant, SECOND_MS};

use super::layout::Told;

/// What is known of a segment's time before it is placed.
#[derive(Debug, Clone, Copy)]
pub struct Clues {
    /// What tells.
    pub told: Told,
    /// The start as its name tells; for files whose name tells none, when they were written last.
    pub start: Instant,
    /// The end as its name tells.
    pub end: Option<Instant>,
    /// When the file was written last.
    pub written: Instant,
    /// How long its media plays, in milliseconds.
    pub media_ms: Option<i64>,
}

/// A segment's place in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placed {
    /// When it starts.
    pub start: Instant,
    /// How long it lasts, in milliseconds; unknown where nothing tells.
    pub length_ms: Option<i64>,
}

impl Clues {
    /// Where the segment lies.
    pub fn place(&self) -> Placed {
        let at = |start, length_ms| Placed { start, length_ms };
        match self.told {
            Told::Start => at(self.start, self.media_ms),
            Told::StartAndWriting => at(self.start, self.wall(Some(self.written))),
            Told::StartAndEnd | Told::Book => at(self.start, self.wall(self.end)),
            // Some names of such a layout tell the start all the same.
            Told::Writing if self.start != self.written => {
                at(self.start, self.wall(Some(self.written)))
            }
            // Written last when it ended; without a length of media nothing tells the start.
            Told::Writing => match self.media_ms {
                Some(media_ms) => at(self.written - media_ms, Some(media_ms)),
                None => at(self.start, None),
            },
        }
    }

    /// How long by the wall's clock; the media's own length where that cannot be true.
    fn wall(&self, end: Option<Instant>) -> Option<i64> {
        let Some(wall_ms) = end.map(|end| end.since(self.start)).filter(|ms| *ms >= 0) else {
            return self.media_ms;
        };
        match self.media_ms {
            Some(media_ms) if !is_believable(wall_ms, media_ms) => Some(media_ms),
            // What was written a second after the media's end is no second more of footage.
            Some(media_ms) if (wall_ms - media_ms).abs() <= SECOND_MS => Some(media_ms),
            _ => Some(wall_ms),
        }
    }
}

/// Whether a clip that plays so long can have lasted so long: cameras' clocks are off by less than
/// half, and a name's whole seconds are off by some.
fn is_believable(wall_ms: i64, media_ms: i64) -> bool {
    let slack = tolerance_ms(media_ms);
    wall_ms + slack >= media_ms / 3 * 2 && wall_ms <= media_ms / 2 * 3 + slack
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clues(told: Told) -> Clues {
        Clues {
            told,
            start: Instant::from_s(1_000),
            end: None,
            written: Instant::from_s(1_072),
            media_ms: Some(60_000),
        }
    }

    #[test]
    fn a_slow_camera_lasts_as_long_as_it_was_written() {
        let placed = clues(Told::StartAndWriting).place();
        assert_eq!(placed.length_ms, Some(72_000));
    }

    #[test]
    fn a_copied_file_lasts_as_long_as_it_plays() {
        let copied = Clues {
            written: Instant::from_s(900_000),
            ..clues(Told::StartAndWriting)
        };
        assert_eq!(copied.place().length_ms, Some(60_000));
    }

    #[test]
    fn a_name_that_tells_the_end_goes_before_the_media() {
        let named = Clues {
            end: Some(Instant::from_s(1_065)),
            ..clues(Told::StartAndEnd)
        };
        assert_eq!(named.place().length_ms, Some(65_000));
        let cut = Clues {
            media_ms: Some(20_000),
            ..named
        };
        assert_eq!(cut.place().length_ms, Some(20_000));
        let opaque = Clues {
            media_ms: None,
            ..named
        };
        assert_eq!(opaque.place().length_ms, Some(65_000));
    }

    #[test]
    fn a_file_that_only_tells_its_last_write_begins_its_length_before() {
        let unnamed = Clues {
            start: Instant::from_s(1_072),
            ..clues(Told::Writing)
        };
        let placed = unnamed.place();
        assert_eq!(placed.start, Instant::from_s(1_012));
        assert_eq!(placed.length_ms, Some(60_000));
    }

    #[test]
    fn a_name_that_tells_the_start_goes_before_the_last_write() {
        let placed = clues(Told::Writing).place();
        assert_eq!(placed.start, Instant::from_s(1_000));
        assert_eq!(placed.length_ms, Some(72_000));
    }
}
