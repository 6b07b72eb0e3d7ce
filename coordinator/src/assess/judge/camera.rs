//! Cameras before the judge: gaps, retention, vanished footage, damaged files.
//!
//! Facts are read for many cameras at once; each judgement is the domain's. What belongs to people
//! (schedules, registered starts) has its place in the facts and is the default until it exists.

use std::collections::BTreeMap;

use keepwatch_common::coverage::Schedule;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::segment::{FaultKind, SegmentFault};
use keepwatch_common::time::{DAY_MS, Instant};

use super::sights::Sights;
use crate::assess::conclude::Judged;
use crate::assess::footage::{Changed, camera_key, holes_by_camera};
use crate::domain::assess::fault::FaultFacts;
use crate::domain::assess::gap::GapFacts;
use crate::domain::assess::retention::RetentionFacts;
use crate::domain::assess::vanished::{VanishedEvent, VanishedFacts};
use crate::domain::assess::{fault, gap, retention, vanished};
use crate::domain::judgement::{Judgement, Sight};
use crate::domain::pack::{Check, Pack};
use crate::store::cameras::CameraRow;
use crate::store::coverage::{CameraSpan, HoleRow};
use crate::store::faults::FaultRow;
use crate::store::{Reader, StoreError};

/// Days before now that are read for judging retention, beyond what the policy asks for: the run may
/// begin inside a day, and the newest may not be measured yet.
pub(in crate::assess) const MARGIN_DAYS: i64 = 3;

/// What the judging of cameras needs from the store, read once.
struct Facts {
    rows: Vec<CameraRow>,
    holes: BTreeMap<i64, IntervalSet>,
    measured: BTreeMap<i64, IntervalSet>,
    vanished: BTreeMap<i64, Vec<HoleRow>>,
    faults: BTreeMap<i64, Vec<FaultRow>>,
}

/// What judging cameras goes by, beside the cameras.
#[derive(Debug, Clone, Copy)]
pub(in crate::assess) struct Rules<'a> {
    /// The controls.
    pub(in crate::assess) pack: &'a Pack,
    /// Since when anybody watches each branch.
    pub(in crate::assess) watched_since: &'a BTreeMap<i64, Instant>,
    /// What cannot be seen.
    pub(in crate::assess) sights: &'a Sights,
    /// Now.
    pub(in crate::assess) now: Instant,
}

/// Judges cameras; the judgements by branch.
pub(in crate::assess) async fn cameras(
    reader: &mut Reader,
    changed: &BTreeMap<i64, Changed>,
    rules: Rules<'_>,
) -> Result<Judged, StoreError> {
    let wanted: BTreeMap<_, _> = changed
        .iter()
        .filter(|(_, changed)| **changed != Changed::default())
        .collect();
    let mut judgements = Judged::new();
    if wanted.is_empty() {
        return Ok(judgements);
    }
    let facts = read(reader, rules.pack, &wanted, rules.now).await?;
    for row in &facts.rows {
        let Some(changed) = wanted.get(&row.id) else {
            continue;
        };
        let camera = Camera {
            row,
            facts: &facts,
            pack: rules.pack,
            now: rules.now,
            since: rules.watched_since.get(&row.branch_id).copied(),
            sight: rules.sights.of_camera(row.id),
        };
        let of_branch = judgements.entry(row.branch_id).or_default();
        of_branch.extend(
            camera
                .judge(changed)
                .into_iter()
                .map(|one| (Some(row.id), one)),
        );
    }
    Ok(judgements)
}

async fn read(
    reader: &mut Reader,
    pack: &Pack,
    wanted: &BTreeMap<&i64, &Changed>,
    now: Instant,
) -> Result<Facts, StoreError> {
    let ids: Vec<i64> = wanted.keys().map(|id| **id).collect();
    let spans: Vec<_> = wanted
        .iter()
        .filter(|(_, changed)| changed.holes.is_some() || changed.retention || changed.vanished)
        .filter_map(|(id, changed)| {
            let first = changed.holes.map_or(now, |(first, _)| first.start());
            let start = first.min(now - (days(pack) + MARGIN_DAYS) * DAY_MS);
            Some(CameraSpan {
                camera_id: **id,
                span: Interval::new(start, now + DAY_MS)?,
            })
        })
        .collect();
    let damaged: Vec<i64> = wanted
        .iter()
        .filter(|(_, changed)| changed.faults)
        .map(|(id, _)| **id)
        .collect();
    let mut measured: BTreeMap<i64, IntervalSet> = BTreeMap::new();
    for slice in reader.slices_within(&spans).await? {
        measured
            .entry(slice.camera_id)
            .or_default()
            .insert(slice.measured);
    }
    let mut gone: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for row in reader.vanished_within(&spans).await? {
        gone.entry(row.at.camera_id).or_default().push(row);
    }
    let mut faults: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for row in reader.faults_standing(&damaged).await? {
        faults.entry(row.camera_id).or_default().push(row);
    }
    Ok(Facts {
        rows: reader.camera_fetch_many(&ids).await?,
        holes: holes_by_camera(reader.holes_touching(&spans).await?),
        measured,
        vanished: gone,
        faults,
    })
}

