//! One camera's footage while the agent runs: runs and counts, not files.
//!
//! Segments are kept together by camera and hour of their start. An hour that is still changing
//! keeps its files; an hour that has cooled keeps only its outline and a fingerprint of its names,
//! sizes and times, so that a walk can tell what changed without opening anything. It must not do any
//! I/O: files come in as what was read of them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use keepwatch_common::coverage::Timeline;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::segment::{FaultKind, SegmentFault, SegmentState};
use keepwatch_common::time::{HOUR_MS, Instant};

use super::told::Told;
use crate::footage::tally::{Segment, StateCounts, Tally};

/// Hours that keep their files: a file that is written to belongs to one of the last two.
const HOT_MS: i64 = 2 * HOUR_MS;

/// Hours of one camera at most: more than five years.
const HOURS_MAX: usize = 50_000;

/// One file as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The file below the recorder's root.
    pub path: String,
    /// The time it is filed under, as its name or its last write tells.
    pub filed: Instant,
    /// When it starts.
    pub start: Instant,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub written: Instant,
    /// What its structure says.
    pub state: SegmentState,
    /// What is wrong with its structure.
    pub fault: Option<(FaultKind, String)>,
    /// How long it lasts, in milliseconds.
    pub duration_ms: Option<i64>,
}

/// An hour of segments' starts, counted from 1970 in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(i64);

impl Hour {
    /// The hour of a start.
    pub fn of(start: Instant) -> Self {
        Self(start.ms().div_euclid(HOUR_MS))
    }
}

/// Names, sizes and times of an hour's files, folded: equal when nothing changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Fingerprint {
    files: u32,
    folded: u64,
}

impl Fingerprint {
    /// How many files it folds.
    pub fn files(self) -> usize {
        usize::try_from(self.files).unwrap_or(usize::MAX)
    }

    /// Folds one file in; the order does not matter.
    pub fn add(&mut self, path: &str, bytes: u64, written: Instant) {
        let mut hasher = DefaultHasher::new();
        (path, bytes, written).hash(&mut hasher);
        self.folded ^= hasher.finish();
        self.files = self.files.saturating_add(1);
    }
}

/// Footage that was there and is not any more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gone {
    /// When it had been recorded.
    pub spans: IntervalSet,
    /// How many files fewer.
    pub files: u64,
}

#[derive(Debug, Default)]
pub(super) struct Bucket {
    fingerprint: Fingerprint,
    /// From the first segment's start to the last one's end.
    hull: Option<Interval>,
    pub(super) states: StateCounts,
    pub(super) bytes: u64,
    faults: u32,
    /// The files, while the hour is hot.
    files: BTreeMap<String, Checked>,
}

/// One camera's footage.
#[derive(Debug, Default)]
pub struct CameraIndex {
    pub(super) hours: BTreeMap<Hour, Bucket>,
    pub(super) timeline: Timeline,
    /// Footage that was there once: it was recorded, so it is no hole.
    vanished: IntervalSet,
    pub(super) faults: BTreeMap<String, SegmentFault>,
    pub(super) oldest: Option<Instant>,
    /// The oldest start when the camera was first seen: nothing before it was ever measured.
    pub(super) first_oldest: Option<Instant>,
    pub(super) segment_ms: i64,
    pub(super) told: Told,
}

impl CameraIndex {
    /// What an hour's files looked like when they were read last.
    pub fn fingerprint(&self, hour: Hour) -> Fingerprint {
        self.hours
            .get(&hour)
            .map(|bucket| bucket.fingerprint)
            .unwrap_or_default()
    }

    /// The hours that have files.
    pub fn hours(&self) -> impl Iterator<Item = Hour> {
        self.hours.keys().copied()
    }

    /// Everything recorded.
    pub fn covered(&self) -> &IntervalSet {
        self.timeline.covered()
    }

    /// Everything that was ever recorded, also what has been deleted since.
    pub fn recorded(&self) -> IntervalSet {
        self.timeline.covered().union(&self.vanished)
    }

    /// Whether this file of a hot hour is known exactly as it is now.
    pub fn knows(&self, path: &str, filed: Instant, bytes: u64, written: Instant) -> bool {
        let bucket = self.hours.get(&Hour::of(filed));
        bucket
            .and_then(|bucket| bucket.files.get(path))
            .is_some_and(|known| {
                known.bytes == bytes
                    && known.written == written
                    && known.state != SegmentState::Open
            })
    }

