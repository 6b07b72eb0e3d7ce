//! One recorder as the running agent sees it: its index, kept true by walks and by single files.
//!
//! A walk compares fingerprints and opens only what changed. Storage that is not there changes
//! nothing: neither an empty mount point nor a folder that cannot be read ever becomes a hole or a
//! deletion. It must not know volumes: whether storage is intact is asked through a [`Guard`].
//!
//! Long because all ways in which what is known changes stand together: walks, events and losses.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::limits::VANISHED_SPANS_MAX;
use keepwatch_common::model::camera::{CameraKey, FootageVanished};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::time::Instant;
use rustix::io::Errno;

use super::container::CheckError;
use super::file::{FileReader, found_below, named_below};
use super::found::{Found, Met};
use super::index::{CameraIndex, Checked, Gone, Hour, Outlook};
use super::layout::{Layout, Told};
use super::pace::Pacer;
use super::survey::{LeftOut, Seen, changed, survey};
use super::unreadable::Unreadable;
use super::walk::walk;

/// Cameras of one recorder at most.
const CAMERAS_MAX: usize = 4_096;

/// Asks whether the storage below a recorder is the one it should be.
pub trait Guard: fmt::Debug + Send {
    /// Whether it is mounted and no other than before.
    fn is_intact(&mut self) -> bool;
}

/// How a walk ended.
#[derive(Debug)]
pub enum Reconciled {
    /// Everything was seen.
    Whole,
    /// Some places could not be read; what was not seen stays as it was.
    Partly(Vec<Unreadable>),
    /// The storage is not there; nothing changed.
    StorageMissing,
    /// The agent stops.
    Stopped,
}

/// One recorder's footage.
#[derive(Debug)]
pub struct Recorder {
    name: Name,
    root: PathBuf,
    layout: Arc<dyn Layout>,
    step_ms: i64,
    guard: Box<dyn Guard>,
    reader: FileReader,
    cameras: BTreeMap<String, CameraIndex>,
    left_out: LeftOut,
    vanished: Vec<Body>,
    probed_until: Instant,
}

/// What a recorder is made of.
#[derive(Debug)]
pub struct Parts {
    /// Its name in the branch's words.
    pub name: Name,
    /// Where its footage is.
    pub root: PathBuf,
    /// How it is laid.
    pub layout: Arc<dyn Layout>,
    /// Whether files are opened.
    pub verify: bool,
    /// Steps in which healthy coverage is told.
    pub step_ms: i64,
    /// Its storage.
    pub guard: Box<dyn Guard>,
}

