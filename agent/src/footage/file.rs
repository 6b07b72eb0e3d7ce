//! One file below a recorder's root: what its name tells, and what its structure says.

use std::path::Path;

use keepwatch_common::model::name::Name;
use keepwatch_common::model::segment::SegmentState;
use keepwatch_common::time::Instant;

use super::container::{CheckError, Checker};
use super::index::Checked;
use super::layout::{Layout, Named};
use super::walk::Found;

/// What a path below the root names, and the path below it; `None` when it is no segment of
/// a camera that can be named.
pub fn named_below(root: &Path, layout: &dyn Layout, path: &Path) -> Option<(Named, String)> {
    let relative = path.strip_prefix(root).ok()?.to_str()?;
    let mut named = Named::default();
    let mut depth = 0;
    for part in relative.split('/') {
        named = layout.read(depth, part, &named)?;
        depth += 1;
    }
    // A camera that cannot be reported is told by walks.
    let camera = named.camera.as_deref().unwrap_or_default();
    let is_whole = depth == layout.depth() && Name::new(camera).is_ok();
    is_whole.then(|| (named, relative.to_owned()))
}

/// A segment's file as its name and its directory entry tell.
#[derive(Debug)]
pub struct FileBelow {
    /// The camera in the recorder's own words.
    pub camera: String,
    /// When it starts.
    pub start: Instant,
    /// The file below the root.
    pub relative: String,
    /// Its size.
    pub bytes: u64,
    /// When it was written last.
    pub written: Instant,
}

impl FileBelow {
    /// Looks at one path; `None` when there is no segment.
    pub fn at(root: &Path, layout: &dyn Layout, path: &Path) -> Option<Self> {
        let (named, relative) = named_below(root, layout, path)?;
        let metadata = fs_err::symlink_metadata(path)
            .ok()
            .filter(std::fs::Metadata::is_file)?;
        let written = Instant::from_s(std::os::unix::fs::MetadataExt::mtime(&metadata));
        let start = named.start(layout.zone(), Some(written))?;
        Some(Self {
            camera: named.camera?,
            start,
            relative,
            bytes: metadata.len(),
            written,
        })
    }

    /// The same as a walk would tell it.
    pub fn found<'a>(&'a self, path: &'a Path) -> Found<'a> {
        Found {
            camera: &self.camera,
            start: self.start,
            relative: &self.relative,
            path,
            bytes: self.bytes,
            written: self.written,
        }
    }
}

/// Opens segments, or takes their word for it.
#[derive(Debug)]
pub struct FileReader {
    checker: Checker,
    verify: bool,
}

impl FileReader {
    /// `verify` says whether files are opened; empty ones always are looked at.
    pub fn new(verify: bool) -> Self {
        Self {
            checker: Checker::new(),
            verify,
        }
    }

    /// What the structure says.
    pub fn check(&mut self, found: &Found<'_>) -> Result<Checked, CheckError> {
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
            let structure = self.checker.check_file(found.path)?;
            file.state = structure.state;
            file.fault = structure
                .fault
                .map(|kind| (kind, structure.detail.to_string()));
            file.duration_ms = structure.duration_ms;
        }
        Ok(file)
    }
}
