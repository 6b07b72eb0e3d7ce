//! The files of a spool on disk, and where a damaged one is put aside.
//!
//! A damaged spool must never keep the agent from starting, and must not be thrown away unseen
//! either: it is moved aside with its log under a name that tells when. Few are kept, and none when
//! the disk runs short.

use std::ffi::OsString;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use fs_err as fs;
use fs_err::os::unix::fs::OpenOptionsExt;
use keepwatch_common::time::Instant;

/// The database, in the spool's own folder.
const FILE_NAME: &str = "spool.db";

/// What a damaged spool is called; the time in milliseconds follows.
const DAMAGED_PREFIX: &str = "spool.damaged-";

/// What SQLite may keep beside a database, with "" for the database itself last: a crash between
/// two moves must leave the database where the next start finds it damaged again.
const SUFFIXES: [&str; 4] = ["-wal", "-journal", "-shm", ""];

/// Damaged spools kept: the last, and the one before it, for whoever looks for the cause.
const DAMAGED_KEPT_MAX: usize = 2;

/// The database of a spool's folder.
pub(super) fn database_path(folder: &Path) -> PathBuf {
    folder.join(FILE_NAME)
}

/// Makes the folder and an empty file where there are none, readable by the agent alone. The
/// folder's entry is synced: a spool that is gone after a loss of power has kept nothing.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    // A folder that someone else owns stays as it is; the file protects itself.
    fs::set_permissions(folder, PermissionsExt::from_mode(0o700)).ok();
    let path = database_path(folder);
    let file = fs::OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)?;
    file.file()
        .set_permissions(PermissionsExt::from_mode(0o600))?;
    fs::File::open(folder)?.sync_all()
}

/// Moves the database and its log aside; says where the database went.
pub(super) fn move_aside(folder: &Path, now: Instant) -> io::Result<PathBuf> {
    let mut kept = damaged(folder)?;
    let excess = (kept.len() + 1).saturating_sub(DAMAGED_KEPT_MAX);
    for (_, path) in kept.drain(..excess) {
        remove(&path)?;
    }
    // A clock that went back, or two in one millisecond, must not overwrite what is kept.
    let ms = kept
        .last()
        .map_or(now.ms(), |(last, _)| now.ms().max(last + 1));
    let target = folder.join(format!("{DAMAGED_PREFIX}{ms}"));
    let source = database_path(folder);
    for suffix in SUFFIXES {
        match fs::rename(with_suffix(&source, suffix), with_suffix(&target, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            moved => moved?,
        }
    }
    Ok(target)
}

/// Removes all damaged spools; says whether there were any.
pub(super) fn discard(folder: &Path) -> io::Result<bool> {
    let kept = damaged(folder)?;
    for (_, path) in &kept {
        remove(path)?;
    }
    Ok(!kept.is_empty())
}

/// The damaged spools in a folder, the oldest first.
fn damaged(folder: &Path) -> io::Result<Vec<(i64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        let Some(rest) = name.to_str().and_then(|n| n.strip_prefix(DAMAGED_PREFIX)) else {
            continue;
        };
        // A log that was moved without its database counts as well, or nobody would remove it.
        let digits = SUFFIXES
            .iter()
            .find_map(|s| rest.strip_suffix(s).filter(|_| !s.is_empty()))
            .unwrap_or(rest);
        if let Ok(ms) = digits.parse::<i64>() {
            found.push((ms, folder.join(format!("{DAMAGED_PREFIX}{ms}"))));
        }
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn remove(path: &Path) -> io::Result<()> {
    for suffix in SUFFIXES {
        match fs::remove_file(with_suffix(path, suffix)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => removed?,
        }
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn the_log_goes_with_its_database_and_only_two_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for ms in [5, 7, 6, 6] {
            prepare(folder.path()).unwrap();
            fs::write(folder.path().join("spool.db-wal"), b"log").unwrap();
            move_aside(folder.path(), Instant::from_ms(ms)).unwrap();
        }
        let kept = ["8", "8-wal", "9", "9-wal"].map(|end| format!("{DAMAGED_PREFIX}{end}"));
        assert_eq!(names(folder.path()), kept);
        assert!(discard(folder.path()).unwrap());
        assert!(names(folder.path()).is_empty());
    }

    #[test]
    fn folder_and_file_are_for_the_agent_alone() {
        let parent = tempfile::tempdir().unwrap();
        let folder = parent.path().join("a/spool");
        prepare(&folder).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        assert_eq!(mode(&database_path(&folder)), 0o600);
    }
}
