//! Moonfire's footage: sample files without a container, told by its database.
//!
//! A sample file cannot be played alone: its size tells whether it is whole. The folder and the
//! database know each other by a file called `meta`; where they do not, the wrong volume is mounted,
//! and nothing of the database is about this folder. The last frame of a recording may be told to
//! last no time at all, which the next recording's start makes good.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use keepwatch_common::time::{Instant, MINUTE_MS};

use self::meta::Meta;
use super::{About, Told, ZoneRule};
use crate::footage::book::{Book, BookError, Extent, Line};
use crate::footage::database::{Cell, Database};

/// The file that ties a folder to its database.
mod meta;

/// What people should know of it.
pub const ABOUT: About = About {
    name: "moonfire",
    maker: "Moonfire NVR",
    pattern: "{16 hex digits}, with meta; its database is given as index",
    zone: ZoneRule::Epoch,
    told: Told::Book,
    deletes: "oldest first beyond each stream's bytes to retain; 0 keeps nothing",
    holds: "nothing",
};

/// The file that ties a folder to its database.
pub const META: &str = "meta";

/// Recordings are cut at a minute.
pub const NOMINAL_MS: i64 = MINUTE_MS;

/// Ticks of its clock in a millisecond.
const TICKS_PER_MS: i64 = 90;

/// Whose database it is.
const DATABASE: &str = "SELECT uuid FROM meta LIMIT 1";

/// Its folders.
const FOLDERS: &str = "SELECT id, uuid FROM sample_file_dir ORDER BY id LIMIT 4096";

/// The recordings of one folder after a key.
const RECORDINGS: &str = "SELECT recording.composite_id, camera.short_name, stream.type, \
     recording.start_time_90k, recording.wall_duration_90k, recording.sample_file_bytes \
     FROM recording JOIN stream ON stream.id = recording.stream_id \
     JOIN camera ON camera.id = stream.camera_id \
     WHERE stream.sample_file_dir_id = ? AND recording.composite_id > ? \
     ORDER BY recording.composite_id LIMIT 4096";

/// Whether a path is of a sample file.
pub fn is_listed(path: &str) -> bool {
    let is_digit = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
    path.len() == 16 && path.bytes().all(is_digit)
}

/// A folder of sample files with its database.
#[derive(Debug)]
pub struct Moonfire {
    database: PathBuf,
}

impl Moonfire {
    /// The database lies elsewhere than the footage.
    pub fn new(database: &Path) -> Self {
        Self {
            database: database.to_owned(),
        }
    }

    /// Which of the database's folders lies at `root`.
    fn folder(root: &Path, database: &mut Database) -> Result<i64, BookError> {
        let path = root.join(META);
        let form = |what| BookError::Form {
            path: path.clone(),
            what,
        };
        let bytes = meta::bytes(&path).map_err(|source| BookError::Read {
            path: path.clone(),
            source,
        })?;
        let meta = Meta::read(&bytes).ok_or_else(|| form("it is not a folder's meta file"))?;
        let rows = database.ask(DATABASE, &[])?;
        let uuid = rows.first().and_then(|row| row.first()?.bytes());
        if uuid != Some(&meta.database[..]) {
            return Err(form(
                "the folder is of another database; is the right volume mounted?",
            ));
        }
        let rows = database.ask(FOLDERS, &[])?;
        let id = rows.iter().find_map(|row| match &row[..] {
            [id, uuid] if uuid.bytes() == Some(&meta.folder[..]) => id.whole(),
            _ => None,
        });
        id.ok_or_else(|| {
            form("the database does not know this folder; is the right volume mounted?")
        })
    }
}

impl Book for Moonfire {
    fn read(
        &self,
        root: &Path,
        meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
    ) -> Result<(), BookError> {
        let mut database = Database::open(&self.database)?;
        let folder = Self::folder(root, &mut database)?;
        let mut after = i64::MIN;
        loop {
            let rows = database.ask(RECORDINGS, &[folder, after])?;
            let last = rows.last().and_then(|row| row.first()?.whole());
            for row in &rows {
                if told(row, meet).is_some_and(|flow| flow.is_break()) {
                    return Ok(());
                }
            }
            match last.filter(|last| *last > after) {
                Some(last) => after = last,
                None => return Ok(()),
            }
        }
    }

    fn files(&self, _root: &Path) -> Vec<PathBuf> {
        let mut log = self.database.clone().into_os_string();
        log.push("-wal");
        vec![self.database.clone(), PathBuf::from(log)]
    }
}

