//! What is held of one camera and interval: pure, made of what its list says.
//!
//! It must not know files; whether a segment is there is told to it.

use std::collections::BTreeMap;

use keepwatch_common::coverage::tolerance_ms;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::limits::HOLD_SPANS_MAX;
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::model::name::Name;
use keepwatch_common::time::Instant;

use super::entry::{Entry, Fate};
use super::journal::Record;

/// See the module.
#[derive(Debug, Clone)]
pub(super) struct Manifest {
    pub(super) camera: CameraKey,
    pub(super) span: Interval,
    /// By path below the recorder's root.
    pub(super) entries: BTreeMap<String, Entry>,
    pub(super) verified: Option<Instant>,
    pub(super) released: Option<Instant>,
}

/// What is known beside the list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Outlook {
    /// Segments wait to be listed, or their folders were not seen yet, or the interval is not over.
    pub(super) is_growing: bool,
    /// Something does not fit.
    pub(super) is_full: bool,
    /// Copies are made.
    pub(super) has_vault: bool,
    /// How long a segment lasts by its layout.
    pub(super) nominal_ms: i64,
}

/// How it stands, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Overview {
    pub(super) standing: HoldStanding,
    pub(super) segments: u64,
    pub(super) bytes: u64,
    pub(super) covered_ms: i64,
    pub(super) copied: u64,
    pub(super) gone: u64,
    pub(super) changed: u64,
    pub(super) spans: Vec<Interval>,
}

impl Manifest {
    /// Nothing is listed yet.
    pub(super) fn new(camera: CameraKey, span: Interval) -> Self {
        Self {
            camera,
            span,
            entries: BTreeMap::new(),
            verified: None,
            released: None,
        }
    }

    /// What a list says, in its order; nothing when its beginning is lost.
    pub(super) fn of(records: impl IntoIterator<Item = Record>) -> Option<Self> {
        let mut records = records.into_iter();
        let Record::Begun {
            recorder,
            camera,
            from_ms,
            to_ms,
        } = records.next()?
        else {
            return None;
        };
        let camera = CameraKey {
            recorder: Name::new(recorder).ok()?,
            camera: Name::new(camera).ok()?,
        };
        let span = Interval::new(Instant::from_ms(from_ms), Instant::from_ms(to_ms))?;
        let mut manifest = Self::new(camera, span);
        for record in records {
            manifest.apply(record);
        }
        Some(manifest)
    }

    /// The first record of its list.
    pub(super) fn begun(&self) -> Record {
        Record::Begun {
            recorder: self.camera.recorder.to_string(),
            camera: self.camera.camera.to_string(),
            from_ms: self.span.start().ms(),
            to_ms: self.span.end().ms(),
        }
    }

    /// Something happened.
    pub(super) fn apply(&mut self, record: Record) {
        match record {
            Record::Begun { .. } => {}
            Record::Listed(listed) => {
                if listed.is_safe() {
                    let known = self.entries.get(&listed.path);
                    let is_same = |entry: &&Entry| entry.listed.blake3 == listed.blake3;
                    let copied = known.filter(is_same).is_some_and(|entry| entry.copied);
                    let entry = Entry {
                        fate: Fate::Whole,
                        copied,
                        listed,
                    };
                    self.entries.insert(entry.listed.path.clone(), entry);
                }
            }
            Record::Fate { path, fate } => {
                if let Some(entry) = self.entries.get_mut(&path) {
                    entry.fate = fate;
                }
            }
            Record::Copied { path, copied } => {
                if let Some(entry) = self.entries.get_mut(&path) {
                    entry.copied = copied;
                }
            }
            Record::Verified { at_ms } => self.verified = Some(Instant::from_ms(at_ms)),
            Record::Released { at_ms } => self.released = Some(Instant::from_ms(at_ms)),
        }
    }

