//! Whether what is mounted is what was meant, and can be written.

use std::path::Path;

use keepwatch_common::model::health::{Reason, Source, SourceHealth, Word};

use super::super::machine::Machine;
use super::super::mounts::{Mount, Mounts, Writing};
use super::super::recognised::{Recognised, plugged_in, recognise};
use super::{detail, says, unknown};
use crate::config::VolumeId;

/// Says how the mount of a volume stands.
pub fn examine(
    machine: &Machine,
    path: &Path,
    id: Option<&VolumeId>,
    mounts: &Mounts,
) -> SourceHealth {
    match mounts.at(path) {
        Some(mount) => mounted(machine, mount, id, mounts),
        None => away(machine, path, id, mounts),
    }
}

fn mounted(
    machine: &Machine,
    mount: &Mount,
    id: Option<&VolumeId>,
    mounts: &Mounts,
) -> SourceHealth {
    let source = mount.source.as_str();
    let told = |word, reason| says(Source::Mount, source, word, reason);
    if let Some(id) = id {
        let fsid = rustix::fs::statvfs(&mount.point).ok();
        let fsid = fsid.map(|status| status.f_fsid);
        match recognise(machine, id, mount, fsid) {
            Recognised::Same => {}
            Recognised::Unresolved => return told(Word::Unknown, Reason::IdUnresolved),
            Recognised::Absent | Recognised::Elsewhere => {
                let mut said = told(Word::Failing, Reason::OtherVolume);
                detail(&mut said, &whereabouts(machine, id, mounts));
                return said;
            }
        }
    }
    match mount.writing(machine) {
        Writing::Possible => told(Word::Good, Reason::Sound),
        Writing::ConfiguredReadOnly => told(Word::Worn, Reason::ReadOnlyConfigured),
        Writing::RemountedReadOnly => told(Word::Failing, Reason::ReadOnlyRemounted),
    }
}

fn away(machine: &Machine, path: &Path, id: Option<&VolumeId>, mounts: &Mounts) -> SourceHealth {
    let path = path.to_string_lossy();
    let told = |reason| unknown(Source::Mount, &path, reason);
    let Some(id) = id else {
        return told(Reason::NotMounted);
    };
    let reason = match plugged_in(machine, id, mounts) {
        Some(Some(_)) => Reason::IdElsewhere,
        None if machine.dev.join("disk").is_dir() => Reason::IdAbsent,
        Some(None) | None => Reason::NotMounted,
    };
    let mut said = told(reason);
    detail(&mut said, &whereabouts(machine, id, mounts));
    said
}

/// The id, and where its volume is mounted instead.
fn whereabouts(machine: &Machine, id: &VolumeId, mounts: &Mounts) -> String {
    match plugged_in(machine, id, mounts) {
        Some(Some(point)) => format!("{id} → {point}"),
        Some(None) | None => id.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fake::Fake;
    use super::*;

    fn seen(fake: &Fake, id: Option<&str>) -> (Word, Reason, String) {
        let mounts = Mounts::read(fake.machine()).unwrap();
        let id = id.map(|id| VolumeId::parse(id).unwrap());
        let said = examine(fake.machine(), Path::new("/srv"), id.as_ref(), &mounts);
        (said.word, said.reason, said.detail)
    }

    #[test]
    fn another_volume_is_told_with_the_id_that_is_wanted_and_where_it_is() {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.disk("sdb", "8:16");
        fake.mount("8:16", "/media/usb", "xfs", "/dev/sdb", "rw");
        fake.link("dev/disk/by-uuid/b", "dev/sdb");
        let away = seen(&fake, Some("uuid:b"));
        assert_eq!((away.0, away.1), (Word::Unknown, Reason::IdElsewhere));
        assert_eq!(seen(&fake, Some("uuid:c")).1, Reason::IdAbsent);
        assert_eq!(seen(&fake, None).1, Reason::NotMounted);
        fake.mount("8:0", "/srv", "xfs", "/dev/sda", "rw");
        let other = seen(&fake, Some("uuid:b"));
        assert_eq!((other.0, other.1), (Word::Failing, Reason::OtherVolume));
        assert_eq!(other.2, "uuid:b → /media/usb");
    }

    #[test]
    fn a_volume_turned_read_only_fails_and_one_mounted_so_does_not() {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.mount("8:0", "/srv", "ext4", "/dev/sda", "ro");
        assert_eq!(seen(&fake, None).1, Reason::ReadOnlyConfigured);
        fake.write("etc/fstab", "/dev/sda /srv ext4 defaults 0 2\n");
        let turned = seen(&fake, None);
        assert_eq!(
            (turned.0, turned.1),
            (Word::Failing, Reason::ReadOnlyRemounted)
        );
    }
}
