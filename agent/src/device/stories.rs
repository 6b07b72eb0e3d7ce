//! Stories of whole configurations, as recorders and devices keep them: what of them leaves the
//! branch, and what a change looks like at the other end.

use keepwatch_common::diff::diff;
use keepwatch_common::ids::Seeded;
use keepwatch_common::model::tree::Tree;

use super::normalise::{Format, normalise};
use super::redact::{RedactionKey, Redactor, Rules, VOLATILE_ISAPI, VOLATILE_LINES};

const FRIGATE: &str = include_str!("../../testdata/frigate_config.yml");
const MEDIAMTX: &str = include_str!("../../testdata/mediamtx.yml");
const ZONEMINDER: &str = include_str!("../../testdata/zoneminder.conf");
const ISAPI_USERS: &str = include_str!("../../testdata/isapi_users.xml");
const ISAPI_STATUS: &str = include_str!("../../testdata/isapi_status.xml");
const MATRIX: &str = include_str!("../../testdata/matrix_running_config.txt");

fn redactor(seed: u64) -> Redactor {
    let rules = Rules::default()
        .with_volatile(&VOLATILE_ISAPI)
        .and_then(|rules| rules.with_volatile_lines(&VOLATILE_LINES))
        .unwrap();
    Redactor::new(RedactionKey::draw(&Seeded::new(seed)), rules)
}

fn told(format: Format, text: &str) -> Tree {
    let configuration = normalise(format, text.as_bytes()).unwrap();
    redactor(1).redact(&configuration).unwrap()
}

/// What headquarters reads after `from` became `to` in a file.
fn changes(format: Format, text: &str, from: &str, to: &str) -> Vec<String> {
    assert!(text.contains(from), "{from}");
    let found = diff(
        &told(format, text),
        &told(format, &text.replacen(from, to, 1)),
    );
    assert!(found.is_certain() && found.is_whole());
    found.changes.iter().map(ToString::to_string).collect()
}

fn assert_hidden(tree: &Tree, secrets: &[&str]) {
    let json = tree.to_canonical_json();
    for secret in secrets {
        assert!(!json.contains(secret), "{secret} in {json}");
    }
}

#[test]
fn no_password_of_a_frigate_configuration_leaves_the_branch() {
    let tree = told(Format::Yaml, FRIGATE);
    assert_hidden(
        &tree,
        &[
            "mq77-Karpfen",
            "9c0f2e4d71b84a0e",
            "Tr0ub4dor",
            "ss/w#rd",
            "yard-Pw-9",
            "cloudpw-4711",
            "Kranich_88",
        ],
    );
    let json = tree.to_canonical_json();
    for kept in [
        "10.41.3.22:554/cam/realmonitor?channel=1",
        "\"user\":\"operator\"",
        "0.15-1",
    ] {
        assert!(json.contains(kept), "{kept} in {json}");
    }
}

#[test]
fn a_shorter_retention_in_frigate_shows_as_one_change() {
    assert_eq!(
        changes(Format::Yaml, FRIGATE, "days: 60", "days: 6"),
        ["cameras.counter.record.retain.days: 60 → 6"]
    );
}

#[test]
fn a_change_behind_an_anchor_shows_wherever_it_takes_effect() {
    assert_eq!(
        changes(Format::Yaml, FRIGATE, "days: 30", "days: 3"),
        [
            "cameras.back_door.record.retain.days: 30 → 3",
            "record.retain.days: 30 → 3",
        ]
    );
}

#[test]
fn a_changed_camera_password_shows_without_itself() {
    assert_eq!(
        changes(Format::Yaml, FRIGATE, "yard-Pw-9", "yard-Pw-10"),
        [concat!(
            "go2rtc.streams.yard[0]: ",
            "exec:ffmpeg -hide_banner -i rtsp://viewer:••••@10.41.3.23/live -c copy -f rtsp {output} → ",
            "exec:ffmpeg -hide_banner -i rtsp://viewer:••••@10.41.3.23/live -c copy -f rtsp {output}"
        )]
    );
}

