//! Examines what is under a volume: every source is asked, and what they say is put together.
//!
//! One checkup serves all volumes of a branch, so that a disk under two of them is asked once. It
//! must not know to whom the outcome is told.

use keepwatch_common::clock::Tick;
use keepwatch_common::model::health::{Reason, SOURCES_MAX, Source, SourceHealth, VolumeHealth};

use super::beneath::{Beneath, beneath};
use super::health::array::Arrays;
use super::health::btrfs::Btrfs;
use super::health::device::Devices;
use super::health::ext4::Ext4;
use super::health::latency::Latency;
use super::health::smart::Disks;
use super::health::zfs::Pools;
use super::health::{Case, Examiner, mount, unknown};
use super::machine::Machine;
use super::mounts::{Mount, Mounts};
use super::volume::{Volume, resolved};

/// Every source, and what each remembers.
#[derive(Debug)]
pub struct Checkup {
    machine: Machine,
    examiners: Vec<Box<dyn Examiner>>,
}

impl Checkup {
    /// On a machine.
    pub fn new(machine: Machine) -> Self {
        Self {
            machine,
            examiners: vec![
                Box::new(Arrays),
                Box::new(Pools::default()),
                Box::new(Ext4),
                Box::new(Btrfs),
                Box::new(Disks::default()),
                Box::new(Devices::default()),
                Box::new(Latency::default()),
            ],
        }
    }

    /// Examines a volume. May block as long as its disks do.
    pub fn examine(&mut self, volume: &Volume, now: Tick) -> VolumeHealth {
        let mounts = Mounts::read(&self.machine).unwrap_or_default();
        let path = resolved(volume.path());
        let path = path.as_deref().unwrap_or(volume.path());
        let mounted = mount::examine(&self.machine, path, volume.id(), &mounts);
        let mut sources = match mounts.at(path) {
            // What is under another volume than the one meant says nothing of that one.
            Some(mount) if mounted.reason != Reason::OtherVolume => self.below(mount, &mounts, now),
            _ => Vec::new(),
        };
        sources.insert(0, mounted);
        VolumeHealth {
            volume: volume.name().clone(),
            sources: bounded(sources),
        }
    }

    fn below(&mut self, mount: &Mount, mounts: &Mounts, now: Tick) -> Vec<SourceHealth> {
        let beneath = beneath(&self.machine, mount, mounts);
        let case = Case {
            machine: &self.machine,
            mount,
            beneath: &beneath,
            now,
        };
        let examiners = self.examiners.iter_mut();
        let mut said: Vec<_> = examiners
            .flat_map(|examiner| examiner.examine(&case))
            .collect();
        said.extend(unseen(mount, &beneath));
        said
    }
}

/// What is under a mount and was not looked at.
fn unseen(mount: &Mount, beneath: &Beneath) -> Option<SourceHealth> {
    if beneath.more {
        return Some(unknown(Source::Smart, "…", Reason::TooMany));
    }
    // Which disks a pool is on, only the pool knows.
    let has_none = beneath.disks.is_empty() && mount.kind != "zfs";
    has_none.then(|| unknown(Source::Smart, &mount.source, Reason::NoDisk))
}

/// No more than can be told, and nothing twice: two devices whose names only differ in what cannot
/// be shown.
fn bounded(sources: Vec<SourceHealth>) -> Vec<SourceHealth> {
    let mut kept: Vec<SourceHealth> = Vec::with_capacity(sources.len().min(SOURCES_MAX));
    for source in sources {
        if kept.len() < SOURCES_MAX && !kept.iter().any(|one| one.is_about(&source)) {
            kept.push(source);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use keepwatch_common::model::health::{Measure, Word};
    use keepwatch_common::model::name::Name;

    use super::super::fake::Fake;
    use super::super::tool::Tool;
    use super::*;

    const ATA: &str = include_str!("../../testdata/storage/smartctl_ata_shape.json");

    fn root(fake: &Fake) -> Volume {
        let name = Name::new("footage").unwrap();
        Volume::new(name, PathBuf::from("/")).on(fake.machine())
    }

    fn said(fake: &Fake) -> VolumeHealth {
        Checkup::new(fake.machine().clone()).examine(&root(fake), Tick(0))
    }

    fn pairs(health: &VolumeHealth) -> Vec<(Source, &str, Word)> {
        let sources = health.sources.iter();
        sources
            .map(|one| (one.source, one.subject.as_str(), one.word))
            .collect()
    }

    /// A mirror of two disks below `/`.
    fn mirror() -> Fake {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.disk("sdb", "8:16");
        fake.array("md0", "9:0", &["sda", "sdb"]);
        fake.mount("9:0", "/", "ext4", "/dev/md0", "rw");
        fake.write("sys/fs/ext4/md0/errors_count", "0\n");
        let line = |disk: &str| format!("8 0 {disk} 5 0 40 2 9 0 72 8 0 9 10\n");
        fake.write("proc/diskstats", &(line("sda") + &line("sdb")));
        for disk in ["/dev/sda", "/dev/sdb"] {
            fake.answer(Tool::Smartctl, disk, Ok((0, ATA)));
        }
        fake
    }

    #[test]
    fn everything_under_a_sound_mirror_is_good() {
        let fake = mirror();
        let health = said(&fake);
        assert_eq!(
            pairs(&health),
            [
                (Source::Mount, "/dev/md0", Word::Good),
                (Source::Array, "md0", Word::Good),
                (Source::FileSystem, "md0", Word::Good),
                (Source::Smart, "sda", Word::Good),
                (Source::Smart, "sdb", Word::Good),
                (Source::Latency, "sda", Word::Good),
                (Source::Latency, "sdb", Word::Good),
            ]
        );
        assert_eq!(health.word(), Word::Good);
    }

    #[test]
    fn a_mirror_that_lost_a_disk_says_so_beside_the_disk_that_is_left() {
        let fake = mirror();
        fake.write("sys/class/block/md0/md/degraded", "1\n");
        let health = said(&fake);
        assert_eq!(health.word(), Word::Failing);
        let array = &health.sources[1];
        assert_eq!(array.figure(Measure::MembersWorking), Some(1));
    }

    #[test]
    fn without_the_tool_the_rest_is_still_said() {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.mount("8:0", "/", "xfs", "/dev/sda", "rw");
        fake.write("proc/diskstats", "8 0 sda 5 0 40 2 9 0 72 8 0 9 10\n");
        let health = said(&fake);
        assert_eq!(
            pairs(&health)[1..],
            [
                (Source::Smart, "sda", Word::Unknown),
                (Source::Latency, "sda", Word::Good)
            ]
        );
        assert_eq!(health.sources[1].reason, Reason::ToolMissing);
        assert_eq!(health.word(), Word::Unknown);
    }

    #[test]
    fn a_share_and_a_mount_that_is_not_there_are_unknown() {
        let fake = Fake::new();
        assert_eq!(pairs(&said(&fake)), [(Source::Mount, "/", Word::Unknown)]);
        fake.mount("0:44", "/", "nfs4", "nas:/footage", "rw");
        let health = said(&fake);
        assert_eq!(health.sources[1].reason, Reason::NoDisk);
        assert_eq!(health.word(), Word::Unknown);
    }

    #[test]
    fn this_machine_can_be_examined() {
        let volume = Volume::new(Name::new("root").unwrap(), PathBuf::from("/"));
        let health = Checkup::new(Machine::this()).examine(&volume, Tick(0));
        assert_eq!(health.sources[0].source, Source::Mount);
        assert!(health.sources.len() > 1, "{health:?}");
    }
}