    /// One file appeared or changed. Its hour keeps the files it knows; `false` when the hour has
    /// cooled and must be read whole.
    pub fn put(&mut self, file: Checked, now: Instant, nominal_ms: i64) -> bool {
        let hour = Hour::of(file.filed);
        let bucket = self.hours.get(&hour);
        let cooled = bucket.is_some_and(|b| b.files.len() < b.fingerprint.files());
        if cooled || (bucket.is_none() && self.hours.len() >= HOURS_MAX) {
            return false;
        }
        let mut files = self
            .hours
            .remove(&hour)
            .map(|bucket| (bucket.hull, bucket.files));
        let (hull, mut known) = files.take().unwrap_or_default();
        self.forget(hull);
        known.insert(file.path.clone(), file);
        self.fill(hour, known.into_values().collect(), now, nominal_ms);
        true
    }

    /// One file of a hot hour is gone.
    pub fn remove(&mut self, path: &str, filed: Instant, now: Instant, nominal_ms: i64) -> Gone {
        let hour = Hour::of(filed);
        let known = self
            .hours
            .get(&hour)
            .is_some_and(|bucket| bucket.files.contains_key(path));
        if !known {
            return Gone::default();
        }
        let left: Vec<_> = self
            .hours
            .get(&hour)
            .map(|bucket| {
                bucket
                    .files
                    .values()
                    .filter(|file| file.path != path)
                    .cloned()
                    .collect()
            })
            .unwrap_or_default();
        self.replace(hour, left, now, nominal_ms)
    }

    /// An hour was read whole: what it held before is forgotten. Tells what is gone.
    pub fn replace(
        &mut self,
        hour: Hour,
        files: Vec<Checked>,
        now: Instant,
        nominal_ms: i64,
    ) -> Gone {
        let before = self.hours.remove(&hour).unwrap_or_default();
        let held = before
            .hull
            .map(|hull| self.covered().within(hull))
            .unwrap_or_default();
        self.forget(before.hull);
        let files_before = u64::from(before.fingerprint.files);
        let files_now = u64::try_from(files.len()).unwrap_or(u64::MAX);
        if !files.is_empty() && self.hours.len() < HOURS_MAX {
            self.fill(hour, files, now, nominal_ms);
        } else {
            self.settle();
        }
        let spans = held.difference(self.covered());
        Gone {
            files: if spans.is_empty() {
                0
            } else {
                files_before.saturating_sub(files_now)
            },
            spans,
        }
    }

    /// Takes an hour's coverage and faults away before it is filled anew.
    fn forget(&mut self, hull: Option<Interval>) {
        let Some(hull) = hull else { return };
        self.timeline.erase(hull);
        self.faults.retain(|_, fault| !hull.contains(fault.start));
    }

    fn fill(&mut self, hour: Hour, files: Vec<Checked>, now: Instant, nominal_ms: i64) {
        let mut bucket = Bucket::default();
        let mut tally = Tally::new(now, nominal_ms);
        let mut sorted = files;
        sorted.sort_by(|a, b| (a.start, &a.path).cmp(&(b.start, &b.path)));
        let (mut first, mut last) = (Instant::LATEST, Instant::EARLIEST);
        for file in &sorted {
            bucket.fingerprint.add(&file.path, file.bytes, file.written);
            first = first.min(file.start);
            last = last.max(file.start + 1);
            tally.add(file.segment());
        }
        let sum = tally.finish();
        if sum.segment_ms > 0 {
            self.segment_ms = sum.segment_ms;
        }
        for run in &sum.covered {
            self.timeline.join(*run, self.segment_ms);
        }
        bucket.hull = Interval::new(first, last.max(sum.newest.unwrap_or(last)));
        bucket.states = sum.states;
        bucket.bytes = sum.bytes;
        bucket.faults = u32::try_from(sum.fault_count).unwrap_or(u32::MAX);
        self.faults.extend(
            sum.faults
                .into_iter()
                .map(|fault| (fault.path.clone(), fault)),
        );
        if now.since(first) <= HOT_MS {
            bucket.files = sorted
                .into_iter()
                .map(|file| (file.path.clone(), file))
                .collect();
        }
        self.hours.insert(hour, bucket);
        self.settle();
        self.cool(now);
    }

    /// Brings the oldest start up to date.
    fn settle(&mut self) {
        let starts = self
            .hours
            .values()
            .filter_map(|bucket| bucket.hull)
            .map(Interval::start);
        self.oldest = starts.min();
        self.first_oldest = self.first_oldest.or(self.oldest);
        if let (Some(oldest), Some(first)) = (self.oldest, self.first_oldest) {
            self.first_oldest = Some(first.min(oldest));
        }
    }

