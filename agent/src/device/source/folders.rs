//! Hears of changes in the folders of watched files.
//!
//! Folders and not files are watched: an editor puts a new file in place of the old one, and a watch
//! on the old one would hear nothing any more. A folder that cannot be watched is no error, nor is a
//! kernel that has no watches left: files are looked at from time to time. It must not know what a
//! file says.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use tracing::{debug, warn};

/// Changes on their way; when there are more, all files are looked at.
const CHANGES_MAX: usize = 1_024;

/// The watched folders.
#[derive(Debug)]
pub(super) struct Folders {
    /// None while the kernel gives none; each call of [`Self::watch`] asks again.
    watcher: Option<RecommendedWatcher>,
    changes: Receiver<PathBuf>,
    missed: Arc<AtomicBool>,
    watched: BTreeSet<PathBuf>,
    silent: BTreeSet<PathBuf>,
    complained: bool,
}

impl Folders {
    /// Watches nothing yet.
    pub(super) fn new() -> Self {
        let mut folders = Self {
            watcher: None,
            changes: sync_channel(CHANGES_MAX).1,
            missed: Arc::new(AtomicBool::new(false)),
            watched: BTreeSet::new(),
            silent: BTreeSet::new(),
            complained: false,
        };
        folders.open();
        folders
    }

    fn open(&mut self) {
        let (sender, changes) = sync_channel(CHANGES_MAX);
        let flag = Arc::clone(&self.missed);
        match notify::recommended_watcher(move |event| forward(event, &sender, &flag)) {
            Ok(watcher) => {
                self.watcher = Some(watcher);
                self.changes = changes;
                self.complained = false;
            }
            Err(error) if !self.complained => {
                warn!(%error, "changes are found by looking only; raise fs.inotify.max_user_instances");
                self.complained = true;
            }
            Err(_) => {}
        }
    }

    /// Whether changes in a folder are heard of.
    pub(super) fn hears(&self, folder: &Path) -> bool {
        self.watched.contains(folder)
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
        if self.watcher.is_none() {
            self.open();
        }
        let Some(kernel) = &mut self.watcher else {
            return;
        };
        for old in self.watched.difference(&wanted) {
            // One that was deleted has lost its watch already.
            let (Ok(()) | Err(_)) = kernel.unwatch(old);
        }
        let mut watched = BTreeSet::new();
        for folder in wanted {
            match kernel.watch(&folder, RecursiveMode::NonRecursive) {
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
