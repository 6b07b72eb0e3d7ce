//! From a mount down to the disks: partitions, LVM and other mapped devices, software arrays, loops.
//!
//! The kernel links every block device to what it is made of; the walk follows these links, in a
//! bounded number of steps. Disks behind a ZFS pool or another machine are not below a mount in this
//! sense. It must not know whether any of them is well.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use super::machine::{Machine, leads_to, names, text};
use super::mounts::{Mount, Mounts};

/// Block devices walked through below one mount: a shelf of 60 disks with a partition each.
const DEVICES_MAX: usize = 256;

/// Disks of one volume that are asked how they are, each by several sources.
pub const DISKS_MAX: usize = 16;

/// What lies below a mount.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beneath {
    /// Disks, in the order they were come upon.
    pub disks: Vec<String>,
    /// Software arrays.
    pub arrays: Vec<String>,
    /// The devices that were mounted themselves: several, where a file system spans them.
    pub tops: Vec<String>,
    /// Whether there is more than was looked at.
    pub more: bool,
}

/// Walks down from a mount.
pub fn beneath(machine: &Machine, mount: &Mount, mounts: &Mounts) -> Beneath {
    let tops = tops(machine, mount);
    let mut found = Beneath::default();
    let mut due: VecDeque<String> = tops.iter().cloned().collect();
    let mut seen = BTreeSet::new();
    while let Some(device) = due.pop_front() {
        if !seen.insert(device.clone()) {
            continue;
        }
        if seen.len() > DEVICES_MAX {
            found.more = true;
            break;
        }
        let below = step(machine, &device, mounts);
        let folder = machine.block(&device);
        if folder.join("md/array_state").exists() {
            found.arrays.push(device.clone());
        }
        if below.is_empty() && folder.join("device").exists() {
            found.disks.push(device);
        }
        due.extend(below);
    }
    found.more |= found.disks.len() > DISKS_MAX;
    found.disks.truncate(DISKS_MAX);
    found.tops = tops;
    found
}

/// The block devices that a mount is on.
pub fn tops(machine: &Machine, mount: &Mount) -> Vec<String> {
    let (major, minor) = mount.device;
    if major != 0 {
        let link = machine.sys.join(format!("dev/block/{major}:{minor}"));
        return leads_to(&link).into_iter().collect();
    }
    let Some(device) = named(machine, &mount.source) else {
        return Vec::new();
    };
    if mount.kind != "btrfs" {
        return vec![device];
    }
    let systems = machine.sys.join("fs/btrfs");
    let spanned = names(&systems)
        .into_iter()
        .map(|uuid| names(&systems.join(uuid).join("devices")))
        .find(|devices| devices.contains(&device));
    spanned.unwrap_or_else(|| vec![device])
}

/// The kernel's name of a device by its path below `/dev`.
fn named(machine: &Machine, source: &str) -> Option<String> {
    let below = source.strip_prefix("/dev/")?;
    let device = leads_to(&machine.dev.join(below))?;
    machine.block(&device).exists().then_some(device)
}

/// What a device is made of; nothing, when it is made of nothing else.
fn step(machine: &Machine, device: &str, mounts: &Mounts) -> Vec<String> {
    let folder = machine.block(device);
    if folder.join("partition").exists() {
        let whole = fs_err::canonicalize(&folder).ok();
        let whole = whole.as_deref().and_then(Path::parent);
        let whole = whole
            .and_then(Path::file_name)
            .and_then(|name| name.to_str());
        return whole.map(str::to_owned).into_iter().collect();
    }
    let slaves = names(&folder.join("slaves"));
    if !slaves.is_empty() {
        return slaves;
    }
    match text(&folder.join("loop/backing_file")) {
        Ok(file) => mounts
            .holding(Path::new(&file))
            .map(|mount| tops(machine, mount))
            .unwrap_or_default(),
        Err(_) => Vec::new(),
    }
}

/// The path of a device for tools; the kernel writes slashes in names as exclamation marks.
pub fn device_path(device: &str) -> String {
    format!("/dev/{}", device.replace('!', "/"))
}

#[cfg(test)]
mod tests {
    use super::super::fake::Fake;
    use super::*;

    fn below(fake: &Fake, point: &str) -> Beneath {
        let mounts = Mounts::read(fake.machine()).unwrap();
        beneath(
            fake.machine(),
            mounts.at(Path::new(point)).unwrap(),
            &mounts,
        )
    }

    #[test]
    fn a_partition_leads_to_its_disk() {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.partition("sda", "sda1", "8:1");
        fake.mount("8:1", "/srv", "ext4", "/dev/sda1", "rw");
        let found = below(&fake, "/srv");
        assert_eq!(
            (found.disks, found.arrays),
            (vec!["sda".to_owned()], vec![])
        );
        assert_eq!(found.tops, ["sda1"]);
    }

    #[test]
    fn lvm_on_an_array_of_partitions_leads_to_the_array_and_its_disks() {
        let fake = Fake::new();
        for (disk, at) in [("sda", "8:0"), ("sdb", "8:16")] {
            fake.disk(disk, at);
        }
        fake.partition("sda", "sda1", "8:1");
        fake.partition("sdb", "sdb1", "8:17");
        fake.array("md0", "9:0", &["sda1", "sdb1"]);
        fake.mapped("dm-0", "252:0", &["md0"]);
        fake.mount("252:0", "/srv", "xfs", "/dev/mapper/vg-srv", "rw");
        let found = below(&fake, "/srv");
        assert_eq!(found.disks, ["sda", "sdb"]);
        assert_eq!(found.arrays, ["md0"]);
    }

    #[test]
    fn a_loop_leads_to_the_disk_that_holds_its_file() {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.mount("8:0", "/", "ext4", "/dev/sda", "rw");
        fake.mapped("loop0", "7:0", &[]);
        fake.write("sys/class/block/loop0/loop/backing_file", "/images/e.img\n");
        fake.mount("7:0", "/srv", "ext4", "/dev/loop0", "rw");
        assert_eq!(below(&fake, "/srv").disks, ["sda"]);
    }

    #[test]
    fn what_lies_on_no_disk_has_none_and_circles_end() {
        let fake = Fake::new();
        fake.mount("0:44", "/share", "nfs4", "nas:/footage", "rw");
        assert_eq!(below(&fake, "/share"), Beneath::default());
        fake.mapped("dm-0", "252:0", &["dm-1"]);
        fake.mapped("dm-1", "252:1", &["dm-0"]);
        fake.mount("252:0", "/srv", "xfs", "/dev/dm-0", "rw");
        assert_eq!(below(&fake, "/srv").disks, Vec::<String>::new());
    }

    #[test]
    fn more_disks_than_are_asked_are_not_kept_quiet() {
        let fake = Fake::new();
        let disks: Vec<String> = (0..=DISKS_MAX).map(|n| format!("sd{n}")).collect();
        for (n, disk) in disks.iter().enumerate() {
            fake.disk(disk, &format!("8:{n}"));
        }
        let members: Vec<&str> = disks.iter().map(String::as_str).collect();
        fake.array("md0", "9:0", &members);
        fake.mount("9:0", "/srv", "ext4", "/dev/md0", "rw");
        let found = below(&fake, "/srv");
        assert!(found.more && found.disks.len() == DISKS_MAX);
    }
}
