//! The one-shot audit: walks a tree once and says, camera by camera, what was recorded.
//!
//! It needs no coordinator and keeps nothing. It must not know how its outcome is shown: the command
//! line prints it, as a table or as JSON.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use keepwatch_common::clock::Clock;
use keepwatch_common::coverage::{Schedule, continuous_depth, day_rollups, tolerance_ms};
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::time::Instant;

use super::audit::{
    Audit, CAMERAS_MAX, CameraAudit, Plan, Progress, ScanError, Trouble, Until, Verify,
};
use super::container::CheckError;
use super::dark::Dark;
use super::file::FileReader;
use super::found::{Found, Met};
use super::index::Checked;
use super::named::Named;
use super::tally::{Tallied, Tally};
use super::unreadable::LISTED_MAX;
use super::walk::walk;

/// Share of each 24 hours that must be recorded for a run to be unbroken, in millionths: 99 %, as
/// long as no policy says otherwise.
const LIMIT_PPM: u32 = 990_000;

/// Audits the tree; tells progress as it goes.
pub fn scan(
    plan: &Plan,
    clock: &dyn Clock,
    progress: &mut dyn FnMut(Progress),
) -> Result<Audit, ScanError> {
    let (generated_at, began) = (clock.now(), clock.tick());
    match plan.until {
        Until::At(to) => check_range(plan, to)?,
        Until::Now => check_range(plan, generated_at)?,
        Until::NewestOfAny => {}
    }
    let mut gathering = Gathering::new(plan, generated_at);
    walk(&plan.root, plan.layout.as_ref(), &mut |met| {
        gathering.meet(met, progress)
    })
    .map_err(ScanError::Root)?;
    if gathering.overflowed {
        return Err(ScanError::TooManyCameras {
            root: plan.root.clone(),
        });
    }
    let (unreadable, unreadable_count) = (gathering.unreadable, gathering.unreadable_count);
    let dark = gathering.dark;
    let tallied: Vec<_> = gathering
        .cameras
        .into_iter()
        .map(|(camera, tally)| (camera, tally.finish()))
        .collect();
    if tallied.is_empty() && unreadable_count == 0 {
        let layout = plan.layout.name();
        return Err(ScanError::NoFootage {
            root: plan.root.clone(),
            layout,
        });
    }
    let to = end_of_range(plan.until, generated_at, &tallied);
    check_range(plan, to)?;
    let cameras = tallied
        .into_iter()
        .map(|(camera, sum)| {
            let unknown = dark.of(&camera, sum.segment_ms);
            audit(plan, camera, sum, unknown, to)
        })
        .collect();
    let elapsed_ms = clock.tick().since(began);
    Ok(Audit {
        generated_at,
        elapsed_ms,
        cameras,
        unreadable,
        unreadable_count,
    })
}

fn check_range(plan: &Plan, to: Instant) -> Result<(), ScanError> {
    match plan.from.filter(|from| *from >= to) {
        Some(from) => Err(ScanError::EmptyRange { from, to }),
        None => Ok(()),
    }
}

struct Gathering<'a> {
    plan: &'a Plan,
    now: Instant,
    reader: FileReader,
    cameras: BTreeMap<String, Tally>,
    dark: Dark,
    unreadable: Vec<Trouble>,
    unreadable_count: u64,
    files: u64,
    overflowed: bool,
}

impl<'a> Gathering<'a> {
    fn new(plan: &'a Plan, now: Instant) -> Self {
        Self {
            plan,
            now,
            reader: FileReader::new(plan.verify == Verify::Structure, plan.layout.about().told),
            cameras: BTreeMap::new(),
            dark: Dark::new(plan.layout.nominal_ms()),
            unreadable: Vec::new(),
            unreadable_count: 0,
            files: 0,
            overflowed: false,
        }
    }

    fn meet(&mut self, met: Met<'_>, progress: &mut dyn FnMut(Progress)) -> ControlFlow<()> {
        match met {
            Met::Segment(found) => return self.segment(&found),
            Met::Unseen { place, named } => {
                if self.unseen(named) {
                    self.unreadable(Trouble::Place(place));
                }
            }
            Met::Progress { done, total } => progress(Progress {
                done,
                total,
                files: self.files,
            }),
        }
        ControlFlow::Continue(())
    }

