//! One day of one camera: what was recorded, missing and not measured on it, why, and what cannot be
//! played.
//!
//! What was not measured is never a gap.

use jiff::civil::Date;
use keepwatch_common::interval::{Interval, IntervalSet};
use keepwatch_common::model::segment::FaultKind;
use keepwatch_common::time::{Instant, Zone};

use super::cause::{Question, circumstances};
use crate::assess::{CameraFigures, camera_gaps};
use crate::domain::cause::Cause;
use crate::store::cameras::CameraRow;
use crate::store::coverage::HoleRow;
use crate::store::faults::FaultRow as FaultKept;
use crate::store::{Reader, StoreError};
use crate::web::drawing::lane::{Lane, Span, Stretch};
use crate::web::page::camera::{DayView, FaultRow, GapRow};

/// Gaps and unmeasured stretches listed of one day; a camera that records on motion has hundreds,
/// and all are drawn.
const GAPS_LISTED_MAX: usize = 200;

/// Faults listed of one day.
const FAULTS_LISTED_MAX: usize = 50;

/// A segment that cannot be played is drawn as long as the camera's usual one, and at least this.
const FAULT_MS_MIN: i64 = 1_000;

/// A whole in the millionths that coverage is told in.
const WHOLE_PPM: i64 = 1_000_000;

/// A day of a camera that is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The day.
    pub day: Date,
    /// From its first to its last instant.
    pub whole: Interval,
    /// The branch's wall clock.
    pub zone: &'a Zone,
    /// Now.
    pub now: Instant,
    /// Up to when the camera should have been measured by now; a little behind now.
    pub due: Instant,
    /// All cameras of the branch.
    pub cameras: &'a [CameraRow],
}

/// Reads a day; the days before and after are set by whoever knows which there are.
pub async fn view(
    reader: &mut Reader,
    wanted: Wanted<'_>,
    figures: &CameraFigures,
) -> Result<DayView, StoreError> {
    let camera = &figures.camera;
    let seen = camera_gaps(reader, camera.id, wanted.whole).await?;
    let question = Question {
        camera,
        cameras: wanted.cameras,
        whole: wanted.whole,
        now: wanted.now,
    };
    let mut why = circumstances(reader, question).await?;
    let past = Interval::new(wanted.whole.start(), wanted.whole.end().min(wanted.now));
    let mut unknown = past.map_or(IntervalSet::EMPTY, |past| seen.measured.missing_from(past));
    // What is not due yet lacks nothing, unless it is known why nothing comes.
    let tail = Interval::new(wanted.due, wanted.now);
    if let Some(tail) = tail.filter(|tail| why.of_blank(*tail) == Cause::NotKnown) {
        unknown.remove(tail);
    }
    let gone = spans(&seen.vanished).within(wanted.whole);
    let holes = spans(&seen.gaps).intersection(&seen.measured);
    let missing = holes.union(&gone);
    let recorded = seen.measured.difference(&missing);
    why.vanished = gone;
    let gaps = missing.iter().map(|gap| (*gap, false, why.of_gap(*gap)));
    let blanks = unknown.iter().map(|gap| (*gap, true, why.of_blank(*gap)));
    let mut rows: Vec<_> = gaps.chain(blanks).collect();
    rows.sort_unstable_by_key(|(gap, ..)| gap.start());
    let (faults, fault_spans) = faults(wanted, figures);
    let measured_ms = seen.measured.ms().max(0);
    let mut lane = Lane::of_day(wanted.day, wanted.zone);
    lane.spans = drawn(wanted, &recorded, &rows);
    lane.spans.extend(fault_spans);
    let clock = Clock { wanted };
    Ok(DayView {
        iso: wanted.day.to_string(),
        weekday: weekday(wanted.day),
        covered_ppm: (measured_ms > 0).then(|| ppm(recorded.ms(), measured_ms)),
        missing_ms: missing.ms(),
        unknown_ms: unknown.ms(),
        lane,
        gaps_more: rows.len().saturating_sub(GAPS_LISTED_MAX),
        gap_count: missing.len(),
        gaps: rows
            .iter()
            .take(GAPS_LISTED_MAX)
            .map(|row| clock.gap(row))
            .collect(),
        faults_more: faults.len().saturating_sub(FAULTS_LISTED_MAX),
        faults: faults
            .into_iter()
            .take(FAULTS_LISTED_MAX)
            .map(|row| clock.fault(row))
            .collect(),
        previous: None,
        next: None,
    })
}