    /// How it stands.
    pub(super) fn overview(&self, outlook: Outlook) -> Overview {
        let count = |wanted: &dyn Fn(&Entry) -> bool| {
            let found = self.entries.values().filter(|entry| wanted(entry)).count();
            u64::try_from(found).unwrap_or(u64::MAX)
        };
        let is_missing = |entry: &Entry| entry.fate != Fate::Whole;
        let is_lost = |entry: &Entry| is_missing(entry) && !entry.copied;
        let lost = count(&is_lost);
        let missing = count(&is_missing);
        let covered_ms = self.covered(outlook.nominal_ms).ms();
        let segments = count(&|_| true);
        let copied = count(&|entry| entry.copied);
        let standing = if self.released.is_some() {
            HoldStanding::Released
        } else if lost > 0 {
            HoldStanding::Broken
        } else if missing > 0 {
            HoldStanding::InVault
        } else if outlook.is_full {
            HoldStanding::NoRoom
        } else if outlook.is_growing || (outlook.has_vault && copied < segments) {
            HoldStanding::Making
        } else if covered_ms < self.span.ms() {
            HoldStanding::Partly
        } else if outlook.has_vault {
            HoldStanding::Copied
        } else {
            HoldStanding::Kept
        };
        let shown: &dyn Fn(&Entry) -> bool = if lost > 0 { &is_lost } else { &is_missing };
        Overview {
            standing,
            segments,
            bytes: self.entries.values().map(|entry| entry.listed.bytes).sum(),
            covered_ms,
            copied,
            gone: count(&|entry| entry.fate == Fate::Gone),
            changed: count(&|entry| entry.fate == Fate::Changed),
            spans: self.spans(shown),
        }
    }

    /// What of the interval is covered by what is kept, here or in the vault. Segments that follow
    /// each other closely leave nothing out between them, as everywhere.
    fn covered(&self, nominal_ms: i64) -> IntervalSet {
        let kept = |entry: &&Entry| entry.fate == Fate::Whole || entry.copied;
        let spans = self.entries.values().filter(kept);
        let covered: IntervalSet = spans.filter_map(|entry| entry.listed.span()).collect();
        let tolerance = tolerance_ms(nominal_ms);
        let missing = IntervalSet::of(Some(self.span)).difference(&covered);
        let phantom = missing.as_slice().iter().filter(|gap| {
            // Only beside footage: an empty hold covers nothing, however short it is.
            gap.ms() <= tolerance && **gap != self.span
        });
        let closed: IntervalSet = phantom.copied().collect();
        covered.union(&closed).within(self.span)
    }

    fn spans(&self, wanted: &dyn Fn(&Entry) -> bool) -> Vec<Interval> {
        let found = self.entries.values().filter(|entry| wanted(entry));
        let spans: IntervalSet = found.filter_map(|entry| entry.listed.span()).collect();
        let first = spans.as_slice().iter().take(HOLD_SPANS_MAX);
        first.copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::SECOND_MS;
    use proptest::prelude::*;

    use super::super::entry::Listed;
    use super::*;

    /// Segments of ten seconds on a grid, so that a gap is never one that is closed.
    const SLOT_MS: i64 = 10 * SECOND_MS;
    const SLOTS: i64 = 12;

    fn listed(slot: i64) -> Listed {
        Listed {
            path: format!("{slot}.mp4"),
            bytes: 100,
            written_s: 0,
            start_ms: slot * SLOT_MS,
            end_ms: (slot + 1) * SLOT_MS,
            blake3: format!("{slot}"),
        }
    }

    fn manifest(from: i64, to: i64) -> Manifest {
        let camera = CameraKey {
            recorder: Name::new("nvr").unwrap(),
            camera: Name::new("till").unwrap(),
        };
        let at = |slot: i64| Instant::from_ms(slot * SLOT_MS);
        Manifest::new(camera, Interval::new(at(from), at(to)).unwrap())
    }

    const DONE: Outlook = Outlook {
        is_growing: false,
        is_full: false,
        has_vault: false,
        nominal_ms: 1,
    };

    /// What may happen to a slot.
    #[derive(Debug, Clone, Copy)]
    enum Step {
        List,
        Fate(Fate),
        Copy(bool),
    }

    fn record(slot: i64, step: Step) -> Record {
        let path = format!("{slot}.mp4");
        match step {
            Step::List => Record::Listed(listed(slot)),
            Step::Fate(fate) => Record::Fate { path, fate },
            Step::Copy(copied) => Record::Copied { path, copied },
        }
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            3 => Just(Step::List),
            1 => prop_oneof![Just(Fate::Whole), Just(Fate::Gone), Just(Fate::Changed)].prop_map(Step::Fate),
            1 => any::<bool>().prop_map(Step::Copy),
        ]
    }