impl Recorder {
    /// Knows nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            name: parts.name,
            root: parts.root,
            reader: FileReader::new(parts.verify, parts.layout.about().told),
            layout: parts.layout,
            step_ms: parts.step_ms,
            guard: parts.guard,
            cameras: BTreeMap::new(),
            left_out: LeftOut::default(),
            vanished: Vec::new(),
            probed_until: Instant::EARLIEST,
        }
    }

    /// Where its footage is.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// How it is laid.
    pub fn layout(&self) -> &Arc<dyn Layout> {
        &self.layout
    }

    /// Its name in the branch's words.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// How many cameras it has footage of.
    pub fn cameras(&self) -> usize {
        self.cameras.len()
    }

    /// What the last walk had to leave out.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }

    /// Walks the whole tree and opens what changed since the last walk.
    pub fn reconcile(&mut self, clock: &dyn Clock, pacer: &mut dyn Pacer) -> Reconciled {
        if !self.guard.is_intact() {
            return Reconciled::StorageMissing;
        }
        let began = clock.now();
        let survey = match survey(&self.root, self.layout.as_ref()) {
            Ok(survey) => survey,
            Err(trouble) => return Reconciled::Partly(vec![trouble]),
        };
        let (seen, trouble) = (survey.seen, survey.refused);
        self.left_out = survey.left_out;
        let changed = changed(&seen, &self.cameras);
        if !changed.is_empty()
            && let Some(end) = self.read_changed(changed, clock, pacer)
        {
            return end;
        }
        // Only a tree that was seen whole, on storage that is still there, can tell that something
        // is gone.
        if !self.guard.is_intact() {
            return Reconciled::StorageMissing;
        }
        if !trouble.is_empty() {
            return Reconciled::Partly(trouble);
        }
        self.forget_missing(&seen, clock);
        self.probed_until = began;
        Reconciled::Whole
    }

    /// A file appeared or was closed. `false` when only a walk can tell what that means.
    pub fn touch(&mut self, path: &Path, clock: &dyn Clock) -> bool {
        let Some((camera, file)) = self.read(path) else {
            return true;
        };
        let (now, nominal) = (clock.now(), self.layout.nominal_ms());
        match self.camera(&camera) {
            Some(index) => index.put(file, now, nominal),
            None => true,
        }
    }

    /// A file is gone. `false` when only a walk can tell what that means.
    pub fn lost(&mut self, path: &Path, clock: &dyn Clock) -> bool {
        let Some((named, relative)) = named_below(&self.root, self.layout.as_ref(), path) else {
            return true;
        };
        // What is filed under its last write cannot be found by a name.
        if self.layout.about().told == Told::Writing {
            return false;
        }
        let start = named.start(self.layout.zone(), None);
        let (Some(camera), Some(start)) = (named.camera, start) else {
            return true;
        };
        if !self.guard.is_intact() {
            return true;
        }
        let nominal = self.layout.nominal_ms();
        if let Some(index) = self.cameras.get_mut(&camera) {
            let gone = index.remove(&relative, start, clock.now(), nominal);
            self.note_gone(&camera, &gone);
        }
        true
    }

    /// The recorder was looked at and nothing new had come, by events that cannot be missed.
    pub fn probed(&mut self, clock: &dyn Clock) {
        if self.probed_until > Instant::EARLIEST && self.guard.is_intact() {
            self.probed_until = self.probed_until.max(clock.now());
        }
    }

    /// What changed since the last call.
    pub fn tell(&mut self) -> Vec<Body> {
        let mut bodies = std::mem::take(&mut self.vanished);
        if self.probed_until == Instant::EARLIEST {
            return bodies;
        }
        let outlook = Outlook {
            probed_until: self.probed_until,
            step_ms: self.step_ms,
        };
        for (camera, index) in &mut self.cameras {
            // Where footage was left out, a stretch without footage need not be a hole.
            if self.left_out.cameras.contains(camera) {
                continue;
            }
            if let Ok(camera) = Name::new(camera.as_str()) {
                let key = CameraKey {
                    recorder: self.name.clone(),
                    camera,
                };
                bodies.extend(index.tell(&key, outlook));
            }
        }
        bodies
    }

    /// Opens the files of changed hours; an hour is taken over as soon as it is complete, so that a
    /// first index of millions of files holds only a few in memory.
    fn read_changed(
        &mut self,
        changed: Seen,
        clock: &dyn Clock,
        pacer: &mut dyn Pacer,
    ) -> Option<Reconciled> {
        let mut reading = Reading {
            changed,
            pending: BTreeMap::new(),
            stopped: false,
        };
        let root = self.root.clone();
        let layout = Arc::clone(&self.layout);
        let walked = walk(&root, layout.as_ref(), &mut |met| match met {
            Met::Segment(found) => self.read_one(&found, &mut reading, clock, pacer),
            Met::Unseen { .. } | Met::Progress { .. } => ControlFlow::Continue(()),
        });
        if reading.stopped {
            return Some(Reconciled::Stopped);
        }
        if let Err(trouble) = walked {
            return Some(Reconciled::Partly(vec![trouble]));
        }
        for ((camera, hour), files) in std::mem::take(&mut reading.pending) {
            // What could not be read is neither a hole nor gone.
            if self.left_out.cameras.contains(&camera) {
                continue;
            }
            self.take_over(&camera, hour, files, clock);
        }
        None
    }

    fn read_one(
        &mut self,
        found: &Found<'_>,
        reading: &mut Reading,
        clock: &dyn Clock,
        pacer: &mut dyn Pacer,
    ) -> ControlFlow<()> {
        let hour = Hour::of(found.start);
        let Some(expected) = reading
            .changed
            .get(found.camera)
            .and_then(|hours| hours.get(&hour))
        else {
            return ControlFlow::Continue(());
        };
        let expected = expected.files();
        if pacer.opened().is_break() {
            reading.stopped = true;
            return ControlFlow::Break(());
        }
        let key = (found.camera.to_owned(), hour);
        let checked = self.reader.check(found);
        if let Err(error) = &checked {
            self.note_unread(found, error);
        }
        if let Ok(file) = checked {
            let files = reading.pending.entry(key.clone()).or_default();
            files.push(file);
            if files.len() < expected {
                return ControlFlow::Continue(());
            }
        }
        if let Some(files) = reading
            .pending
            .remove(&key)
            .filter(|files| files.len() >= expected)
        {
            self.take_over(&key.0, hour, files, clock);
        }
        ControlFlow::Continue(())
    }

    /// A file that is there and cannot be read may be footage: its camera is not judged.
    fn note_unread(&mut self, found: &Found<'_>, error: &CheckError) {
        let (CheckError::Open { source, .. } | CheckError::Read { source, .. }) = error else {
            return;
        };
        if source.kind() == std::io::ErrorKind::NotFound {
            return;
        }
        let place = Unreadable::Refused {
            path: found.path.to_owned(),
            source: Errno::from_io_error(source).unwrap_or(Errno::IO),
        };
        self.left_out.add(place, Some(found.camera));
    }

    fn take_over(&mut self, camera: &str, hour: Hour, files: Vec<Checked>, clock: &dyn Clock) {
        let (now, nominal) = (clock.now(), self.layout.nominal_ms());
        if let Some(index) = self.camera(camera) {
            let gone = index.replace(hour, files, now, nominal);
            self.note_gone(camera, &gone);
        }
    }

    fn forget_missing(&mut self, seen: &Seen, clock: &dyn Clock) {
        let (now, nominal) = (clock.now(), self.layout.nominal_ms());
        let mut all_gone = Vec::new();
        for (camera, index) in &mut self.cameras {
            if self.left_out.cameras.contains(camera) {
                continue;
            }
            let hours = seen.get(camera);
            let missing: Vec<_> = index
                .hours()
                .filter(|hour| hours.is_none_or(|hours| !hours.contains_key(hour)))
                .collect();
            let mut spans = Gone::default();
            for hour in missing {
                let gone = index.replace(hour, Vec::new(), now, nominal);
                spans.spans = spans.spans.union(&gone.spans);
                spans.files += gone.files;
            }
            all_gone.push((camera.clone(), spans));
        }
        for (camera, gone) in all_gone {
            self.note_gone(&camera, &gone);
        }
    }

    fn note_gone(&mut self, camera: &str, gone: &Gone) {
        let Ok(camera) = Name::new(camera) else {
            return;
        };
        for spans in gone.spans.as_slice().chunks(VANISHED_SPANS_MAX) {
            self.vanished.push(Body::Vanished(FootageVanished {
                camera: CameraKey {
                    recorder: self.name.clone(),
                    camera: camera.clone(),
                },
                spans: spans.to_vec(),
                files: gone.files,
            }));
        }
    }

    fn read(&mut self, path: &Path) -> Option<(String, Checked)> {
        let (cameras, reader) = (&self.cameras, &mut self.reader);
        found_below(&self.root, self.layout.as_ref(), path, |found| {
            let known = cameras.get(found.camera);
            if known.is_some_and(|index| {
                index.knows(found.relative, found.start, found.bytes, found.written)
            }) {
                return None;
            }
            let checked = reader.check(found).ok()?;
            Some((found.camera.to_owned(), checked))
        })?
    }

    fn camera(&mut self, camera: &str) -> Option<&mut CameraIndex> {
        if !self.cameras.contains_key(camera) {
            if self.cameras.len() >= CAMERAS_MAX {
                return None;
            }
            self.cameras
                .insert(camera.to_owned(), CameraIndex::default());
        }
        self.cameras.get_mut(camera)
    }
}