fn spans(rows: &[HoleRow]) -> IntervalSet {
    rows.iter().map(|row| row.at.span).collect()
}

fn ppm(recorded_ms: i64, measured_ms: i64) -> u32 {
    let ppm = recorded_ms.saturating_mul(WHOLE_PPM) / measured_ms.max(1);
    u32::try_from(ppm).unwrap_or(0)
}

fn weekday(day: Date) -> u32 {
    u32::try_from(day.weekday().to_monday_one_offset()).unwrap_or(1)
}

/// The stretches of the line. Gaps and blanks stand in the order of their rows.
fn drawn(
    wanted: Wanted<'_>,
    recorded: &IntervalSet,
    rows: &[(Interval, bool, Cause)],
) -> Vec<Span> {
    let start = wanted.whole.start();
    let span = |stretch, part: Interval| Span {
        stretch,
        start_ms: part.start().since(start),
        end_ms: part.end().since(start),
        label: None,
    };
    let mut spans = vec![span(Stretch::Scheduled, wanted.whole)];
    spans.extend(recorded.iter().map(|part| span(Stretch::Recorded, *part)));
    let stretch = |unknown: bool| {
        if unknown {
            Stretch::Unknown
        } else {
            Stretch::Gap
        }
    };
    spans.extend(
        rows.iter()
            .map(|(part, unknown, _)| span(stretch(*unknown), *part)),
    );
    let ahead = Interval::new(wanted.now.max(start), wanted.whole.end());
    spans.extend(ahead.map(|part| span(Stretch::Ahead, part)));
    spans
}

/// The day's faults in order of time, and where they stand on the line.
fn faults<'a>(wanted: Wanted<'_>, figures: &'a CameraFigures) -> (Vec<&'a FaultKept>, Vec<Span>) {
    let start = |row: &FaultKept| Instant::from_ms(row.start_ms);
    let faults = figures.faults.iter();
    let mut faults: Vec<_> = faults
        .filter(|row| wanted.whole.contains(start(row)))
        .collect();
    faults.sort_unstable_by(|a, b| (a.start_ms, &a.path).cmp(&(b.start_ms, &b.path)));
    let usual_ms = figures.camera.segment_ms.max(FAULT_MS_MIN);
    let spans = faults.iter().map(|row| {
        let after_ms = start(row).since(wanted.whole.start());
        Span {
            stretch: Stretch::Fault,
            start_ms: after_ms,
            end_ms: after_ms.saturating_add(usual_ms).min(wanted.whole.ms()),
            label: None,
        }
    });
    let spans = spans.collect();
    (faults, spans)
}

/// Tells instants of the day by the branch's wall clock.
struct Clock<'a> {
    wanted: Wanted<'a>,
}

impl Clock<'_> {
    fn time(&self, at: Instant) -> String {
        if at == self.wanted.whole.end() {
            return "24:00".to_owned();
        }
        let zone = self.wanted.zone.time_zone().clone();
        at.timestamp()
            .to_zoned_datetime(zone)
            .strftime("%H:%M")
            .to_string()
    }

    fn gap(&self, (gap, unknown, cause): &(Interval, bool, Cause)) -> GapRow {
        GapRow {
            unknown: *unknown,
            start: self.time(gap.start()),
            end: self.time(gap.end()),
            lasting_ms: gap.ms(),
            cause: *cause,
        }
    }

    fn fault(&self, row: &FaultKept) -> FaultRow {
        FaultRow {
            kind: fault_kind(&row.kind),
            start: self.time(Instant::from_ms(row.start_ms)),
            path: row.path.clone(),
            detail: row.detail.clone(),
        }
    }
}

/// The fault of a word from the store; a word that nobody writes is the gravest.
fn fault_kind(word: &str) -> FaultKind {
    [FaultKind::Empty, FaultKind::Truncated, FaultKind::Clock]
        .into_iter()
        .find(|kind| kind.word() == word)
        .unwrap_or(FaultKind::Corrupt)
}
