//! Other programs that look into recordings, as people call them: `ffprobe`, a process a file, and
//! `mediainfo`, which takes many files at once.

use std::io;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};

use super::statistics::count;
use super::stopwatch::Stopwatch;

/// Why there is nothing to compare with.
#[derive(Debug, thiserror::Error)]
pub enum ProbeError {
    /// Not installed.
    #[error("{program} is not installed; tests/run installs what the tests need")]
    Missing {
        /// Which.
        program: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It does not like the files.
    #[error("{program} ended with {status}")]
    Refused {
        /// Which.
        program: &'static str,
        /// How.
        status: ExitStatus,
    },
}

/// Looks whether both can be run.
pub fn look_for_both() -> Result<(), ProbeError> {
    run("ffprobe", &["-version"], &[])?;
    run("mediainfo", &["--Version"], &[]).or_else(|error| match error {
        // It takes a question for its version as a failure.
        ProbeError::Refused { .. } => Ok(()),
        missing @ ProbeError::Missing { .. } => Err(missing),
    })
}

/// Microseconds a file that `ffprobe` takes for container and streams, its start included.
pub fn ffprobe_us(paths: &[&PathBuf]) -> Result<f64, ProbeError> {
    let asked = [
        "-v",
        "error",
        "-show_format",
        "-show_streams",
        "-of",
        "json",
    ];
    let watch = Stopwatch::start();
    for path in paths {
        run("ffprobe", &asked, &[path])?;
    }
    Ok(watch.us() / count(paths.len()))
}

/// Microseconds a file that one `mediainfo` takes for all of these, its start included.
pub fn mediainfo_us(paths: &[&PathBuf]) -> Result<f64, ProbeError> {
    let watch = Stopwatch::start();
    run("mediainfo", &["--Output=JSON"], paths)?;
    Ok(watch.us() / count(paths.len()))
}

fn run(program: &'static str, asked: &[&str], paths: &[&PathBuf]) -> Result<(), ProbeError> {
    let status = Command::new(program)
        .args(asked)
        .args(paths)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(|source| ProbeError::Missing { program, source })?;
    if status.success() {
        Ok(())
    } else {
        Err(ProbeError::Refused { program, status })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_not_there_is_named_with_the_remedy() {
        let missing = run("no-such-probe", &[], &[]).unwrap_err();
        let said = missing.to_string();
        assert!(
            said.contains("no-such-probe") && said.contains("tests/run"),
            "{said}"
        );
    }
}
