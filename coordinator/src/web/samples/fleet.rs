//! The fleet and the list of branches: a normal day, nothing yet, a day without reports.

use keepwatch_common::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::sample::{Sample, ago, stale};
use crate::web::page::branches::{self, BranchRow, BranchesView, Region};
use crate::web::page::fleet::{self, AlertTile, FleetView, RegionRow, Share, Tile, Tiles};
use crate::web::sentence::Sentence;
use crate::web::verdict::{Counts, Verdict};

/// Pass, waived, not applicable, partial, fail, unknown.
fn counts(n: [u64; 6]) -> Counts {
    Counts {
        pass: n[0],
        waived: n[1],
        not_applicable: n[2],
        partial: n[3],
        fail: n[4],
        unknown: n[5],
    }
}

fn region(code: &str, name: &str, branches: [u64; 6], shares: [u64; 4]) -> RegionRow {
    let branches = counts(branches);
    let of = branches.total() * 16;
    let share = |permille: u64| Share {
        n: of * permille / 1000,
        of,
    };
    RegionRow {
        code: code.to_owned(),
        name: name.to_owned(),
        branches,
        reporting: share(shares[0]),
        recorded: share(shares[1]),
        retained: share(shares[2]),
        drift_free: share(shares[3]),
    }
}

fn row(code: &str, name: &str, verdict: Verdict, worst: Option<Sentence>, by: &str) -> BranchRow {
    let lasting_ms = worst.as_ref().map(|_| 8 * HOUR_MS + 18 * MINUTE_MS);
    BranchRow {
        code: code.to_owned(),
        name: name.to_owned(),
        region: "西北".to_owned(),
        verdict,
        worst,
        lasting_ms,
        handled_by: Some(by.to_owned()).filter(|by| !by.is_empty()),
        cameras: match verdict {
            Verdict::Unknown => counts([0, 0, 0, 0, 0, 16]),
            Verdict::Pass => counts([15, 1, 0, 0, 0, 0]),
            _ => counts([9, 1, 1, 3, 1, 1]),
        },
        last_heard: Some(ago(if verdict == Verdict::Unknown {
            3 * DAY_MS
        } else {
            9_000
        })),
    }
}

fn rows() -> Vec<BranchRow> {
    let retention = Sentence::Retention {
        cameras: 12,
        of: 16,
        days_tenths: 113,
        required_days: 30,
    };
    let drift = Sentence::Drift {
        file: "frigate.yml".to_owned(),
        changes: 4,
    };
    let gap = Sentence::Gap {
        cameras: 5,
        of: 16,
        covered_ppm: 612_000,
        missing_ms: 9 * HOUR_MS + 18 * MINUTE_MS,
    };
    let silent = Sentence::Silent {
        for_ms: 3 * DAY_MS + 4 * HOUR_MS,
        cameras: 16,
    };
    let absent = Sentence::VolumeAbsent {
        volume: "D2".to_owned(),
        cameras: 8,
    };
    let never = BranchRow {
        last_heard: None,
        lasting_ms: None,
        ..row("0931", "银川新华街店", Verdict::Unknown, None, "")
    };
    vec![
        row(
            "0412",
            "西宁城东店",
            Verdict::Fail,
            Some(retention),
            "罗景行",
        ),
        row("0123", "朝阳路店", Verdict::Fail, Some(drift), ""),
        row("0655", "沈阳铁西店", Verdict::Fail, Some(gap), "罗景行"),
        row(
            "0871",
            "兰州安宁店",
            Verdict::Unknown,
            Some(silent),
            "罗景行",
        ),
        row("0874", "西宁城西店", Verdict::Unknown, Some(absent), ""),
        never,
        row("0344", "广州天河北店", Verdict::Pass, None, ""),
    ]
}

fn tile(n: [u64; 6], change: i64) -> Tile {
    Tile {
        counts: counts(n),
        change_7d: Some(change),
    }
}