    fn segment(&mut self, found: &Found<'_>) -> ControlFlow<()> {
        if self.is_outside(found.start) {
            return ControlFlow::Continue(());
        }
        self.files += 1;
        let read = match self.read(found) {
            Read::Gone => return ControlFlow::Continue(()),
            Read::Refused => {
                self.dark.file(found.camera, found.start);
                None
            }
            Read::Segment(segment) => Some(segment),
        };
        if !self.cameras.contains_key(found.camera) {
            if self.cameras.len() == CAMERAS_MAX {
                self.overflowed = true;
                return ControlFlow::Break(());
            }
            let tally = Tally::new(self.now, self.plan.layout.nominal_ms());
            let tally = tally.counting_from(self.plan.from);
            self.cameras.insert(found.camera.to_owned(), tally);
        }
        // A camera of which nothing could be read is there, too.
        if let (Some(tally), Some(segment)) = (self.cameras.get_mut(found.camera), read) {
            tally.add(segment.segment());
        }
        ControlFlow::Continue(())
    }

    /// Keeps whom and when an unseen place concerns; `false` when it is outside the range.
    fn unseen(&mut self, named: &Named) -> bool {
        let zone = self.plan.layout.zone();
        let stretch = named.stretch(zone);
        if stretch.is_some_and(|stretch| self.is_outside(stretch.start())) {
            return false;
        }
        match (&named.camera, named.start(zone, None)) {
            (Some(camera), Some(start)) if is_file(named) => {
                self.dark.file(camera, start);
            }
            (camera, _) => self.dark.folder(camera.as_deref(), stretch),
        }
        true
    }

    /// Footage after the range's end says nothing about it.
    fn is_outside(&self, start: Instant) -> bool {
        matches!(self.plan.until, Until::At(to) if start >= to && start <= self.now)
    }

    fn read(&mut self, found: &Found<'_>) -> Read {
        match self.reader.check(found) {
            Ok(checked) => Read::Segment(checked),
            // Deleted between listing and opening: it is not there.
            Err(CheckError::Open { source, .. })
                if source.kind() == std::io::ErrorKind::NotFound =>
            {
                Read::Gone
            }
            Err(error) => {
                self.unreadable(Trouble::Segment(error));
                Read::Refused
            }
        }
    }

    fn unreadable(&mut self, trouble: Trouble) {
        self.unreadable_count += 1;
        if self.unreadable.len() < LISTED_MAX {
            self.unreadable.push(trouble);
        }
    }
}

/// What came of reading a segment.
enum Read {
    /// It is not there any more.
    Gone,
    /// It is there and cannot be read.
    Refused,
    /// What it says.
    Segment(Checked),
}

/// Whether a name tells a start to the second, as those of files do.
fn is_file(named: &Named) -> bool {
    named.time.second.is_some() || named.time.epoch_ms.is_some()
}

fn end_of_range(until: Until, now: Instant, tallied: &[(String, Tallied)]) -> Instant {
    match until {
        Until::At(to) => to,
        Until::Now => now,
        Until::NewestOfAny => {
            let newest = tallied
                .iter()
                .filter_map(|(_, sum)| sum.newest.or(sum.oldest))
                .max();
            newest.unwrap_or(now)
        }
    }
}

fn audit(
    plan: &Plan,
    camera: String,
    sum: Tallied,
    unknown: Option<IntervalSet>,
    to: Instant,
) -> CameraAudit {
    let schedule = Schedule::Always;
    let begin = plan.from.or(sum.oldest).unwrap_or(to);
    let range = Interval::new(begin, expected_end(&sum, to));
    let covered = range.map_or(IntervalSet::EMPTY, |range| sum.covered.within(range));
    let seen_whole = unknown.is_none();
    // What was recorded is known, whatever else could not be seen beside it.
    let unknown = IntervalSet::of(range)
        .intersection(&unknown.unwrap_or_default())
        .difference(&covered);
    let measured = IntervalSet::of(range).difference(&unknown);
    let gaps = measured.difference(&covered);
    let days = range
        .map(|range| day_rollups(&covered, &measured, &schedule, &plan.zone, range))
        .unwrap_or_default();
    CameraAudit {
        oldest: sum.oldest,
        newest: sum.newest,
        stale_ms: to.since(sum.newest.or(sum.oldest).unwrap_or(to)).max(0),
        seen_whole,
        unknown_ms: unknown.ms(),
        recorded_ms: covered.ms(),
        scheduled_ms: measured.ms(),
        continuous: continuous_depth(&sum.covered, &schedule, to, LIMIT_PPM),
        states: sum.states,
        gaps: gaps.as_slice().to_vec(),
        faults: sum.faults,
        fault_count: sum.fault_count,
        days,
        files: sum.files,
        bytes: sum.bytes,
        camera,
    }
}

/// A camera whose newest segment ended less than a segment's length ago is writing the next one: the
/// last stretch is not yet measured, so nothing is expected of it.
fn expected_end(sum: &Tallied, to: Instant) -> Instant {
    let grace = sum.segment_ms + tolerance_ms(sum.segment_ms);
    sum.newest
        .filter(|newest| (0..=grace).contains(&to.since(*newest)))
        .unwrap_or(to)
}
