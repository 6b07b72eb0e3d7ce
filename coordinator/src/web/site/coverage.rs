//! Which camera was recorded on which day, from the rollups that judging keeps: a page adds up no
//! holes.
//!
//! A day is green only when nearly all of it was measured, what was measured is recorded to the
//! limit, and no gap on it is long enough to be told. What was not measured is *unknown*, and what
//! vanished later counts as missing.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::time::{HOUR_MS, Instant, MINUTE_MS, Zone};

use crate::assess::{CameraFigures, day_number};
use crate::domain::judgement::Verdict as Judged;
use crate::domain::pack::{Check, Pack};
use crate::store::camera_counts::DayLimits;
use crate::store::coverage::CameraSpan;
use crate::store::rollups::RollupRow;
use crate::store::{Reader, StoreError};
use crate::web::drawing::heatmap::Cell;
use crate::web::verdict::Verdict;

/// Days of the table: a month, however long it is.
const DAYS_SHOWN: usize = 31;

/// A whole in the millionths that coverage is told in.
const WHOLE_PPM: i64 = 1_000_000;

/// The last civil days of a branch.
#[derive(Debug, Clone)]
pub struct Days {
    /// The days, oldest first; today is the last.
    pub days: Vec<Date>,
    zone: Zone,
    now: Instant,
}

impl Days {
    /// Those that end with the day on which `now` falls.
    pub fn until(now: Instant, zone: &Zone) -> Self {
        let today = zone.day_of(now);
        let before = |day: &Date| day.yesterday().ok();
        let mut days: Vec<_> = std::iter::successors(Some(today), before)
            .take(DAYS_SHOWN)
            .collect();
        days.reverse();
        let zone = zone.clone();
        Self { days, zone, now }
    }

    fn first(&self) -> Date {
        self.days.first().copied().unwrap_or(Date::MAX)
    }

    /// The day of the oldest footage of these cameras, where that is after the first day.
    pub fn begun(&self, figures: &[CameraFigures]) -> Option<Date> {
        let oldest = figures
            .iter()
            .filter_map(|one| one.camera.oldest_ms)
            .min()?;
        let day = self.zone.day_of(Instant::from_ms(oldest));
        (day > self.first()).then_some(day)
    }

    /// From the start of the first day to now.
    fn range(&self) -> Option<Interval> {
        Interval::new(self.zone.day_start(self.first()), self.now)
    }
}

/// One civil day of a zone: 23, 24 or 25 hours.
pub fn day_interval(day: Date, zone: &Zone) -> Option<Interval> {
    Interval::new(zone.day_start(day), zone.day_start(Zone::day_after(day)))
}

/// What a day is held against.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// What a day must be covered to.
    day_ppm: u32,
    /// From here on a gap is told.
    gap_ms_min: i64,
    /// How far behind now the measuring may be.
    tail_ms: i64,
}

impl Limits {
    /// Those of the policy; where it asks for no recording, those of its sample.
    pub fn of(pack: &Pack) -> Self {
        let gap = pack
            .controls
            .iter()
            .find_map(|control| match control.check {
                Check::Gap(parameters) => Some(parameters),
                _ => None,
            });
        gap.map_or(
            Self {
                day_ppm: 990_000,
                gap_ms_min: MINUTE_MS,
                tail_ms: HOUR_MS,
            },
            |gap| Self {
                day_ppm: gap.day_limit_ppm,
                gap_ms_min: gap.gap_ms_min,
                tail_ms: gap.tail_ms,
            },
        )
    }

    /// Those that a day is held against once it is over.
    pub fn day(self) -> DayLimits {
        DayLimits {
            covered_ppm: self.day_ppm,
            gap_ms_min: self.gap_ms_min,
        }
    }
}

/// Up to when a camera should have been measured by now.
pub fn due(figures: &CameraFigures, pack: &Pack, now: Instant) -> Instant {
    due_within(figures, Limits::of(pack), now)
}

fn due_within(figures: &CameraFigures, limits: Limits, now: Instant) -> Instant {
    let measured_until = figures.continuous.map(|(_, as_of)| as_of);
    let until = measured_until.filter(|at| now.since(*at) <= limits.tail_ms);
    until.unwrap_or(now).min(now)
}

