//! Frigate's database against what lies on disk: rows whose file is gone, and files that it forgot.
//!
//! Facts beside an audit and no part of it: names and structure alone tell what was recorded. Memory
//! is eight bytes a row. It must not know how they are shown.

use std::ops::ControlFlow;
use std::path::Path;

use keepwatch_common::time::{Instant, MINUTE_MS};

use super::book::BookError;
use super::database::{Cell, Database};
use super::found::Met;
use super::layout::Layout;
use super::unreadable::Unreadable;
use super::walk::walk;

/// Rows compared at most: 64 cameras with segments of ten seconds for a month.
const ROWS_MAX: usize = 16 * 1024 * 1024;

/// Paths listed of each kind at most; more are only counted.
const LISTED_MAX: usize = 20;

/// How long after a file its row may come.
const FRESH_MS: i64 = 5 * MINUTE_MS;

/// The rows after a key.
const ROWS: &str = "SELECT rowid, path FROM recordings WHERE rowid > ? ORDER BY rowid LIMIT 4096";

/// What was compared, and what did not agree.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct CrossCheck {
    /// Rows of the database.
    pub rows: u64,
    /// Rows whose file is not there.
    pub without_file: Count,
    /// Files that no row names.
    pub without_row: Count,
}

/// How many paths, and the first of them.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// All of them.
    pub count: u64,
    /// The first, below the root.
    pub paths: Vec<String>,
}

impl Count {
    fn add(&mut self, path: &str) {
        self.count += 1;
        if self.paths.len() < LISTED_MAX {
            self.paths.push(path.to_owned());
        }
    }
}

/// Why nothing could be compared.
#[derive(Debug, thiserror::Error)]
pub enum CrossCheckError {
    /// The database.
    #[error("the recorder's database was not compared")]
    Database(#[source] BookError),
    /// The footage.
    #[error("the recorder's files were not compared with its database")]
    Files(#[source] Unreadable),
    /// More rows than we hold.
    #[error("the recorder's database has more than {ROWS_MAX} rows; it was not compared")]
    TooManyRows,
}

/// Compares the rows of `database` with the files below `root`; younger files may have no row yet.
pub fn cross_check(
    database: &Path,
    root: &Path,
    layout: &dyn Layout,
    now: Instant,
) -> Result<CrossCheck, CrossCheckError> {
    let mut found = CrossCheck::default();
    let mut prints = Vec::new();
    let mut database = Database::open(database).map_err(CrossCheckError::Database)?;
    let mut after = i64::MIN;
    loop {
        let rows = database
            .ask(ROWS, &[after])
            .map_err(CrossCheckError::Database)?;
        let mut last = i64::MIN;
        for row in &rows {
            let [id, path] = &row[..] else { continue };
            last = last.max(id.whole().unwrap_or(i64::MIN));
            found.rows += 1;
            if let Some(path) = below(path) {
                prints.push(print(path));
                let gone = fs_err::symlink_metadata(root.join(path))
                    .is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
                if gone {
                    found.without_file.add(path);
                }
            }
        }
        if last <= after {
            break;
        }
        after = last;
        if prints.len() > ROWS_MAX {
            return Err(CrossCheckError::TooManyRows);
        }
    }
    prints.sort_unstable();
    walk(root, layout, &mut |met| {
        if let Met::Segment(segment) = met
            && now.since(segment.written) > FRESH_MS
            && prints.binary_search(&print(segment.relative)).is_err()
        {
            found.without_row.add(segment.relative);
        }
        ControlFlow::Continue(())
    })
    .map_err(CrossCheckError::Files)?;
    Ok(found)
}

/// The path below the recordings, whatever folder the recorder sees them in; a path that leaves them
/// is none.
fn below(path: &Cell) -> Option<&str> {
    let (_, below) = path.text()?.split_once("/recordings/")?;
    let is_plain = below
        .split('/')
        .all(|part| !matches!(part, "" | "." | ".."));
    is_plain.then_some(below)
}

/// Eight bytes that stand for a path.
fn print(path: &str) -> u64 {
    let hash = blake3::hash(path.as_bytes());
    let mut first = [0; 8];
    first.copy_from_slice(&hash.as_bytes()[..8]);
    u64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Zone;

    use super::*;
    use crate::footage::database::samples::make;
    use crate::footage::layouts;

    const SCHEMA: &str = "CREATE TABLE recordings (id VARCHAR(30) NOT NULL PRIMARY KEY, \
        camera VARCHAR(20) NOT NULL, path VARCHAR(255) NOT NULL, start_time DATETIME NOT NULL, \
        end_time DATETIME NOT NULL, duration REAL NOT NULL, motion INTEGER, objects INTEGER, \
        dBFS INTEGER, segment_size REAL NOT NULL, regions INTEGER); \
        INSERT INTO recordings VALUES \
        ('1-a', 'a', '/media/frigate/recordings/2026-11-23/08/a/15.00.mp4', 1.5, 2.5, 10, 0, 0, 0, 1, 0), \
        ('2-b', 'a', '/media/frigate/recordings/2026-11-23/08/a/15.10.mp4', 1.5, 2.5, 10, 0, 0, 0, 1, 0), \
        ('3-c', 'a', '/media/frigate/recordings/../../etc/passwd', 1.5, 2.5, 10, 0, 0, 0, 1, 0)";

    #[test]
    fn rows_without_files_and_files_without_rows_are_told() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("frigate.db");
        make(&database, SCHEMA);
        let root = folder.path().join("recordings");
        let hour = root.join("2026-11-23/08/a");
        fs_err::create_dir_all(&hour).unwrap();
        for name in ["15.00.mp4", "15.20.mp4"] {
            fs_err::write(hour.join(name), b"x").unwrap();
        }
        let layout = layouts::named("frigate", Some(Zone::utc())).unwrap();
        let compare = |now| cross_check(&database, &root, layout.as_ref(), now).unwrap();
        let found = compare(Instant::LATEST);
        assert_eq!(found.rows, 3);
        assert_eq!(found.without_file.paths, ["2026-11-23/08/a/15.10.mp4"]);
        assert_eq!(found.without_row.paths, ["2026-11-23/08/a/15.20.mp4"]);
        // A file of a moment ago may have no row yet.
        assert_eq!(compare(Instant::EPOCH).without_row, Count::default());
    }

    #[test]
    fn a_database_that_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let layout = layouts::named("frigate", None).unwrap();
        let refused = cross_check(
            &folder.path().join("no.db"),
            folder.path(),
            layout.as_ref(),
            Instant::EPOCH,
        );
        assert!(matches!(refused, Err(CrossCheckError::Database(_))));
    }
}