fn normal() -> FleetView {
    FleetView {
        as_of: ago(0),
        policy_pack: Some("v12".to_owned()),
        branches: counts([1031, 9, 0, 67, 39, 42]),
        tiles: Tiles {
            reporting: tile([1146, 0, 0, 0, 0, 42], -17),
            recorded: tile([18_071, 0, 0, 121, 44, 668], -262),
            retained: tile([17_612, 96, 174, 0, 354, 668], -301),
            required_days: 30,
            drift_free: tile([1124, 0, 0, 0, 22, 42], 15),
            alerts: AlertTile {
                open: 148,
                critical: 3,
                unclaimed: 12,
                change_7d: Some(31),
            },
        },
        regions: vec![
            region("nw", "西北", [41, 1, 0, 6, 5, 21], [716, 689, 594, 689]),
            region("ne", "东北", [78, 1, 0, 8, 6, 3], [968, 916, 895, 947]),
            region("sw", "西南", [127, 1, 0, 10, 6, 4], [972, 939, 912, 945]),
            region("n", "华北", [187, 2, 0, 13, 8, 4], [981, 948, 929, 957]),
            region("c", "华中", [153, 1, 0, 10, 5, 3], [982, 947, 930, 970]),
            region("s", "华南", [181, 1, 0, 9, 4, 3], [984, 959, 944, 969]),
            region("e", "华东", [264, 2, 0, 11, 5, 4], [1000, 961, 947, 972]),
        ],
        worst: rows(),
        left_out_closed: 6,
    }
}

fn empty() -> FleetView {
    FleetView {
        as_of: ago(0),
        policy_pack: None,
        branches: Counts::default(),
        tiles: Tiles::default(),
        regions: Vec::new(),
        worst: Vec::new(),
        left_out_closed: 0,
    }
}

/// Two branches in one region, both silent: no green anywhere.
fn unknown() -> FleetView {
    FleetView {
        branches: counts([0, 0, 0, 0, 0, 2]),
        tiles: Tiles {
            reporting: tile([0, 0, 0, 0, 0, 2], -2),
            recorded: tile([0, 0, 0, 0, 0, 32], -32),
            retained: tile([0, 0, 0, 0, 0, 32], -32),
            required_days: 30,
            drift_free: tile([0, 0, 0, 0, 0, 2], -2),
            alerts: AlertTile {
                open: 2,
                critical: 0,
                unclaimed: 2,
                change_7d: None,
            },
        },
        regions: vec![region("nw", "西北", [0, 0, 0, 0, 0, 2], [0, 0, 0, 0])],
        worst: rows().drain(3..5).collect(),
        ..normal()
    }
}

fn list() -> BranchesView {
    let region = |code: &str, name: &str| Region {
        code: code.to_owned(),
        name: name.to_owned(),
    };
    BranchesView {
        regions: vec![region("nw", "西北"), region("ne", "东北")],
        region: Some("nw".to_owned()),
        verdict: None,
        counts: counts([41, 1, 0, 6, 5, 21]),
        rows: rows(),
        next: Some("/branches?region=nw&after=0344".to_owned()),
    }
}

fn list_without_match() -> BranchesView {
    BranchesView {
        verdict: Some(Verdict::Waived),
        rows: Vec::new(),
        next: None,
        ..list()
    }
}

fn list_of_none() -> BranchesView {
    BranchesView {
        region: None,
        counts: Counts::default(),
        rows: Vec::new(),
        next: None,
        ..list()
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let facts = [
        "1\u{a0}188",
        "1\u{a0}031",
        "/branches?verdict=fail",
        "95.5%",
        "0412",
    ];
    let setup = ["keepwatch token create", "keepwatch-agent join"];
    vec![
        Sample::new("fleet", normal(), fleet::render, &facts),
        Sample::new("fleet-empty", empty(), fleet::render, &setup),
        Sample::new(
            "fleet-unknown",
            unknown(),
            fleet::render,
            &["0%", "url(#hu)"],
        ),
        Sample::new("fleet-stale", normal(), fleet::render, &facts).within(stale()),
        Sample::new(
            "branches",
            list(),
            branches::render,
            &["0871", "rel=\"next\""],
        ),
        Sample::new(
            "branches-no_match",
            list_without_match(),
            branches::render,
            &["/branches\""],
        ),
        Sample::new("branches-empty", list_of_none(), branches::render, &setup),
    ]
}

#[test]
fn a_fleet_of_which_nothing_is_known_has_no_green() {
    let texts = crate::web::text::Texts::load().unwrap();
    let html = samples()[2].html(&texts, crate::web::text::Locale::English);
    assert!(!html.contains("class=\"f pass\""));
}
