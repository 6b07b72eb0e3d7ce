//! The one-shot audit as a person runs it: the real program over real files.

#![cfg(test)]

use std::path::Path;
use std::process::{Command, Output};

use keepwatch_common::interval::Interval;
use keepwatch_common::time::{Instant, Zone};
use keepwatch_tests::footage::{CameraPlan, Clip, Tree};
use keepwatch_tests::programs::program;
use serde_json::Value;

#[path = "scan/containers.rs"]
mod containers;
#[path = "scan/unseen.rs"]
mod unseen;

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn span(start: &str, end: &str) -> Interval {
    Interval::new(at(start), at(end)).unwrap()
}

fn lay(root: &Path, plans: &[CameraPlan]) {
    let tree = Tree::frigate(root);
    for plan in plans {
        tree.lay(plan, &mut |_| {}).unwrap();
    }
}

fn agent(arguments: &[&str]) -> Output {
    Command::new(program("keepwatch-agent").unwrap())
        .args(arguments)
        .output()
        .unwrap()
}

/// Scans as JSON; the exit code and the document.
fn scan(root: &Path, more: &[&str]) -> (i32, Value) {
    let root = root.to_str().unwrap();
    let mut arguments = vec!["scan", root, "--format", "json"];
    if !more.contains(&"--layout") {
        arguments.extend(["--layout", "frigate"]);
    }
    arguments.extend(more);
    let output = agent(&arguments);
    let text = String::from_utf8_lossy(&output.stderr);
    let document = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{text}"));
    (output.status.code().unwrap(), document)
}

fn camera<'a>(document: &'a Value, name: &str) -> &'a Value {
    let cameras = document["cameras"].as_array().unwrap();
    cameras
        .iter()
        .find(|camera| camera["camera"] == name)
        .unwrap()
}

fn day() -> Interval {
    span("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z")
}

#[test]
fn unbroken_footage_is_compliant() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[CameraPlan::new("till", day(), Clip::FiveMinutes)],
    );
    let (code, document) = scan(root.path(), &["--retention-days", "1"]);
    assert_eq!(code, 0);
    let till = camera(&document, "till");
    assert_eq!(till["coverage"], 1.0);
    assert_eq!(till["recorded_s"], 86_400);
    assert_eq!(till["continuous_days"], 1.0);
    assert_eq!(till["states"]["sealed"], 288);
    assert_eq!(
        (document["files"].as_u64(), document["layout"].as_str()),
        (Some(288), Some("frigate"))
    );
}

#[test]
fn a_gap_is_told_with_start_end_and_length() {
    let root = tempfile::tempdir().unwrap();
    let gap = span("2026-11-01T04:10:00Z", "2026-11-01T06:30:00Z");
    lay(
        root.path(),
        &[CameraPlan::new("till", day(), Clip::FiveMinutes).gap(gap)],
    );
    let (code, document) = scan(root.path(), &["--retention-days", "0"]);
    assert_eq!(code, 1);
    let expected = serde_json::json!([
        {"start": "2026-11-01T04:10:00Z", "end": "2026-11-01T06:30:00Z", "seconds": 8_400}
    ]);
    assert_eq!(camera(&document, "till")["gaps"], expected);
}

#[test]
fn a_truncated_and_an_empty_file_are_faults_and_cover_nothing() {
    let root = tempfile::tempdir().unwrap();
    let plan = CameraPlan::new("till", day(), Clip::FiveMinutes)
        .truncated(at("2026-11-01T10:00:00Z"))
        .empty(at("2026-11-01T11:00:00Z"));
    lay(root.path(), &[plan]);
    let (code, document) = scan(root.path(), &["--retention-days", "0"]);
    assert_eq!(code, 1);
    let till = camera(&document, "till");
    let kinds: Vec<_> = till["faults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|fault| &fault["kind"])
        .collect();
    assert_eq!(kinds, ["truncated", "empty"]);
    assert_eq!(till["faults"][0]["start"], "2026-11-01T10:00:00Z");
    assert_eq!(till["gaps"].as_array().unwrap().len(), 2);
    assert_eq!(till["states"]["corrupt"], 2);
}

#[test]
fn a_camera_that_stopped_shows_it_against_the_others() {
    let root = tempfile::tempdir().unwrap();
    let short = span("2026-11-01T00:00:00Z", "2026-11-01T09:00:00Z");
    lay(
        root.path(),
        &[
            CameraPlan::new("till", day(), Clip::FiveMinutes),
            CameraPlan::new("yard", short, Clip::FiveMinutes),
        ],
    );
    let (code, document) = scan(root.path(), &["--retention-days", "0"]);
    assert_eq!(code, 1);
    let yard = camera(&document, "yard");
    assert_eq!(yard["stale_s"], 15 * 3_600);
    assert_eq!(yard["gaps"][0]["end"], "2026-11-02T00:00:00Z");
    assert_eq!(yard["continuous_days"], 0.0);
}

#[test]
fn less_than_the_required_days_is_a_finding() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[CameraPlan::new("till", day(), Clip::FiveMinutes)],
    );
    assert_eq!(scan(root.path(), &["--retention-days", "2"]).0, 1);
}

