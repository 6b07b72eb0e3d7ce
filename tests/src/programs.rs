//! Finds the programs that were built beside the tests, so that stories run what people run.

use std::path::PathBuf;

/// Why a program is not there.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError {
    /// This test's own place is not known.
    #[error("the place of the running test is not known")]
    Nowhere(#[from] std::io::Error),
    /// Not built.
    #[error("{} is not built; run: cargo build --workspace --bins", path.display())]
    NotBuilt {
        /// Where it should be.
        path: PathBuf,
    },
}

/// The path of a program of this workspace.
pub fn program(name: &str) -> Result<PathBuf, ProgramError> {
    let test = std::env::current_exe()?;
    // target/debug/deps/<test> → target/debug/<program>
    let folder = test.parent().and_then(std::path::Path::parent);
    let path = folder.map(|folder| folder.join(name)).unwrap_or_default();
    if path.is_file() {
        Ok(path)
    } else {
        Err(ProgramError::NotBuilt { path })
    }
}