    /// Hours that no file is written to any more give up their files.
    fn cool(&mut self, now: Instant) {
        let edge = Hour::of(now - HOT_MS);
        let hot: Vec<_> = self
            .hours
            .range(..edge)
            .rev()
            .take(4)
            .map(|(hour, _)| *hour)
            .collect();
        for hour in hot {
            if let Some(bucket) = self.hours.get_mut(&hour) {
                bucket.files.clear();
            }
        }
    }
}

impl Checked {
    /// The same, to be summed up.
    pub fn segment(&self) -> Segment<'_> {
        Segment {
            path: &self.path,
            start: self.start,
            bytes: self.bytes,
            written: self.written,
            state: self.state,
            fault: self.fault.clone(),
            duration_ms: self.duration_ms,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_S: i64 = 1_795_420_800;

    fn now() -> Instant {
        Instant::from_s(NOW_S)
    }

    fn file(start_s: i64) -> Checked {
        let start = Instant::from_s(NOW_S + start_s);
        Checked {
            path: format!("{start_s}.mp4"),
            filed: start,
            start,
            bytes: 100,
            written: start + 10_000,
            state: SegmentState::Sealed,
            fault: None,
            duration_ms: Some(10_000),
        }
    }

    fn span(start_s: i64, end_s: i64) -> Interval {
        Interval::new(
            Instant::from_s(NOW_S + start_s),
            Instant::from_s(NOW_S + end_s),
        )
        .unwrap()
    }

    fn hour(start_s: i64) -> Hour {
        Hour::of(Instant::from_s(NOW_S + start_s))
    }

    #[test]
    fn a_file_that_appears_extends_the_run() {
        let mut camera = CameraIndex::default();
        assert!(camera.put(file(-30), now(), 10_000));
        assert!(camera.put(file(-20), now(), 10_000));
        assert_eq!(camera.covered().as_slice(), [span(-30, -10)]);
    }

    #[test]
    fn a_file_told_twice_is_counted_once() {
        let mut camera = CameraIndex::default();
        camera.put(file(-30), now(), 10_000);
        camera.put(file(-30), now(), 10_000);
        assert_eq!(camera.covered().as_slice(), [span(-30, -20)]);
        assert!(camera.faults.is_empty(), "it does not overlap itself");
        assert!(camera.knows("-30.mp4", file(-30).start, 100, file(-30).written));
    }

    #[test]
    fn an_hour_that_has_cooled_must_be_read_whole() {
        let mut camera = CameraIndex::default();
        camera.replace(
            hour(-20_000),
            vec![file(-20_000), file(-19_990)],
            now(),
            10_000,
        );
        assert!(!camera.put(file(-19_980), now(), 10_000));
    }

    #[test]
    fn files_that_are_gone_are_told_with_their_time() {
        let mut camera = CameraIndex::default();
        let all = vec![file(-20_000), file(-19_990), file(-19_980)];
        assert_eq!(
            camera.replace(hour(-20_000), all, now(), 10_000),
            Gone::default()
        );
        let left = vec![file(-20_000), file(-19_980)];
        let gone = camera.replace(hour(-20_000), left, now(), 10_000);
        assert_eq!(gone.spans.as_slice(), [span(-19_990, -19_980)]);
        assert_eq!(gone.files, 1);
        let gone = camera.replace(hour(-20_000), Vec::new(), now(), 10_000);
        assert_eq!((gone.files, gone.spans.len()), (2, 2));
        assert!(camera.covered().is_empty());
    }

    #[test]
    fn a_fingerprint_tells_a_changed_file_and_not_the_order() {
        let fold = |files: &[Checked]| {
            let mut print = Fingerprint::default();
            for file in files {
                print.add(&file.path, file.bytes, file.written);
            }
            print
        };
        assert_eq!(fold(&[file(0), file(10)]), fold(&[file(10), file(0)]));
        assert_ne!(
            fold(&[file(0)]),
            fold(&[Checked {
                bytes: 101,
                ..file(0)
            }])
        );
    }

    #[test]
    fn runs_of_neighbouring_hours_join_within_a_segments_tolerance() {
        let mut camera = CameraIndex::default();
        // NOW_S is on an hour: one segment ends just before it, the next begins 3 s after.
        camera.replace(hour(-10), vec![file(-10)], now() + HOUR_MS, 10_000);
        camera.replace(hour(3), vec![file(3)], now() + HOUR_MS, 10_000);
        assert_eq!(camera.covered().len(), 2);
        camera.replace(hour(2), vec![file(2)], now() + HOUR_MS, 10_000);
        assert_eq!(camera.covered().as_slice(), [span(-10, 12)]);
    }
}
