//! Reading recordings with a clock beside: by the structure check, and the same bytes without one.
//!
//! It must not know whose figures these become.

use std::cell::RefCell;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use keepwatch_agent::footage::container::{Checker, ReadAt};
use keepwatch_common::model::segment::SegmentState;

use super::failure::{Failure, While};
use super::stopwatch::Stopwatch;

/// A file is not what it should be, so its figure would mean nothing.
#[derive(Debug, thiserror::Error)]
#[error("{} is {state:?} and not sealed; bring finished recordings", path.display())]
struct NotSealed {
    path: PathBuf,
    state: SegmentState,
}

/// Where a check reads: offset and length.
pub(super) type Ranges = Vec<(u64, usize)>;

/// Microseconds that all these files take, each judged to be whole.
pub(super) fn check_us(paths: &[PathBuf]) -> Result<f64, Failure> {
    let mut checker = Checker::new();
    let watch = Stopwatch::start();
    for path in paths {
        let found = checker.check_file(path).during("checking a recording")?;
        if found.state != SegmentState::Sealed {
            let (path, state) = (path.clone(), found.state);
            return Err(NotSealed { path, state }).during("checking a recording");
        }
    }
    Ok(watch.us())
}

/// Microseconds that reading these ranges of all files takes.
pub(super) fn raw_us(paths: &[PathBuf], ranges: &Ranges) -> Result<f64, Failure> {
    let longest = ranges.iter().map(|(_, length)| *length).max();
    let mut bytes = vec![0; longest.unwrap_or(0)];
    let watch = Stopwatch::start();
    for path in paths {
        read_raw(path, ranges, &mut bytes).during("reading a recording")?;
    }
    Ok(watch.us())
}

fn read_raw(path: &Path, ranges: &Ranges, bytes: &mut [u8]) -> io::Result<()> {
    let file = OpenOptions::new().read(true).open(path)?;
    std::hint::black_box(file.metadata()?.len());
    for (at, length) in ranges {
        std::hint::black_box(file.read_at(&mut bytes[..*length], *at)?);
    }
    Ok(())
}

/// Notes where a check reads.
struct Noting {
    file: File,
    ranges: RefCell<Ranges>,
}

impl ReadAt for Noting {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        self.ranges.borrow_mut().push((offset, buf.len()));
        self.file.read_at(buf, offset)
    }
}

/// Where a check of these equal files reads; brings all of them into memory on the way.
pub(super) fn ranges_of(paths: &[PathBuf]) -> Result<Ranges, Failure> {
    let mut noted = Ranges::new();
    for path in paths {
        let doing = "reading a recording";
        let file = OpenOptions::new().read(true).open(path).during(doing)?;
        let size = file.metadata().during(doing)?.len();
        let noting = Noting {
            file,
            ranges: RefCell::default(),
        };
        Checker::new()
            .check(&noting, size)
            .during("checking a recording")?;
        noted = noting.ranges.into_inner();
    }
    Ok(noted)
}
