//! Opens a watched file: only what is a regular file, only where it was configured, and without
//! waiting.
//!
//! Whoever may write to a recorder's folder must not choose what an agent reads that may read
//! everything. So a link is followed only to what lies in the folder of the configured path or below
//! it. The path is resolved once, to a handle that reads nothing and wakes no device; what the handle
//! holds is judged, and that same thing is opened, so that nothing can be put in its place meanwhile.
//! It must not know what the file says.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fs_err::File;
use fs_err::os::unix::fs::OpenOptionsExt;
use rustix::fs::OFlags;

/// A file that is open for reading.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: File,
    /// Who owns it.
    pub(super) uid: u32,
    /// Its length when it was opened.
    pub(super) bytes: u64,
}

/// Why a file is not opened. Its text travels to people.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenRefusal {
    #[error("cannot be opened: {0}")]
    Io(io::ErrorKind),
    #[error("is no regular file")]
    NotRegular,
    #[error(
        "is a link that leads out of its folder, to {}; watch the target itself", target.display()
    )]
    Outside { target: PathBuf },
}

/// Opens a file; nothing when it is not there.
pub(super) fn open(path: &Path) -> Result<Option<Opened>, OpenRefusal> {
    let failed = |error: io::Error| OpenRefusal::Io(error.kind());
    let handle = match handle(path, OFlags::PATH) {
        Err(error) if is_absent(&error) => return Ok(None),
        handle => handle.map_err(failed)?,
    };
    // A handle is no reading: neither a pipe without a writer nor a device notices it.
    let metadata = handle.metadata().map_err(failed)?;
    if !metadata.is_file() {
        return Err(OpenRefusal::NotRegular);
    }
    let target = fs_err::read_link(name_of(&handle)).map_err(failed)?;
    if !folder(path)
        .map_err(failed)?
        .is_some_and(|folder| target.starts_with(folder))
    {
        return Err(OpenRefusal::Outside { target });
    }
    let file =
        self::handle(&name_of(&handle), OFlags::NONBLOCK | OFlags::NOCTTY).map_err(failed)?;
    Ok(Some(Opened {
        file,
        uid: metadata.uid(),
        bytes: metadata.len(),
    }))
}

fn handle(path: &Path, flags: OFlags) -> io::Result<File> {
    fs_err::OpenOptions::new()
        .read(true)
        .custom_flags(flags.bits().cast_signed())
        .open(path)
}

/// Where the kernel keeps what an open handle holds.
fn name_of(handle: &File) -> PathBuf {
    PathBuf::from(format!("/proc/self/fd/{}", handle.as_raw_fd()))
}

/// The folder of the configured path, without links; nothing for a path without one.
fn folder(path: &Path) -> io::Result<Option<PathBuf>> {
    path.parent().map(fs_err::canonicalize).transpose()
}

fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use fs_err::os::unix::fs::symlink;

    use super::*;

    fn said(path: &Path) -> String {
        let mut text = String::new();
        let mut opened = open(path).unwrap().unwrap();
        opened.file.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn a_link_within_the_folder_is_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        // As a volume of Kubernetes is laid: a link to a file behind a linked folder.
        fs_err::create_dir(at("..2026")).unwrap();
        fs_err::write(at("..2026/config.yml"), "a: 1").unwrap();
        symlink("..2026", at("..data")).unwrap();
        symlink("..data/config.yml", at("config.yml")).unwrap();
        assert_eq!(said(&at("config.yml")), "a: 1");
        // An absolute link to the same place is no other place.
        symlink(at("..2026/config.yml"), at("absolute.yml")).unwrap();
        assert_eq!(said(&at("absolute.yml")), "a: 1");
    }

    #[test]
    fn a_folder_that_is_itself_a_link_is_the_folder_it_leads_to() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs_err::create_dir(at("real")).unwrap();
        fs_err::write(at("real/config.yml"), "a: 1").unwrap();
        symlink("real", at("linked")).unwrap();
        assert_eq!(said(&at("linked/config.yml")), "a: 1");
    }

    #[test]
    fn a_link_out_of_the_folder_is_refused_with_its_target() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs_err::create_dir(at("frigate")).unwrap();
        fs_err::write(at("frigate-secret"), "x").unwrap();
        for target in ["../frigate-secret", "/proc/self/status"] {
            let link = at("frigate/dev.ini");
            symlink(target, &link).unwrap();
            let refused = open(&link).unwrap_err();
            assert!(matches!(refused, OpenRefusal::Outside { .. }), "{refused}");
            fs_err::remove_file(&link).unwrap();
        }
    }

    #[test]
    fn a_pipe_and_a_device_are_refused_without_waiting() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let rights = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, rights).unwrap();
        for path in [pipe.as_path(), Path::new("/dev/zero"), folder.path()] {
            let refused = open(path).unwrap_err();
            assert!(matches!(refused, OpenRefusal::NotRegular), "{refused}");
        }
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let folder = tempfile::tempdir().unwrap();
        assert!(open(&folder.path().join("none")).unwrap().is_none());
    }
}
