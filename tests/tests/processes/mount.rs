//! A disk that is pulled out, another in its place, and the first one back: storage that is missing
//! is never footage that was deleted.
//!
//! The agent runs inside the test, because its walks are to come when the story wants them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use keepwatch_agent::app::{RunError, serve};
use keepwatch_agent::config::Config;
use keepwatch_common::clock::{Clock, SystemClock, Tick};
use keepwatch_common::time::Instant;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::branch::Branch;
use crate::hq::Hq;
use crate::process::until;

/// What takes longer hangs.
const HANGS_AFTER: Duration = Duration::from_mins(2);

/// More than between two walks, in milliseconds.
const A_WALK_MS: u64 = 61_000;

/// The machine's clock, whose pacing can be hurried on.
#[derive(Debug)]
struct Hurried {
    runs: SystemClock,
    ahead_ms: AtomicU64,
}

impl Clock for Hurried {
    fn now(&self) -> Instant {
        self.runs.now()
    }

    fn tick(&self) -> Tick {
        self.runs.tick().after(self.ahead_ms.load(Ordering::SeqCst))
    }
}

/// This machine mounts nothing for us.
#[derive(Debug, thiserror::Error)]
#[error("mount: {said}")]
struct Refused {
    said: String,
}

/// Two disks, and the place where one of them is mounted.
struct Disks(TempDir);

impl Disks {
    /// Makes both; or says why this machine mounts nothing for us.
    fn new() -> Result<Self, Refused> {
        let disks = Self(tempfile::tempdir().unwrap());
        for name in ["one", "two", "place"] {
            fs_err::create_dir(disks.path(name)).unwrap();
        }
        for name in ["one", "two"] {
            disks.mount(&["-t", "tmpfs", "-o", "size=16m", "none"], name)?;
            fs_err::create_dir_all(disks.path(name).join("footage/till")).unwrap();
        }
        Ok(disks)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn place(&self) -> PathBuf {
        self.path("place")
    }

    fn mount(&self, what: &[&str], at: &str) -> Result<(), Refused> {
        let path = self.path(at);
        let done = Command::new("mount").args(what).arg(path).output();
        let done = done.map_err(|error| Refused {
            said: error.to_string(),
        })?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr).into_owned();
        Err(Refused { said })
    }

    fn plug_in(&self, name: &str) {
        let disk = self.path(name);
        self.mount(&["--bind", disk.to_str().unwrap()], "place")
            .unwrap();
    }

    fn pull_out(&self) {
        assert!(unmount(&self.place()));
    }
}

impl Drop for Disks {
    fn drop(&mut self) {
        for name in ["place", "one", "two"] {
            // What is not mounted needs no unmounting.
            unmount(&self.path(name));
        }
    }
}

fn unmount(path: &Path) -> bool {
    let done = Command::new("umount").arg("-l").arg(path).output();
    done.is_ok_and(|done| done.status.success())
}

/// An agent inside the test.
struct Running {
    stop: CancellationToken,
    serving: JoinHandle<Result<(), RunError>>,
}

impl Running {
    fn start(branch: &Branch, clock: &Arc<Hurried>) -> Self {
        let stop = CancellationToken::new();
        let config = Config::read(&branch.config()).unwrap();
        let serving = TaskTracker::new().spawn(serve(config, clock.clone(), stop.clone()));
        Self { stop, serving }
    }

    async fn stop(self) {
        self.stop.cancel();
        self.serving.await.unwrap().unwrap();
    }
}

/// Waits until the coordinator knows that the volume stands so.
async fn stands(hq: &Hq, presence: &str) {
    until(async || {
        hq.rows::<(String,)>("SELECT presence FROM volumes").await == [(presence.to_owned(),)]
    })
    .await;
}

/// Lets the agent walk, and waits until the walk ended so.
async fn walks(branch: &Branch, clock: &Hurried, outcome: &str) {
    let walk = || branch.status()["recorders"][0]["walk"].clone();
    let before = walk();
    clock.ahead_ms.fetch_add(A_WALK_MS, Ordering::SeqCst);
    until(async || walk()["outcome"] == outcome && walk()["at"] != before["at"]).await;
}

/// Nothing was concluded from a disk that is not there.
async fn assert_nothing_is_lost(hq: &Hq) {
    assert_eq!(hq.number("SELECT count(*) FROM vanished").await, 0);
    assert_eq!(hq.number("SELECT count(*) FROM holes").await, 0);
    assert_eq!(hq.number("SELECT count(*) FROM faults").await, 0);
    let kinds = "SELECT count(*) FROM findings WHERE kind IN ('gap', 'footage_vanished')";
    assert_eq!(hq.number(kinds).await, 0);
}

async fn story(disks: &Disks) {
    let hq = Hq::start().await;
    disks.plug_in("one");
    let place = disks.place();
    let volume = format!(
        "[[volume]]\nname = \"disk\"\npath = \"{}\"\n",
        place.display()
    );
    let mut branch = Branch::join_with(&hq, "SH-001", &place.join("footage"), &volume).await;
    branch.record_into_the_future();
    let clock = Arc::new(Hurried {
        runs: SystemClock::new(),
        ahead_ms: AtomicU64::new(0),
    });
    let agent = Running::start(&branch, &clock);
    stands(&hq, "present").await;
    until(async || {
        hq.number("SELECT count(*) FROM cameras WHERE sealed = 7")
            .await
            == 1
    })
    .await;

    disks.pull_out();
    stands(&hq, "missing").await;
    let is_told = |kind: &str| {
        hq.receiver
            .received()
            .iter()
            .any(|told| told.body.contains(kind))
    };
    until(async || is_told("\"volume_missing\"")).await;
    walks(&branch, &clock, "storage_missing").await;
    assert_nothing_is_lost(&hq).await;

    disks.plug_in("two");
    stands(&hq, "swapped").await;
    walks(&branch, &clock, "storage_missing").await;
    assert_nothing_is_lost(&hq).await;
    // One that starts now knows what should be there, and waits for it.
    agent.stop().await;
    let agent = Running::start(&branch, &clock);

    disks.pull_out();
    stands(&hq, "missing").await;
    disks.plug_in("one");
    stands(&hq, "present").await;
    until(async || {
        hq.alerts("recovered")
            .await
            .contains(&"volume_missing".to_owned())
    })
    .await;
    walks(&branch, &clock, "whole").await;
    assert_nothing_is_lost(&hq).await;
    agent.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_vanishes_is_missing_and_its_footage_is_not_deleted() {
    match Disks::new() {
        Ok(disks) => tokio::time::timeout(HANGS_AFTER, story(&disks))
            .await
            .unwrap(),
        Err(refused) => eprintln!("SKIPPED: this machine lets us mount nothing: {refused}"),
    }
}