/// Each camera's days as cells, by the camera's number; one cell for each of `days`.
pub async fn cells(
    reader: &mut Reader,
    pack: &Pack,
    days: &Days,
    figures: &[CameraFigures],
) -> Result<BTreeMap<i64, Vec<Cell>>, StoreError> {
    let ids: Vec<i64> = figures.iter().map(|one| one.camera.id).collect();
    let mut rollups = BTreeMap::new();
    let branches: BTreeSet<i64> = figures.iter().map(|one| one.camera.branch_id).collect();
    let numbers: Vec<_> = days.days.iter().copied().map(day_number).collect();
    for branch_id in branches {
        for row in reader.rollups_of_branch(branch_id, &numbers).await? {
            rollups.insert((row.camera_id, row.day), row);
        }
    }
    let span = |range| {
        move |id: &i64| CameraSpan {
            camera_id: *id,
            span: range,
        }
    };
    let spans: Vec<_> = days
        .range()
        .map_or_else(Vec::new, |range| ids.iter().map(span(range)).collect());
    let mut gone: BTreeMap<i64, IntervalSet> = BTreeMap::new();
    for row in reader.vanished_within(&spans).await? {
        gone.entry(row.at.camera_id)
            .or_default()
            .insert(row.at.span);
    }
    let limits = Limits::of(pack);
    let rows = figures.iter().map(|one| {
        let id = one.camera.id;
        let camera = Camera {
            figures: one,
            gone: gone.remove(&id).unwrap_or_default(),
            limits,
        };
        let cell = |day: &Date| camera.cell(rollups.get(&(id, day_number(*day))), *day, days);
        (id, days.days.iter().map(cell).collect())
    });
    Ok(rows.collect())
}

/// One camera and what is needed to tell its days.
struct Camera<'a> {
    figures: &'a CameraFigures,
    gone: IntervalSet,
    limits: Limits,
}

impl Camera<'_> {
    fn cell(&self, rollup: Option<&RollupRow>, day: Date, days: &Days) -> Cell {
        let Some(whole) = day_interval(day, &days.zone) else {
            return Cell::Unknown;
        };
        let measured_ms = rollup.map_or(0, |row| row.recorded_ms + row.missing_ms);
        let Some(row) = rollup.filter(|_| measured_ms > 0) else {
            return self.unmeasured(whole);
        };
        let gone = self.gone.within(whole);
        let gone_ms = gone.ms().min(row.recorded_ms);
        let recorded_ms = row.recorded_ms - gone_ms;
        let ppm = recorded_ms.saturating_mul(WHOLE_PPM) / measured_ms;
        let longest_gone = gone.iter().map(|span| span.ms()).max().unwrap_or(0);
        let longest_ms = row.longest_gap_ms.max(longest_gone);
        let due_ms = self.due(whole, days.now).since(whole.start());
        let unknown_ms = due_ms - measured_ms;
        let day_ppm = i64::from(self.limits.day_ppm);
        let allowed_ms = due_ms.saturating_mul(WHOLE_PPM - day_ppm) / WHOLE_PPM;
        let verdict = if ppm < day_ppm || longest_ms >= self.limits.gap_ms_min {
            Verdict::Partial
        } else if unknown_ms > allowed_ms {
            return Cell::Unknown;
        } else {
            Verdict::Pass
        };
        let ppm = u32::try_from(ppm.max(0)).unwrap_or(0);
        Cell::Covered { ppm, verdict }
    }

    /// Up to when a day should have been measured: not later than the last instant measured, as
    /// long as that is not too far behind.
    fn due(&self, whole: Interval, now: Instant) -> Instant {
        whole.end().min(due_within(self.figures, self.limits, now))
    }

    /// A day of which nothing was measured. Before the first footage of a camera that is ageing in
    /// there was no camera; of any other camera nobody knows.
    fn unmeasured(&self, whole: Interval) -> Cell {
        let oldest = self.figures.camera.oldest_ms.map(Instant::from_ms);
        let before = oldest.is_some_and(|oldest| whole.end() <= oldest);
        match self.figures.reach {
            Some(reach) if before && reach.verdict == Judged::NotApplicable => Cell::NotExpected,
            _ => Cell::Unknown,
        }
    }
}
