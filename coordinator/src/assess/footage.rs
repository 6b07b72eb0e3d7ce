//! Footage into the store: cameras get ids, holes open and are filled, days are rolled up; then the
//! gaps, the retention, the faults and what vanished are judged for the cameras that changed.
//!
//! A healthy camera's next step changes no hole: it moves one measured end and one rollup and is not
//! judged, because nothing that was true can have become false by it but by time, and what time
//! changes is judged in the background.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::camera::{CameraKey, UtcDay};
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant, Zone};

use super::coverage::{changes, measured, merged};
use super::group::{Group, Place};
use super::rollup::{ZONE_TABLES, rollups};
use crate::store::cameras::{CameraPlace, FootageTold, RecorderPlace};
use crate::store::coverage::{CameraSpan, HoleRow, SliceRow};
use crate::store::faults::FaultTold;
use crate::store::{StoreError, Tx};

/// What of a camera has to be judged again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Changed {
    /// The UTC days whose holes changed, first and last.
    pub(super) holes: Option<(UtcDay, UtcDay)>,
    /// Its faults.
    pub(super) faults: bool,
    /// Its oldest footage, or holes in it.
    pub(super) retention: bool,
    /// Something vanished.
    pub(super) vanished: bool,
}

/// The cameras that a group speaks of, by our ids.
#[derive(Debug, Default)]
pub(super) struct Cameras {
    pub(super) ids: BTreeMap<Place, i64>,
    /// Places whose recorder belongs to another agent: what is said of them does not count.
    pub(super) foreign: BTreeSet<Place>,
}

impl Cameras {
    /// Finds or enters the cameras of a group.
    pub(super) async fn of(tx: &mut Tx, group: &Group, now: Instant) -> Result<Self, StoreError> {
        let places = group.places();
        let recorders: BTreeMap<_, _> = places
            .iter()
            .map(|((branch_id, key), agent)| {
                let name = key.recorder.to_string();
                (
                    RecorderPlace {
                        branch_id: *branch_id,
                        name,
                    },
                    *agent,
                )
            })
            .collect();
        let known = tx
            .recorders_ensure(&recorders.into_iter().collect::<Vec<_>>())
            .await?;
        let mut found = Self::default();
        let mut wanted = Vec::new();
        for (place, agent) in places {
            let recorder = RecorderPlace {
                branch_id: place.0,
                name: place.1.recorder.to_string(),
            };
            match known
                .get(&recorder)
                .filter(|recorder| recorder.owner == agent)
            {
                Some(recorder) => {
                    let name = place.1.camera.to_string();
                    wanted.push((
                        CameraPlace {
                            recorder_id: recorder.id,
                            name,
                        },
                        place,
                    ));
                }
                None => {
                    found.foreign.insert(place);
                }
            }
        }
        let rows: Vec<_> = wanted
            .iter()
            .map(|(camera, place)| (camera.clone(), place.0))
            .collect();
        let ids = tx.cameras_ensure(&rows, now).await?;
        for (camera, place) in wanted {
            if let Some(id) = ids.get(&camera) {
                found.ids.insert(place, *id);
            }
        }
        Ok(found)
    }

    fn id(&self, place: &Place) -> Option<i64> {
        self.ids.get(place).copied()
    }
}

/// Writes a group's footage down and says what to judge.
pub(super) async fn keep(
    tx: &mut Tx,
    group: &Group,
    cameras: &Cameras,
    zones: &BTreeMap<i64, Zone>,
    now: Instant,
) -> Result<BTreeMap<i64, Changed>, StoreError> {
    let mut changed = BTreeMap::new();
    keep_footage(tx, group, cameras, &mut changed).await?;
    keep_faults(tx, group, cameras, &mut changed).await?;
    keep_vanished(tx, group, cameras, &mut changed).await?;
    keep_slices(tx, group, cameras, zones, now, &mut changed).await?;
    Ok(changed)
}

async fn keep_footage(
    tx: &mut Tx,
    group: &Group,
    cameras: &Cameras,
    changed: &mut BTreeMap<i64, Changed>,
) -> Result<(), StoreError> {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let told: Vec<_> = group
        .footage
        .iter()
        .filter_map(|(place, said)| {
            let what = &said.what;
            Some(FootageTold {
                camera_id: cameras.id(place)?,
                oldest_ms: what.oldest.map(Instant::ms),
                newest_ms: what.newest.map(Instant::ms),
                states: [what.sealed, what.open, what.opaque, what.corrupt].map(count),
                bytes: count(what.bytes),
                segment_ms: what.segment_ms,
                told_at_ms: said.origin.at.ms(),
            })
        })
        .collect();
    let ids: Vec<i64> = told.iter().map(|camera| camera.camera_id).collect();
    let before: BTreeMap<_, _> = tx
        .camera_fetch_many(&ids)
        .await?
        .into_iter()
        .map(|row| (row.id, row.oldest_ms))
        .collect();
    tx.cameras_tell(&told).await?;
    for camera in told {
        let known = before.get(&camera.camera_id).copied().flatten();
        let moved = match (known, camera.oldest_ms) {
            (Some(before), Some(now)) => (now - before).abs() >= HOUR_MS,
            (before, now) => before != now,
        };
        if moved {
            changed.entry(camera.camera_id).or_default().retention = true;
        }
    }
    Ok(())
}

