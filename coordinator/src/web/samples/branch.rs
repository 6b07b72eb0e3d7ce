//! One branch: a mixed month, silence, before its first report, before its first footage.

use jiff::ToSpan as _;
use jiff::civil::Date;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::time::DAY_MS;

use super::alerts;
use super::sample::{Sample, ago};
use crate::web::ailment::Ailment;
use crate::web::drawing::heatmap::Cell;
use crate::web::page::branch::{
    self, AgentRow, BranchView, FileRow, HealthRow, Hearing, VolumeRow,
};
use crate::web::page::branches::Region;
use crate::web::page::coverage::{CameraRow, Coverage, Day};
use crate::web::page::drift::FileState;
use crate::web::verdict::Verdict;

/// The last 31 days before 2026-11-23, oldest first.
pub(super) fn days() -> Vec<String> {
    let today = Date::constant(2026, 11, 23);
    let day = |back: i64| today.checked_sub(back.days()).unwrap().to_string();
    (0..31).rev().map(day).collect()
}

pub(super) const PASS: Cell = Cell::Covered {
    ppm: 1_000_000,
    verdict: Verdict::Pass,
};

pub(super) fn gap(percent: u32) -> Cell {
    Cell::Covered {
        ppm: percent * 10_000,
        verdict: Verdict::Partial,
    }
}

fn camera(nth: usize, name: &str) -> CameraRow {
    CameraRow {
        recorder: "NVR-1".to_owned(),
        camera: format!("cam{nth:02}"),
        name: format!("{nth:02} {name}"),
        cells: vec![PASS; 31],
        continuous_tenths: Some(312),
        at_least: false,
        depth_verdict: Verdict::Pass,
    }
}

fn cameras() -> Vec<CameraRow> {
    let names = [
        "正门入口",
        "正门出口",
        "大厅东",
        "大厅西",
        "收银台 1",
        "收银台 2",
        "收银台 3",
        "客服台",
        "手机专柜",
        "家电展区",
        "仓库门",
        "仓库内",
        "卸货区",
        "财务室外",
        "消防通道",
        "停车场",
    ];
    let mut rows: Vec<_> = names
        .iter()
        .enumerate()
        .map(|(at, name)| camera(at + 1, name))
        .collect();
    for (at, percent) in [(9, 98), (10, 94), (11, 91), (12, 96), (15, 82)] {
        rows[6].cells[at] = gap(percent);
    }
    (rows[6].continuous_tenths, rows[6].depth_verdict) = (Some(151), Verdict::Fail);
    rows[8].cells[14] = Cell::Unknown;
    (rows[8].continuous_tenths, rows[8].at_least) = (Some(160), true);
    rows[8].depth_verdict = Verdict::Unknown;
    let waived = Cell::Covered {
        ppm: 430_000,
        verdict: Verdict::Waived,
    };
    rows[11].cells[24..26].fill(waived);
    for (at, percent) in [(27, 41), (28, 0), (29, 72)] {
        rows[12].cells[at] = gap(percent);
    }
    (rows[12].continuous_tenths, rows[12].depth_verdict) = (Some(10), Verdict::Fail);
    rows[15].cells[..10].fill(Cell::NotExpected);
    (rows[15].continuous_tenths, rows[15].depth_verdict) = (Some(204), Verdict::NotApplicable);
    rows
}

fn volumes() -> Vec<VolumeRow> {
    let volume = |name: &str, presence, free_tb: u64, verdict| VolumeRow {
        name: name.to_owned(),
        path: format!("/srv/footage/{}", name.to_lowercase()),
        presence,
        total_bytes: 12_000_000_000_000,
        free_bytes: free_tb * 100_000_000_000,
        verdict,
        health: Vec::new(),
    };
    let mut volumes = vec![
        volume("D1", Presence::Present, 31, Verdict::Pass),
        volume("D2", Presence::Present, 4, Verdict::Partial),
        volume("D3", Presence::ReadOnly, 31, Verdict::Fail),
        volume("D4", Presence::Missing, 0, Verdict::Unknown),
        volume("D5", Presence::Swapped, 0, Verdict::Unknown),
        volume("D6", Presence::Unreadable, 0, Verdict::Unknown),
    ];
    (volumes[0].health, volumes[0].verdict) = (health(), Verdict::Fail);
    volumes
}

/// A mirror that lost a disk, one that wears out, and one whose tool is missing.
fn health() -> Vec<HealthRow> {
    let row = |source: &str, subject: &str, verdict, reason: &str, figures: &[(&str, i64)]| {
        let figures = figures.iter();
        let figures = figures.map(|(name, value)| ((*name).to_owned(), *value));
        HealthRow {
            source: source.to_owned(),
            subject: subject.to_owned(),
            verdict,
            ailment: Ailment::new(reason.to_owned(), figures.collect()),
            detail: if source == "smart" {
                "EXAMPLE HD-6000, EX-0001".to_owned()
            } else {
                String::new()
            },
        }
    };
    let disk = [
        ("reallocated_sectors", 3),
        ("temperature_c", 41),
        ("power_on_hours", 26_304),
    ];
    let array = [("members", 2), ("members_working", 1)];
    vec![
        row("mount", "/dev/md0", Verdict::Pass, "sound", &[]),
        row("array", "md0", Verdict::Fail, "degraded", &array),
        row("smart", "sda", Verdict::Partial, "reallocated", &disk),
        row("smart", "sdb", Verdict::Unknown, "tool_missing", &[]),
        row("latency", "sda", Verdict::Pass, "sound", &[]),
    ]
}

