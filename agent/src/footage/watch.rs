//! Follows the folders of a recorder that grow, and only those.
//!
//! A tree of a month has thousands of folders and none but the newest ever gets a file: watching all
//! of them would cost a stat for every file at the start and a kernel object for every folder. So the
//! newest folders of each level that tells time are watched, one level at a time. What is missed is
//! found by the next walk: also when the kernel has no watches left, which is no reason to stop
//! measuring. It must not know what a file means.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::Duration;

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RemoveKind, RenameMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::layout::Layout;
use super::named::Named;

/// Events on their way; when there are more, a walk finds out.
const EVENTS_MAX: usize = 8_192;

/// Folders watched at once: a few a camera.
const FOLDERS_MAX: usize = 16_384;

/// Newest folders of a level that tells time: the current one, and the one before around midnight or
/// a full hour.
const NEWEST: usize = 2;

/// What happened in a watched folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happened {
    /// A file or folder appeared, or a file was closed after writing.
    Appeared(PathBuf),
    /// A file or folder is gone.
    Gone(PathBuf),
}

/// Why not every folder that grows is heard of.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The kernel gives no watch.
    #[error("cannot hear of changes; raise fs.inotify.max_user_instances")]
    Start(#[source] notify::Error),
    /// The kernel gives no more watches.
    #[error("cannot hear of changes in {}; raise fs.inotify.max_user_watches", path.display())]
    Folder {
        /// Which folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: notify::Error,
    },
}

/// What following came to.
#[derive(Debug)]
pub struct Followed {
    /// Folders that are watched from now on: files may have come before the watch did.
    pub new: Vec<PathBuf>,
    /// Why something is not heard of, the first reason; a later call tries again.
    pub refused: Option<WatchError>,
}

/// The watched folders of one recorder.
#[derive(Debug, Default)]
pub struct Watch {
    ears: Option<Ears>,
    missed: Arc<AtomicBool>,
}

/// What the kernel gave us to hear with.
#[derive(Debug)]
struct Ears {
    watcher: RecommendedWatcher,
    events: Receiver<Happened>,
    folders: BTreeSet<PathBuf>,
}

impl Ears {
    fn open(missed: &Arc<AtomicBool>) -> Result<Self, WatchError> {
        let (sender, events) = sync_channel(EVENTS_MAX);
        let flag = Arc::clone(missed);
        let watcher = notify::recommended_watcher(move |event| forward(event, &sender, &flag))
            .map_err(WatchError::Start)?;
        Ok(Self {
            watcher,
            events,
            folders: BTreeSet::new(),
        })
    }

    /// Watches these folders and no others, as far as the kernel has watches.
    fn follow(&mut self, wanted: BTreeSet<PathBuf>) -> Followed {
        for old in self.folders.difference(&wanted) {
            // A folder that was deleted has lost its watch already.
            let (Ok(()) | Err(_)) = self.watcher.unwatch(old);
        }
        let (mut new, mut refused) = (Vec::new(), None);
        self.folders.retain(|folder| wanted.contains(folder));
        for path in wanted {
            if self.folders.contains(&path) {
                continue;
            }
            match self.watcher.watch(&path, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    new.push(path.clone());
                    self.folders.insert(path);
                }
                Err(source) if is_gone(&source) => {}
                Err(source) => {
                    refused.get_or_insert(WatchError::Folder { path, source });
                }
            }
        }
        Followed { new, refused }
    }
}

impl Watch {
    /// Watches nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Waits for what happens, not longer than so; nothing when nothing did.
    pub fn hear(&mut self, wait: Duration) -> Option<Happened> {
        let Some(ears) = &self.ears else {
            std::thread::sleep(wait);
            return None;
        };
        match ears.events.recv_timeout(wait) {
            Ok(happened) => Some(happened),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                // Whoever told us is gone, and what happened since with it.
                self.ears = None;
                self.missed.store(true, Ordering::SeqCst);
                None
            }
        }
    }

    /// Whether anything is heard at all.
    pub fn hears(&self) -> bool {
        self.ears.is_some()
    }

    /// Whether events were lost since the last call: only a walk can tell what happened.
    pub fn take_missed(&self) -> bool {
        self.missed.swap(false, Ordering::SeqCst)
    }

    /// Watches the folders that grow now, and no others.
    pub fn follow(&mut self, root: &Path, layout: &dyn Layout) -> Followed {
        let ears = match self
            .ears
            .take()
            .map_or_else(|| Ears::open(&self.missed), Ok)
        {
            Ok(ears) => self.ears.insert(ears),
            Err(error) => {
                return Followed {
                    new: Vec::new(),
                    refused: Some(error),
                };
            }
        };
        let mut wanted = BTreeSet::new();
        growing(root, layout, 0, &Named::default(), &mut wanted);
        ears.follow(wanted)
    }
}