async fn keep_faults(
    tx: &mut Tx,
    group: &Group,
    cameras: &Cameras,
    changed: &mut BTreeMap<i64, Changed>,
) -> Result<(), StoreError> {
    let told: Vec<_> = group
        .faults
        .iter()
        .filter_map(|((place, path), said)| {
            let fault = &said.what.fault;
            Some(FaultTold {
                camera_id: cameras.id(place)?,
                path: path.clone(),
                start_ms: fault.start.ms(),
                kind: fault.kind.word().to_owned(),
                detail: fault.detail.clone(),
                told_at_ms: said.origin.at.ms(),
                standing: said.what.standing,
            })
        })
        .collect();
    tx.faults_tell(&told).await?;
    for fault in told {
        changed.entry(fault.camera_id).or_default().faults = true;
    }
    Ok(())
}

async fn keep_vanished(
    tx: &mut Tx,
    group: &Group,
    cameras: &Cameras,
    changed: &mut BTreeMap<i64, Changed>,
) -> Result<(), StoreError> {
    let mut gone = Vec::new();
    for said in &group.vanished {
        let place = (said.origin.branch_id, said.what.camera.clone());
        let Some(camera_id) = cameras.id(&place) else {
            continue;
        };
        gone.extend(said.what.spans.iter().map(|span| HoleRow {
            at: CameraSpan {
                camera_id,
                span: *span,
            },
            seen_at_ms: said.origin.at.ms(),
        }));
        let camera = changed.entry(camera_id).or_default();
        camera.vanished = true;
        camera.retention = true;
    }
    tx.vanished_keep(&gone).await
}

async fn keep_slices(
    tx: &mut Tx,
    group: &Group,
    cameras: &Cameras,
    zones: &BTreeMap<i64, Zone>,
    now: Instant,
    changed: &mut BTreeMap<i64, Changed>,
) -> Result<(), StoreError> {
    let mut told: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    let mut branches = BTreeMap::new();
    for ((place, _), said) in &group.slices {
        if let Some(id) = cameras.id(place) {
            told.entry(id).or_default().push(&said.what);
            branches.insert(id, place.0);
        }
    }
    let spans: Vec<_> = told
        .iter()
        .flat_map(|(id, slices)| slices.iter().map(|slice| around(*id, slice.measured)))
        .collect();
    let mut holes = holes_by_camera(tx.holes_touching(&spans).await?);
    let mut known: BTreeMap<_, _> = tx
        .slices_within(&spans)
        .await?
        .into_iter()
        .map(|row| ((row.camera_id, row.day), row.measured))
        .collect();
    let (mut keep, mut fill, mut slices) = (Vec::new(), Vec::new(), Vec::new());
    for (id, of_camera) in &told {
        let before = holes.remove(id).unwrap_or_default();
        let mut after = before.clone();
        for slice in of_camera {
            after = merged(&after, slice.measured, &slice.holes);
            let day = (*id, slice.day.0);
            let whole = measured(known.get(&day).copied(), slice.measured);
            known.insert(day, whole);
            slices.push(SliceRow {
                camera_id: *id,
                day: slice.day.0,
                measured: whole,
            });
        }
        let difference = changes(&before, &after);
        if !difference.is_empty() {
            let touched = difference.keep.iter().chain(&difference.fill).copied();
            let days = touched
                .reduce(Interval::hull)
                .map(|all| (UtcDay::of(all.start()), UtcDay::of(all.end() - 1)));
            let camera = changed.entry(*id).or_default();
            camera.holes = days;
            camera.retention = true;
        }
        let row = |span| HoleRow {
            at: CameraSpan {
                camera_id: *id,
                span,
            },
            seen_at_ms: now.ms(),
        };
        keep.extend(difference.keep.into_iter().map(row));
        fill.extend(difference.fill.into_iter().map(|span| CameraSpan {
            camera_id: *id,
            span,
        }));
        holes.insert(*id, after);
    }
    tx.holes_fill(&fill, now).await?;
    tx.holes_keep(&keep).await?;
    tx.slices_keep(&slices).await?;
    let rollups = rollups(&told, &branches, zones, &holes, &known);
    tx.rollups_keep(&rollups, ZONE_TABLES).await
}

/// A stretch and a day on either side: enough for the civil days that it touches in any zone.
fn around(camera_id: i64, measured: Interval) -> CameraSpan {
    let day = Interval::new(measured.start() - DAY_MS, measured.end() + DAY_MS).unwrap_or(measured);
    CameraSpan {
        camera_id,
        span: day,
    }
}

pub(super) fn holes_by_camera(rows: Vec<HoleRow>) -> BTreeMap<i64, IntervalSet> {
    let mut holes: BTreeMap<i64, IntervalSet> = BTreeMap::new();
    for row in rows {
        holes
            .entry(row.at.camera_id)
            .or_default()
            .insert(row.at.span);
    }
    holes
}

/// A camera's key in the branch's words, from its row.
pub(super) fn camera_key(recorder: &str, camera: &str) -> Option<CameraKey> {
    use keepwatch_common::model::name::Name;
    Some(CameraKey {
        recorder: Name::new(recorder).ok()?,
        camera: Name::new(camera).ok()?,
    })
}
