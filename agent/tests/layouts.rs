//! Trees as real recorders lay them: which files are segments, of which camera, from when, until when.
//!
//! Each file in `testdata/layout` names a maker and a case, and lists a tree: a path, when it was
//! written last, how many bytes, and what is to be told of it. So no thousands of files are kept.

#![cfg(test)]

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keepwatch_agent::footage::found::Met;
use keepwatch_agent::footage::layout::Layout;
use keepwatch_agent::footage::layouts;
use keepwatch_agent::footage::recognise::{RecogniseError, recognise};
use keepwatch_agent::footage::walk::walk;
use keepwatch_common::time::{Instant, Zone};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// A tree and what is to be told of it.
struct Case {
    layout: Box<dyn Layout>,
    files: Vec<Line>,
}

struct Line {
    path: String,
    written: Instant,
    bytes: usize,
    told: String,
}

fn case(text: &str) -> Case {
    let (mut layout, mut zone, mut files) = (None, None, Vec::new());
    for line in text
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
    {
        if let Some(name) = line.strip_prefix("layout ") {
            layout = Some(name);
        } else if let Some(name) = line.strip_prefix("zone ") {
            zone = Some(Zone::named(name).unwrap());
        } else {
            let fields: Vec<_> = line.split(" | ").map(str::trim).collect();
            let [path, written, bytes, told] = fields[..] else {
                panic!("{line}");
            };
            files.push(Line {
                path: path.to_owned(),
                written: Instant::parse(written).unwrap(),
                bytes: bytes.parse().unwrap(),
                told: told.to_owned(),
            });
        }
    }
    let layout = layouts::named(layout.unwrap(), zone).unwrap();
    Case { layout, files }
}

fn lay(folder: &Path, case: &Case) {
    for file in &case.files {
        let path = folder.join(&file.path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, vec![1; file.bytes]).unwrap();
        let written = Duration::from_millis(u64::try_from(file.written.ms()).unwrap());
        let opened = fs_err::File::options().write(true).open(&path).unwrap();
        let written = SystemTime::UNIX_EPOCH + written;
        opened.file().set_modified(written).unwrap();
    }
}

/// Lays the tree out, and says what a walk tells of each of its files, `-` where it tells nothing.
fn told(case: &Case) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    lay(folder.path(), case);
    let paths = case.files.iter().map(|file| file.path.clone());
    let mut told: BTreeMap<_, _> = paths.map(|path| (path, "-".to_owned())).collect();
    let root = layouts::root(folder.path(), case.layout.as_ref());
    walk(&root, case.layout.as_ref(), &mut |met| {
        if let Met::Segment(found) = met {
            let path = found.path.strip_prefix(folder.path()).unwrap();
            let end = found.end.map_or(String::new(), |end| format!(" to {end}"));
            let open = if found.is_open { " open" } else { "" };
            told.insert(
                path.to_str().unwrap().to_owned(),
                format!("{} {}{end}{open}", found.camera, found.start),
            );
        }
        ControlFlow::Continue(())
    })
    .unwrap();
    told
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/layout");
    let entries = fs_err::read_dir(folder).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect()
}

#[test]
fn every_file_of_every_tree_is_told_as_its_recorder_meant_it() {
    let cases = cases();
    assert!(cases.len() >= 14, "{}", cases.len());
    for path in cases {
        let case = case(&fs_err::read_to_string(&path).unwrap());
        let told = told(&case);
        for file in &case.files {
            assert_eq!(
                told[&file.path],
                file.told,
                "{}: {}",
                path.display(),
                file.path
            );
        }
        assert_eq!(told.len(), case.files.len(), "{}", path.display());
    }
}

#[test]
fn every_layout_of_names_has_a_tree() {
    let trees: Vec<_> = cases()
        .iter()
        .map(|path| {
            case(&fs_err::read_to_string(path).unwrap())
                .layout
                .about()
                .name
        })
        .collect();
    for about in layouts::all().filter(|about| !about.name.contains(':')) {
        let is_book = about.told == keepwatch_agent::footage::layout::Told::Book;
        assert!(is_book || trees.contains(&about.name), "{}", about.name);
    }
}

#[test]
fn every_tree_of_a_recorder_is_recognised_as_its_own() {
    for path in cases() {
        let case = case(&fs_err::read_to_string(&path).unwrap());
        let name = case.layout.name();
        if name.contains(':') {
            continue;
        }
        let folder = tempfile::tempdir().unwrap();
        lay(folder.path(), &case);
        let recognised = recognise(folder.path());
        let recognised = recognised.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert_eq!(recognised.layout, name, "{}", recognised.reason());
    }
}

#[test]
fn files_written_when_the_next_begins_suggest_a_zone() {
    let folder = tempfile::tempdir().unwrap();
    let files = (0..4).map(|hour| Line {
        path: format!("record/live/till/2026-11-23/2026-11-23-1{hour}-00-00-{hour}.mp4"),
        written: Instant::parse(&format!("2026-11-23T0{}:00:01Z", hour + 3)).unwrap(),
        bytes: 1,
        told: String::new(),
    });
    let layout = layouts::named("zlmediakit", Some(Zone::utc())).unwrap();
    lay(
        folder.path(),
        &Case {
            layout,
            files: files.collect(),
        },
    );
    let said = recognise(folder.path()).unwrap().zone_hint();
    assert!(
        said.contains("8 h ahead") && said.contains("Asia/Shanghai"),
        "{said}"
    );
}

