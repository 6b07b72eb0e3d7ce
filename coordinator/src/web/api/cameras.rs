//! Cameras of a branch: what is recorded, missing, unknown and broken, and what is missing of one.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use keepwatch_common::interval::Interval;
use keepwatch_common::time::{DAY_MS, Instant};
use serde::{Deserialize, Serialize};

use super::branches::known_code;
use super::exchange::{Asked, At, Listed, Page, time};
use crate::assess::{CameraFigures, camera_figures, camera_gaps};
use crate::domain::role::Action;
use crate::store::coverage::HoleRow;
use crate::store::faults::FaultRow;
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// Longest time that gaps are asked for at once: what the store keeps.
const RANGE_DAYS_MAX: i64 = 400;

/// Days that gaps are given of when nobody says from when.
const RANGE_DAYS_DEFAULT: i64 = 30;

/// Faults listed of one camera; the rest is counted.
const FAULTS_SHOWN_MAX: usize = 50;

/// A camera's numbers. Those in per cent and days are none while nothing was measured.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names in the API"
)]
pub struct Camera {
    recorder: String,
    camera: String,
    first_seen: String,
    told: String,
    oldest: Option<String>,
    newest: Option<String>,
    segments: Segments,
    bytes: i64,
    window: Window,
    coverage_percent: Option<f64>,
    gaps: usize,
    gap_ms_max: i64,
    continuous_days: Option<f64>,
    continuous_as_of: Option<String>,
    vanished_ms: i64,
    faults_standing: usize,
    faults: Vec<Fault>,
}

/// Segments by state.
#[derive(Debug, Serialize)]
pub struct Segments {
    sealed: i64,
    open: i64,
    opaque: i64,
    corrupt: i64,
}

/// The time that was looked at, and what of it is known.
#[derive(Debug, Serialize)]
pub struct Window {
    from: String,
    to: String,
    measured_ms: i64,
    recorded_ms: i64,
    missing_ms: i64,
    unknown_ms: i64,
}

/// Something wrong with footage that exists.
#[derive(Debug, Serialize)]
pub struct Fault {
    path: String,
    kind: String,
    detail: String,
    start: String,
    seen: String,
}

impl From<FaultRow> for Fault {
    fn from(row: FaultRow) -> Self {
        Self {
            path: row.path,
            kind: row.kind,
            detail: row.detail,
            start: time(row.start_ms),
            seen: time(row.seen_at_ms),
        }
    }
}

impl From<CameraFigures> for Camera {
    fn from(figures: CameraFigures) -> Self {
        let coverage = figures.coverage_ppm().map(percent);
        let unknown_ms = figures.unknown_ms();
        let camera = figures.camera;
        Self {
            recorder: camera.recorder,
            camera: camera.name,
            first_seen: time(camera.first_seen_ms),
            told: time(camera.told_at_ms),
            oldest: camera.oldest_ms.map(time),
            newest: camera.newest_ms.map(time),
            segments: Segments {
                sealed: camera.sealed,
                open: camera.open,
                opaque: camera.opaque,
                corrupt: camera.corrupt,
            },
            bytes: camera.bytes,
            window: Window {
                from: figures.window.start().to_string(),
                to: figures.window.end().to_string(),
                measured_ms: figures.measured_ms,
                recorded_ms: figures.recorded_ms,
                missing_ms: figures.missing_ms,
                unknown_ms,
            },
            coverage_percent: coverage,
            gaps: figures.gaps,
            gap_ms_max: figures.gap_ms_max,
            continuous_days: figures.continuous.map(|(depth, _)| depth.days()),
            continuous_as_of: figures.continuous.map(|(_, as_of)| as_of.to_string()),
            vanished_ms: figures.vanished_ms,
            faults_standing: figures.faults.len(),
            faults: figures
                .faults
                .into_iter()
                .take(FAULTS_SHOWN_MAX)
                .map(Fault::from)
                .collect(),
        }
    }
}

/// Millionths as per cent; a million is exact in a double.
fn percent(ppm: i64) -> f64 {
    f64::from(i32::try_from(ppm).unwrap_or(i32::MAX)) / 10_000.0
}

