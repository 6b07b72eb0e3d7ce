//! One recorder as the running agent sees it: its index, kept true by walks and by single files.
//!
//! A walk compares fingerprints and opens only what changed. Storage that is not there changes
//! nothing: neither an empty mount point nor a folder that cannot be read ever becomes a hole or a
//! deletion. It must not know volumes: whether storage is intact is asked through a [`Guard`].

use std::collections::BTreeMap;
use std::fmt;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepwatch_common::clock::{Clock, Tick};
use keepwatch_common::limits::VANISHED_SPANS_MAX;
use keepwatch_common::model::camera::{CameraKey, FootageVanished};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::segment::SegmentState;
use keepwatch_common::time::Instant;

use super::container::Checker;
use super::index::{CameraIndex, Checked, Fingerprint, Gone, Hour, Outlook};
use super::layout::{Layout, Named};
use super::walk::{Found, Met, Unreadable, walk};

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
    verify: bool,
    step_ms: i64,
    guard: Box<dyn Guard>,
    checker: Checker,
    cameras: BTreeMap<String, CameraIndex>,
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

/// Spreads work over time and hears the wish to stop.
pub trait Pacer {
    /// One file was opened; waits when that was too fast. Breaks when the agent stops.
    fn opened(&mut self) -> ControlFlow<()>;
}

impl Recorder {
    /// Knows nothing yet.
    pub fn new(parts: Parts) -> Self {
        Self {
            name: parts.name,
            root: parts.root,
            layout: parts.layout,
            verify: parts.verify,
            step_ms: parts.step_ms,
            guard: parts.guard,
            checker: Checker::new(),
            cameras: BTreeMap::new(),
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

    /// Walks the whole tree and opens what changed since the last walk.
    pub fn reconcile(&mut self, clock: &dyn Clock, pacer: &mut dyn Pacer) -> Reconciled {
        if !self.guard.is_intact() {
            return Reconciled::StorageMissing;
        }
        let began = clock.now();
        let (seen, trouble) = match self.fingerprints() {
            Ok(seen) => seen,
            Err(trouble) => return Reconciled::Partly(vec![trouble]),
        };
        let changed = self.changed(&seen);
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

    /// A file is gone.
    pub fn lost(&mut self, path: &Path, clock: &dyn Clock) {
        let Some((named, relative)) = self.named(path) else {
            return;
        };
        let start = named.start(self.layout.zone(), None);
        let (Some(camera), Some(start)) = (named.camera, start) else {
            return;
        };
        if !self.guard.is_intact() {
            return;
        }
        let nominal = self.layout.nominal_ms();
        if let Some(index) = self.cameras.get_mut(&camera) {
            let gone = index.remove(&relative, start, clock.now(), nominal);
            self.note_gone(&camera, &gone);
        }
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

    fn fingerprints(&mut self) -> Result<(Seen, Vec<Unreadable>), Unreadable> {
        let (mut seen, mut trouble) = (Seen::new(), Vec::new());
        walk(&self.root, self.layout.as_ref(), &mut |met| {
            match met {
                Met::Segment(found) => {
                    let hours: &mut BTreeMap<Hour, Fingerprint> =
                        seen.entry(found.camera.to_owned()).or_default();
                    let print = hours.entry(Hour::of(found.start)).or_default();
                    print.add(found.relative, found.bytes, found.written);
                }
                Met::Unreadable(place) => trouble.push(place),
                Met::Progress { .. } => {}
            }
            ControlFlow::Continue(())
        })?;
        Ok((seen, trouble))
    }

    fn changed(&self, seen: &Seen) -> Seen {
        let mut changed = Seen::new();
        for (camera, hours) in seen {
            let known = self.cameras.get(camera);
            let differing: BTreeMap<_, _> = hours
                .iter()
                .filter(|(hour, print)| {
                    known.is_none_or(|index| index.fingerprint(**hour) != **print)
                })
                .map(|(hour, print)| (*hour, *print))
                .collect();
            if !differing.is_empty() {
                changed.insert(camera.clone(), differing);
            }
        }
        changed
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
            Met::Unreadable(_) | Met::Progress { .. } => ControlFlow::Continue(()),
        });
        if reading.stopped {
            return Some(Reconciled::Stopped);
        }
        if let Err(trouble) = walked {
            return Some(Reconciled::Partly(vec![trouble]));
        }
        for ((camera, hour), files) in std::mem::take(&mut reading.pending) {
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
        if let Some(file) = self.check(found) {
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

    /// What a path below the root names.
    fn named(&self, path: &Path) -> Option<(Named, String)> {
        let relative = path.strip_prefix(&self.root).ok()?.to_str()?;
        let mut named = Named::default();
        let mut depth = 0;
        for part in relative.split('/') {
            named = self.layout.read(depth, part, &named)?;
            depth += 1;
        }
        (depth == self.layout.depth()).then(|| (named, relative.to_owned()))
    }

    fn read(&mut self, path: &Path) -> Option<(String, Checked)> {
        let (named, relative) = self.named(path)?;
        let metadata = fs_err::symlink_metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        let written = Instant::from_s(std::os::unix::fs::MetadataExt::mtime(&metadata));
        let start = named.start(self.layout.zone(), Some(written))?;
        let camera = named.camera?;
        let known = self.cameras.get(&camera);
        if known.is_some_and(|index| index.knows(&relative, start, metadata.len(), written)) {
            return None;
        }
        let found = Found {
            camera: &camera,
            start,
            relative: &relative,
            path,
            bytes: metadata.len(),
            written,
        };
        let file = self.check(&found)?;
        Some((camera, file))
    }

    fn check(&mut self, found: &Found<'_>) -> Option<Checked> {
        let mut file = Checked {
            path: found.relative.to_owned(),
            start: found.start,
            bytes: found.bytes,
            written: found.written,
            state: SegmentState::Sealed,
            fault: None,
            duration_ms: None,
        };
        if self.verify || found.bytes == 0 {
            // Deleted a moment ago, or not readable: a walk tells which.
            let structure = self.checker.check_file(found.path).ok()?;
            file.state = structure.state;
            file.fault = structure
                .fault
                .map(|kind| (kind, structure.detail.to_string()));
            file.duration_ms = structure.duration_ms;
        }
        Some(file)
    }
}

type Seen = BTreeMap<String, BTreeMap<Hour, Fingerprint>>;

struct Reading {
    changed: Seen,
    pending: BTreeMap<(String, Hour), Vec<Checked>>,
    stopped: bool,
}

/// Opens at most so many files a second.
#[derive(Debug)]
pub struct Steady {
    files_per_second: u64,
    since: Tick,
    opened: u64,
}

impl Steady {
    /// Begins to count now.
    pub fn new(files_per_second: u32, now: Tick) -> Self {
        Self {
            files_per_second: u64::from(files_per_second.max(1)),
            since: now,
            opened: 0,
        }
    }

    /// Counts one file and says how long to wait, in milliseconds.
    pub fn wait_ms(&mut self, now: Tick) -> u64 {
        self.opened += 1;
        let due_ms = self.opened * 1_000 / self.files_per_second;
        due_ms.saturating_sub(now.since(self.since))
    }
}
