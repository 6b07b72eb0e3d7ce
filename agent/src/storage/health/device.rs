//! Errors that the kernel counts on a SCSI or SATA disk: requests that failed or were given up.
//!
//! The counters begin at the start of the machine and hold harmless failures of that time, so only
//! what is added while the agent watches counts. Other kinds of disks have none: then nothing is said
//! here, and what the disk says of itself must do.

use std::collections::BTreeMap;

use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};

use super::super::machine::{Unread, number};
use super::{Case, Examiner, figure, says, unknown, unread};

/// Requests that failed from which on a disk is called worn. Asking a disk for what it cannot do
/// counts as failed, a few times an hour; a surface that cannot be read makes hundreds.
const ERRORS_WORN: i64 = 64;

/// The disks below a mount.
#[derive(Debug, Default)]
pub struct Devices {
    /// What stood when each disk was looked at first.
    first: BTreeMap<String, Counted>,
}

/// What stands in the counters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Counted {
    errors: i64,
    timeouts: i64,
}

impl Examiner for Devices {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        let mut said = Vec::new();
        for disk in &case.beneath.disks {
            let folder = case.machine.block(disk).join("device");
            let errors = match number(&folder.join("ioerr_cnt")) {
                Ok(errors) => errors,
                Err(Unread::Absent) => continue,
                Err(why) => {
                    said.push(unknown(Source::Device, disk, unread(why)));
                    continue;
                }
            };
            // Older kernels do not count what was given up.
            let timeouts = number(&folder.join("iotmo_cnt")).unwrap_or(0);
            said.push(self.judge(disk, Counted { errors, timeouts }));
        }
        said
    }
}

impl Devices {
    fn judge(&mut self, disk: &str, now: Counted) -> SourceHealth {
        let first = self.first.entry(disk.to_owned()).or_insert(now);
        if now.errors < first.errors || now.timeouts < first.timeouts {
            // Another disk under this name, or a counter that went round.
            *first = now;
        }
        let errors = now.errors.saturating_sub(first.errors);
        let timeouts = now.timeouts.saturating_sub(first.timeouts);
        let (word, reason) = if timeouts > 0 {
            (Word::Worn, Reason::RequestTimeouts)
        } else if errors >= ERRORS_WORN {
            (Word::Worn, Reason::RequestErrors)
        } else {
            (Word::Good, Reason::Sound)
        };
        let mut said = says(Source::Device, disk, word, reason);
        if word != Word::Good {
            figure(&mut said, Measure::RequestErrors, errors);
            figure(&mut said, Measure::RequestTimeouts, timeouts);
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(errors: i64, timeouts: i64) -> Counted {
        Counted { errors, timeouts }
    }

    #[test]
    fn what_was_counted_before_the_agent_came_is_no_fault() {
        let mut devices = Devices::default();
        assert_eq!(devices.judge("sda", counted(3_000, 2)).word, Word::Good);
        assert_eq!(devices.judge("sda", counted(3_005, 2)).word, Word::Good);
        let said = devices.judge("sda", counted(3_064, 2));
        assert_eq!(
            (said.word, said.reason),
            (Word::Worn, Reason::RequestErrors)
        );
        assert_eq!(said.figure(Measure::RequestErrors), Some(64));
    }

    #[test]
    fn one_request_that_was_given_up_is_enough() {
        let mut devices = Devices::default();
        devices.judge("sda", counted(0, 0));
        let said = devices.judge("sda", counted(0, 1));
        assert_eq!(said.reason, Reason::RequestTimeouts);
    }

    #[test]
    fn a_new_disk_under_an_old_name_begins_anew() {
        let mut devices = Devices::default();
        devices.judge("sda", counted(100, 0));
        devices.judge("sda", counted(500, 0));
        assert_eq!(devices.judge("sda", counted(2, 0)).word, Word::Good);
        assert_eq!(devices.judge("sda", counted(10, 0)).word, Word::Good);
    }
}