    proptest! {
        #[test]
        fn a_manifest_says_what_a_plain_table_of_slots_says(
            steps in proptest::collection::vec((0..SLOTS, step()), 0..60),
            from in 0..SLOTS - 1,
            length in 1..SLOTS,
            has_vault in any::<bool>(),
        ) {
            let to = (from + length).min(SLOTS);
            let mut ours = manifest(from, to);
            // The model: each slot is not listed, or has a fate and perhaps a copy.
            let mut table: [Option<(Fate, bool)>; 12] = [None; 12];
            let mut records = vec![ours.begun()];
            for (slot, step) in steps {
                let place = &mut table[usize::try_from(slot).unwrap()];
                match (step, place.as_mut()) {
                    (Step::List, None) => *place = Some((Fate::Whole, false)),
                    (Step::List, Some(known)) => known.0 = Fate::Whole,
                    (Step::Fate(fate), Some(known)) => known.0 = fate,
                    (Step::Copy(copied), Some(known)) => known.1 = copied,
                    (_, None) => {}
                }
                records.push(record(slot, step));
                ours.apply(record(slot, step));
            }
            let outlook = Outlook { has_vault, ..DONE };
            let said = ours.overview(outlook);
            let known: Vec<_> = table.iter().flatten().collect();
            let count = |wanted: &dyn Fn(&(Fate, bool)) -> bool| {
                u64::try_from(known.iter().filter(|slot| wanted(slot)).count()).unwrap()
            };
            let lost = count(&|slot| slot.0 != Fate::Whole && !slot.1);
            let missing = count(&|slot| slot.0 != Fate::Whole);
            let covered = (from..to).filter(|slot| {
                table[usize::try_from(*slot).unwrap()]
                    .is_some_and(|(fate, copied)| fate == Fate::Whole || copied)
            });
            let covered = i64::try_from(covered.count()).unwrap();
            let copied = count(&|slot| slot.1);
            let expected = if lost > 0 {
                HoldStanding::Broken
            } else if missing > 0 {
                HoldStanding::InVault
            } else if has_vault && copied < count(&|_| true) {
                HoldStanding::Making
            } else if covered < to - from {
                HoldStanding::Partly
            } else if has_vault {
                HoldStanding::Copied
            } else {
                HoldStanding::Kept
            };
            prop_assert_eq!(said.standing, expected);
            prop_assert_eq!(said.covered_ms, covered * SLOT_MS);
            prop_assert_eq!((said.segments, said.copied), (count(&|_| true), copied));
            prop_assert_eq!(said.bytes, 100 * count(&|_| true));
            prop_assert_eq!(said.gone, count(&|slot| slot.0 == Fate::Gone));
            prop_assert_eq!(said.changed, count(&|slot| slot.0 == Fate::Changed));
            prop_assert_eq!(said.spans.is_empty(), missing == 0);
            // What is on disk says the same.
            let again = Manifest::of(records).unwrap();
            prop_assert_eq!(again.overview(outlook), said);
        }
    }

    #[test]
    fn seconds_between_segments_are_not_missing_footage() {
        let mut ours = manifest(0, 2);
        for (start_ms, end_ms) in [(300, 9_900), (10_200, 19_000)] {
            ours.apply(Record::Listed(Listed {
                path: format!("{start_ms}"),
                start_ms,
                end_ms,
                ..listed(0)
            }));
        }
        let outlook = Outlook {
            nominal_ms: SLOT_MS,
            ..DONE
        };
        assert_eq!(ours.overview(outlook).standing, HoldStanding::Kept);
    }

    #[test]
    fn a_hold_of_which_nothing_was_recorded_is_no_success() {
        let said = manifest(0, 1).overview(Outlook {
            nominal_ms: 60 * SLOT_MS,
            ..DONE
        });
        assert_eq!((said.standing, said.covered_ms), (HoldStanding::Partly, 0));
    }

    #[test]
    fn a_path_that_leads_elsewhere_is_not_believed() {
        let mut ours = manifest(0, 2);
        for path in ["../a", "/etc/passwd", "a//b", ""] {
            let path = path.to_owned();
            ours.apply(Record::Listed(Listed { path, ..listed(0) }));
        }
        assert!(ours.entries.is_empty());
    }
}
