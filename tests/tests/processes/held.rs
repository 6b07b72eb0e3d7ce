//! Footage that is held while its agent and its coordinator are killed: listed, copied, missed,
//! released.

use std::path::{Path, PathBuf};
use std::time::Duration;

use keepwatch_common::ids::Seeded;
use keepwatch_common::time::Instant;
use serde_json::Value;

use crate::branch::Branch;
use crate::hq::Hq;
use crate::process::until;

/// Draws when to kill; what the machine does meanwhile is different each time.
const SEED: u64 = 20_261_124;

/// Kills while a hold is listed and copied.
const ROUNDS: u64 = 12;

/// Segments of ten seconds that are held; all of them end before now.
const SEGMENTS: usize = 150;

/// What takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(3);

/// A recorder's folder with a vault beside it, on the machine's first volume.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        let place = Self(tempfile::tempdir().unwrap());
        fs_err::create_dir_all(place.root().join("till")).unwrap();
        place
    }

    fn root(&self) -> PathBuf {
        self.0.path().join("footage")
    }

    fn vault(&self) -> PathBuf {
        self.0.path().join("vault")
    }

    /// Copies take long, so that kills meet them.
    fn configuration(&self) -> String {
        format!(
            "[hold]\nmegabytes_per_second = 1\nrelease_grace_days = 0\n\
             [[volume]]\nname = \"first\"\npath = \"/\"\n\
             [[vault]]\nvolume = \"first\"\npath = \"{}\"\nmegabytes = 64\n\
             free_floor_megabytes = 0\n",
            self.vault().display()
        )
    }

    /// All files of the recorder, below its root.
    fn recorded(&self) -> Vec<PathBuf> {
        files(&self.root())
    }

    /// All whole copies, below the folder of the hold.
    fn copied(&self, key: &str) -> Vec<PathBuf> {
        let mut copies = files(&self.vault().join(key));
        copies.retain(|path| path.extension().is_some_and(|it| it == "mp4"));
        copies
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let (mut found, mut folders) = (Vec::new(), vec![root.to_owned()]);
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs_err::read_dir(&folder) else {
            continue;
        };
        for entry in entries.filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

async fn shown(hq: &Hq, id: &str) -> Value {
    hq.ask(&["hold", "show", id]).await
}

async fn stands(hq: &Hq, id: &str, standing: &str) {
    until(async || shown(hq, id).await["standing"] == standing).await;
}

/// Severities of firing alerts about holds.
async fn severities(hq: &Hq) -> Vec<String> {
    let all = hq.ask(&["alert", "list", "--kind", "hold_broken"]).await;
    let firing = all["items"].as_array().unwrap().iter();
    let firing = firing.filter(|alert| alert["condition"] == "firing");
    firing
        .map(|alert| alert["severity"].as_str().unwrap().to_owned())
        .collect()
}

async fn add(hq: &Hq, from: Instant, to: Instant) -> Value {
    let (from, to) = (from.to_string(), to.to_string());
    let arguments = [
        "hold",
        "add",
        "SH-001",
        "nvr",
        "till",
        "--from",
        &from,
        "--to",
        &to,
        "--reason",
        "quarrel at the till",
    ];
    hq.ask(&arguments).await
}

async fn story() {
    let draws = Seeded::new(SEED);
    let place = Place::new();
    let mut hq = Hq::start().await;
    let more = place.configuration();
    let mut branch = Branch::join_with(&hq, "SH-001", &place.root(), &more).await;
    let first = branch.record();
    let mut last = branch.record();
    for _ in 2..SEGMENTS {
        last = branch.record();
    }
    branch.start();
    until(async || hq.number("SELECT count(*) FROM cameras").await == 1).await;
    let hold = add(&hq, first.start, last.end()).await;
    let (id, key) = (hold["id"].to_string(), hold["key"].as_str().unwrap());
    assert_eq!(hold["outcome"], "waiting");
    let mut killed_half_way = 0;
    for _ in 0..ROUNDS {
        tokio::time::sleep(Duration::from_millis(draws.below(700))).await;
        branch.die().await;
        killed_half_way += u64::from((1..SEGMENTS).contains(&place.copied(key).len()));
        branch.start();
    }
    assert!(killed_half_way > 0, "no kill met a copy");
    stands(&hq, &id, "copied").await;
    let all = place.recorded();
    assert_eq!((all.len(), &place.copied(key)), (SEGMENTS, &all));
    let seen = shown(&hq, &id).await;
    assert_eq!(
        (&seen["segments"], &seen["copied"]),
        (&SEGMENTS.into(), &SEGMENTS.into())
    );
    assert_eq!(seen["outcome"], "success");
    for path in &all {
        let copy = fs_err::read(place.vault().join(key).join(path)).unwrap();
        assert_eq!(copy, fs_err::read(place.root().join(path)).unwrap());
    }
    // Somebody deletes a segment: the vault has it, and somebody hears of it all the same.
    fs_err::remove_file(place.root().join(&all[7])).unwrap();
    stands(&hq, &id, "in_vault").await;
    until(async || severities(&hq).await == ["major"]).await;
    // And one of which the copy is gone, too: nothing is worse.
    hq.die().await;
    fs_err::remove_file(place.vault().join(key).join(&all[9])).unwrap();
    fs_err::remove_file(place.root().join(&all[9])).unwrap();
    hq.come_back().await;
    stands(&hq, &id, "broken").await;
    until(async || severities(&hq).await == ["critical"]).await;
    let arguments = ["hold", "release", &id, "--reason", "settled out of court"];
    assert_eq!(hq.ask(&arguments).await["outcome"], "released");
    until(async || place.copied(key).is_empty()).await;
    stands(&hq, &id, "released").await;
    assert_eq!(severities(&hq).await, [""; 0]);
    let seen = shown(&hq, &id).await;
    assert_eq!(seen["release_reason"], "settled out of court");
    let deeds = "SELECT verb FROM deeds WHERE verb LIKE 'hold_%' ORDER BY sequence";
    let deeds: Vec<(String,)> = hq.rows(deeds).await;
    assert_eq!(
        deeds
            .iter()
            .map(|(verb,)| verb.as_str())
            .collect::<Vec<_>>(),
        ["hold_place", "hold_release"]
    );
    branch.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn held_footage_outlives_kills_and_a_loss_is_told_at_once() {
    eprintln!("seed {SEED}");
    tokio::time::timeout(HANGS_AFTER, story()).await.unwrap();
}
