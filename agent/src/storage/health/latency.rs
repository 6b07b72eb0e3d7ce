//! How long writes take, from what the kernel counts anyway: nothing is ever written to find out.
//!
//! `/proc/diskstats` counts finished writes and the time they took. A disk that repeats its attempts
//! takes seconds for a write long before it reports an error; one that finishes nothing while
//! requests wait has stopped. A word changes only when several looks in a row agree.

use std::collections::BTreeMap;

use keepwatch_common::clock::Tick;
use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};

use super::super::machine::text;
use super::{Case, Examiner, figure, says, unknown, unread};

/// Devices listed that are looked through.
const LINES_MAX: usize = 4_096;

/// Shortest time between two looks that are compared, in milliseconds: volumes on one disk ask right
/// after each other.
const LOOK_MS_MIN: u64 = 5_000;

/// Fewer writes than these between two looks say nothing about how long one takes.
const WRITES_MIN: u64 = 8;

/// From here on a write is slow, in milliseconds. A hard disk that is flooded keeps a write waiting
/// for some hundred; a recorder's buffer holds a few seconds.
const SLOW_MS: u64 = 1_500;

/// Below this it is not slow any more.
const SLOW_OVER_MS: u64 = 500;

/// Looks in a row that must agree.
const LOOKS_AGREED: u32 = 4;

/// Requests wait and nothing is finished for so long, in milliseconds: the kernel itself gives a
/// request to a disk 30 s and some repetitions.
const STUCK_MS: u64 = 120_000;

/// The disks below a mount.
#[derive(Debug, Default)]
pub struct Latency {
    disks: BTreeMap<String, Watch>,
}

/// What the kernel counted on one disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    reads: u64,
    writes: u64,
    writing_ms: u64,
    in_flight: u64,
}

/// One disk as it was watched.
#[derive(Debug, Clone)]
struct Watch {
    at: Tick,
    counted: Counted,
    is_slow: bool,
    /// Looks in a row that speak for the other word.
    against: u32,
    /// Milliseconds of a write at the last look that told.
    write_ms: Option<u64>,
    /// Since when requests wait and none is finished.
    stuck_since: Option<Tick>,
}

impl Examiner for Latency {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        let listed = text(&case.machine.proc.join("diskstats"));
        let disks = case.beneath.disks.iter();
        disks
            .map(|disk| match &listed {
                Ok(listed) => match counted(listed, disk) {
                    Some(counted) => self.judge(disk, counted, case.now),
                    None => unknown(Source::Latency, disk, Reason::NotSupported),
                },
                Err(why) => unknown(Source::Latency, disk, unread(*why)),
            })
            .collect()
    }
}

/// The line of a disk: its numbers, its name, then its counters in a fixed order.
fn counted(listed: &str, disk: &str) -> Option<Counted> {
    let line = listed.lines().take(LINES_MAX).find_map(|line| {
        let mut fields = line.split_ascii_whitespace().skip(2);
        (fields.next() == Some(disk)).then_some(fields)
    })?;
    let fields: Vec<u64> = line.map_while(|field| field.parse().ok()).take(9).collect();
    let [reads, _, _, _, writes, _, _, writing_ms, in_flight] = fields[..] else {
        return None;
    };
    Some(Counted {
        reads,
        writes,
        writing_ms,
        in_flight,
    })
}

impl Latency {
    fn judge(&mut self, disk: &str, now: Counted, at: Tick) -> SourceHealth {
        let watch = self.disks.entry(disk.to_owned()).or_insert(Watch {
            at,
            counted: now,
            is_slow: false,
            against: 0,
            write_ms: None,
            stuck_since: None,
        });
        if at.since(watch.at) >= LOOK_MS_MIN {
            watch.look(now, at);
        }
        watch.says(disk)
    }
}

impl Watch {
    fn look(&mut self, now: Counted, at: Tick) {
        let before = self.counted;
        let writes = now.writes.saturating_sub(before.writes);
        let finished = writes.saturating_add(now.reads.saturating_sub(before.reads));
        self.stuck_since = if now.in_flight > 0 && finished == 0 {
            self.stuck_since.or(Some(self.at))
        } else {
            None
        };
        if writes >= WRITES_MIN {
            let spent = now.writing_ms.saturating_sub(before.writing_ms);
            self.agree(spent / writes);
        }
        (self.at, self.counted) = (at, now);
    }

