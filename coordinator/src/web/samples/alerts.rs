//! Alerts: a bad day, none, none because nobody ever reported, none that match.

use keepwatch_common::model::segment::FaultKind;
use keepwatch_common::time::{DAY_MS, HOUR_MS, MINUTE_MS};

use super::sample::{Sample, ago, noticed};
use crate::web::frame::{Frame, Notice};
use crate::web::page::alerts::{
    self, AlertFilter, AlertRow, AlertsView, Condition, Handled, Handling, Refused, Severity, Why,
};
use crate::web::sentence::Sentence;

fn row(id: u32, severity: Severity, sentence: Sentence, handling: Handling) -> AlertRow {
    let handled = match handling {
        Handling::New => None,
        _ => Some(Handled {
            by: "沈嘉木".to_owned(),
            at: ago(2 * HOUR_MS),
            note: Some("已联系门店，周三前更换硬盘。".to_owned()),
        }),
    };
    AlertRow {
        id: format!("AL-2026-{id:05}"),
        severity,
        condition: Condition::Firing,
        branch_code: "0123".to_owned(),
        branch_name: "朝阳路店".to_owned(),
        sentence,
        subject: "/branches/0123/drift/frigate.yml".to_owned(),
        since: ago(8 * HOUR_MS + 18 * MINUTE_MS),
        lasting_ms: 8 * HOUR_MS + 18 * MINUTE_MS,
        handling,
        handled,
        version: 3,
        idempotency_key: format!("0198c7e2-{id}"),
    }
}

/// One of each kind of sentence.
pub(super) fn rows() -> Vec<AlertRow> {
    let file = || "frigate.yml".to_owned();
    let drift = Sentence::Drift {
        file: file(),
        changes: 4,
    };
    let gap = Sentence::Gap {
        cameras: 5,
        of: 16,
        covered_ppm: 612_000,
        missing_ms: 9 * HOUR_MS + 18 * MINUTE_MS,
    };
    let retention = Sentence::Retention {
        cameras: 12,
        of: 16,
        days_tenths: 113,
        required_days: 30,
    };
    let silent = Sentence::Silent {
        for_ms: 3 * DAY_MS + 4 * HOUR_MS,
        cameras: 16,
    };
    let absent = Sentence::VolumeAbsent {
        volume: "D2".to_owned(),
        cameras: 1,
    };
    let full = Sentence::VolumeFull {
        volume: "D1".to_owned(),
        free_bytes: 41_300_000_000,
    };
    let fault = Sentence::Fault {
        camera: "收银台 3".to_owned(),
        segments: 1_204,
    };
    let segment = Sentence::SegmentFault {
        camera: "收银台 3".to_owned(),
        start: "2026-11-22 14:03".to_owned(),
        kind: FaultKind::Truncated,
    };
    let clock = Sentence::Clock {
        offset_ms: -372_000,
    };
    let missing = Sentence::FileMissing { file: file() };
    let control = "A-11a".to_owned();
    let broken = Sentence::Broken { control };
    let unknown = AlertRow {
        condition: Condition::Unknown,
        subject: "/branches/0123".to_owned(),
        ..row(4420, Severity::Critical, silent, Handling::Acknowledged)
    };
    let recovered = AlertRow {
        condition: Condition::Recovered,
        ..row(4390, Severity::Major, fault, Handling::Assigned)
    };
    vec![
        row(4417, Severity::Critical, drift, Handling::New),
        row(4418, Severity::Critical, gap, Handling::New),
        unknown,
        row(4402, Severity::Major, retention, Handling::Acknowledged),
        row(4401, Severity::Major, absent, Handling::New),
        recovered,
        row(4389, Severity::Major, Sentence::Clone, Handling::New),
        row(4388, Severity::Minor, full, Handling::Snoozed),
        row(4387, Severity::Minor, clock, Handling::New),
        row(4386, Severity::Minor, missing, Handling::New),
        row(4384, Severity::Minor, segment, Handling::New),
        AlertRow {
            condition: Condition::Pending,
            ..row(4385, Severity::Minor, broken, Handling::New)
        },
    ]
}

fn normal() -> AlertsView {
    AlertsView {
        filter: AlertFilter::default(),
        by_severity: [3, 5, 4],
        by_handling: [7, 2, 1, 2],
        closed: 4,
        no_branch: false,
        refused: None,
        rows: rows(),
        next: Some("/alerts?after=AL-2026-04385".to_owned()),
        last_signal: Some(ago(9_000)),
        may_acknowledge: true,
    }
}

fn none() -> AlertsView {
    AlertsView {
        last_signal: Some(ago(9_000)),
        ..AlertsView::default()
    }
}

fn filtered() -> AlertsView {
    AlertsView {
        filter: AlertFilter {
            severity: Some(Severity::Minor),
            branch: Some("0\"><b>".to_owned()),
            handling: Some(Handling::Closed),
        },
        rows: Vec::new(),
        next: None,
        ..normal()
    }
}

fn no_branch() -> AlertsView {
    AlertsView {
        no_branch: true,
        ..filtered()
    }
}

fn refused(alert: &str, why: Why) -> AlertsView {
    let refused = Refused {
        alert: alert.to_owned(),
        note: "</textarea>".to_owned(),
        why,
    };
    AlertsView {
        refused: Some(refused),
        ..normal()
    }
}

fn reader() -> AlertsView {
    AlertsView {
        may_acknowledge: false,
        ..normal()
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let facts = [
        "(12) ",
        "AL-2026-04417/acknowledge",
        "61.2%",
        "11.3",
        "1\u{a0}204",
    ];
    let quiet = Frame {
        open_alerts: 0,
        ..super::sample::signed_in()
    };
    vec![
        Sample::new("alerts", normal(), alerts::render, &facts)
            .within(noticed(Notice::Acknowledged)),
        Sample::new("alerts-none", none(), alerts::render, &["10:31"]).within(quiet.clone()),
        Sample::new(
            "alerts-no_signal",
            AlertsView::default(),
            alerts::render,
            &["class=\"v unknown\""],
        )
        .within(quiet),
        Sample::new(
            "alerts-no_match",
            filtered(),
            alerts::render,
            &["0&#34;&#62;&#60;b&#62;"],
        ),
        Sample::new(
            "alerts-no_branch",
            no_branch(),
            alerts::render,
            &["0&#34;&#62;&#60;b&#62;", "href=\"/alerts\""],
        ),
        Sample::new(
            "alerts-note_refused",
            refused("AL-2026-04385", Why::Note),
            alerts::render,
            &["&#60;/textarea&#62;</textarea>", "<details open>"],
        ),
        Sample::new(
            "alerts-yours_already",
            refused("AL-2026-00001", Why::Yours),
            alerts::render,
            &["<q class=\"break\">&#60;/textarea&#62;</q>"],
        ),
        Sample::new("alerts-reader", reader(), alerts::render, &["61.2%"])
            .within(noticed(Notice::Conflict)),
    ]
}

#[test]
fn who_may_not_acknowledge_sees_no_form() {
    let texts = crate::web::text::Texts::load().unwrap();
    let samples = samples();
    let reader = samples.last().unwrap();
    let html = reader.html(&texts, crate::web::text::Locale::English);
    assert!(!html.contains("/acknowledge"));
}
