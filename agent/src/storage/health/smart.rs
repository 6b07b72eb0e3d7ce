//! What disks say of themselves, by `smartctl`.
//!
//! A *face*: one child reads the answer, one judges it; here stands when a disk is asked. Seldom,
//! because asking takes a disk from its work for a moment, and what it says changes over days.

use std::collections::BTreeMap;

use keepwatch_common::clock::Tick;
use keepwatch_common::model::health::{Reason, Source, SourceHealth};

use super::super::beneath::device_path;
use super::super::machine::Machine;
use super::super::tool::{Tool, ToolError};
use super::{Case, Examiner, unknown};

mod answer;
mod judge;

use answer::Said;

/// Between two questions to one disk, in milliseconds: half an hour.
const ASK_MS: u64 = 30 * 60 * 1_000;

/// The same after a question that was not answered, in milliseconds: a person who installs the tool
/// wants to see it work.
const ASK_AGAIN_MS: u64 = 5 * 60 * 1_000;

/// The disks below a mount.
#[derive(Debug, Default)]
pub struct Disks {
    asked: BTreeMap<String, (Tick, SourceHealth)>,
}

impl Examiner for Disks {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        let mut said = Vec::new();
        for disk in &case.beneath.disks {
            let before = self.asked.get(disk);
            let fresh = before.filter(|(at, health)| case.now.since(*at) < again_ms(health));
            if let Some((_, health)) = fresh {
                said.push(health.clone());
                continue;
            }
            let was_hot = before.is_some_and(|(_, health)| health.reason == Reason::Hot);
            let health = ask(case.machine, disk, was_hot);
            self.asked.insert(disk.clone(), (case.now, health.clone()));
            said.push(health);
        }
        said
    }
}

fn again_ms(health: &SourceHealth) -> u64 {
    match health.reason {
        Reason::ToolMissing | Reason::NoRight | Reason::TimedOut | Reason::NoAnswer => ASK_AGAIN_MS,
        _ => ASK_MS,
    }
}

fn ask(machine: &Machine, disk: &str, was_hot: bool) -> SourceHealth {
    match machine.tools.run(Tool::Smartctl, &device_path(disk)) {
        Ok(answer) => match Said::read(&answer.said) {
            Some(said) => judge::judge(disk, answer.status, &said, was_hot),
            None => unknown(Source::Smart, disk, Reason::Garbled),
        },
        Err(error) => unknown(Source::Smart, disk, refusal(error)),
    }
}

/// Why a tool that did not answer leaves something unknown.
pub(super) fn refusal(error: ToolError) -> Reason {
    match error {
        ToolError::Missing => Reason::ToolMissing,
        ToolError::NoRight => Reason::NoRight,
        ToolError::TimedOut => Reason::TimedOut,
        ToolError::Garbled => Reason::Garbled,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::super::beneath::beneath;
    use super::super::super::fake::Fake;
    use super::super::super::mounts::Mounts;
    use super::*;

    const ATA: &str = include_str!("../../../testdata/storage/smartctl_ata_shape.json");

    fn examined(disks: &mut Disks, fake: &Fake, at_ms: u64) -> Reason {
        let mounts = Mounts::read(fake.machine()).unwrap();
        let mount = mounts.at(Path::new("/srv")).unwrap();
        let case = Case {
            machine: fake.machine(),
            mount,
            beneath: &beneath(fake.machine(), mount, &mounts),
            now: Tick(at_ms),
        };
        disks.examine(&case)[0].reason
    }

    #[test]
    fn a_disk_is_asked_every_half_hour_and_sooner_when_it_could_not_be() {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.mount("8:0", "/srv", "ext4", "/dev/sda", "rw");
        let mut disks = Disks::default();
        assert_eq!(examined(&mut disks, &fake, 0), Reason::ToolMissing);
        fake.answer(Tool::Smartctl, "/dev/sda", Ok((0, ATA)));
        assert_eq!(examined(&mut disks, &fake, 30_000), Reason::ToolMissing);
        assert_eq!(examined(&mut disks, &fake, ASK_AGAIN_MS), Reason::Sound);
        assert_eq!(examined(&mut disks, &fake, ASK_MS), Reason::Sound);
        assert_eq!(fake.asked(), 2);
        examined(&mut disks, &fake, ASK_AGAIN_MS + ASK_MS);
        assert_eq!(fake.asked(), 3);
    }
}
