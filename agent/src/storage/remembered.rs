//! Which file system stood where, remembered across restarts.
//!
//! An agent that starts while a disk is not mounted must know that there was one. A small file in
//! the state folder keeps, for each path, the mount it was on and the file system's id. It holds no
//! secret; losing it only means that the next sight counts as the first.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The file in the state folder.
const FILE: &str = "volumes.json";

/// Paths remembered at most.
const PATHS_MAX: usize = 1_024;

/// A file system as it can be told from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// The mount point that holds the path.
    pub mount: String,
    /// The kind of file system.
    pub kind: String,
    /// The id that `statfs` gives, where it gives one.
    pub id: Option<String>,
}

/// What stood where.
#[derive(Debug)]
pub struct Remembered {
    file: PathBuf,
    paths: BTreeMap<String, Identity>,
}

/// Why it could not be written down.
#[derive(Debug, thiserror::Error)]
#[error("cannot write down which volumes there are")]
pub struct RememberError(#[source] std::io::Error);

impl Remembered {
    /// Reads what is written down; nothing, when there is nothing or it cannot be read.
    pub fn read(state: &Path) -> Self {
        let file = state.join(FILE);
        let paths = fs_err::read_to_string(&file)
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default();
        Self { file, paths }
    }

    /// What stood at a path.
    pub fn at(&self, path: &Path) -> Option<&Identity> {
        self.paths.get(path.to_str()?)
    }

    /// Writes down what stands at a path, when it is seen for the first time.
    pub fn first_seen(&mut self, path: &Path, identity: Identity) -> Result<(), RememberError> {
        let Some(path) = path.to_str() else {
            return Ok(());
        };
        if self.paths.contains_key(path) || self.paths.len() >= PATHS_MAX {
            return Ok(());
        }
        self.keep(path, identity)
    }

    /// Writes down what stands at a path in place of what stood there: somebody vouches for it.
    pub fn vouched(&mut self, path: &Path, identity: Identity) -> Result<(), RememberError> {
        let Some(path) = path.to_str() else {
            return Ok(());
        };
        let is_known = self.paths.get(path) == Some(&identity);
        let is_new = !self.paths.contains_key(path);
        if is_known || (is_new && self.paths.len() >= PATHS_MAX) {
            return Ok(());
        }
        self.keep(path, identity)
    }

    fn keep(&mut self, path: &str, identity: Identity) -> Result<(), RememberError> {
        self.paths.insert(path.to_owned(), identity);
        let text = serde_json::to_string_pretty(&self.paths)
            .map_err(|error| RememberError(error.into()))?;
        let fresh = self.file.with_extension("json.new");
        fs_err::write(&fresh, text).map_err(RememberError)?;
        fs_err::rename(&fresh, &self.file).map_err(RememberError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn identity(mount: &str) -> Identity {
        Identity {
            mount: mount.to_owned(),
            kind: "ext4".to_owned(),
            id: Some("1-2".to_owned()),
        }
    }

    #[test]
    fn the_first_sight_survives_a_restart_and_is_not_overwritten() {
        let state = tempfile::tempdir().unwrap();
        let mut first = Remembered::read(state.path());
        first
            .first_seen(Path::new("/srv"), identity("/srv"))
            .unwrap();
        first.first_seen(Path::new("/srv"), identity("/")).unwrap();
        let again = Remembered::read(state.path());
        assert_eq!(again.at(Path::new("/srv")), Some(&identity("/srv")));
    }

    #[test]
    fn what_somebody_vouches_for_takes_the_place_of_the_first_sight() {
        let state = tempfile::tempdir().unwrap();
        let mut seen = Remembered::read(state.path());
        seen.first_seen(Path::new("/srv"), identity("/srv"))
            .unwrap();
        seen.vouched(Path::new("/srv"), identity("/other")).unwrap();
        let again = Remembered::read(state.path());
        assert_eq!(again.at(Path::new("/srv")), Some(&identity("/other")));
    }

    #[test]
    fn a_damaged_file_counts_as_nothing_seen() {
        let state = tempfile::tempdir().unwrap();
        fs_err::write(state.path().join(FILE), b"{").unwrap();
        assert_eq!(Remembered::read(state.path()).at(Path::new("/srv")), None);
    }
}
