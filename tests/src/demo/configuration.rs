//! The configuration files that the demo writes: the product's own, and those of recorders to watch.

use std::fmt::Write as _;
use std::path::Path;

use super::scene::{Branch, RECORDER, Software};

/// How the appliance names its files.
pub(super) const APPLIANCE_FILES: &str = "{camera}/%Y-%m-%d/%H-%M-%S.mp4";

/// The coordinator's: every port is chosen by the system, pages are plain HTTP on this machine.
pub(super) fn coordinator(state: &Path, webhook: &str, secret: &Path) -> String {
    let (state, secret) = (quoted(state), quoted(secret));
    format!(
        r#"state = {state}
names = ["127.0.0.1"]

[listen]
agents = "127.0.0.1:0"
join = "127.0.0.1:0"
web = "127.0.0.1:0"

[web]
tls = "none"

[[channel]]
name = "demo"
kind = "webhook"
url = "{webhook}"
secret_file = {secret}
"#
    )
}

/// Where a branch keeps its footage.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept<'a> {
    /// The folder.
    pub(super) footage: &'a Path,
    /// Where the file system that holds it is mounted.
    pub(super) mounted: &'a Path,
}

/// An agent's. Its spool has little to keep, so it asks for little room.
pub(super) fn agent(branch: &Branch, state: &Path, kept: &Kept<'_>, watched: &Path) -> String {
    let (layout, zone) = match branch.software {
        Software::Frigate => ("frigate".to_owned(), "UTC"),
        Software::Appliance => (format!("template:{APPLIANCE_FILES}"), branch.zone),
    };
    format!(
        r#"state = {state}

[pace]
coverage_step_seconds = 300

[spool]
megabytes = 64
free_floor_megabytes = 64

[[recorder]]
name = "{RECORDER}"
root = {footage}
layout = "{layout}"
layout_timezone = "{zone}"

[[volume]]
name = "footage"
path = {mounted}

[[watch]]
name = "{name}"
path = {watched}
"#,
        state = quoted(state),
        footage = quoted(kept.footage),
        mounted = quoted(kept.mounted),
        watched = quoted(watched),
        name = branch.software.watched(),
    )
}

/// A recorder's, as it was installed.
pub(super) fn recorder(branch: &Branch) -> String {
    match branch.software {
        Software::Frigate => frigate(branch),
        Software::Appliance => appliance(branch),
    }
}

/// The same after somebody shortened retention, recorded on motion only, and took another password.
pub(super) fn tampered(installed: &str) -> String {
    installed
        .replace("days: 30", "days: 7")
        .replace("mode: all", "mode: motion")
        .replace("Jade-Lantern-83", "letmein")
}

fn frigate(branch: &Branch) -> String {
    let code = branch.code;
    let mut text = format!(
        r#"# {code} {name}
mqtt:
  enabled: true
  host: 10.{code}.3.9
  user: frigate
  password: "River-Stone-19"

record:
  enabled: true
  retain:
    days: 30
    mode: all

ffmpeg:
  output_args:
    record: preset-record-generic

cameras:
"#,
        name = branch.name,
    );
    for (number, camera) in (21..).zip(&branch.cameras) {
        let address = format!("rtsp://viewer:Jade-Lantern-83@10.41.3.{number}:554/stream1");
        // Writing to a string cannot fail.
        let _infallible = write!(
            text,
            "  {}:\n    ffmpeg:\n      inputs:\n        - path: {address}\n          roles: [record]\n",
            camera.camera
        );
    }
    text.push_str("\nversion: 0.15-1\n");
    text
}

fn appliance(branch: &Branch) -> String {
    let mut text = format!(
        "; {} {}\n[record]\nenabled = yes\nretain_days = 30\nschedule = always\n\n\
         [viewer]\nuser = viewer\npassword = Harbour-Bell-57\n\n[channels]\n",
        branch.code, branch.name
    );
    for (number, camera) in (1..).zip(&branch.cameras) {
        let _infallible = writeln!(text, "{number} = {}", camera.camera);
    }
    text
}

/// A path as TOML writes it.
fn quoted(path: &Path) -> String {
    toml::Value::String(path.to_string_lossy().into_owned()).to_string()
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;

    use super::super::scene::{CHANGED, SHORT, Scene};
    use super::*;

    fn scene() -> Scene {
        Scene::of(2, 2, Instant::from_s(1_800_000_000))
    }

    #[test]
    fn the_coordinator_takes_its_configuration() {
        let path = Path::new("/somewhere/\"quoted\"");
        let text = coordinator(path, "http://127.0.0.1:9/hook", path);
        keepwatch_coordinator::config::Config::parse(path, &text).unwrap();
    }

    #[test]
    fn the_agent_takes_its_configuration() {
        for branch in &scene().branches {
            let path = Path::new("/somewhere");
            let kept = Kept {
                footage: path,
                mounted: Path::new("/"),
            };
            let text = agent(branch, path, &kept, path);
            keepwatch_agent::config::Config::parse(path, &text).unwrap();
        }
    }

    #[test]
    fn what_was_tampered_with_differs_in_retention_mode_and_secrets() {
        let installed = recorder(&scene().branches[CHANGED]);
        let changed = tampered(&installed);
        let lines = installed.lines().zip(changed.lines());
        assert_eq!(lines.filter(|(was, is)| was != is).count(), 2 + 2);
        let other = recorder(&scene().branches[SHORT]);
        assert!(other.contains("retain_days = 30"));
    }
}
