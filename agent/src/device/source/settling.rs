//! When a file that changes is read: once it is quiet, but not never, and not all the time.
//!
//! Editors empty a file, write it in pieces or put another in its place; read in between, it would
//! say what nobody meant. A file that is written without a pause is read all the same, and one that
//! changes all day is read ever more rarely: its neighbours' evidence must not be crowded out. Pure.

use keepwatch_common::clock::Tick;

/// A file is quiet when nothing happened to it for so long, in milliseconds.
const QUIET_MS: u64 = 50;

/// It is read at the latest so long after the first change, in milliseconds.
const RESTLESS_MS_MAX: u64 = 1_000;

/// Readings that may follow each other at once.
const BURST: u64 = 20;

/// For each of these, in milliseconds, one more reading is allowed.
const REFILL_MS: u64 = 60_000;

/// One file's changes and readings.
#[derive(Debug)]
pub(super) struct Settling {
    first: Option<Tick>,
    last: Tick,
    /// The file itself was touched, so that its time of change need not tell.
    is_certain: bool,
    /// When the allowance is full again.
    full_at: Tick,
}

impl Settling {
    /// Nothing happened yet.
    pub(super) fn new() -> Self {
        Self {
            first: None,
            last: Tick(0),
            is_certain: false,
            full_at: Tick(0),
        }
    }

    /// Something happened that may concern the file; `is_certain` when it did.
    pub(super) fn touched(&mut self, now: Tick, is_certain: bool) {
        self.first.get_or_insert(now);
        self.last = now;
        self.is_certain |= is_certain;
    }

    /// When it is to be read, if it is.
    pub(super) fn due(&self) -> Option<Tick> {
        let first = self.first?;
        let quiet = self.last.after(QUIET_MS).min(first.after(RESTLESS_MS_MAX));
        let allowed = Tick(self.full_at.0.saturating_sub((BURST - 1) * REFILL_MS));
        Some(quiet.max(allowed))
    }

    /// It is being read now; tells whether something happened to the file itself.
    pub(super) fn read(&mut self, now: Tick) -> bool {
        self.first = None;
        self.full_at = self.full_at.max(now).after(REFILL_MS);
        std::mem::take(&mut self.is_certain)
    }

    /// The reading said nothing new: it is not counted.
    pub(super) fn said_nothing(&mut self) {
        self.full_at = Tick(self.full_at.0.saturating_sub(REFILL_MS));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_once_it_is_quiet() {
        let mut settling = Settling::new();
        assert_eq!(settling.due(), None);
        settling.touched(Tick(1_000), true);
        settling.touched(Tick(1_030), false);
        assert_eq!(settling.due(), Some(Tick(1_080)));
        assert!(settling.read(Tick(1_080)));
        assert_eq!(settling.due(), None);
    }

    #[test]
    fn a_file_that_is_written_without_a_pause_is_read_all_the_same() {
        let mut settling = Settling::new();
        for at in (0..1_500).step_by(10) {
            settling.touched(Tick(at), true);
        }
        assert_eq!(settling.due(), Some(Tick(1_000)));
    }

    #[test]
    fn a_file_that_changes_all_day_is_read_ever_more_rarely() {
        let (mut settling, mut now, mut readings) = (Settling::new(), Tick(0), 0);
        let day = Tick(24 * 3_600_000);
        while now < day {
            settling.touched(now, true);
            now = settling.due().unwrap().max(now);
            settling.read(now);
            readings += 1;
        }
        assert!((1_440..=1_440 + BURST).contains(&readings), "{readings}");
    }

    #[test]
    fn readings_that_say_nothing_new_cost_nothing() {
        let mut settling = Settling::new();
        for at in (0..100_000).step_by(100) {
            settling.touched(Tick(at), false);
            settling.read(Tick(at));
            settling.said_nothing();
        }
        settling.touched(Tick(200_000), true);
        assert_eq!(settling.due(), Some(Tick(200_050)));
    }
}
