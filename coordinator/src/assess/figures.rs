//! What of each camera is recorded, missing and unknown: the numbers on pages and in lists.
//!
//! The same facts and the same arithmetic as judging, without a verdict. What lies outside the
//! measured range is *unknown*, in numbers too: it counts neither as recorded nor as missing.

use std::collections::{BTreeMap, BTreeSet};

use keepwatch_common::coverage::{ContinuousDepth, Schedule, continuous_depth};
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::time::{DAY_MS, Instant};

use super::footage::holes_by_camera;
use super::judge::{Sights, days};
use super::reach::{Reach, Reached};
use crate::domain::judgement::Sight;
use crate::domain::pack::{Check, Pack, RetentionParameters};
use crate::store::cameras::CameraRow;
use crate::store::coverage::{CameraSpan, HoleRow};
use crate::store::faults::FaultRow;
use crate::store::{Reader, StoreError};

/// Days shown where the policy asks for no retention.
const DAYS_DEFAULT: i64 = 30;

/// Days looked back for the unbroken run: three times the usual duty, so that keeping more shows,
/// and still a hundred rows a camera.
const CONTINUOUS_DAYS_MAX: i64 = 100;

/// One camera's numbers.
#[derive(Debug, Clone)]
pub struct CameraFigures {
    /// The camera as it was told of last.
    pub camera: CameraRow,
    /// The time looked at, up to now.
    pub window: Interval,
    /// Of it, measured.
    pub measured_ms: i64,
    /// Measured and recorded.
    pub recorded_ms: i64,
    /// Measured and missing.
    pub missing_ms: i64,
    /// Missing stretches.
    pub gaps: usize,
    /// The longest of them.
    pub gap_ms_max: i64,
    /// The newest unbroken run that is still there, and the instant it was measured at; none when
    /// nothing was measured lately.
    pub continuous: Option<(ContinuousDepth, Instant)>,
    /// Recorded, and gone before its time.
    pub vanished_ms: i64,
    /// What is wrong with footage that exists.
    pub faults: Vec<FaultRow>,
    /// How far back it reaches, judged; none where the policy asks for no retention.
    pub reach: Option<Reach>,
    /// Whether its agent is not heard, so that all of this may be over.
    pub silent: bool,
}

impl CameraFigures {
    /// How much of what was measured is recorded, in millionths; none when nothing was measured.
    pub fn coverage_ppm(&self) -> Option<i64> {
        (self.measured_ms > 0)
            .then(|| self.recorded_ms.saturating_mul(1_000_000) / self.measured_ms)
    }

    /// The part of the window of which nothing is known.
    pub fn unknown_ms(&self) -> i64 {
        self.window.ms() - self.measured_ms
    }
}

/// The numbers of a branch's cameras, over as many days as the policy asks to keep.
pub async fn camera_figures(
    reader: &mut Reader,
    pack: &Pack,
    branch_id: i64,
    now: Instant,
) -> Result<Vec<CameraFigures>, StoreError> {
    let cameras = reader.camera_list_of_branch(branch_id).await?;
    figures_of(reader, pack, cameras, now).await
}

/// The numbers of some cameras of one branch.
pub async fn figures_of(
    reader: &mut Reader,
    pack: &Pack,
    cameras: Vec<CameraRow>,
    now: Instant,
) -> Result<Vec<CameraFigures>, StoreError> {
    let asked = Some(days(pack)).filter(|days| *days > 0);
    let asked = asked.unwrap_or(DAYS_DEFAULT);
    let back = |days: i64| Interval::new(now - days * DAY_MS, now);
    let (Some(window), Some(reach)) = (back(asked), back(asked.max(CONTINUOUS_DAYS_MAX))) else {
        return Ok(Vec::new());
    };
    let ids: Vec<i64> = cameras.iter().map(|camera| camera.id).collect();
    let branches: Vec<i64> = cameras
        .first()
        .map(|one| one.branch_id)
        .into_iter()
        .collect();
    let sights = Sights::of(reader, &branches, &BTreeSet::new()).await?;
    let mut seen = Seen::read(reader, &ids, reach).await?;
    let mut faults: BTreeMap<i64, Vec<FaultRow>> = BTreeMap::new();
    for row in reader.faults_standing(&ids).await? {
        faults.entry(row.camera_id).or_default().push(row);
    }
    let retention = pack
        .controls
        .iter()
        .find_map(|control| match control.check {
            Check::Retention(parameters) => Some((control, parameters)),
            _ => None,
        });
    let figures = cameras.into_iter().map(|camera| {
        let faults = faults.remove(&camera.id).unwrap_or_default();
        let of_camera = seen.take(camera.id, reach);
        let sight = sights.of_camera(camera.id);
        let reached = retention.map(|(control, parameters)| Reached {
            control,
            parameters,
            sight,
            measured: &of_camera.measured,
            holes: &of_camera.holes,
            vanished: &of_camera.vanished,
        });
        let reach = reached.and_then(|reached| reached.judge(&camera, now));
        let retention = retention.map(|(_, parameters)| parameters);
        let figures = of_camera.figures(camera, faults, window, retention);
        CameraFigures {
            reach,
            silent: sight != Sight::Clear,
            ..figures
        }
    });
    Ok(figures.collect())
}

