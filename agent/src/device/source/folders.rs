//! Hears of changes in the folders of watched files.
//!
//! Folders and not files are watched: an editor puts a new file in place of the old one, and a watch
//! on the old one would hear nothing any more. A folder that cannot be watched is no error: its files
//! are looked at from time to time. It must not know what a file says.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tracing::{debug, warn};

/// Changes on their way; when there are more, all files are looked at.
const CHANGES_MAX: usize = 1_024;

/// Why nothing can be heard at all.
#[derive(Debug, thiserror::Error)]
#[error("cannot hear of changes; is fs.inotify.max_user_instances used up?")]
pub struct FoldersError(#[source] notify::Error);

/// The watched folders.
#[derive(Debug)]
pub(super) struct Folders {
    watcher: RecommendedWatcher,
    changes: Receiver<PathBuf>,
    missed: Arc<AtomicBool>,
    watched: BTreeSet<PathBuf>,
    silent: BTreeSet<PathBuf>,
}

impl Folders {
    /// Watches nothing yet.
    pub(super) fn new() -> Result<Self, FoldersError> {
        let (sender, changes) = sync_channel(CHANGES_MAX);
        let missed = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&missed);
        let watcher = notify::recommended_watcher(move |event| forward(event, &sender, &flag))
            .map_err(FoldersError)?;
        Ok(Self {
            watcher,
            changes,
            missed,
            watched: BTreeSet::new(),
            silent: BTreeSet::new(),
        })
    }

    /// What changed, by path.
    pub(super) fn changes(&self) -> &Receiver<PathBuf> {
        &self.changes
    }

    /// Whether changes were lost since the last call.
    pub(super) fn take_missed(&self) -> bool {
        self.missed.swap(false, Ordering::SeqCst)
    }

    /// Watches these folders and no others. Those that are watched already are asked for again: one
    /// that was deleted and made anew has lost its watch.
    pub(super) fn watch(&mut self, wanted: BTreeSet<PathBuf>) {
        for old in self.watched.difference(&wanted) {
            // One that was deleted has lost its watch already.
            let (Ok(()) | Err(_)) = self.watcher.unwatch(old);
        }
        let mut watched = BTreeSet::new();
        for folder in wanted {
            match self.watcher.watch(&folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    self.silent.remove(&folder);
                    watched.insert(folder);
                }
                Err(error) if !self.silent.contains(&folder) => {
                    if folder.exists() {
                        warn!(folder = %folder.display(), %error, "changes are found by looking only; raise fs.inotify.max_user_watches");
                    } else {
                        debug!(folder = %folder.display(), "not there to be watched");
                    }
                    self.silent.insert(folder);
                }
                Err(_) => {}
            }
        }
        self.watched = watched;
    }
}

fn forward(event: notify::Result<Event>, changes: &SyncSender<PathBuf>, missed: &AtomicBool) {
    let Ok(event) = event else {
        missed.store(true, Ordering::SeqCst);
        return;
    };
    if event.need_rescan() {
        missed.store(true, Ordering::SeqCst);
    }
    // Being opened and read is no change, and we read ourselves.
    let is_change = match event.kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    };
    if !is_change {
        return;
    }
    for path in event.paths {
        match changes.try_send(path) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => missed.store(true, Ordering::SeqCst),
        }
    }
}
