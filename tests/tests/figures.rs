//! The programs that measure, on plans so small that their figures mean nothing: what they print is
//! whole and plausible, and what cannot be measured is refused with the reason. Nothing here judges
//! how fast anything is.
#![cfg(test)]

use std::process::{Command, Output};

use serde_json::Value;

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// The figures of a program that ended well.
fn figures(program: &str, arguments: &[&str]) -> Value {
    let output = run(program, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a program says that refuses.
fn refusal(program: &str, arguments: &[&str]) -> String {
    let output = run(program, arguments);
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[track_caller]
fn assert_positive(figures: &Value, keys: &[&str]) {
    for key in keys {
        let figure = figures.pointer(key).and_then(Value::as_f64);
        assert!(
            figure.is_some_and(|figure| figure > 0.0),
            "{key}: {figures}"
        );
    }
}

const FOOTAGE: &str = env!("CARGO_BIN_EXE_footage-bench");
const FLEET: &str = env!("CARGO_BIN_EXE_fleet-load");
const DRIFT: &str = env!("CARGO_BIN_EXE_drift-latency");

#[test]
fn a_look_at_a_picture_is_measured() {
    let plan = "--only picture --format json --pictures 2 --runs 1 --days 1 --step 60";
    let told = figures(FOOTAGE, &plan.split(' ').collect::<Vec<_>>());
    assert_positive(
        &told,
        &[
            "/cpu_ms_ffmpeg",
            "/key_frame_bytes_h264",
            "/key_frame_bytes_h265",
            "/healthy_samples",
            "/faults",
            "/found",
        ],
    );
}

#[test]
fn the_structure_check_is_measured_beside_its_peers() {
    let plan = "--only check --files 20 --sample 4 --runs 2";
    let told = figures(FOOTAGE, &plan.split(' ').collect::<Vec<_>>());
    assert_positive(
        &told,
        &[
            "/us_per_file",
            "/ffprobe_us_per_file",
            "/mediainfo_us_per_file",
            "/raw_read_us_per_file",
            "/vs_ffprobe",
            "/vs_mediainfo",
            "/vs_raw_read",
            "/by_clip/five-minutes/us_per_file",
            "/by_clip/ten-seconds/reads",
            "/by_container/matroska/us_per_file",
            "/by_container/mpegts/vs_raw_read",
            "/by_container/mpegps/reads",
            "/by_container/hikvision/us_per_file",
            "/by_container/dhav/vs_mediainfo",
            "/by_container/avi/bytes_read",
            "/by_container/flv/files",
            "/by_container/annexb/us_per_file",
        ],
    );
    assert_eq!(
        (&told["files"], &told["sample"], &told["runs"]),
        (&20.into(), &4.into(), &2.into())
    );
}

#[test]
fn a_recording_that_is_not_whole_gives_no_figures() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.mp4");
    fs_err::write(&cut, b"\0\0\0\x08ftyp").unwrap();
    let said = refusal(FOOTAGE, &["--files", "2", "--clip", cut.to_str().unwrap()]);
    assert!(said.contains("not sealed"), "{said}");
}

#[test]
fn without_the_other_programs_nothing_is_compared() {
    let output = Command::new(FOOTAGE).env("PATH", "").output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(
        said.contains("ffprobe is not installed; tests/run"),
        "{said}"
    );
}

#[test]
fn a_fleet_is_measured_on_both_databases() {
    for database in ["sqlite", "postgres"] {
        let plan =
            format!("--agents 3 --observations 40 --per-report 10 --runs 1 --database {database}");
        let told = figures(FLEET, &plan.split(' ').collect::<Vec<_>>());
        assert_positive(
            &told,
            &[
                "/observations_per_s",
                "/bare_inserts_per_s",
                "/vs_bare",
                "/report_to_ack_ms/p50",
                "/report_to_ack_ms/p99",
                "/rss_mib",
                "/rss_mib_before",
                "/rss_mib_after_load",
                "/connections_per_s",
            ],
        );
        assert_eq!(told["observations"], 120);
        assert!(told["rss_kib_per_connection"].is_number());
    }
}

#[test]
fn the_way_of_a_drift_is_measured() {
    let told = figures(DRIFT, &["--changes", "2"]);
    assert_positive(
        &told,
        &[
            "/change_to_webhook_ms/p50",
            "/change_to_webhook_ms/p99",
            "/change_to_webhook_ms/max",
            "/change_to_judged_ms/p50",
            "/judged_to_webhook_ms/p50",
            "/restored_to_webhook_ms/p50",
        ],
    );
    assert_eq!((&told["changes"], &told["files"]), (&2.into(), &1.into()));
}

#[test]
fn what_cannot_be_is_refused_with_the_reason() {
    for (program, arguments, expected) in [
        (FOOTAGE, ["--files", "0"], "0 is not in 1..=1000000"),
        (FOOTAGE, ["--only", "index"], "invalid value 'index'"),
        (FLEET, ["--database", "oracle"], "invalid value 'oracle'"),
        (FLEET, ["--per-report", "501"], "501 is not in 1..=500"),
        (DRIFT, ["--changes", "many"], "invalid value 'many'"),
        (DRIFT, ["--colour", "red"], "unexpected argument '--colour'"),
    ] {
        let said = refusal(program, &arguments);
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn each_program_says_what_its_figures_mean() {
    for (program, key) in [
        (FOOTAGE, "raw_read_us_per_file"),
        (FLEET, "rss_kib_per_connection"),
        (DRIFT, "judged_to_webhook_ms"),
    ] {
        let output = run(program, &["--help"]);
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && said.contains(key), "{said}");
    }
}
