//! What is mounted where, and how, as the kernel tells it.
//!
//! A file system is read-only for one of two reasons that must not be confused: somebody mounted it
//! so, or the kernel turned it so when it met errors. Older kernels then set the file system `ro`
//! under a mount that stays `rw`; newer ones leave both and add `emergency_ro`.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use super::machine::{Machine, Unread, text};

/// Mounts looked at: a machine full of containers has some thousand.
const MOUNTS_MAX: usize = 8_192;

/// One mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The file system's device number; its major is 0 for what has no device of its own.
    pub device: (u32, u32),
    /// Where it is mounted.
    pub point: PathBuf,
    /// The kind of file system.
    pub kind: String,
    /// What was mounted: a device, a pool, a share.
    pub source: String,
    /// Whether the mount is read-only.
    is_bound_read_only: bool,
    /// Whether the file system below it is.
    is_system_read_only: bool,
}

/// Whether and why a mount cannot be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Writing {
    /// It can.
    Possible,
    /// Somebody wants it so.
    ConfiguredReadOnly,
    /// It was writable, or should be.
    RemountedReadOnly,
}

/// All mounts, the later over the earlier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mounts(Vec<Mount>);

impl Mounts {
    /// As the kernel tells them now.
    pub fn read(machine: &Machine) -> Result<Self, Unread> {
        Ok(Self::parse(&text(&machine.proc.join("self/mountinfo"))?))
    }

    fn parse(text: &str) -> Self {
        Self(text.lines().take(MOUNTS_MAX).filter_map(mount).collect())
    }

    /// What is mounted at exactly this path; the last one covers the others.
    pub fn at(&self, path: &Path) -> Option<&Mount> {
        self.0.iter().rev().find(|mount| mount.point == path)
    }

    /// The mount that holds a path.
    pub fn holding(&self, path: &Path) -> Option<&Mount> {
        path.ancestors().find_map(|folder| self.at(folder))
    }

    /// Where else a device is mounted.
    pub fn of_device(&self, device: (u32, u32)) -> Option<&Mount> {
        self.0.iter().rev().find(|mount| mount.device == device)
    }
}

impl Mount {
    /// Whether it can be written, and if not, whether that is meant. What the machine's own table
    /// asks for decides where the kernel does not tell.
    pub fn writing(&self, machine: &Machine) -> Writing {
        if !self.is_read_only() {
            return Writing::Possible;
        }
        let table = text(&machine.etc.join("fstab")).unwrap_or_default();
        match asked_for(&table, &self.point) {
            Some(Asked::ReadOnly) => Writing::ConfiguredReadOnly,
            None if self.is_bound_read_only => Writing::ConfiguredReadOnly,
            Some(Asked::Writable) | None => Writing::RemountedReadOnly,
        }
    }

    /// Whether it cannot be written.
    pub fn is_read_only(&self) -> bool {
        self.is_bound_read_only || self.is_system_read_only
    }
}

fn mount(line: &str) -> Option<Mount> {
    let mut fields = line.split(' ');
    let (major, minor) = fields.nth(2)?.split_once(':')?;
    let device = (major.parse().ok()?, minor.parse().ok()?);
    let _root = fields.next()?;
    let point = PathBuf::from(OsString::from_vec(plain(fields.next()?)));
    let is_bound_read_only = has_option(fields.next()?, &["ro"]);
    // Fields that only newer kernels write end with a dash.
    fields.find(|field| *field == "-")?;
    let kind = fields.next()?.to_owned();
    let source = String::from_utf8_lossy(&plain(fields.next()?)).into_owned();
    let system = fields.next().unwrap_or_default();
    Some(Mount {
        device,
        point,
        kind,
        source,
        is_bound_read_only,
        is_system_read_only: has_option(system, &["ro", "emergency_ro", "shutdown"]),
    })
}

fn has_option(options: &str, wanted: &[&str]) -> bool {
    options.split(',').any(|option| wanted.contains(&option))
}

