//! Stories of the demo's program: what it shows is what was arranged, and nothing is left behind.

#![cfg(test)]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// The program as it was built for these tests, on the smallest plan.
fn demo(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_demo"));
    command
        .args(["--days", "2", "--cameras", "2", "--folder"])
        .arg(folder);
    command
}

fn report(folder: &Path, more: &[&str]) -> Output {
    let mut command = demo(folder);
    command.args(["--report", "json"]).args(more);
    command.output().unwrap()
}

/// Command lines of this machine's processes that name a folder.
fn processes_with(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir("/proc").unwrap() {
        // One that ends meanwhile has no command line any more.
        let text = fs_err::read(entry.unwrap().path().join("cmdline")).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).replace('\0', " ");
        if text.contains(&*folder.to_string_lossy()) {
            found.push(text);
        }
    }
    found
}

/// Kind, branch, subject up to where it is told when or which file, and condition.
fn outline(alert: &Value) -> (&str, &str, &str, &str) {
    let word = |name: &str| alert[name].as_str().unwrap();
    let subject = word("subject").split(['@', ':']).next().unwrap();
    (word("kind"), word("branch"), subject, word("condition"))
}

#[test]
fn every_alert_that_was_arranged_stands_and_nothing_is_left_behind() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("demo");
    let output = report(&folder, &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["branches"], &report["cameras"]),
        (&3.into(), &6.into())
    );
    // Two days of four cameras and one of two, without three and five hours.
    let segments = 4 * 2 * 288 + 2 * 288 - 36 - 60;
    assert_eq!(report["segments"], segments);
    assert!(report["scan_ms"].is_u64() && report["drift_to_alert_ms"].is_u64());

    let alerts = report["alerts"].as_array().unwrap();
    let mut outlines: Vec<_> = alerts.iter().map(outline).collect();
    outlines.sort_unstable();
    let short = |branch, camera| ("retention_short", branch, camera, "firing");
    let mut expected = [
        ("config_drift", "0208", "frigate.yml", "firing"),
        ("gap", "0101", "nvr/front_door", "recovered"),
        // What is truncated or empty was not recorded.
        ("gap", "0101", "nvr/till_1", "recovered"),
        ("gap", "0101", "nvr/till_1", "recovered"),
        ("gap", "0208", "nvr/till_1", "firing"),
        // So few days are short everywhere.
        short("0101", "nvr/front_door"),
        short("0101", "nvr/till_1"),
        short("0208", "nvr/front_door"),
        short("0208", "nvr/till_1"),
        short("0315", "nvr/大门"),
        short("0315", "nvr/收银台1"),
        ("segment_fault", "0101", "nvr/till_1", "firing"),
        ("segment_fault", "0101", "nvr/till_1", "firing"),
    ];
    expected.sort_unstable();
    assert_eq!(outlines, expected, "{said}");
    assert!(
        said.contains("is truncated") && said.contains("is empty"),
        "{said}"
    );
    assert!(!said.contains("not signed"), "{said}");

    assert!(!folder.exists());
    assert_eq!(processes_with(&folder), [""; 0]);
}

#[test]
fn a_folder_that_is_kept_shows_that_headquarters_learns_no_password() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("demo");
    assert!(report(&folder, &["--keep"]).status.success());
    let branch = folder.join("branches/0208");
    let configuration = fs_err::read_to_string(branch.join("frigate.yml")).unwrap();
    let kept = fs_err::read(folder.join("coordinator/state/keepwatch.db")).unwrap();
    let holds = |text: &str| kept.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds("preset-record-generic"), "the configuration was told");
    for secret in ["letmein", "River-Stone-19"] {
        assert!(configuration.contains(secret));
        assert!(!holds(secret), "{secret}");
    }
    assert!(!holds("Jade-Lantern-83"), "the password before the change");
}

#[test]
fn a_demo_that_is_killed_takes_its_processes_with_it() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("demo");
    let mut shown = demo(&folder).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(shown.stdout.take().unwrap()).lines();
    let mut lines = lines.map(Result::unwrap);
    let password = lines.find(|line| line.trim_start().starts_with("Password"));
    let password = password.unwrap().replace("Password", "").trim().to_owned();
    let processes = processes_with(&folder);
    // The demo itself, the coordinator, three agents.
    assert_eq!(processes.len(), 5, "{processes:?}");
    assert!(!processes.concat().contains(&password));
    shown.kill().unwrap();
    shown.wait().unwrap();
    // They end by themselves; one that does not keeps the test until its runner ends it.
    while !processes_with(&folder).is_empty() {
        std::thread::yield_now();
    }
}

#[test]
fn a_folder_with_something_in_it_is_refused_and_untouched() {
    let theirs = tempfile::tempdir().unwrap();
    fs_err::write(theirs.path().join("a note"), "mine").unwrap();
    let output = report(theirs.path(), &[]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said.contains("is not empty; choose an empty folder"),
        "{said}"
    );
    assert_eq!(output.stdout, b"");
    assert_eq!(fs_err::read_dir(theirs.path()).unwrap().count(), 1);
}

#[test]
fn a_plan_that_would_show_nothing_is_refused_with_its_bounds() {
    let around = tempfile::tempdir().unwrap();
    let folder = around.path().join("demo");
    let output = report(&folder, &["--limit-s", "1"]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(said.contains("1 is not in 5..=3600"), "{said}");
    assert!(!folder.exists());
}
