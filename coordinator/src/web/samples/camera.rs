//! One camera: a day with gaps and faults, a whole day, a day nobody measured, nothing ever.

use jiff::civil::Date;
use keepwatch_common::model::segment::FaultKind;
use keepwatch_common::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::branch::{PASS, days, gap};
use super::sample::{Sample, ago, shanghai};
use crate::domain::cause::Cause;
use crate::web::drawing::heatmap::Cell;
use crate::web::drawing::lane::{Lane, Span, Stretch};
use crate::web::drawing::retention::Retention;
use crate::web::page::alerts::Severity;
use crate::web::page::camera::{self, CameraDay, CameraView, Cut, DayView, FaultRow, GapRow, Open};
use crate::web::sentence::Sentence;
use crate::web::verdict::Verdict;

fn span(stretch: Stretch, start_min: i64, end_min: i64) -> Span {
    Span {
        stretch,
        start_ms: start_min * MINUTE_MS,
        end_ms: end_min * MINUTE_MS,
        label: None,
    }
}

fn clock(minutes: i64) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

/// Lays a day out from its missing stretches: start, end, whether unknown, why.
fn lane(missing: &[(i64, i64, bool, Cause)]) -> (Lane, Vec<GapRow>) {
    let mut lane = Lane::of_day(Date::constant(2026, 11, 8), &shanghai());
    lane.spans.push(span(Stretch::Scheduled, 0, 1440));
    let mut from = 0;
    let mut gaps = Vec::new();
    for &(start, end, unknown, cause) in missing {
        let stretch = if unknown {
            Stretch::Unknown
        } else {
            Stretch::Gap
        };
        lane.spans.push(span(Stretch::Recorded, from, start));
        lane.spans.push(span(stretch, start, end));
        from = end;
        gaps.push(GapRow {
            unknown,
            start: clock(start),
            end: clock(end),
            lasting_ms: (end - start) * MINUTE_MS,
            cause,
        });
    }
    if from < 1440 {
        lane.spans.push(span(Stretch::Recorded, from, 1440));
    }
    (lane, gaps)
}

fn broken_day() -> DayView {
    let (mut lane, gaps) = lane(&[
        (120, 131, false, Cause::Recorder),
        (587, 778, false, Cause::Camera),
        (1100, 1143, false, Cause::NotKnown),
        (1150, 1158, false, Cause::Vanished),
        (1390, 1405, true, Cause::VolumeAbsent),
    ]);
    lane.spans.push(span(Stretch::Fault, 300, 332));
    lane.spans.push(span(Stretch::Fault, 800, 802));
    let fault = |kind, start: &str, path: &str, detail: &str| FaultRow {
        kind,
        start: start.to_owned(),
        path: path.to_owned(),
        detail: detail.to_owned(),
    };
    DayView {
        iso: "2026-11-08".to_owned(),
        weekday: 7,
        covered_ppm: Some(824_300),
        missing_ms: 4 * HOUR_MS + 13 * MINUTE_MS,
        unknown_ms: 15 * MINUTE_MS,
        lane,
        gaps,
        gaps_more: 3,
        gap_count: 7,
        faults: vec![
            fault(
                FaultKind::Truncated,
                "05:00",
                "2026-11-08/05/cashier_3/00.00.mp4",
                "moov box missing, 4 194 304 bytes",
            ),
            fault(
                FaultKind::Empty,
                "13:20",
                "2026-11-08/13/cashier_3/20.00.mp4",
                "0 bytes",
            ),
        ],
        faults_more: 1,
        previous: Some("2026-11-07".to_owned()),
        next: Some("2026-11-09".to_owned()),
    }
}

fn strip(cells: &[(usize, Cell)]) -> Vec<CameraDay> {
    let mut days: Vec<_> = days()
        .into_iter()
        .map(|iso| CameraDay { iso, cell: PASS })
        .collect();
    for (at, cell) in cells {
        days[*at].cell = *cell;
    }
    days
}

