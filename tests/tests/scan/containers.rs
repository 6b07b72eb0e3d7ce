//! What an audit and `verify` say of recordings in other containers than MP4.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{agent, camera, scan};

/// Recordings of ours, by the ending that a recorder would give them, with what they are and hold.
const FILES: [(&str, &str, &str, f64); 9] = [
    ("ffmpeg_matroska.mkv", "mkv", "matroska", 2.0),
    ("ffmpeg_webm.webm", "webm", "matroska", 2.0),
    ("ffmpeg_transport.ts", "ts", "mpegts", 2.0),
    ("gstreamer_program.mpg", "mpg", "mpegps", 2.0),
    ("made_hikvision.mp4", "mp4", "mpegps", 2.0),
    ("made_dahua.dav", "dav", "dhav", 2.0),
    ("ffmpeg_avi.avi", "avi", "avi", 2.0),
    ("ffmpeg_flash.flv", "flv", "flv", 2.0),
    ("ffmpeg_raw.h264", "264", "annexb", 2.0),
];

fn recorded(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../agent/testdata/container")
        .join(name)
}

/// Lays this file as the only one of a camera, and scans it.
fn scan_one(bytes: &[u8], ending: &str) -> Value {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("till/2026-11-01");
    fs_err::create_dir_all(&folder).unwrap();
    fs_err::write(folder.join(format!("10-00-00.{ending}")), bytes).unwrap();
    let template = format!("template:{{camera}}/%Y-%m-%d/%H-%M-%S.{ending}");
    let (_, document) = scan(root.path(), &["--layout", &template]);
    camera(&document, "till").clone()
}

#[test]
fn files_of_every_container_are_sealed_footage() {
    for (name, ending, ..) in FILES {
        let till = scan_one(&fs_err::read(recorded(name)).unwrap(), ending);
        assert_eq!(till["states"]["sealed"], 1, "{name}: {till}");
        assert_eq!(till["recorded_s"], 2, "{name}: {till}");
        assert_eq!(till["faults"], serde_json::json!([]), "{name}");
    }
}

#[test]
fn damage_in_any_container_is_a_fault_with_its_words() {
    for (name, ending, kind, words) in [
        ("ffmpeg_matroska.mkv", "mkv", "truncated", "behind the file"),
        ("ffmpeg_avi.avi", "avi", "truncated", "behind the file"),
    ] {
        let file = fs_err::read(recorded(name)).unwrap();
        let till = scan_one(&file[..file.len() / 2], ending);
        assert_eq!(till["faults"][0]["kind"], kind, "{name}: {till}");
        let detail = till["faults"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(words), "{name}: {detail}");
    }
    let mut file = fs_err::read(recorded("ffmpeg_transport.ts")).unwrap();
    file[188 * 30] = 0;
    let till = scan_one(&file, "ts");
    assert_eq!(till["faults"][0]["kind"], "corrupt", "{till}");
}

#[test]
fn a_killed_recorder_leaves_an_open_file_and_no_fault() {
    let file = fs_err::read(recorded("ffmpeg_matroska_killed.mkv")).unwrap();
    let till = scan_one(&file, "mkv");
    assert_eq!(till["states"]["open"], 1, "{till}");
    assert_eq!(till["faults"], serde_json::json!([]));
}

#[test]
fn verify_tells_container_codec_picture_rate_and_bitrate() {
    for (name, _, container, seconds) in FILES {
        let path = recorded(name);
        let output = agent(&["verify", path.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(0), "{name}");
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(line["container"], container, "{name}");
        assert_eq!(line["duration_s"], seconds, "{name}");
        assert_eq!(
            (&line["width"], &line["height"]),
            (&160.into(), &120.into())
        );
        assert_eq!(line["frames_per_s"], 10.0, "{name}");
        let bits = fs_err::metadata(&path).unwrap().len() * 4;
        assert_eq!(line["bits_per_s"], bits, "{name}");
    }
}

#[test]
fn verify_looks_into_media_data_when_asked() {
    let mut file = fs_err::read(recorded("ffmpeg_matroska.mkv")).unwrap();
    let cluster = [0x1f, 0x43, 0xb6, 0x75];
    let at = file.windows(4).position(|id| id == cluster).unwrap();
    let block = at + file[at..].iter().position(|byte| *byte == 0xa3).unwrap();
    file[block + 2] ^= 0x10;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.mkv");
    fs_err::write(&path, file).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(agent(&["verify", path]).status.code(), Some(0));
    let output = agent(&["verify", "--depth", "deep", path]);
    assert_eq!(output.status.code(), Some(1));
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(line["state"], "corrupt", "{line}");
}
