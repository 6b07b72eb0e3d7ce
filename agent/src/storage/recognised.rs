//! Whether what is mounted is the volume that the configuration means by its id.
//!
//! Three ways lead from an id to a file system: the links that udev keeps below `/dev/disk`, the
//! kernel's own list of btrfs file systems, and the id that `statfs` gives for ext2, ext3 and ext4,
//! which is the UUID folded once. A machine that offers none of them leaves it unknown.

use std::fmt::Write;
use std::path::{Path, PathBuf};

use super::beneath::tops;
use super::machine::{Machine, leads_to, text};
use super::mounts::{Mount, Mounts};
use crate::config::VolumeId;

/// How what is mounted stands to the configured id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recognised {
    /// It is the one.
    Same,
    /// It is another; the configured one is on no disk that is plugged in.
    Absent,
    /// It is another; the configured one is plugged in and mounted elsewhere or not at all.
    Elsewhere,
    /// Nobody can tell here.
    Unresolved,
}

/// Compares a mount with an id. `fsid` is what `statfs` says there.
pub fn recognise(machine: &Machine, id: &VolumeId, mount: &Mount, fsid: Option<u64>) -> Recognised {
    if let (VolumeId::Label(label), "zfs") = (id, mount.kind.as_str()) {
        let pool = mount.source.split('/').next();
        return found(pool == Some(label.as_str()));
    }
    if let VolumeId::Uuid(uuid) = id
        && let Some(same) = by_kernel(machine, uuid, mount, fsid)
    {
        return if same {
            Recognised::Same
        } else {
            missed(machine, id)
        };
    }
    let Some(folder) = folder(machine, id) else {
        return Recognised::Unresolved;
    };
    match leads_to(&folder) {
        Some(device) => found(tops(machine, mount).contains(&device)),
        None => Recognised::Absent,
    }
}

/// Where a volume is that is not mounted where it should be; none when it is not plugged in.
pub fn plugged_in(machine: &Machine, id: &VolumeId, mounts: &Mounts) -> Option<Option<String>> {
    let device = leads_to(&folder(machine, id)?)?;
    let number = text(&machine.block(&device).join("dev")).ok()?;
    let (major, minor) = number.split_once(':')?;
    let number = (major.parse().ok()?, minor.parse().ok()?);
    let point = mounts.of_device(number).map(|mount| &mount.point);
    Some(point.map(|point| point.to_string_lossy().into_owned()))
}

fn found(is_same: bool) -> Recognised {
    if is_same {
        Recognised::Same
    } else {
        Recognised::Elsewhere
    }
}

fn missed(machine: &Machine, id: &VolumeId) -> Recognised {
    match folder(machine, id) {
        Some(link) if leads_to(&link).is_some() => Recognised::Elsewhere,
        _ => Recognised::Absent,
    }
}

/// The link that should be there for an id; none when nobody keeps such links here.
fn folder(machine: &Machine, id: &VolumeId) -> Option<PathBuf> {
    let (folder, name) = match id {
        VolumeId::Uuid(uuid) => ("disk/by-uuid", uuid.clone()),
        VolumeId::Label(label) => ("disk/by-label", link_name(label)),
    };
    let folder = machine.dev.join(folder);
    folder.is_dir().then(|| folder.join(name))
}

/// What the kernel itself knows of a UUID; nothing for file systems that it does not tell it of.
fn by_kernel(machine: &Machine, uuid: &str, mount: &Mount, fsid: Option<u64>) -> Option<bool> {
    match mount.kind.as_str() {
        "btrfs" => {
            let devices = machine.sys.join("fs/btrfs").join(uuid).join("devices");
            let has = |device: &String| devices.join(Path::new(device)).exists();
            let tops = tops(machine, mount);
            (!tops.is_empty()).then(|| tops.iter().any(has))
        }
        "ext2" | "ext3" | "ext4" => Some(folded(uuid)? == fsid?),
        _ => None,
    }
}

/// A UUID as ext4 gives it to `statfs`: both halves, read backwards, laid over each other.
fn folded(uuid: &str) -> Option<u64> {
    let digits: String = uuid.chars().filter(|c| *c != '-').collect();
    if digits.len() != 32 {
        return None;
    }
    let (first, second) = digits.split_at_checked(16)?;
    let half = |digits: &str| u64::from_str_radix(digits, 16).ok().map(u64::swap_bytes);
    Some(half(first)? ^ half(second)?)
}

/// A label as udev writes it into the name of a link.
fn link_name(label: &str) -> String {
    let mut name = String::with_capacity(label.len());
    for c in label.chars() {
        let plain = c.is_ascii_alphanumeric() || "#+-.:=@_".contains(c) || !c.is_ascii();
        if plain {
            name.push(c);
        } else {
            // Writing into a text cannot fail.
            let (Ok(()) | Err(_)) = write!(name, "\\x{:02x}", u32::from(c));
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;

    const UUID: &str = "11223344-5566-4788-99aa-bbccddeeff01";
    /// What `statfs` gave for an ext4 made with that UUID.
    const FSID: u64 = 0x89b8_8888_8888_8888;

    fn seen(fake: &Fake, id: &str, fsid: Option<u64>) -> Recognised {
        let mounts = Mounts::read(fake.machine()).unwrap();
        let mount = mounts.at(Path::new("/srv")).unwrap();
        recognise(fake.machine(), &VolumeId::parse(id).unwrap(), mount, fsid)
    }

    fn one_disk(kind: &str) -> Fake {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.disk("sdb", "8:16");
        fake.mount("8:0", "/srv", kind, "/dev/sda", "rw");
        fake
    }

    #[test]
    fn ext4_is_recognised_without_udev() {
        let fake = one_disk("ext4");
        let id = format!("uuid:{UUID}");
        assert_eq!(seen(&fake, &id, Some(FSID)), Recognised::Same);
        assert_eq!(seen(&fake, &id, Some(1)), Recognised::Absent);
        assert_eq!(
            seen(&fake, "label:footage", Some(1)),
            Recognised::Unresolved
        );
    }

    #[test]
    fn udevs_links_tell_where_a_volume_is() {
        let fake = one_disk("xfs");
        let id = format!("uuid:{UUID}");
        assert_eq!(seen(&fake, &id, None), Recognised::Unresolved);
        fake.link("dev/disk/by-uuid/other", "dev/sdb");
        assert_eq!(seen(&fake, &id, None), Recognised::Absent);
        fake.link(&format!("dev/disk/by-uuid/{UUID}"), "dev/sda");
        assert_eq!(seen(&fake, &id, None), Recognised::Same);
        assert_eq!(seen(&fake, "uuid:other", None), Recognised::Elsewhere);
    }

    #[test]
    fn a_label_with_a_blank_is_found_as_udev_writes_it() {
        let fake = one_disk("xfs");
        fake.link("dev/disk/by-label/foot\\x20age", "dev/sda");
        assert_eq!(seen(&fake, "label:foot age", None), Recognised::Same);
    }

    #[test]
    fn what_is_plugged_in_and_mounted_elsewhere_is_found() {
        let fake = one_disk("xfs");
        fake.link("dev/disk/by-uuid/a", "dev/sda");
        fake.link("dev/disk/by-uuid/b", "dev/sdb");
        let mounts = Mounts::read(fake.machine()).unwrap();
        let at = |id: &str| plugged_in(fake.machine(), &VolumeId::parse(id).unwrap(), &mounts);
        assert_eq!(at("uuid:a"), Some(Some("/srv".to_owned())));
        assert_eq!(at("uuid:b"), Some(None));
        assert_eq!(at("uuid:c"), None);
    }
}