/// The longest retention that any control asks for.
pub(in crate::assess) fn days(pack: &Pack) -> i64 {
    let asked = pack.controls.iter().map(|control| match control.check {
        Check::Retention(parameters) => i64::from(parameters.days),
        Check::Vanished(parameters) => i64::from(parameters.days),
        _ => 0,
    });
    asked.max().unwrap_or(0)
}

/// One camera before the judge.
struct Camera<'a> {
    row: &'a CameraRow,
    facts: &'a Facts,
    pack: &'a Pack,
    now: Instant,
    since: Option<Instant>,
    sight: Sight,
}

impl Camera<'_> {
    fn judge(&self, changed: &Changed) -> Vec<Judgement> {
        let Some(key) = camera_key(&self.row.recorder, &self.row.name) else {
            return Vec::new();
        };
        let none = IntervalSet::EMPTY;
        let holes = self.facts.holes.get(&self.row.id).unwrap_or(&none);
        let measured = self.facts.measured.get(&self.row.id).unwrap_or(&none);
        let recorded = measured.difference(holes);
        let events = self.events();
        let gone: IntervalSet = events
            .iter()
            .flat_map(|event| event.spans.as_slice())
            .copied()
            .collect();
        let covered = recorded.difference(&gone);
        let first_seen = Instant::from_ms(self.row.first_seen_ms);
        let watched_since = self.since.map_or(first_seen, |since| since.max(first_seen));
        // Before it is told what footage there is, that there is none follows from nothing.
        let footage_told = self.row.told_at_ms != 0;
        let mut judgements = Vec::new();
        for control in &self.pack.controls {
            match (&control.check, changed.holes) {
                (Check::Gap(parameters), Some(days)) => {
                    let facts = GapFacts {
                        camera: &key,
                        days,
                        holes,
                        measured,
                        schedule: &Schedule::Always,
                        watched_since,
                        sight: self.sight,
                    };
                    judgements.push(gap::judge(control, parameters, &facts, self.now));
                }
                (Check::Retention(parameters), _) if changed.retention && footage_told => {
                    let facts = RetentionFacts {
                        camera: &key,
                        covered: &covered,
                        measured,
                        oldest: self.row.oldest_ms.map(Instant::from_ms),
                        first_seen,
                        registered_start: None,
                        schedule: &Schedule::Always,
                        sight: self.sight,
                    };
                    judgements.push(retention::judge(control, parameters, &facts, self.now));
                }
                (Check::Vanished(parameters), _) if changed.vanished => {
                    let facts = VanishedFacts {
                        camera: &key,
                        events: &events,
                        covered: &none,
                        sight: self.sight,
                    };
                    judgements.push(vanished::judge(control, parameters, &facts, self.now));
                }
                (Check::Fault, _) if changed.faults => {
                    let faults = self.faults();
                    let facts = FaultFacts {
                        camera: &key,
                        faults: &faults,
                        sight: self.sight,
                    };
                    judgements.push(fault::judge(control, &facts));
                }
                _ => {}
            }
        }
        judgements
    }

    /// What vanished, by when it was noticed.
    fn events(&self) -> Vec<VanishedEvent> {
        let mut by_time: BTreeMap<i64, IntervalSet> = BTreeMap::new();
        for row in self.facts.vanished.get(&self.row.id).into_iter().flatten() {
            by_time
                .entry(row.seen_at_ms)
                .or_default()
                .insert(row.at.span);
        }
        by_time
            .into_iter()
            .map(|(noticed_ms, spans)| VanishedEvent {
                noticed: Instant::from_ms(noticed_ms),
                files: u64::try_from(spans.len()).unwrap_or(u64::MAX),
                spans,
                oldest_after: self.row.oldest_ms.map(Instant::from_ms),
            })
            .collect()
    }

    fn faults(&self) -> Vec<SegmentFault> {
        let rows = self.facts.faults.get(&self.row.id).into_iter().flatten();
        rows.filter_map(|row| {
            Some(SegmentFault {
                path: row.path.clone(),
                start: Instant::from_ms(row.start_ms),
                kind: fault_kind(&row.kind)?,
                detail: row.detail.clone(),
            })
        })
        .collect()
    }
}

fn fault_kind(word: &str) -> Option<FaultKind> {
    [
        FaultKind::Empty,
        FaultKind::Truncated,
        FaultKind::Corrupt,
        FaultKind::Clock,
    ]
    .into_iter()
    .find(|kind| kind.word() == word)
}
