//! The pictures that prove a verdict: the approved view and what was seen, side by side, few and
//! small, in the agent's own folder.
//!
//! Written as PGM, which every viewer opens. Bounded for each camera; the oldest goes first. What the
//! configuration masks is black already when it comes here.

use std::io;
use std::path::{Path, PathBuf};

use keepwatch_common::time::Instant;

use super::raster::Raster;

/// Pairs of pictures that are kept of one camera: some months of a restless one.
pub const PAIRS_MAX: usize = 16;

/// Files looked at in one camera's folder: more than this are not ours.
const FILES_MAX: usize = 256;

/// Bytes of a file's name that stand for a camera.
const NAME_HEX: usize = 32;

/// The endings of a pair.
const REFERENCE: &str = "reference.pgm";
const NOW: &str = "now.pgm";

/// The evidence of all cameras.
#[derive(Debug, Clone)]
pub struct Evidence {
    folder: PathBuf,
}

/// Evidence could not be kept.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// The folder or a file in it. The source names it.
    #[error("evidence of a camera's view cannot be kept; see that the agent may write its folder")]
    Folder(#[from] io::Error),
}

impl Evidence {
    /// Kept in this folder, which is made when it is needed.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// Keeps what was seen, and the view that it should be if there is one.
    ///
    /// `camera` is any name; `what` is a word of lower-case letters.
    pub fn keep(
        &self,
        camera: &str,
        (at, what): (Instant, &str),
        reference: Option<&Raster>,
        now: &Raster,
    ) -> Result<(), EvidenceError> {
        let folder = self.of(camera);
        fs_err::create_dir_all(&folder)?;
        let what: String = what.chars().filter(char::is_ascii_lowercase).collect();
        let stem = format!("{:015}-{what}", at.ms().max(0));
        if let Some(reference) = reference {
            write(&folder, &format!("{stem}-{REFERENCE}"), reference)?;
        }
        write(&folder, &format!("{stem}-{NOW}"), now)?;
        forget_oldest(&folder)
    }

    /// The files kept of a camera, oldest first.
    pub fn kept(&self, camera: &str) -> Result<Vec<PathBuf>, EvidenceError> {
        files(&self.of(camera))
    }

    /// A camera's folder: its name may hold what no file name may.
    fn of(&self, camera: &str) -> PathBuf {
        let name = blake3::hash(camera.as_bytes()).to_hex();
        self.folder.join(&name.as_str()[..NAME_HEX])
    }
}

fn forget_oldest(folder: &Path) -> Result<(), EvidenceError> {
    let files = files(folder)?;
    let mut stems: Vec<_> = files.iter().filter_map(|file| stem(file)).collect();
    stems.dedup();
    let surplus = stems.len().saturating_sub(PAIRS_MAX);
    for file in &files {
        if stem(file).is_some_and(|stem| stems[..surplus].contains(&stem)) {
            fs_err::remove_file(file)?;
        }
    }
    Ok(())
}

/// Everything of a file's name before its ending; `None` for one that is not ours.
fn stem(file: &Path) -> Option<&str> {
    let name = file.file_name()?.to_str()?;
    let stem = name
        .strip_suffix(REFERENCE)
        .or_else(|| name.strip_suffix(NOW))?;
    stem.strip_suffix('-')
}

/// Our files, oldest first; none where there is no folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, EvidenceError> {
    let entries = match fs_err::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut files = Vec::new();
    for entry in entries.take(FILES_MAX) {
        let path = entry?.path();
        if stem(&path).is_some() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Under another name first, so that no half picture is ever seen.
fn write(folder: &Path, name: &str, raster: &Raster) -> Result<(), EvidenceError> {
    let head = format!("P5\n{} {}\n255\n", raster.width(), raster.height());
    let bytes = [head.as_bytes(), raster.luma()].concat();
    let half = folder.join("half-written");
    fs_err::write(&half, bytes)?;
    fs_err::rename(&half, folder.join(name))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grey(level: u8) -> Raster {
        Raster::new(4, 2, vec![level; 8]).unwrap()
    }

    #[test]
    fn a_pair_is_two_pictures_that_viewers_open() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(folder.path().join("evidence"));
        let at = (Instant::from_s(1_000), "moved");
        evidence
            .keep("后门/../1", at, Some(&grey(1)), &grey(2))
            .unwrap();
        let kept = evidence.kept("后门/../1").unwrap();
        assert_eq!(kept.len(), 2);
        assert_eq!(
            fs_err::read(&kept[0]).unwrap(),
            b"P5\n4 2\n255\n\x02\x02\x02\x02\x02\x02\x02\x02"
        );
        assert!(kept.iter().all(|file| file.starts_with(folder.path())));
        assert!(evidence.kept("another").unwrap().is_empty());
    }

    #[test]
    fn the_oldest_pairs_go_first() {
        let folder = tempfile::tempdir().unwrap();
        let evidence = Evidence::new(folder.path().to_owned());
        for second in 0..40 {
            let at = (Instant::from_s(second), "black");
            evidence.keep("1", at, Some(&grey(0)), &grey(9)).unwrap();
        }
        let kept = evidence.kept("1").unwrap();
        assert_eq!(kept.len(), 2 * PAIRS_MAX);
        assert!(kept[0].to_string_lossy().contains("000000000024000-black"));
    }
}
