//! Trees as real recorders lay them: which files are segments, of which camera, from when, until when.
//!
//! Each file in `testdata/layout` names a maker and a case, and lists a tree: a path, when it was
//! written last, how many bytes, and what is to be told of it. So no thousands of files are kept.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use keepwatch_agent::footage::found::Met;
use keepwatch_agent::footage::layout::Layout;
use keepwatch_agent::footage::layouts;
use keepwatch_agent::footage::walk::walk;
use keepwatch_common::time::{Instant, Zone};

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

/// Lays the tree out, and says what a walk tells of each of its files, `-` where it tells nothing.
fn told(case: &Case) -> BTreeMap<String, String> {
    let folder = tempfile::tempdir().unwrap();
    let mut told = BTreeMap::new();
    for file in &case.files {
        let path = folder.path().join(&file.path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, vec![1; file.bytes]).unwrap();
        let written = Duration::from_millis(u64::try_from(file.written.ms()).unwrap());
        let opened = fs_err::File::options().write(true).open(&path).unwrap();
        opened
            .file()
            .set_modified(SystemTime::UNIX_EPOCH + written)
            .unwrap();
        told.insert(file.path.clone(), "-".to_owned());
    }
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