struct Reading {
    changed: Seen,
    pending: BTreeMap<(String, Hour), Vec<Checked>>,
    stopped: bool,
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::SystemClock;
    use keepwatch_common::time::Zone;

    use super::super::layout::template::Template;
    use super::*;

    #[derive(Debug)]
    struct Firm;

    impl Guard for Firm {
        fn is_intact(&mut self) -> bool {
            true
        }
    }

    #[derive(Debug)]
    struct Unhurried;

    impl Pacer for Unhurried {
        fn opened(&mut self) -> ControlFlow<()> {
            ControlFlow::Continue(())
        }
    }

    #[test]
    fn a_camera_that_cannot_be_named_is_left_out_and_not_counted() {
        let root = tempfile::tempdir().unwrap();
        for camera in ["till", "\u{1b}yard"] {
            fs_err::create_dir(root.path().join(camera)).unwrap();
            fs_err::write(root.path().join(camera).join("1795420000.mp4"), b"x").unwrap();
        }
        let layout = Template::new("{camera}/%s.mp4", Zone::utc()).unwrap();
        let mut recorder = Recorder::new(Parts {
            name: Name::new("nvr").unwrap(),
            root: root.path().to_owned(),
            layout: Arc::new(layout),
            verify: false,
            step_ms: 60_000,
            guard: Box::new(Firm),
        });
        let ended = recorder.reconcile(&SystemClock::new(), &mut Unhurried);
        assert!(matches!(ended, Reconciled::Whole));
        assert_eq!((recorder.cameras(), recorder.left_out().count), (1, 1));
    }
}
