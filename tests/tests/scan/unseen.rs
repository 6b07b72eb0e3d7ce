//! What an audit says of what it could not see: unknown is never compliant and never a gap.

use std::os::unix::fs::symlink;
use std::path::Path;

use keepwatch_tests::footage::{CameraPlan, Clip, Tree};
use serde_json::Value;

use super::{agent, at, camera, day, lay, scan, span};

/// A day of one camera in folders of its own, and how such folders are scanned.
const TEMPLATE: &str = "template:{camera}/%Y-%m-%d/%H-%M-%S.mp4";

fn lay_by_camera(root: &Path, name: &str) -> Tree {
    let path = TEMPLATE.strip_prefix("template:").unwrap();
    let tree = Tree::template(root, path, keepwatch_common::time::Zone::utc()).unwrap();
    let plan = CameraPlan::new(name, day(), Clip::FiveMinutes);
    tree.lay(&plan, &mut |_| {}).unwrap();
    tree
}

fn scan_by_camera(root: &Path) -> (i32, Value) {
    scan(root, &["--layout", TEMPLATE, "--retention-days", "1"])
}

#[test]
fn a_camera_that_cannot_be_named_or_is_a_link_is_not_left_out_in_silence() {
    let elsewhere = tempfile::tempdir().unwrap();
    for name in [
        "x".repeat(201),
        "\u{1b}[2Jyard".to_owned(),
        "yard".to_owned(),
    ] {
        let root = tempfile::tempdir().unwrap();
        lay_by_camera(root.path(), "till");
        let camera = root.path().join(&name);
        if name == "yard" {
            symlink(elsewhere.path(), camera).unwrap();
        } else {
            std::fs::create_dir(camera).unwrap();
        }
        let (code, document) = scan_by_camera(root.path());
        assert_eq!(
            (code, &document["unseen_count"]),
            (2, &Value::from(1)),
            "{name:?}"
        );
        assert!(document["unseen"][0].is_string());
        let root = root.path().to_str().unwrap();
        let arguments = ["scan", root, "--layout", TEMPLATE, "--retention-days", "1"];
        let output = agent(&arguments);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains("not everything could be seen"), "{said}");
        assert!(
            said.contains("✓ till") && !said.contains('\u{1b}'),
            "{said}"
        );
    }
}

#[test]
fn the_time_of_a_link_in_place_of_a_segment_is_unknown_and_no_gap() {
    let root = tempfile::tempdir().unwrap();
    let tree = lay_by_camera(root.path(), "till");
    let path = tree.path("till", at("2026-11-01T04:10:00Z")).unwrap();
    std::fs::remove_file(&path).unwrap();
    symlink("/nowhere", &path).unwrap();
    let (code, document) = scan_by_camera(root.path());
    assert_eq!(code, 2);
    let till = camera(&document, "till");
    assert_eq!(till["gaps"], serde_json::json!([]));
    assert_eq!(
        (&till["unknown_s"], &till["seen_whole"]),
        (&Value::from(300), &Value::from(false))
    );
    assert_eq!(till["scheduled_s"], 86_400 - 300);
    let arguments = ["scan", root.path().to_str().unwrap(), "--layout", TEMPLATE];
    let said = String::from_utf8(agent(&arguments).stdout).unwrap();
    assert!(said.contains("? till") && !said.contains('✓'), "{said}");
}

#[test]
fn faults_before_the_range_are_not_counted() {
    let root = tempfile::tempdir().unwrap();
    let plan = CameraPlan::new("till", day(), Clip::FiveMinutes);
    lay(root.path(), &[plan.truncated(at("2026-11-01T10:00:00Z"))]);
    let noon = ["--from", "2026-11-01T12:00:00Z", "--retention-days", "0"];
    let (code, document) = scan(root.path(), &noon);
    let till = camera(&document, "till");
    assert_eq!((code, &till["faults"]), (0, &serde_json::json!([])));
    assert_eq!(
        (&till["states"]["corrupt"], &document["files"]),
        (&Value::from(0), &Value::from(144))
    );
}

#[test]
fn a_range_that_ends_before_it_begins_is_called_so() {
    let root = tempfile::tempdir().unwrap();
    let half = span("2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z");
    lay(
        root.path(),
        &[CameraPlan::new("till", half, Clip::FiveMinutes)],
    );
    let refused = |from: &str, to: &str| {
        let root = root.path().to_str().unwrap();
        let output = agent(&[
            "scan", root, "--layout", "frigate", "--from", from, "--to", to,
        ]);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stderr).unwrap()
    };
    let said = refused("2026-10-02T00:00:00Z", "2026-10-01T00:00:00Z");
    assert!(said.contains("before it begins"), "{said}");
    let said = refused("now", "now");
    assert!(said.contains("--from cannot be now"), "{said}");
}

#[test]
fn a_file_that_cannot_be_read_has_its_line() {
    let output = agent(&["verify", "/nowhere/a.mp4"]);
    assert_eq!(output.status.code(), Some(2));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&line["state"], &line["container"]),
        (&Value::from("unreadable"), &Value::Null)
    );
    assert!(line["detail"].as_str().unwrap().contains("cannot open"));
}