#[test]
fn a_tree_of_nobody_is_recognised_as_nobodys() {
    let folder = tempfile::tempdir().unwrap();
    assert!(matches!(
        recognise(folder.path()),
        Err(RecogniseError::Empty { .. })
    ));
    fs_err::write(folder.path().join("holiday.mp4"), b"x").unwrap();
    let error = recognise(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("holiday.mp4") && error.contains("template:"),
        "{error}"
    );
}

#[test]
fn a_recorder_with_a_list_is_recognised_by_it() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["datadir0/hiv00000.mp4", "datadir0/hiv00001.mp4"] {
        fs_err::create_dir_all(folder.path().join("datadir0")).unwrap();
        fs_err::write(folder.path().join(name), b"x").unwrap();
    }
    assert!(recognise(folder.path()).is_err());
    fs_err::write(folder.path().join("datadir0/index00.bin"), b"x").unwrap();
    let recognised = recognise(folder.path()).unwrap();
    assert_eq!(recognised.layout, "hikvision");
    assert!(recognised.reason().starts_with("index00.bin lies there"));
}

/// Zones whose clocks are changed by an hour, by half of one, in either half of the year, or never.
const ZONES: [&str; 4] = [
    "Asia/Shanghai",
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
];

/// How makers write names: the layout, and a path with fields as the calendar library has them.
const WRITTEN: [(&str, &str); 8] = [
    ("zoneminder", "7/%y/%m/%d/%H/%M/%S/12-video.h264.mp4"),
    ("zlmediakit", "live/cam/%Y-%m-%d/%Y-%m-%d-%H-%M-%S-3.mp4"),
    ("shinobi", "group/cam/%Y-%m-%dT%H-%M-%S.mp4"),
    ("motion", "cam/12-%Y%m%d%H%M%S.mkv"),
    ("motioneye", "cam/%Y-%m-%d/%H-%M-%S.mp4"),
    ("lightnvr", "cam/%Y/%m/%d/recording_%Y%m%d_%H%M%S.mp4"),
    ("blueiris", "cam.%Y%m%d_%H%M%S.bvr"),
    ("opennvr", "cam/%Y-%m-%d/%H/%M-%S-000000.mp4"),
];

/// The start that a path below the root tells.
fn start(layout: &dyn Layout, path: &str, written: Instant) -> Option<Instant> {
    let mut named = keepwatch_agent::footage::named::Named::default();
    let parts: Vec<_> = path.split('/').collect();
    let (file, folders) = parts.split_last()?;
    for (depth, part) in folders.iter().enumerate() {
        named = layout.folder(depth, part, &named)?;
    }
    let named = layout.file(folders.len(), file, &named)?;
    named.start(layout.zone(), Some(written))
}

proptest! {
    #![proptest_config(ProptestConfig { rng_seed: RngSeed::Fixed(20_261_123), ..ProptestConfig::default() })]

    #[test]
    fn what_a_maker_writes_is_read_back_also_when_clocks_are_changed(
        zone in 0_usize..4, maker in 0_usize..8,
        // The two nights of 2026 in Lord Howe, Berlin and New York, and any other time.
        (begin, length) in prop_oneof![
            Just((1_775_300_000_i64, 40_000_i64)), Just((1_774_740_000, 40_000)), Just((1_792_880_000, 40_000)),
            Just((1_793_490_000, 40_000)), Just((1_500_000_000, 500_000_000)),
        ],
        into in 0_f64..1.0, lasts in 60_i64..900,
    ) {
        #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a draw")]
        let at = Instant::from_s(begin + (length as f64 * into) as i64);
        let zone = Zone::named(ZONES[zone]).unwrap();
        let (name, path) = WRITTEN[maker];
        let civil = at.timestamp().to_zoned_datetime(zone.time_zone().clone());
        let path = civil.strftime(path).to_string();
        let layout = layouts::named(name, Some(zone)).unwrap();
        let found = start(layout.as_ref(), &path, at + lasts * 1_000);
        prop_assert_eq!(found, Some(at), "{}", path);
    }

    #[test]
    fn no_path_makes_a_reader_panic(
        folders in proptest::collection::vec("[-0-9a-z.@_{}\\[\\]]{1,14}|\\PC{1,8}", 0..8),
        file in "[-0-9a-zA-Z.@_\\[\\]]{0,40}|\\PC{0,20}", maker in 0_usize..32,
    ) {
        let candidates = layouts::candidates();
        let layout = &candidates[maker % candidates.len()].layout;
        let mut named = Some(keepwatch_agent::footage::named::Named::default());
        for (depth, folder) in folders.iter().enumerate() {
            let Some(before) = named.take() else { break };
            let _read = layout.file(depth, &file, &before);
            named = layout.folder(depth, folder, &before);
        }
    }
}