#[test]
fn a_range_counts_only_what_lies_inside() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[CameraPlan::new("till", day(), Clip::FiveMinutes)],
    );
    let (code, document) = scan(
        root.path(),
        &[
            "--from",
            "2026-10-31T23:00:00Z",
            "--to",
            "2026-11-01T12:00:00Z",
            "--retention-days",
            "0",
        ],
    );
    assert_eq!(code, 1);
    let till = camera(&document, "till");
    assert_eq!(till["gaps"][0]["seconds"], 3_600);
    assert_eq!(till["scheduled_s"], 13 * 3_600);
}

#[test]
fn a_local_time_layout_keeps_both_hours_when_clocks_go_back() {
    let root = tempfile::tempdir().unwrap();
    let zone = Zone::named("Europe/Berlin").unwrap();
    let tree = Tree::template(root.path(), "{camera}/%Y-%m-%d/%H-%M-%S.mp4", zone).unwrap();
    // 2026-10-25: 02:00–03:00 happens twice. Five-minute names collide an hour apart, so the camera
    // records only on one side of the change here; the hour is told by when files were written.
    let night = span("2026-10-25T01:00:00Z", "2026-10-25T04:00:00Z");
    tree.lay(
        &CameraPlan::new("till", night, Clip::FiveMinutes),
        &mut |_| {},
    )
    .unwrap();
    let mut time = at("2026-10-25T01:00:00Z");
    while time < at("2026-10-25T02:00:00Z") {
        let written = std::time::UNIX_EPOCH
            + std::time::Duration::from_millis(u64::try_from((time + 300_000).ms()).unwrap());
        let file = std::fs::File::options()
            .append(true)
            .open(tree.path("till", time).unwrap())
            .unwrap();
        file.set_modified(written).unwrap();
        time = time + 300_000;
    }
    let template = "template:{camera}/%Y-%m-%d/%H-%M-%S.mp4";
    let (_, document) = scan(
        root.path(),
        &["--layout", template, "--layout-timezone", "Europe/Berlin"],
    );
    let till = camera(&document, "till");
    assert_eq!(till["newest"], "2026-10-25T04:00:00Z");
    assert_eq!(till["recorded_s"], 3 * 3_600, "{till}");
}

#[test]
fn nothing_to_measure_is_neither_good_nor_a_finding() {
    let root = tempfile::tempdir().unwrap();
    let output = agent(&["scan", root.path().to_str().unwrap(), "--layout", "frigate"]);
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("is it mounted"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_wrong_argument_names_the_remedy() {
    for (arguments, remedy) in [
        (["--layout", "frigat"], "`keepwatch-agent layouts` lists"),
        (["--layout-timezone", "Berlin"], "write an IANA name"),
        (["--from", "yesterday"], "write it like 2026"),
        (
            ["--layout", "template:{camera}/%H.mp4"],
            "needs %Y, %m and %d",
        ),
    ] {
        let mut all = vec!["scan", "/nowhere"];
        if arguments[0] != "--layout" {
            all.extend(["--layout", "frigate"]);
        }
        all.extend(arguments);
        let output = agent(&all);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(remedy), "{said}");
    }
}

#[test]
fn a_layout_that_nobody_named_is_recognised_and_said_why() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[CameraPlan::new("till", day(), Clip::FiveMinutes)],
    );
    let (_, document) = scan(root.path(), &["--layout", "auto"]);
    assert_eq!(document["layout"], "frigate");
    let reason = document["recognised"]["reason"].as_str().unwrap();
    assert!(reason.contains("named as frigate names them"), "{reason}");
}

#[test]
fn verify_says_one_line_a_file() {
    let root = tempfile::tempdir().unwrap();
    lay(
        root.path(),
        &[CameraPlan::new("till", day(), Clip::FiveMinutes).truncated(at("2026-11-01T10:00:00Z"))],
    );
    let tree = Tree::frigate(root.path());
    let (whole, cut) = (
        tree.path("till", day().start()),
        tree.path("till", at("2026-11-01T10:00:00Z")),
    );
    let (whole, cut) = (whole.unwrap(), cut.unwrap());
    let output = agent(&["verify", whole.to_str().unwrap(), cut.to_str().unwrap()]);
    let lines: Vec<Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["container"], "mp4");
    assert_eq!(
        (lines[0]["state"].as_str(), lines[0]["duration_s"].as_f64()),
        (Some("sealed"), Some(300.0))
    );
    assert_eq!(lines[1]["state"], "corrupt");
    assert!(
        lines[1]["detail"]
            .as_str()
            .unwrap()
            .starts_with("truncated")
    );
}
