//! Drift: changed, first proposed, as approved, gone, unreadable; the list and its empty states.

use keepwatch_common::time::{DAY_MS, HOUR_MS};

use super::sample::{Sample, ago, noticed};
use crate::web::frame::Notice;
use crate::web::page::drift::{
    self, Approval, Baseline, Change, DriftListView, DriftRow, DriftView, FileState, Section, Value,
};
use crate::web::verdict::Verdict;

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn change(path: &str, before: Value, after: Value) -> Change {
    Change {
        path: path.to_owned(),
        before,
        after,
        consequence: None,
    }
}

fn section(name: &str, changes: Vec<Change>) -> Section {
    Section {
        name: name.to_owned(),
        changes,
    }
}

fn changes() -> Vec<Section> {
    let shorter = Change {
        consequence: Some((Verdict::Fail, "20 < 30".to_owned())),
        ..change("record.retain.days", text("30"), text("20"))
    };
    vec![
        section(
            "record",
            vec![
                shorter,
                change("record.retain.mode", text("all"), text("motion")),
            ],
        ),
        section(
            "cameras",
            vec![
                change(
                    "cameras.cashier_3.ffmpeg.inputs.0.path",
                    Value::Secret,
                    Value::SecretChanged("••••".to_owned()),
                ),
                change(
                    "cameras.back_door",
                    text("{enabled: true, detect: {width: 1280, height: 720, fps: 5}}"),
                    Value::Absent,
                ),
                change(
                    "cameras.loading.onvif.password",
                    Value::Secret,
                    Value::SecretUnderOtherKey,
                ),
            ],
        ),
        section(
            "mqtt",
            vec![change("mqtt.host", Value::Absent, text("192.168.7.41"))],
        ),
    ]
}

fn drifted() -> DriftView {
    DriftView {
        branch_code: "0123".to_owned(),
        branch_name: "朝阳路店".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        name: "frigate.yml".to_owned(),
        path: "/etc/frigate/config.yml".to_owned(),
        state: FileState::Drifted { changes: 6 },
        unreadable_because: None,
        changed: ago(8 * HOUR_MS),
        owner: Some("ops2".to_owned()),
        baseline: Some(Baseline {
            version: 7,
            approved_by: Some("沈嘉木".to_owned()),
            approved_at: ago(144 * DAY_MS),
            reason: "更换收银台 3 的摄像机，型号与验收单一致。".to_owned(),
        }),
        sections: changes(),
        changes_more: 0,
        unchanged: 212,
        approval: Some(Approval {
            version: 41,
            idempotency_key: "0198c7e2-41".to_owned(),
            ..Approval::default()
        }),
    }
}

fn refused() -> DriftView {
    DriftView {
        approval: Some(Approval {
            version: 41,
            idempotency_key: "0198c7e2-42".to_owned(),
            reason: "好".to_owned(),
            refused: true,
        }),
        ..drifted()
    }
}

fn proposed() -> DriftView {
    DriftView {
        state: FileState::Proposed,
        baseline: None,
        sections: vec![section(
            "record",
            vec![
                change("record.enabled", Value::Absent, text("true")),
                change("record.retain.days", Value::Absent, text("30")),
                change("mqtt.password", Value::Absent, Value::Secret),
            ],
        )],
        unchanged: 0,
        ..drifted()
    }
}

fn unchanged() -> DriftView {
    DriftView {
        state: FileState::Unchanged,
        sections: Vec::new(),
        unchanged: 218,
        approval: None,
        ..drifted()
    }
}

fn missing() -> DriftView {
    DriftView {
        state: FileState::Missing,
        owner: None,
        ..unchanged()
    }
}

fn unreadable() -> DriftView {
    DriftView {
        state: FileState::Unreadable,
        unreadable_because: Some(
            "/etc/frigate/config.yml: permission denied (os error 13)".to_owned(),
        ),
        owner: None,
        ..unchanged()
    }
}

fn other_key() -> DriftView {
    let password = change("mqtt.password", Value::Secret, Value::SecretUnderOtherKey);
    DriftView {
        state: FileState::OtherKey,
        sections: vec![section("mqtt", vec![password])],
        unchanged: 217,
        ..drifted()
    }
}

fn list() -> DriftListView {
    let row = |name: &str, state| DriftRow {
        branch_code: "0123".to_owned(),
        branch_name: "朝阳路店".to_owned(),
        name: name.to_owned(),
        path: format!("/etc/frigate/{name}"),
        state,
        since: ago(8 * HOUR_MS),
        owner: Some("ops2".to_owned()),
    };
    DriftListView {
        rows: vec![
            row("frigate.yml", FileState::Drifted { changes: 6 }),
            row("mediamtx.yml", FileState::Missing),
            row("zm.conf", FileState::Unreadable),
            row("go2rtc.yaml", FileState::Proposed),
        ],
        unchanged: 1_116,
        unknown: 8,
        files: 1_128,
        first: true,
        last_signal: Some(ago(9_000)),
        next: Some("/drift?after=go2rtc.yaml".to_owned()),
    }
}

fn list_without_drift() -> DriftListView {
    DriftListView {
        rows: Vec::new(),
        unchanged: 1_128,
        unknown: 0,
        next: None,
        ..list()
    }
}

pub(super) fn samples() -> Vec<Sample> {
    let facts = [
        "record.retain.days",
        "••••",
        "212",
        "name=\"reason\"",
        "minlength=\"4\"",
    ];
    vec![
        Sample::new("drift", drifted(), drift::render, &facts),
        Sample::new(
            "drift-refused",
            refused(),
            drift::render,
            &["aria-invalid=\"true\"", "好"],
        ),
        Sample::new(
            "drift-proposed",
            proposed(),
            drift::render,
            &["name=\"reason\""],
        ),
        Sample::new("drift-unchanged", unchanged(), drift::render, &["218"])
            .within(noticed(Notice::Approved)),
        Sample::new("drift-missing", missing(), drift::render, &["v fail"]),
        Sample::new(
            "drift-unreadable",
            unreadable(),
            drift::render,
            &["permission denied"],
        ),
        Sample::new(
            "drift-other_key",
            other_key(),
            drift::render,
            &["v unknown"],
        ),
        Sample::new(
            "drift_list",
            list(),
            drift::render_list,
            &["1\u{a0}128", "zm.conf"],
        ),
        Sample::new(
            "drift_list-none",
            list_without_drift(),
            drift::render_list,
            &["10:31"],
        ),
        Sample::new(
            "drift_list-empty",
            DriftListView::default(),
            drift::render_list,
            &["lead"],
        ),
    ]
}