fn files() -> Vec<FileRow> {
    let file = |name: &str, state| FileRow {
        name: name.to_owned(),
        path: format!("/etc/recorder/{name}"),
        state,
        changed: Some(ago(DAY_MS / 3)).filter(|_| state != FileState::Unreadable),
    };
    vec![
        file("frigate.yml", FileState::Drifted { changes: 6 }),
        file("mediamtx.yml", FileState::Unchanged),
        file("zm.conf", FileState::Unreadable),
        file("go2rtc.yaml", FileState::Proposed),
    ]
}

fn agent(connected: bool) -> AgentRow {
    AgentRow {
        name: "agent-3f9c".to_owned(),
        version: "0.1.0".to_owned(),
        connected,
        last_heard: Some(ago(if connected { 9_000 } else { 3 * DAY_MS })),
        clock_offset_ms: Some(if connected { 230 } else { -372_000 }),
        clock_verdict: if connected {
            Verdict::Pass
        } else {
            Verdict::Unknown
        },
    }
}

fn normal() -> BranchView {
    let region = |code: &str, name: &str| Region {
        code: code.to_owned(),
        name: name.to_owned(),
    };
    BranchView {
        code: "0123".to_owned(),
        name: "朝阳路店".to_owned(),
        regions: vec![region("n", "华北"), region("n-bj1", "北京一片")],
        zone: "Asia/Shanghai".to_owned(),
        verdict: Verdict::Fail,
        since: Some(ago(DAY_MS / 3)),
        open_findings: 4,
        hearing: Hearing::Reporting,
        agents: vec![agent(true)],
        coverage: Coverage {
            days: days().into_iter().map(|iso| Day { iso }).collect(),
            oldest: None,
            rows: cameras(),
            required_days: 30,
            next: None,
        },
        volumes: volumes(),
        files: files(),
        alerts: alerts::rows().drain(..3).collect(),
        open_alerts: 3,
        unclaimed: 2,
    }
}

fn silent() -> BranchView {
    let mut coverage = normal().coverage;
    for row in &mut coverage.rows {
        row.cells[27..].fill(Cell::Unknown);
        (row.continuous_tenths, row.depth_verdict) = (None, Verdict::Unknown);
    }
    BranchView {
        verdict: Verdict::Unknown,
        open_findings: 1,
        hearing: Hearing::Silent {
            last: ago(3 * DAY_MS),
            for_ms: 3 * DAY_MS + DAY_MS / 6,
        },
        agents: vec![agent(false)],
        coverage,
        alerts: alerts::rows().drain(2..3).collect(),
        open_alerts: 1,
        unclaimed: 0,
        ..normal()
    }
}

fn never() -> BranchView {
    BranchView {
        verdict: Verdict::Unknown,
        since: None,
        open_findings: 0,
        hearing: Hearing::Never,
        agents: Vec::new(),
        coverage: Coverage {
            required_days: 30,
            ..Coverage::default()
        },
        volumes: Vec::new(),
        files: Vec::new(),
        alerts: Vec::new(),
        open_alerts: 0,
        unclaimed: 0,
        ..normal()
    }
}

/// Joined, and nothing is configured yet.
fn bare() -> BranchView {
    BranchView {
        hearing: Hearing::Reporting,
        agents: vec![AgentRow {
            last_heard: None,
            clock_offset_ms: None,
            ..agent(true)
        }],
        ..never()
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let facts = [
        "0123",
        "31.2",
        "/branches/0123/cameras/NVR-1/cam07?day=2026-11-08",
        ">82</a>",
        "/alerts?branch=0123",
        "400.0\u{a0}GB",
        "EXAMPLE HD-6000",
    ];
    let join = ["keepwatch token create --branch 0123"];
    vec![
        Sample::new("branch", normal(), branch::render, &facts),
        Sample::new(
            "branch-silent",
            silent(),
            branch::render,
            &["v unknown", "−6"],
        ),
        Sample::new("branch-never", never(), branch::render, &join),
        Sample::new("branch-bare", bare(), branch::render, &["agent-3f9c"]),
    ]
}

#[test]
fn a_volume_that_is_not_there_shows_neither_bytes_nor_a_pass() {
    let texts = crate::web::text::Texts::load().unwrap();
    let html = samples()[0].html(&texts, crate::web::text::Locale::Chinese);
    let row = html
        .split("D4")
        .nth(1)
        .unwrap()
        .split("</tr>")
        .next()
        .unwrap();
    assert!(row.contains("url(#hu)") && row.contains("未挂载"));
    assert!(!row.contains("TB") && !row.contains("pass"));
}