/// Tells one recording; `None` where its row is none.
fn told(
    row: &[Cell],
    meet: &mut dyn FnMut(Line<'_>) -> ControlFlow<()>,
) -> Option<ControlFlow<()>> {
    let [id, camera, stream, start, lasts, bytes] = row else {
        return None;
    };
    let camera = format!("{}/{}", camera.text()?, stream.text()?);
    let (start, lasts) = (start.whole()? / TICKS_PER_MS, lasts.whole()? / TICKS_PER_MS);
    let start = Instant::from_ms(start);
    Some(meet(Line {
        camera: &camera,
        file: &format!("{:016x}", id.whole()?),
        extent: Extent::Raw(u64::try_from(bytes.whole()?).ok()?),
        start,
        end: Some(start + lasts.max(0)),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footage::database::samples::make;

    const SCHEMA: &str = "CREATE TABLE meta (uuid BLOB NOT NULL); \
        CREATE TABLE camera (id INTEGER PRIMARY KEY, uuid BLOB, short_name TEXT NOT NULL, config TEXT); \
        CREATE TABLE sample_file_dir (id INTEGER PRIMARY KEY, config TEXT, uuid BLOB, last_complete_open_id INTEGER); \
        CREATE TABLE stream (id INTEGER PRIMARY KEY, camera_id INTEGER, sample_file_dir_id INTEGER, type TEXT, config TEXT); \
        CREATE TABLE recording (composite_id INTEGER PRIMARY KEY, open_id INTEGER, stream_id INTEGER, \
            run_offset INTEGER, flags INTEGER, sample_file_bytes INTEGER, start_time_90k INTEGER, \
            prev_media_duration_90k INTEGER, prev_runs INTEGER, wall_duration_90k INTEGER, \
            media_duration_delta_90k INTEGER, video_samples INTEGER, video_sync_samples INTEGER, \
            video_sample_entry_id INTEGER, end_reason TEXT); \
        INSERT INTO meta VALUES (X'000102030405060708090a0b0c0d0e0f'); \
        INSERT INTO camera VALUES (1, X'00', 'yard', '{}'); \
        INSERT INTO sample_file_dir VALUES (3, '{}', X'101112131415161718191a1b1c1d1e1f', 1); \
        INSERT INTO stream VALUES (1, 1, 3, 'main', '{}'), (2, 1, 9, 'sub', '{}'); \
        INSERT INTO recording VALUES \
            (4294967297, 1, 1, 0, 1, 5000, 161587953000000, 0, 0, 5400000, 0, 1800, 60, 1, NULL), \
            (4294967298, 1, 1, 1, 0, 6000, 161587958400000, 0, 0, 5400450, 0, 1800, 60, 1, NULL), \
            (8589934593, 1, 2, 0, 0, 700, 161587953000000, 0, 0, 5400000, 0, 1800, 60, 1, NULL)";

    fn meta_of(folder: u8) -> Vec<u8> {
        let mut bytes = vec![36, 0x0a, 16];
        bytes.extend(0..16);
        bytes.extend([0x12, 16]);
        bytes.extend(folder..folder + 16);
        bytes.resize(512, 0);
        bytes
    }

    fn read(folder: u8) -> Result<Vec<String>, BookError> {
        let root = tempfile::tempdir().unwrap();
        fs_err::write(root.path().join(META), meta_of(folder)).unwrap();
        let path = root.path().join("db");
        make(&path, SCHEMA);
        let mut lines = Vec::new();
        Moonfire::new(&path).read(root.path(), &mut |line| {
            let end = line.end.unwrap();
            lines.push(format!(
                "{} {} {} {end}",
                line.camera, line.file, line.start
            ));
            ControlFlow::Continue(())
        })?;
        Ok(lines)
    }

    #[test]
    fn the_recordings_of_this_folder_are_told_and_no_others() {
        assert_eq!(
            read(16).unwrap(),
            [
                "yard/main 0000000100000001 2026-11-23T08:15:00Z 2026-11-23T08:16:00Z",
                "yard/main 0000000100000002 2026-11-23T08:16:00Z 2026-11-23T08:17:00.005Z"
            ]
        );
    }

    #[test]
    fn a_folder_of_another_database_is_unreadable_and_not_empty() {
        assert!(matches!(read(17), Err(BookError::Form { .. })));
    }

    #[test]
    fn a_folder_without_its_meta_file_is_unreadable() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("db");
        make(&path, SCHEMA);
        let read = Moonfire::new(&path).read(root.path(), &mut |_| ControlFlow::Continue(()));
        assert!(matches!(read, Err(BookError::Read { .. })));
    }
}