#[test]
fn comments_blanks_and_line_ends_are_no_change() {
    let lines = FRIGATE.lines().filter(|line| !line.trim().is_empty());
    let reformatted: Vec<&str> = lines.flat_map(|line| [line, "   # checked\r\n"]).collect();
    let reformatted = reformatted.concat();
    assert_eq!(
        told(Format::Yaml, FRIGATE),
        told(Format::Yaml, &reformatted)
    );
}

#[test]
fn a_mediamtx_configuration_shows_what_it_does_and_no_credentials() {
    let tree = told(Format::Yaml, MEDIAMTX);
    assert_hidden(
        &tree,
        &["j1tsRqDEw9xvq", "longish-srt-phrase", "Blaumeise7"],
    );
    assert_eq!(
        changes(
            Format::Yaml,
            MEDIAMTX,
            "recordDeleteAfter: 720h",
            "recordDeleteAfter: 24h"
        ),
        [r#"pathDefaults.recordDeleteAfter: "720h" → "24h""#]
    );
    assert_eq!(
        changes(
            Format::Yaml,
            MEDIAMTX,
            "  pass:\n  ips: ['127",
            "  pass: open\n  ips: ['127"
        ),
        ["authInternalUsers[0].pass: null → ••••"]
    );
}

#[test]
fn a_zoneminder_configuration_keeps_a_password_with_signs_of_comments_whole() {
    let guess = Format::guess(
        std::path::Path::new("/etc/zm/zm.conf"),
        ZONEMINDER.as_bytes(),
    );
    let tree = told(guess, ZONEMINDER);
    assert_hidden(&tree, &["zm;Geheim", "Geheim#1", "Change me"]);
    assert_eq!(
        changes(guess, ZONEMINDER, "Geheim#1", "Geheim#2"),
        ["config.ZM_DB_PASS: •••• → ••••"]
    );
    assert_eq!(
        changes(guess, ZONEMINDER, "/var/cache", "/tmp"),
        [r#"config.ZM_DIR_EVENTS: "/var/cache/zoneminder/events" → "/tmp/zoneminder/events""#]
    );
}

#[test]
fn a_user_who_becomes_administrator_shows_under_his_id() {
    assert_hidden(&told(Format::Xml, ISAPI_USERS), &["H1k-Vogel"]);
    assert_eq!(
        changes(Format::Xml, ISAPI_USERS, "Viewer", "Administrator"),
        [r#"UserList.User[id="2"].userLevel: "Viewer" → "Administrator""#]
    );
}

#[test]
fn a_device_that_only_grew_older_did_not_drift() {
    let none: [&str; 0] = [];
    assert_eq!(
        changes(Format::Xml, ISAPI_STATUS, "1312034", "1312094"),
        none
    );
    assert_eq!(
        changes(
            Format::Xml,
            ISAPI_STATUS,
            "<cpuUtilization>31",
            "<cpuUtilization>90"
        ),
        none
    );
    assert_eq!(changes(Format::Lines, MATRIX, "03:12:44", "04:12:44"), none);
}

#[test]
fn a_matrix_shows_its_routes_and_none_of_its_secrets() {
    let tree = told(Format::Lines, MATRIX);
    assert_hidden(
        &tree,
        &[
            "2MJBozw",
            "094F471A1A0A",
            "Lagerraum",
            "MHcCAQEE",
            "13061E010803",
            "privilege 15 password 7 0",
        ],
    );
    assert_eq!(
        changes(Format::Lines, MATRIX, " source counter", " source yard"),
        [r#"[13]: " source counter" → " source yard""#]
    );
}

#[test]
fn a_new_key_of_the_branch_makes_secrets_unknown_and_nothing_drift() {
    for (format, text) in [
        (Format::Yaml, FRIGATE),
        (Format::Yaml, MEDIAMTX),
        (Format::Ini, ZONEMINDER),
        (Format::Xml, ISAPI_USERS),
        (Format::Lines, MATRIX),
    ] {
        let configuration = normalise(format, text.as_bytes()).unwrap();
        let told = |seed| redactor(seed).redact(&configuration).unwrap();
        let found = diff(&told(1), &told(2));
        assert!(found.is_empty(), "{:?}", found.changes);
        assert!(!found.is_certain());
    }
}