/// The kernel writes blanks and backslashes as three digits in eights.
fn plain(text: &str) -> Vec<u8> {
    let mut rest = text.as_bytes();
    let mut plain = Vec::with_capacity(rest.len());
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).filter(|_| *first == b'\\');
        let code = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        if let Some(code) = code {
            plain.push(code);
            rest = &after[3..];
        } else {
            plain.push(*first);
            rest = after;
        }
    }
    plain
}

enum Asked {
    ReadOnly,
    Writable,
}

/// What the table of file systems asks for at a path; nothing when it does not name it.
fn asked_for(table: &str, point: &Path) -> Option<Asked> {
    table.lines().take(MOUNTS_MAX).find_map(|line| {
        let mut fields = line.split_ascii_whitespace();
        let _source = fields.next().filter(|source| !source.starts_with('#'))?;
        let at = PathBuf::from(OsString::from_vec(plain(fields.next()?)));
        if at != point {
            return None;
        }
        let options = fields.nth(1).unwrap_or_default();
        Some(if has_option(options, &["ro"]) {
            Asked::ReadOnly
        } else {
            Asked::Writable
        })
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::super::tool::Installed;
    use super::*;

    /// As kernel 6.18 wrote them, the second after the file system met an error.
    const SOUND: &str = "42 27 7:0 / /mnt/foot\\040age rw,relatime - ext4 /dev/loop0 \
                         rw,errors=remount-ro";
    const FAILED: &str = "42 27 7:0 / /mnt/foot\\040age rw,relatime - ext4 /dev/loop0 \
                          rw,errors=remount-ro,emergency_ro";
    const CONFIGURED: &str = "42 27 7:0 / /mnt/foot\\040age ro,relatime - ext4 /dev/loop0 ro";
    const POOL: &str = "44 27 0:39 / /mnt/b rw,relatime shared:1 - btrfs /dev/loop1 \
                        rw,discard=async,space_cache=v2,subvolid=5,subvol=/";

    fn writing(line: &str, table: &str) -> Writing {
        let folder = tempfile::tempdir().unwrap();
        let machine = Machine::below(folder.path(), Arc::new(Installed::default()));
        fs_err::create_dir(&machine.etc).unwrap();
        fs_err::write(machine.etc.join("fstab"), table).unwrap();
        let mounts = Mounts::parse(line);
        mounts
            .at(Path::new("/mnt/foot age"))
            .unwrap()
            .writing(&machine)
    }

    #[test]
    fn what_the_kernel_turned_read_only_is_told_from_what_somebody_mounted_so() {
        assert_eq!(writing(SOUND, ""), Writing::Possible);
        assert_eq!(writing(FAILED, ""), Writing::RemountedReadOnly);
        assert_eq!(writing(CONFIGURED, ""), Writing::ConfiguredReadOnly);
        let older = FAILED.replace("rw,errors=remount-ro,emergency_ro", "ro,errors=remount-ro");
        assert_eq!(writing(&older, ""), Writing::RemountedReadOnly);
    }

    #[test]
    fn the_table_of_file_systems_says_what_was_meant() {
        let table =
            |options: &str| format!("# table\n/dev/x /mnt/foot\\040age ext4 {options} 0 2\n");
        assert_eq!(
            writing(CONFIGURED, &table("defaults")),
            Writing::RemountedReadOnly
        );
        assert_eq!(
            writing(CONFIGURED, &table("ro,noatime")),
            Writing::ConfiguredReadOnly
        );
    }

    #[test]
    fn a_path_is_held_by_the_innermost_and_last_mount() {
        let text = format!("1 0 254:0 / / rw - ext4 /dev/vda rw\n{SOUND}\n{POOL}\n{FAILED}");
        let mounts = Mounts::parse(&text);
        let held = mounts.holding(Path::new("/mnt/foot age/till")).unwrap();
        assert!(held.is_read_only() && held.device == (7, 0));
        assert_eq!(mounts.at(Path::new("/mnt/b")).unwrap().source, "/dev/loop1");
        assert_eq!(mounts.holding(Path::new("/x")).unwrap().kind, "ext4");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader(text in "(\\PC|[ \\\\0-9:\n-]){0,200}") {
            Mounts::parse(&text);
            asked_for(&text, Path::new("/"));
        }
    }
}