/// `GET /branches/{branch}/cameras`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At(code): At<String>,
) -> Result<Json<Listed<Camera>>, Failure> {
    let code = known_code(code)?;
    let mut reader = services.store.read().await?;
    let branch = viewer
        .branch(&mut reader, code.as_str(), Action::See)
        .await?;
    let now = services.clock.now();
    let figures = camera_figures(&mut reader, &services.policy.pack, branch.id, now).await?;
    let items = figures.into_iter().map(Camera::from).collect();
    Ok(Json(Listed { items, next: None }))
}

/// From when to when, and which page.
#[derive(Debug, Deserialize)]
pub struct Range {
    from: Option<String>,
    to: Option<String>,
    after: Option<String>,
    limit: Option<u32>,
}

/// What is missing of a camera.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names in the API"
)]
pub struct Gaps {
    from: String,
    to: String,
    measured_ms: i64,
    unknown_ms: i64,
    missing_ms: i64,
    vanished: Vec<Gap>,
    #[serde(flatten)]
    gaps: Listed<Gap>,
}

/// One missing stretch.
#[derive(Debug, Serialize)]
pub struct Gap {
    start: String,
    end: String,
    ms: i64,
    seen: String,
}

impl From<HoleRow> for Gap {
    fn from(row: HoleRow) -> Self {
        Self {
            start: row.at.span.start().to_string(),
            end: row.at.span.end().to_string(),
            ms: row.at.span.ms(),
            seen: time(row.seen_at_ms),
        }
    }
}

/// `GET /branches/{branch}/cameras/{recorder}/{camera}/gaps`
pub async fn gaps(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    At((code, recorder, camera)): At<(String, String, String)>,
    Asked(asked): Asked<Range>,
) -> Result<Json<Gaps>, Failure> {
    let (range, page) = asked.read(services.clock.now())?;
    let after = page.after.as_deref().map(Instant::parse).transpose();
    let after = after.map_err(|error| Failure::field("after", error.to_string()))?;
    let code = known_code(code)?;
    let mut reader = services.store.read().await?;
    let branch = viewer
        .branch(&mut reader, code.as_str(), Action::See)
        .await?;
    let cameras = reader.camera_list_of_branch(branch.id).await?;
    let known = cameras
        .iter()
        .find(|row| row.recorder == recorder && row.name == camera)
        .ok_or_else(|| Failure::not_found("camera", &format!("{recorder}/{camera}")))?;
    let found = camera_gaps(&mut reader, known.id, range).await?;
    let missing = found.gaps.iter();
    let missing_ms = missing
        .filter_map(|gap| gap.at.span.intersection(range))
        .map(Interval::ms)
        .sum();
    let mut rows = found.gaps;
    rows.retain(|gap| after.is_none_or(|after| gap.at.span.start() > after));
    rows.truncate(page.rows().count());
    let key = |gap: &HoleRow| gap.at.span.start().to_string();
    Ok(Json(Gaps {
        from: range.start().to_string(),
        to: range.end().to_string(),
        measured_ms: found.measured.ms(),
        unknown_ms: range.ms() - found.measured.ms(),
        missing_ms,
        vanished: found.vanished.into_iter().map(Gap::from).collect(),
        gaps: Listed::page(&page, rows, key, Gap::from),
    }))
}

impl Range {
    fn read(self, now: Instant) -> Result<(Interval, Page), Failure> {
        let (after, limit) = (self.after, self.limit);
        let page = Page { after, limit };
        let instant = |field, text: Option<String>| {
            let read = text.as_deref().map(Instant::parse).transpose();
            read.map_err(|error| Failure::field(field, error.to_string()))
        };
        let to = instant("to", self.to)?.unwrap_or(now);
        let from = instant("from", self.from)?.unwrap_or(to - RANGE_DAYS_DEFAULT * DAY_MS);
        let range = Interval::new(from, to)
            .filter(|range| range.ms() <= RANGE_DAYS_MAX * DAY_MS)
            .ok_or_else(|| {
                let message = format!("from is before to, and not more than {RANGE_DAYS_MAX} days");
                Failure::field("from", message)
            })?;
        Ok((range, page))
    }
}
