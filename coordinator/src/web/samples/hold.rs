//! Holds: the list with every standing, one camera with the form, one hold broken and one released.

use keepwatch_common::model::hold::HoldStanding;
use keepwatch_common::time::{DAY_MS, HOUR_MS};

use super::sample::{Sample, ago, noticed};
use crate::web::frame::Notice;
use crate::web::page::hold::{self, CameraHoldsView, HoldForm, HoldRow, HoldView, HoldsView};
use crate::web::text::Key;

fn row(id: i64, standing: Option<HoldStanding>) -> HoldRow {
    HoldRow {
        id,
        branch_code: "0123".to_owned(),
        branch_name: "朝阳路店".to_owned(),
        recorder: "nvr".to_owned(),
        camera: "收银台 3".to_owned(),
        from: ago(2 * DAY_MS),
        to: ago(2 * DAY_MS - HOUR_MS),
        reason: "顾客与收银员争执，派出所已立案。".to_owned(),
        standing,
        released: false,
        known: true,
        segments: 360,
        copied: 360,
    }
}

/// One of every standing, one whose agent is silent, and one released.
pub(super) fn rows() -> Vec<HoldRow> {
    let mut rows: Vec<_> = (1..)
        .zip(HoldStanding::ALL)
        .map(|(id, standing)| row(id, Some(standing)))
        .collect();
    rows.push(row(20, None));
    let (kept, broken) = (Some(HoldStanding::Kept), Some(HoldStanding::Broken));
    let (mut silent, mut released) = (row(21, kept), row(22, broken));
    silent.known = false;
    released.released = true;
    rows.extend([silent, released]);
    rows
}

fn camera(form: Option<HoldForm>) -> CameraHoldsView {
    CameraHoldsView {
        branch_code: "0123".to_owned(),
        branch_name: "朝阳路店".to_owned(),
        recorder: "nvr".to_owned(),
        camera: "收银台 3".to_owned(),
        zone: "Asia/Shanghai".to_owned(),
        rows: Vec::new(),
        form,
    }
}

fn form(refused: Option<Key>) -> HoldForm {
    HoldForm {
        idempotency_key: "0198c7e2-51".to_owned(),
        from: "2026-11-21T10:30".to_owned(),
        to: "2026-11-21T11:30".to_owned(),
        reason: String::new(),
        refused,
    }
}

fn one(standing: HoldStanding) -> HoldView {
    HoldView {
        row: row(12, Some(standing)),
        zone: "Asia/Shanghai".to_owned(),
        placed_by: "沈嘉木".to_owned(),
        placed_at: ago(DAY_MS),
        since: Some(ago(HOUR_MS)),
        bytes: 4_812_000_000,
        covered_ms: HOUR_MS,
        wanted_ms: HOUR_MS,
        gone: 2,
        changed: 1,
        first: Some(ago(2 * DAY_MS)),
        verified: None,
        release: None,
        form: Some(form(None)),
    }
}

fn released() -> HoldView {
    let mut view = one(HoldStanding::Copied);
    view.row.released = true;
    view.form = None;
    let why = "案件已结，派出所出具回执。".to_owned();
    view.release = Some(("许知行".to_owned(), ago(HOUR_MS), why));
    view
}

pub(super) fn samples() -> Vec<Sample> {
    let list = HoldsView {
        rows: rows(),
        released: true,
        next: Some("/holds?released=true&after=3".to_owned()),
    };
    let refused = form(Some(Key("hold-span-refused")));
    vec![
        Sample::new("holds", list, hold::render_list, &["/holds/5", "v fail"]),
        Sample::new(
            "holds-none",
            HoldsView::default(),
            hold::render_list,
            &["/holds?released=true"],
        ),
        Sample::new(
            "camera_holds",
            camera(Some(form(None))),
            hold::render_camera,
            &["datetime-local", "minlength=\"4\""],
        ),
        Sample::new(
            "camera_holds-refused",
            camera(Some(refused)),
            hold::render_camera,
            &["aria-invalid=\"true\"", "2026-11-21T10:30"],
        ),
        Sample::new(
            "camera_holds-branch",
            camera(None),
            hold::render_camera,
            &["Asia/Shanghai"],
        ),
        Sample::new(
            "hold",
            one(HoldStanding::Broken),
            hold::render,
            &["v fail", "name=\"reason\""],
        )
        .within(noticed(Notice::Held)),
        Sample::new("hold-released", released(), hold::render, &["许知行"])
            .within(noticed(Notice::Released)),
    ]
}

#[test]
fn only_what_is_wholly_kept_and_heard_of_is_green() {
    for row in rows() {
        let kept = matches!(
            row.standing,
            Some(HoldStanding::Kept | HoldStanding::Copied)
        );
        let green = kept && row.known && !row.released;
        let class = row.verdict().class();
        assert_eq!(class == "pass", green, "{:?}", row.standing);
    }
}