fn is_gone(error: &notify::Error) -> bool {
    match &error.kind {
        notify::ErrorKind::PathNotFound => true,
        notify::ErrorKind::Io(io) => io.kind() == std::io::ErrorKind::NotFound,
        _ => false,
    }
}

fn forward(event: notify::Result<Event>, sender: &SyncSender<Happened>, missed: &AtomicBool) {
    let Ok(event) = event else {
        missed.store(true, Ordering::SeqCst);
        return;
    };
    if event.need_rescan() {
        missed.store(true, Ordering::SeqCst);
    }
    let happened: fn(PathBuf) -> Happened = match event.kind {
        EventKind::Create(CreateKind::File | CreateKind::Folder | CreateKind::Any)
        | EventKind::Access(AccessKind::Close(AccessMode::Write))
        | EventKind::Modify(ModifyKind::Name(RenameMode::To)) => Happened::Appeared,
        EventKind::Remove(RemoveKind::File | RemoveKind::Folder | RemoveKind::Any)
        | EventKind::Modify(ModifyKind::Name(RenameMode::From)) => Happened::Gone,
        _ => return,
    };
    for path in event.paths {
        match sender.try_send(happened(path)) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => missed.store(true, Ordering::SeqCst),
        }
    }
}

/// Collects the folders that can get a new entry: all of a level that names cameras, the newest of a
/// level that tells time.
fn growing(
    folder: &Path,
    layout: &dyn Layout,
    depth: usize,
    before: &Named,
    wanted: &mut BTreeSet<PathBuf>,
) {
    if wanted.len() >= FOLDERS_MAX {
        return;
    }
    wanted.insert(folder.to_owned());
    if layout.has_no_folders(depth) {
        return;
    }
    let Ok(entries) = fs_err::read_dir(folder) else {
        return;
    };
    let mut inner: Vec<(String, Named)> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter_map(|name| {
            let named = layout.folder(depth, &name, before)?;
            Some((name, named))
        })
        .collect();
    inner.sort_by(|(a, a_named), (b, b_named)| (b_named.order(), b).cmp(&(a_named.order(), a)));
    let is_level_of_time = inner
        .first()
        .is_some_and(|(_, n)| n.tells_time_beyond(before));
    if is_level_of_time {
        inner.truncate(NEWEST);
    }
    for (name, named) in inner {
        growing(&folder.join(name), layout, depth + 1, &named, wanted);
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Zone;

    use super::super::layout::forms::Shaped;
    use super::super::layout::frigate;
    use super::*;

    fn tree(folders: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for folder in folders {
            fs_err::create_dir_all(root.path().join(folder)).unwrap();
        }
        root
    }

    fn wanted(root: &Path) -> Vec<String> {
        let mut wanted = BTreeSet::new();
        growing(
            root,
            &Shaped::new(&frigate::SHAPE, Zone::utc()).unwrap(),
            0,
            &Named::default(),
            &mut wanted,
        );
        let below = |path: &PathBuf| {
            path.strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned()
        };
        wanted.iter().map(below).collect()
    }

    #[test]
    fn only_the_newest_folders_are_watched() {
        let root = tree(&[
            "2026-11-20/10/till",
            "2026-11-22/22/till",
            "2026-11-22/23/till",
            "2026-11-23/00/till",
            "2026-11-23/00/door",
            "lost+found",
        ]);
        assert_eq!(
            wanted(root.path()),
            [
                "",
                "2026-11-22",
                "2026-11-22/22",
                "2026-11-22/22/till",
                "2026-11-22/23",
                "2026-11-22/23/till",
                "2026-11-23",
                "2026-11-23/00",
                "2026-11-23/00/door",
                "2026-11-23/00/till",
            ]
        );
    }

    #[test]
    fn a_file_that_is_written_and_closed_is_heard_of() {
        let root = tree(&["2026-11-23/00/till"]);
        let mut watch = Watch::new();
        let followed = watch.follow(
            root.path(),
            &Shaped::new(&frigate::SHAPE, Zone::utc()).unwrap(),
        );
        assert_eq!(followed.new.len(), 4);
        assert!(followed.refused.is_none());
        let file = root.path().join("2026-11-23/00/till/00.10.mp4");
        fs_err::write(&file, b"x").unwrap();
        let heard = watch.hear(Duration::from_secs(10));
        assert_eq!(heard, Some(Happened::Appeared(file)));
    }

    #[test]
    fn a_new_hour_is_followed_and_an_old_one_left() {
        let root = tree(&["2026-11-23/00/till", "2026-11-23/01/till"]);
        let layout = Shaped::new(&frigate::SHAPE, Zone::utc()).unwrap();
        let mut watch = Watch::new();
        watch.follow(root.path(), &layout);
        fs_err::create_dir_all(root.path().join("2026-11-23/02/till")).unwrap();
        let new = watch.follow(root.path(), &layout).new;
        assert_eq!(new.len(), 2);
        let folders = watch.ears.unwrap().folders;
        assert!(!folders.contains(&root.path().join("2026-11-23/00")));
    }
}
