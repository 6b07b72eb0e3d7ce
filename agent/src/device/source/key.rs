//! Keeps the branch's redaction key in the state folder: drawn once, read by nobody else.
//!
//! A new key makes every hash of a secret another one, which the coordinator shows as unknown. So the
//! key outlives everything but the folder itself.

use std::path::Path;

use keepwatch_common::ids::Randomness;
use zeroize::Zeroizing;

use super::super::redact::RedactionKey;
use crate::identity::folder::{FolderError, PrivateFolder};

/// The file in the state folder.
const FILE: &str = "redaction.key";

/// Why there is no redaction key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file system refuses.
    #[error("the redaction key cannot be kept")]
    Folder(#[from] FolderError),
    /// The file holds something else.
    #[error(
        "{FILE} in the state folder is no redaction key; move it away, and approve the \
         baselines of this branch anew"
    )]
    Damaged,
}

/// The key of this branch; drawn and kept when there is none.
pub fn load_or_draw(state: &Path, randomness: &dyn Randomness) -> Result<RedactionKey, KeyError> {
    let folder = PrivateFolder::open(state)?;
    if let Some(bytes) = folder.read(FILE)? {
        let bytes = Zeroizing::new(bytes.as_slice().try_into().map_err(|_| KeyError::Damaged)?);
        return Ok(RedactionKey::from_bytes(bytes));
    }
    let key = RedactionKey::draw(randomness);
    folder.write(FILE, key.expose())?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;

    use super::*;

    #[test]
    fn a_branch_keeps_its_key() {
        let state = tempfile::tempdir().unwrap();
        let first = load_or_draw(state.path(), &Seeded::new(1)).unwrap();
        let again = load_or_draw(state.path(), &Seeded::new(2)).unwrap();
        assert_eq!(first.id(), again.id());
    }

    #[test]
    fn a_damaged_key_is_not_replaced_in_silence() {
        let state = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(state.path()).unwrap();
        folder.write(FILE, b"short").unwrap();
        assert!(matches!(
            load_or_draw(state.path(), &Seeded::new(1)),
            Err(KeyError::Damaged)
        ));
    }
}