/// What is missing of one camera in a stretch of time.
#[derive(Debug, Clone)]
pub struct CameraGaps {
    /// The measured part of it.
    pub measured: IntervalSet,
    /// The missing stretches that touch it, each whole, oldest first.
    pub gaps: Vec<HoleRow>,
    /// What was recorded and is gone.
    pub vanished: Vec<HoleRow>,
}

/// What is missing of one camera in a stretch of time.
pub async fn camera_gaps(
    reader: &mut Reader,
    camera_id: i64,
    range: Interval,
) -> Result<CameraGaps, StoreError> {
    let spans = [CameraSpan {
        camera_id,
        span: range,
    }];
    let mut gaps = reader.holes_touching(&spans).await?;
    gaps.retain(|gap| gap.at.span.intersection(range).is_some());
    gaps.sort_unstable();
    let mut vanished = reader.vanished_within(&spans).await?;
    vanished.sort_unstable();
    let measured = measured(reader, &spans).await?.remove(&camera_id);
    Ok(CameraGaps {
        measured: measured.unwrap_or(IntervalSet::EMPTY).within(range),
        gaps,
        vanished,
    })
}

/// What was measured, missing and gone, by camera.
struct Seen {
    measured: BTreeMap<i64, IntervalSet>,
    holes: BTreeMap<i64, IntervalSet>,
    vanished: BTreeMap<i64, IntervalSet>,
}

impl Seen {
    async fn read(reader: &mut Reader, ids: &[i64], reach: Interval) -> Result<Self, StoreError> {
        let spans: Vec<_> = ids
            .iter()
            .map(|id| CameraSpan {
                camera_id: *id,
                span: reach,
            })
            .collect();
        Ok(Self {
            measured: measured(reader, &spans).await?,
            holes: holes_by_camera(reader.holes_touching(&spans).await?),
            vanished: holes_by_camera(reader.vanished_within(&spans).await?),
        })
    }

    fn take(&mut self, camera_id: i64, reach: Interval) -> OfCamera {
        let within = |found: &mut BTreeMap<i64, IntervalSet>| {
            let set = found.remove(&camera_id).unwrap_or(IntervalSet::EMPTY);
            set.within(reach)
        };
        OfCamera {
            measured: within(&mut self.measured),
            holes: within(&mut self.holes),
            vanished: within(&mut self.vanished),
        }
    }
}

/// One camera's stretches, as far back as was read.
struct OfCamera {
    measured: IntervalSet,
    holes: IntervalSet,
    vanished: IntervalSet,
}

impl OfCamera {
    fn figures(
        self,
        camera: CameraRow,
        faults: Vec<FaultRow>,
        window: Interval,
        retention: Option<RetentionParameters>,
    ) -> CameraFigures {
        let recorded = self.measured.difference(&self.holes);
        let continuous = retention
            .and_then(|parameters| self.continuous(&camera, &recorded, window.end(), parameters));
        let measured = self.measured.within(window);
        let gaps = self.holes.intersection(&measured);
        CameraFigures {
            window,
            measured_ms: measured.ms(),
            recorded_ms: recorded.within(window).ms(),
            missing_ms: gaps.ms(),
            gaps: gaps.len(),
            gap_ms_max: gaps.iter().map(|gap| gap.ms()).max().unwrap_or(0),
            continuous,
            vanished_ms: self.vanished.within(window).ms(),
            faults,
            camera,
            reach: None,
            silent: false,
        }
    }

    /// As the check of retention measures it: what is still there, at the last instant measured.
    fn continuous(
        &self,
        camera: &CameraRow,
        recorded: &IntervalSet,
        now: Instant,
        parameters: RetentionParameters,
    ) -> Option<(ContinuousDepth, Instant)> {
        let lately = Interval::new(now - parameters.stale_ms, now)?;
        let as_of = self.measured.within(lately).hull()?.end();
        let oldest = camera.oldest_ms.map(Instant::from_ms);
        let there = oldest.and_then(|oldest| Interval::new(oldest, as_of));
        let covered = there.map_or(IntervalSet::EMPTY, |there| {
            recorded.difference(&self.vanished).within(there)
        });
        let depth = continuous_depth(&covered, &Schedule::Always, as_of, parameters.limit_ppm);
        Some((depth, as_of))
    }
}

async fn measured(
    reader: &mut Reader,
    spans: &[CameraSpan],
) -> Result<BTreeMap<i64, IntervalSet>, StoreError> {
    let mut measured: BTreeMap<i64, IntervalSet> = BTreeMap::new();
    for slice in reader.slices_within(spans).await? {
        let of_camera = measured.entry(slice.camera_id).or_default();
        of_camera.insert(slice.measured);
    }
    Ok(measured)
}
