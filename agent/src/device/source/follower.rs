//! Watches files while the agent runs: a thread that hears of changes, lets a file come to rest,
//! reads it and tells what it says.
//!
//! What is not heard (a file system without events, a link into another folder) is found by looking
//! at every file from time to time. It must not know the spool nor the wire.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::model::observation::Body;
use keepwatch_common::time::Instant;
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tracing::info;

use super::file::Watched;
use super::folders::Folders;
use super::settling::Settling;
use crate::outlet::{Outlet, Stopping};

/// How long the loop waits before it looks whether the agent stops, in milliseconds.
const BEAT_MS: u64 = 500;

/// Changes taken in one go before files are read.
const CHANGES_PER_TURN_MAX: usize = 1_000;

/// How a watched file stands, for whoever asks. Its JSON is part of the status file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchedStanding {
    /// Its name in the branch's words.
    pub name: String,
    /// `tree`, `missing`, `unreadable` or `unread`.
    pub reading: String,
    /// When that was told, by our clock.
    pub told_at: Option<Instant>,
    /// Whether changes are heard of; otherwise they are found by looking.
    #[serde(default = "hears")]
    pub hears: bool,
}

/// What an agent that does not say it did.
fn hears() -> bool {
    true
}

/// Watches the files until the token is cancelled; `told` has how they stand.
pub fn follow(
    files: Vec<Watched>,
    look_ms: u64,
    outlet: &Outlet,
    clock: &dyn Clock,
    told: &watch::Sender<Vec<WatchedStanding>>,
    stop: &CancellationToken,
) -> Result<(), Infallible> {
    let mut follower = Follower {
        folders: Folders::new(),
        files: files.into_iter().map(Followed::new).collect(),
        outlet,
        clock,
        told,
        look_due: Tick(0),
    };
    follower.told.send_replace(
        follower
            .files
            .iter()
            .map(|followed| followed.standing(None))
            .collect(),
    );
    while !stop.is_cancelled() {
        if follower.turn(look_ms).is_err() {
            break;
        }
    }
    Ok(())
}

struct Followed {
    file: Watched,
    /// Where the file really is, when a link leads to it.
    target: Option<PathBuf>,
    settling: Settling,
}

impl Followed {
    fn new(file: Watched) -> Self {
        Self {
            file,
            target: None,
            settling: Settling::new(),
        }
    }

    fn folders(&self) -> impl Iterator<Item = PathBuf> {
        let paths = [Some(self.file.path()), self.target.as_deref()];
        paths
            .into_iter()
            .flatten()
            .filter_map(Path::parent)
            .map(Path::to_owned)
            .collect::<Vec<_>>()
            .into_iter()
    }

    /// Whether a change at a path concerns the file: not, perhaps (a link on the way may have been
    /// turned), or certainly.
    fn concerns(&self, changed: &Path) -> Option<bool> {
        let is_certain = self.file.path() == changed || self.target.as_deref() == Some(changed);
        let is_near = self.folders().any(|folder| changed.starts_with(folder));
        (is_certain || is_near).then_some(is_certain)
    }

    fn standing(&self, told_at: Option<Instant>) -> WatchedStanding {
        WatchedStanding {
            name: self.file.name().to_string(),
            reading: self.file.word().to_owned(),
            told_at,
            hears: true,
        }
    }
}

struct Follower<'a> {
    folders: Folders,
    files: Vec<Followed>,
    outlet: &'a Outlet,
    clock: &'a dyn Clock,
    told: &'a watch::Sender<Vec<WatchedStanding>>,
    look_due: Tick,
}

impl Follower<'_> {
    fn turn(&mut self, look_ms: u64) -> Result<(), Stopping> {
        let now = self.clock.tick();
        if now >= self.look_due || self.folders.take_missed() {
            self.look_due = now.after(look_ms);
            self.arm();
            for index in 0..self.files.len() {
                self.look(index, false)?;
            }
        }
        self.hear();
        let now = self.clock.tick();
        for index in 0..self.files.len() {
            let settling = &mut self.files[index].settling;
            if settling.due().is_some_and(|due| now >= due) {
                let is_certain = settling.read(now);
                let said = self.look(index, is_certain)?;
                if !said {
                    self.files[index].settling.said_nothing();
                }
            }
        }
        Ok(())
    }

    /// Watches the folders that files are in now.
    fn arm(&mut self) {
        for followed in &mut self.files {
            followed.target = fs_err::canonicalize(followed.file.path())
                .ok()
                .filter(|target| target != followed.file.path());
        }
        let wanted: BTreeSet<_> = self.files.iter().flat_map(Followed::folders).collect();
        self.folders.watch(wanted);
        let hears: Vec<_> = self.files.iter().map(|file| self.hears(file)).collect();
        self.told.send_if_modified(|all| {
            let before = all.clone();
            for (standing, hears) in all.iter_mut().zip(hears) {
                standing.hears = hears;
            }
            *all != before
        });
    }

    fn hears(&self, followed: &Followed) -> bool {
        followed.folders().all(|folder| self.folders.hears(&folder))
    }

    /// Takes what changed, and waits for it no longer than something else is due.
    fn hear(&mut self) {
        let now = self.clock.tick();
        let dues = self.files.iter().filter_map(|file| file.settling.due());
        let due = dues.chain([self.look_due]).min().unwrap_or(now);
        let mut wait = Duration::from_millis(due.since(now).min(BEAT_MS));
        for _ in 0..CHANGES_PER_TURN_MAX {
            match self.folders.changes().recv_timeout(wait) {
                Ok(changed) => self.changed(&changed),
                Err(RecvTimeoutError::Timeout) => return,
                Err(RecvTimeoutError::Disconnected) => {
                    // Nothing is heard any more; looking goes on, at its own pace.
                    std::thread::sleep(wait);
                    return;
                }
            }
            wait = Duration::ZERO;
        }
    }

    fn changed(&mut self, changed: &Path) {
        let now = self.clock.tick();
        for followed in &mut self.files {
            if let Some(is_certain) = followed.concerns(changed) {
                followed.settling.touched(now, is_certain);
            }
        }
    }

    /// Looks at one file and tells what it says when that is new; tells whether it was.
    fn look(&mut self, index: usize, be_certain: bool) -> Result<bool, Stopping> {
        let Some(said) = self.files[index].file.look(be_certain) else {
            return Ok(false);
        };
        let followed = &self.files[index];
        info!(file = %said.name, reading = followed.file.word(), "a watched file is told");
        let standing = followed.standing(Some(self.clock.now()));
        self.outlet.tell(vec![Body::Watched(said)], self.clock)?;
        self.told.send_modify(|all| {
            let hears = all[index].hears;
            all[index] = WatchedStanding { hears, ..standing };
        });
        // A link may have been turned: what it leads to now is watched from now on.
        self.arm();
        Ok(true)
    }
}
