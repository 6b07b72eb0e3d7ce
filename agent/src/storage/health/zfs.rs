//! ZFS: the state of a pool, from the kernel module's own file, and its members' errors by `zpool`.
//!
//! The file is there wherever the module runs and needs no right; the tool adds figures where it
//! speaks JSON (OpenZFS 2.3 and later). Its answer is a tree of devices of unknown depth, walked in a
//! bounded way.

use keepwatch_common::clock::Tick;
use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};
use serde_json::Value;

use super::super::machine::{Machine, Unread, text};
use super::super::tool::Tool;
use super::{Case, Examiner, figure, says, unknown, unread};

/// Between two questions to the tool, in milliseconds.
const ASK_MS: u64 = 10 * 60 * 1_000;

/// Levels of devices walked through: a pool, a mirror, a spare, a disk, and some to come.
const DEPTH_MAX: usize = 8;

/// Devices of one pool counted.
const DEVICES_MAX: usize = 512;

/// The pool below a mount.
#[derive(Debug, Default)]
pub struct Pools {
    asked: Option<(Tick, String, Option<Members>)>,
}

/// The disks of a pool.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Members {
    all: i64,
    working: i64,
    reads: i64,
    writes: i64,
    checksums: i64,
}

impl Examiner for Pools {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        if case.mount.kind != "zfs" {
            return Vec::new();
        }
        let pool = case.mount.source.split('/').next().unwrap_or_default();
        if !is_pool(pool) {
            return vec![unknown(Source::Pool, pool, Reason::Garbled)];
        }
        let state = case
            .machine
            .proc
            .join("spl/kstat/zfs")
            .join(pool)
            .join("state");
        let members = self.members(case.machine, pool, case.now);
        vec![judge(pool, &text(&state), members)]
    }
}

/// Whether a text can be the name of a pool, and neither a path nor an option of the tool.
fn is_pool(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.: ".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(plain)
}

impl Pools {
    fn members(&mut self, machine: &Machine, pool: &str, now: Tick) -> Option<Members> {
        if let Some((at, of, members)) = &self.asked
            && of == pool
            && now.since(*at) < ASK_MS
        {
            return *members;
        }
        let answer = machine.tools.run(Tool::Zpool, pool).ok();
        let members = answer
            .filter(|answer| answer.status == 0)
            .and_then(|answer| members(&answer.said, pool));
        self.asked = Some((now, pool.to_owned(), members));
        members
    }
}

fn members(answer: &[u8], pool: &str) -> Option<Members> {
    let answer: Value = serde_json::from_slice(answer).ok()?;
    let mut due = vec![(answer.get("pools")?.get(pool)?, 0)];
    let (mut members, mut seen) = (Members::default(), 0_usize);
    while let Some((device, depth)) = due.pop() {
        seen += 1;
        if seen > DEVICES_MAX || depth > DEPTH_MAX {
            return None;
        }
        match device.get("vdevs").and_then(Value::as_object) {
            Some(below) => due.extend(below.values().map(|device| (device, depth + 1))),
            None => members.count(device),
        }
    }
    (members.all > 0).then_some(members)
}

impl Members {
    fn count(&mut self, disk: &Value) {
        // Counts are printed as texts, and abbreviated when they are large: then they are many.
        let errors = |name: &str| match disk.get(name) {
            Some(Value::String(text)) => text.parse().unwrap_or(i64::from(u16::MAX)),
            Some(value) => value.as_i64().unwrap_or(0),
            None => 0,
        };
        self.all += 1;
        if disk.get("state").and_then(Value::as_str) == Some("ONLINE") {
            self.working += 1;
        }
        self.reads = self.reads.saturating_add(errors("read_errors"));
        self.writes = self.writes.saturating_add(errors("write_errors"));
        self.checksums = self.checksums.saturating_add(errors("checksum_errors"));
    }
}

fn judge(pool: &str, state: &Result<String, Unread>, members: Option<Members>) -> SourceHealth {
    let (mut word, mut reason) = match state.as_deref() {
        Ok("ONLINE") => (Word::Good, Reason::Sound),
        Ok("DEGRADED") => (Word::Failing, Reason::Degraded),
        Ok("FAULTED" | "UNAVAIL" | "SUSPENDED" | "OFFLINE" | "REMOVED") => {
            (Word::Failing, Reason::Stopped)
        }
        Ok(_) => (Word::Unknown, Reason::Garbled),
        Err(why) => (Word::Unknown, unread(*why)),
    };
    let Some(members) = members else {
        return says(Source::Pool, pool, word, reason);
    };
    let errors = [
        (Measure::ReadErrors, members.reads),
        (Measure::WriteErrors, members.writes),
        (Measure::ChecksumErrors, members.checksums),
    ];
    let some = errors.iter().any(|(_, count)| *count > 0);
    if word == Word::Good && some {
        (word, reason) = (Word::Worn, Reason::MemberErrors);
    }
    let mut said = says(Source::Pool, pool, word, reason);
    figure(&mut said, Measure::Members, members.all);
    figure(&mut said, Measure::MembersWorking, members.working);
    for (measure, count) in errors.into_iter().filter(|(_, count)| *count > 0) {
        figure(&mut said, measure, count);
    }
    said
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The shape that the manual of `OpenZFS` 2.3 describes.
    const MIRROR: &str = include_str!("../../../testdata/storage/zpool_status_mirror_shape.json");

    fn seen(state: &str, answer: &str) -> SourceHealth {
        judge(
            "tank",
            &Ok(state.to_owned()),
            members(answer.as_bytes(), "tank"),
        )
    }

    #[test]
    fn a_pool_with_all_its_disks_is_good() {
        let said = seen("ONLINE", MIRROR);
        assert_eq!((said.word, said.reason), (Word::Good, Reason::Sound));
        assert_eq!(said.figure(Measure::Members), Some(2));
    }

    #[test]
    fn a_degraded_pool_says_how_many_disks_work() {
        let disk = "\"path\": \"/dev/sda1\",";
        let (before, after) = MIRROR.split_once(disk).unwrap();
        let after = after.replacen("ONLINE", "FAULTED", 1);
        let after = after.replacen("\"read_errors\": \"0\"", "\"read_errors\": \"14\"", 1);
        let broken = format!("{before}{after}");
        let said = seen("DEGRADED", &broken);
        assert_eq!((said.word, said.reason), (Word::Failing, Reason::Degraded));
        assert_eq!(said.figure(Measure::MembersWorking), Some(1));
        assert_eq!(seen("ONLINE", &broken).reason, Reason::MemberErrors);
    }

    #[test]
    fn without_the_tool_the_kernels_word_is_enough() {
        assert_eq!(seen("SUSPENDED", "").reason, Reason::Stopped);
        assert_eq!(seen("ONLINE", "no json").figures, []);
        let said = judge("tank", &Err(Unread::Absent), None);
        assert_eq!(said.word, Word::Unknown);
    }

    #[test]
    fn no_name_of_a_pool_is_an_option_or_a_path() {
        assert!(is_pool("tank") && is_pool("footage 1"));
        for text in ["", "-j", "../x", "a/b", "1tank"] {
            assert!(!is_pool(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_answer_breaks_it(at in 0..MIRROR.len(), byte in any::<u8>(), state in ".{0,12}") {
            let mut bytes = MIRROR.as_bytes().to_vec();
            bytes[at] = byte;
            judge("tank", &Ok(state), members(&bytes, "tank"));
        }
    }
}
