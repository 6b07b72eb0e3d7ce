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
        match &found.extent {
            Extent::Whole if self.verify || found.bytes == 0 => {
                let structure = self.checker.check_file(found.path)?;
                file.state = structure.state;
                file.fault = structure
                    .fault
                    .map(|kind| (kind, structure.detail.to_string()));
                media_ms = structure.duration_ms;
            }
            Extent::Part(part) if found.bytes < part.end.saturating_sub(part.start) => {
                let bytes = part.end.saturating_sub(part.start);
                (file.state, file.fault) = lacking(bytes, found.bytes);
            }
            Extent::Part(part) if self.verify => {
                let structure = self.checker.check_part(found.path, part.clone())?;
                file.state = structure.state;
                file.fault = structure
                    .fault
                    .map(|kind| (kind, structure.detail.to_string()));
                media_ms = structure.duration_ms;
            }
            Extent::Raw(bytes) if found.bytes < *bytes => {
                (file.state, file.fault) = lacking(*bytes, found.bytes);
                if let Some((kind, _)) = file.fault.as_mut().filter(|_| found.bytes == 0) {
                    *kind = FaultKind::Empty;
                }
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

/// What a segment is whose index tells more bytes than there are.
fn lacking(bytes: u64, there: u64) -> (SegmentState, Option<(FaultKind, String)>) {
    let missing = bytes.saturating_sub(there);
    let detail = format!("{missing} of the {bytes} bytes in the index are not there");
    (SegmentState::Corrupt, Some((FaultKind::Truncated, detail)))
}

#[cfg(test)]
mod tests {
    use std::ops::Range;

    use super::*;

    fn checked(part: Range<u64>) -> Checked {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("hiv00000.mp4");
        let mut bytes = vec![0xff; 100];
        bytes.extend([0, 0, 1, 0xba]);
        bytes.resize(1_000, 7);
        fs_err::write(&path, &bytes).unwrap();
        let size = 1_000_u64;
        let found = Found {
            camera: "1",
            start: Instant::from_s(1_000),
            end: Some(Instant::from_s(1_060)),
            is_open: false,
            relative: "hiv00000.mp4#100",
            path: &path,
            bytes: part.end.min(size).saturating_sub(part.start),
            extent: Extent::Part(part),
            written: Instant::from_s(1_060),
        };
        FileReader::new(true, Told::Book).check(&found).unwrap()
    }

    #[test]
    fn a_part_is_checked_by_the_bytes_at_its_place() {
        let part = checked(100..600);
        assert_ne!(part.state, SegmentState::Corrupt, "{:?}", part.fault);
        assert_eq!(part.duration_ms, Some(60_000));
    }

    #[test]
    fn a_part_beyond_its_file_is_cut_off() {
        let part = checked(900..1_100);
        assert_eq!(part.state, SegmentState::Corrupt);
        assert!(part.fault.unwrap().1.starts_with("100 of the 200 bytes"));
    }
}
