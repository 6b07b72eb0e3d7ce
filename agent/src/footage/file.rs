//! One file below a recorder's root: what its name tells, and what its structure says.

use std::path::Path;

use keepwatch_common::model::name::Name;
use keepwatch_common::model::segment::{FaultKind, SegmentState};
use keepwatch_common::time::Instant;

use super::book::Extent;
use super::container::{CheckError, Checker};
use super::found::{Found, filed};
use super::index::Checked;
use super::layout::{Layout, Told};
use super::named::Named;
use super::placing::Clues;

/// What a path below the root names, and the path below it; `None` when it is no segment of
/// a camera that can be named.
pub fn named_below(root: &Path, layout: &dyn Layout, path: &Path) -> Option<(Named, String)> {
    let relative = path.strip_prefix(root).ok()?.to_str()?;
    let (folders, file) = match relative.rsplit_once('/') {
        Some((folders, file)) => (Some(folders), file),
        None => (None, relative),
    };
    let mut named = Named::default();
    let mut depth = 0;
    for part in folders.into_iter().flat_map(|folders| folders.split('/')) {
        named = layout.folder(depth, part, &named)?;
        depth += 1;
    }
    let named = layout.file(depth, file, &named)?;
    // A camera that cannot be reported is told by walks.
    let camera = named.camera.as_deref().unwrap_or_default();
    Name::new(camera)
        .is_ok()
        .then(|| (named, relative.to_owned()))
}

/// What a walk would find at one path below the root, told to `meet`; `None` when there is no
/// segment.
pub fn found_below<T>(
    root: &Path,
    layout: &dyn Layout,
    path: &Path,
    meet: impl FnOnce(&Found<'_>) -> T,
) -> Option<T> {
    let (named, relative) = named_below(root, layout, path)?;
    let metadata = fs_err::symlink_metadata(path)
        .ok()
        .filter(std::fs::Metadata::is_file)?;
    let written = Instant::from_s(std::os::unix::fs::MetadataExt::mtime(&metadata));
    let start = filed(&named, layout, written)?;
    Some(meet(&Found {
        camera: named.camera.as_deref()?,
        start,
        end: named.end(layout.zone(), start),
        is_open: named.is_open,
        relative: &relative,
        path,
        extent: Extent::Whole,
        bytes: metadata.len(),
        written,
    }))
}

/// Opens segments, or takes their word for it.
#[derive(Debug)]
pub struct FileReader {
    checker: Checker,
    verify: bool,
    told: Told,
}

impl FileReader {
    /// `verify` says whether files are opened; empty ones always are looked at. `told` is what the
    /// layout tells of their time.
    pub fn new(verify: bool, told: Told) -> Self {
        Self {
            checker: Checker::new(),
            verify,
            told,
        }
    }

    /// What the structure says, and when it was recorded.
    pub fn check(&mut self, found: &Found<'_>) -> Result<Checked, CheckError> {
        let mut file = Checked {
            path: found.relative.to_owned(),
            filed: found.start,
            start: found.start,
            bytes: found.bytes,
            written: found.written,
            state: SegmentState::Sealed,
            fault: None,
            duration_ms: None,
        };
        let mut media_ms = None;
        match found.extent {
            Extent::Whole if self.verify || found.bytes == 0 => {
                let structure = self.checker.check_file(found.path)?;
                file.state = structure.state;
                file.fault = structure
                    .fault
                    .map(|kind| (kind, structure.detail.to_string()));
                media_ms = structure.duration_ms;
            }
            Extent::Raw(bytes) if found.bytes < bytes => {
                let missing = bytes - found.bytes;
                let detail = format!("{missing} of the {bytes} bytes in the index are not there");
                file.state = SegmentState::Corrupt;
                file.fault = Some((FaultKind::Truncated, detail));
            }
            Extent::Whole | Extent::Raw(_) | Extent::Part(_) => {}
        }
        if found.is_open {
            // Its writer says so itself: it is neither whole nor damaged.
            (file.state, file.fault) = (SegmentState::Open, None);
        }
        let clues = Clues {
            told: self.told,
            start: found.start,
            end: found.end,
            written: found.written,
            media_ms,
        };
        let placed = clues.place();
        (file.start, file.duration_ms) = (placed.start, placed.length_ms);
        if self.verify && file.state == SegmentState::Open && media_ms.is_none() {
            // How long it was written to is no proof that anything of it can ever be played.
            file.duration_ms = None;
        }
        Ok(file)
    }
}