fn normal() -> CameraView {
    CameraView {
        branch_code: "0123".to_owned(),
        branch_name: "朝阳路店".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        recorder: "NVR-1".to_owned(),
        camera: "cam07".to_owned(),
        name: "07 收银台 3".to_owned(),
        verdict: Verdict::Fail,
        open: vec![Open {
            severity: Severity::Major,
            sentence: Sentence::Fault {
                camera: "cam07".to_owned(),
                segments: 2,
            },
            page: "/branches/0123/cameras/NVR-1/cam07?day=2026-11-08".to_owned(),
        }],
        retention: Retention {
            depth_tenths: Some(312),
            continuous_tenths: Some(151),
            at_least: false,
            required_days: 30,
            forecast_tenths: Some(200),
            verdict: Verdict::Fail,
        },
        cut: Some(Cut::Until(ago(15 * DAY_MS))),
        met_on: Some("2026-12-08".to_owned()),
        holds: super::hold::rows(),
        days: strip(&[(9, gap(98)), (10, gap(94)), (11, gap(91)), (15, gap(82))]),
        day: Some(broken_day()),
    }
}

fn whole() -> CameraView {
    let (lane, gaps) = lane(&[]);
    CameraView {
        verdict: Verdict::Pass,
        open: Vec::new(),
        retention: Retention {
            depth_tenths: Some(452),
            continuous_tenths: Some(452),
            forecast_tenths: None,
            verdict: Verdict::Pass,
            ..normal().retention
        },
        cut: None,
        met_on: None,
        days: strip(&[]),
        day: Some(DayView {
            iso: "2026-11-23".to_owned(),
            weekday: 1,
            covered_ppm: Some(1_000_000),
            missing_ms: 0,
            unknown_ms: 0,
            lane,
            gaps,
            gaps_more: 0,
            gap_count: 0,
            faults: Vec::new(),
            faults_more: 0,
            next: None,
            ..broken_day()
        }),
        ..normal()
    }
}

/// The branch is silent: the day was never measured.
fn unmeasured() -> CameraView {
    let (mut lane, gaps) = lane(&[(0, 1440, true, Cause::Silent)]);
    lane.spans.push(span(Stretch::Ahead, 1439, 1440));
    CameraView {
        verdict: Verdict::Unknown,
        retention: Retention {
            depth_tenths: None,
            continuous_tenths: None,
            forecast_tenths: None,
            verdict: Verdict::Unknown,
            ..normal().retention
        },
        cut: None,
        met_on: None,
        days: strip(&[
            (15, Cell::Unknown),
            (28, Cell::Unknown),
            (29, Cell::Unknown),
            (30, Cell::Unknown),
        ]),
        day: Some(DayView {
            covered_ppm: None,
            missing_ms: 0,
            unknown_ms: DAY_MS,
            lane,
            gaps,
            gaps_more: 0,
            gap_count: 0,
            faults: Vec::new(),
            faults_more: 0,
            ..broken_day()
        }),
        ..normal()
    }
}

/// Installed ten days ago.
fn new() -> CameraView {
    CameraView {
        verdict: Verdict::NotApplicable,
        days: strip(
            &(0..21)
                .map(|at| (at, Cell::NotExpected))
                .collect::<Vec<_>>(),
        ),
        retention: Retention {
            depth_tenths: Some(102),
            continuous_tenths: Some(102),
            forecast_tenths: None,
            verdict: Verdict::NotApplicable,
            ..normal().retention
        },
        ..whole()
    }
}

fn nothing() -> CameraView {
    CameraView {
        days: Vec::new(),
        day: None,
        ..unmeasured()
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let facts = [
        "82.4%",
        "15.1",
        "09:47–12:58",
        "2026-11-07",
        "05/cashier_3/00.00.mp4",
    ];
    vec![
        Sample::new("camera", normal(), camera::render, &facts),
        Sample::new("camera-whole", whole(), camera::render, &["100%", "45.2"]),
        Sample::new(
            "camera-unknown",
            unmeasured(),
            camera::render,
            &["v unknown"],
        ),
        Sample::new("camera-new", new(), camera::render, &["10.2"]),
        Sample::new("camera-nothing", nothing(), camera::render, &["v unknown"]),
    ]
}
