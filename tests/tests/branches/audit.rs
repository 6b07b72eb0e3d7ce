//! What the real program says of a branch. It must not know what is true.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use keepwatch_common::time::{Instant, SECOND_MS};
use keepwatch_tests::branch::Recorder;
use keepwatch_tests::programs::program;
use serde_json::Value;

/// What it says of a whole branch.
#[derive(Debug)]
pub(crate) struct Audit {
    /// How it ended: 0 all good, 1 findings, 2 not measured.
    pub(crate) code: i32,
    /// Each camera.
    pub(crate) cameras: BTreeMap<String, Said>,
    /// What it could not see.
    pub(crate) unseen: Value,
}

/// What it says of one camera; times in seconds.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) oldest: f64,
    pub(crate) newest: Option<f64>,
    pub(crate) recorded: f64,
    pub(crate) gaps: Vec<(f64, f64)>,
    pub(crate) faults: BTreeSet<(String, String)>,
    pub(crate) details: Vec<String>,
    pub(crate) states: BTreeMap<String, u64>,
    pub(crate) continuous: f64,
}

/// Scans a branch.
pub(crate) fn scan(recorder: &dyn Recorder, folder: &Path) -> Audit {
    let place = recorder.place(folder);
    let mut order = Command::new(program("keepwatch-agent").unwrap());
    order.arg("scan").arg(&place.root);
    order.args(["--layout", &place.layout]);
    order.args(["--format", "json", "--retention-days", "0"]);
    if let Some(zone) = &place.zone {
        order.args(["--layout-timezone", zone]);
    }
    if let Some(index) = &place.index {
        order.arg("--index").arg(index);
    }
    let output = order.output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    let document: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}: {complaint}", recorder.name()));
    let cameras = document["cameras"].as_array().unwrap();
    Audit {
        code: output.status.code().unwrap(),
        cameras: cameras.iter().map(camera).collect(),
        unseen: document["unseen"].clone(),
    }
}

fn camera(said: &Value) -> (String, Said) {
    let list = |key: &str| said[key].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let states = said["states"].as_object().unwrap().iter();
    let camera = Said {
        oldest: seconds(&said["oldest"]),
        newest: said["newest"].is_string().then(|| seconds(&said["newest"])),
        recorded: said["recorded_s"].as_f64().unwrap(),
        gaps: list("gaps")
            .map(|gap| (seconds(&gap["start"]), seconds(&gap["end"])))
            .collect(),
        faults: list("faults")
            .map(|fault| (text(&fault["path"]), text(&fault["kind"])))
            .collect(),
        details: list("faults")
            .map(|fault| format!("{}: {}", text(&fault["path"]), text(&fault["detail"])))
            .collect(),
        states: states
            .map(|(state, count)| (state.clone(), count.as_u64().unwrap()))
            .collect(),
        continuous: said["continuous_days"].as_f64().unwrap() * 86_400.0,
    };
    (text(&said["camera"]), camera)
}

fn seconds(time: &Value) -> f64 {
    let at = Instant::parse(time.as_str().unwrap()).unwrap();
    let ms = i32::try_from(at.ms().rem_euclid(SECOND_MS)).unwrap();
    let whole = u32::try_from(at.ms().div_euclid(SECOND_MS)).unwrap();
    f64::from(whole) + f64::from(ms) / 1_000.0
}
