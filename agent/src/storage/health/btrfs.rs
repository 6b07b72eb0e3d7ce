//! btrfs: the errors it counts on each of its devices, and whether one is missing.
//!
//! The counters live in the file system and stay until somebody sets them back, so they also tell of
//! what happened before the agent ran.

use std::path::Path;

use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};

use super::super::machine::{Unread, names, number, text};
use super::{Case, Examiner, figure, says, unknown, unread};

/// Devices of one file system looked at.
const DEVICES_MAX: usize = 64;

/// A btrfs below a mount.
#[derive(Debug, Default)]
pub struct Btrfs;

impl Examiner for Btrfs {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        let Some(top) = case
            .beneath
            .tops
            .first()
            .filter(|_| case.mount.kind == "btrfs")
        else {
            return Vec::new();
        };
        let systems = case.machine.sys.join("fs/btrfs");
        let uuids = names(&systems);
        let has = |uuid: &&String| systems.join(uuid).join("devices").join(top).exists();
        match uuids.iter().find(has) {
            Some(uuid) => judge(top, &devices(&systems.join(uuid).join("devinfo"))),
            None => vec![unknown(Source::FileSystem, top, Reason::NotSupported)],
        }
    }
}

/// What is counted on one device.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Counted {
    missing: bool,
    reads: i64,
    writes: i64,
    checksums: i64,
}

fn devices(folder: &Path) -> Result<Vec<Counted>, Unread> {
    let numbers = names(folder);
    if numbers.is_empty() {
        // Kernels before 5.14 have no such folder.
        return Err(Unread::Absent);
    }
    let device = |number_of: &String| {
        let device = folder.join(number_of);
        let counted = counted(&text(&device.join("error_stats"))?);
        Ok(Counted {
            missing: number(&device.join("missing")) == Ok(1),
            ..counted
        })
    };
    numbers.iter().take(DEVICES_MAX).map(device).collect()
}

/// Lines of a counter's name and its value.
fn counted(text: &str) -> Counted {
    let mut counted = Counted::default();
    for line in text.lines().take(DEVICES_MAX) {
        let Some((name, value)) = line.split_once(' ') else {
            continue;
        };
        let value = value.trim().parse().unwrap_or(0_i64).max(0);
        let sum = match name {
            "read_errs" => &mut counted.reads,
            "write_errs" | "flush_errs" => &mut counted.writes,
            "corruption_errs" | "generation_errs" => &mut counted.checksums,
            _ => continue,
        };
        *sum = sum.saturating_add(value);
    }
    counted
}

fn judge(top: &str, devices: &Result<Vec<Counted>, Unread>) -> Vec<SourceHealth> {
    let devices = match devices {
        Ok(devices) => devices,
        Err(why) => return vec![unknown(Source::FileSystem, top, unread(*why))],
    };
    let sum = |of: fn(&Counted) -> i64| devices.iter().map(of).fold(0, i64::saturating_add);
    let errors = [
        (Measure::ReadErrors, sum(|one| one.reads)),
        (Measure::WriteErrors, sum(|one| one.writes)),
        (Measure::ChecksumErrors, sum(|one| one.checksums)),
    ];
    let (word, reason) = if errors.iter().any(|(_, count)| *count > 0) {
        (Word::Worn, Reason::FileSystemErrors)
    } else {
        (Word::Good, Reason::Sound)
    };
    let mut system = says(Source::FileSystem, top, word, reason);
    for (measure, count) in errors.into_iter().filter(|(_, count)| *count > 0) {
        figure(&mut system, measure, count);
    }
    let mut said = vec![system];
    if devices.len() > 1 {
        said.push(together(top, devices));
    }
    said
}

/// Several devices, of which some may be missing.
fn together(top: &str, devices: &[Counted]) -> SourceHealth {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let missing = devices.iter().filter(|device| device.missing).count();
    let (word, reason) = match missing {
        0 => (Word::Good, Reason::Sound),
        _ => (Word::Failing, Reason::DeviceMissing),
    };
    let mut pool = says(Source::Pool, top, word, reason);
    figure(&mut pool, Measure::Members, count(devices.len()));
    figure(
        &mut pool,
        Measure::MembersWorking,
        count(devices.len() - missing),
    );
    pool
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As kernel 6.18 wrote it.
    const SOUND: &str = include_str!("../../../testdata/storage/btrfs_error_stats_sound.txt");

    #[test]
    fn counters_that_stand_at_nothing_are_good() {
        let said = judge("sda", &Ok(vec![counted(SOUND)]));
        assert_eq!(said.len(), 1);
        assert_eq!((said[0].word, said[0].figures.len()), (Word::Good, 0));
    }

    #[test]
    fn blocks_with_a_wrong_checksum_are_counted() {
        let worn = counted(&SOUND.replace("corruption_errs 0", "corruption_errs 7"));
        let said = judge("sda", &Ok(vec![worn, counted(SOUND)]));
        assert_eq!(said[0].reason, Reason::FileSystemErrors);
        assert_eq!(said[0].figure(Measure::ChecksumErrors), Some(7));
        assert_eq!(said[1].word, Word::Good);
    }

    #[test]
    fn a_missing_device_is_redundancy_lost() {
        let gone = Counted {
            missing: true,
            ..counted(SOUND)
        };
        let said = judge("sda", &Ok(vec![counted(SOUND), gone]));
        assert_eq!(
            (said[1].source, said[1].word),
            (Source::Pool, Word::Failing)
        );
        assert_eq!(said[1].figure(Measure::MembersWorking), Some(1));
    }

    #[test]
    fn a_kernel_that_does_not_tell_leaves_it_unknown() {
        let said = judge("sda", &Err(Unread::Absent));
        assert_eq!(
            (said[0].word, said[0].reason),
            (Word::Unknown, Reason::NotSupported)
        );
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in "(.{0,20}\n|(read|write)_errs [0-9]{1,20}\n){0,9}") {
            judge("sda", &Ok(vec![counted(&text), counted(&text)]));
        }
    }
}