    /// Counts looks that speak for the other word and changes it when they are enough.
    fn agree(&mut self, write_ms: u64) {
        let speaks_against = if self.is_slow {
            write_ms < SLOW_OVER_MS
        } else {
            write_ms >= SLOW_MS
        };
        self.against = if speaks_against { self.against + 1 } else { 0 };
        if self.against >= LOOKS_AGREED {
            (self.is_slow, self.against) = (!self.is_slow, 0);
        }
        self.write_ms = Some(write_ms);
    }

    fn says(&self, disk: &str) -> SourceHealth {
        let is_stuck = self
            .stuck_since
            .is_some_and(|since| self.at.since(since) >= STUCK_MS);
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        if is_stuck {
            let reason = Reason::StuckWrites;
            let mut said = says(Source::Latency, disk, Word::Failing, reason);
            figure(&mut said, Measure::InFlight, whole(self.counted.in_flight));
            return said;
        }
        if self.is_slow {
            let mut said = says(Source::Latency, disk, Word::Worn, Reason::SlowWrites);
            figure(
                &mut said,
                Measure::WriteMs,
                whole(self.write_ms.unwrap_or(0)),
            );
            return said;
        }
        says(Source::Latency, disk, Word::Good, Reason::Sound)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Two lines as kernel 6.18 wrote them.
    const LISTED: &str = include_str!("../../../testdata/storage/diskstats_virtio.txt");

    /// A disk that is looked at every half minute, with so much finished meanwhile.
    struct Story {
        latency: Latency,
        now: Counted,
        at: Tick,
    }

    impl Story {
        fn new() -> Self {
            let mut story = Self {
                latency: Latency::default(),
                now: Counted::default(),
                at: Tick(0),
            };
            story.latency.judge("sda", story.now, story.at);
            story
        }

        fn look(&mut self, writes: u64, each_ms: u64, in_flight: u64) -> SourceHealth {
            self.now.writes += writes;
            self.now.writing_ms += writes * each_ms;
            self.now.in_flight = in_flight;
            self.at = self.at.after(30_000);
            self.latency.judge("sda", self.now, self.at)
        }
    }

    #[test]
    fn the_kernels_line_is_read() {
        let read = counted(LISTED, "vda").unwrap();
        assert_eq!((read.writes, read.writing_ms), (3_377_003, 3_692_850));
        assert_eq!((read.reads, read.in_flight), (8_972_617, 0));
        assert_eq!(counted(LISTED, "vd"), None);
    }

    #[test]
    fn slow_is_said_after_several_looks_and_taken_back_after_several() {
        let mut story = Story::new();
        for _ in 0..3 {
            assert_eq!(story.look(100, 2_000, 5).word, Word::Good);
        }
        let said = story.look(100, 2_000, 5);
        assert_eq!((said.word, said.reason), (Word::Worn, Reason::SlowWrites));
        assert_eq!(said.figure(Measure::WriteMs), Some(2_000));
        for _ in 0..3 {
            assert_eq!(story.look(100, 10, 0).word, Word::Worn);
        }
        assert_eq!(story.look(100, 10, 0).word, Word::Good);
    }

    #[test]
    fn a_few_slow_looks_among_others_are_none() {
        let mut story = Story::new();
        for _ in 0..10 {
            for _ in 0..3 {
                story.look(100, 9_000, 5);
            }
            assert_eq!(story.look(100, 20, 5).word, Word::Good);
        }
        // Too few writes to say anything.
        for _ in 0..10 {
            assert_eq!(story.look(2, 9_000, 0).word, Word::Good);
        }
    }

    #[test]
    fn a_disk_that_finishes_nothing_has_stopped() {
        let mut story = Story::new();
        for _ in 0..3 {
            assert_eq!(story.look(0, 0, 7).word, Word::Good);
        }
        let said = story.look(0, 0, 7);
        assert_eq!(
            (said.word, said.reason),
            (Word::Failing, Reason::StuckWrites)
        );
        assert_eq!(said.figure(Measure::InFlight), Some(7));
        assert_eq!(story.look(1, 5, 0).word, Word::Good);
        // A disk that nobody asks anything is idle and not stuck.
        for _ in 0..9 {
            assert_eq!(story.look(0, 0, 0).word, Word::Good);
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "(.{0,30}\n| 8 0 sda( [0-9]{1,21}){0,12}\n){0,5}") {
            if let Some(read) = counted(&text, "sda") {
                Latency::default().judge("sda", read, Tick(0));
            }
        }
    }
}
