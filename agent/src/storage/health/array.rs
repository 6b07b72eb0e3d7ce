//! Software arrays of Linux, as `md` shows them below `/sys/block/md*/md`.
//!
//! An array that is short of members still serves, so the recorder notices nothing: until it is
//! rebuilt, the next disk that fails takes the footage along.

use std::path::Path;

use keepwatch_common::model::health::{Measure, Reason, Source, SourceHealth, Word};

use super::super::machine::{Unread, names, number, text};
use super::{Case, Examiner, detail, figure, says, unknown, unread};

/// Read errors of one member from which on it is called worn: `md` itself gives a member up that
/// makes more than so many in an hour.
const MEMBER_ERRORS_WORN: i64 = 20;

/// The arrays below a mount.
#[derive(Debug, Default)]
pub struct Arrays;

impl Examiner for Arrays {
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth> {
        let arrays = case.beneath.arrays.iter();
        arrays
            .map(|array| {
                let folder = case.machine.block(array).join("md");
                match State::read(&folder) {
                    Ok(state) => judge(array, &state),
                    Err(why) => unknown(Source::Array, array, unread(why)),
                }
            })
            .collect()
    }
}

/// An array as it shows itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    says: String,
    level: String,
    action: String,
    members: i64,
    /// Members that are missing; none for levels without redundancy.
    degraded: Option<i64>,
    mismatches: i64,
    /// How far rebuilding is: done, and in all.
    rebuilt: Option<(i64, i64)>,
    faulty: Vec<String>,
    /// The most read errors of one member, and whose.
    errors: Option<(i64, String)>,
}

impl State {
    fn read(folder: &Path) -> Result<Self, Unread> {
        let optional = |file: &str| match text(&folder.join(file)) {
            Ok(text) => Ok(text),
            Err(Unread::Absent) => Ok(String::new()),
            Err(why) => Err(why),
        };
        let count = |file: &str| match number(&folder.join(file)) {
            Ok(number) => Ok(Some(number)),
            Err(Unread::Absent) => Ok(None),
            Err(why) => Err(why),
        };
        let mut state = Self {
            says: text(&folder.join("array_state"))?,
            level: optional("level")?,
            action: optional("sync_action")?,
            members: count("raid_disks")?.unwrap_or(0),
            degraded: count("degraded")?,
            mismatches: count("mismatch_cnt")?.unwrap_or(0),
            rebuilt: rebuilt(&optional("sync_completed")?),
            ..Self::default()
        };
        for member in names(folder) {
            let Some(name) = member.strip_prefix("dev-") else {
                continue;
            };
            let member = folder.join(&member);
            let says = text(&member.join("state")).unwrap_or_default();
            if says.split(',').any(|word| word == "faulty") {
                state.faulty.push(name.to_owned());
            }
            // A member that is just leaving has no counter any more.
            let errors = number(&member.join("errors")).unwrap_or(0);
            if errors > state.errors.as_ref().map_or(0, |(most, _)| *most) {
                state.errors = Some((errors, name.to_owned()));
            }
        }
        Ok(state)
    }

    fn is_rebuilding(&self) -> bool {
        matches!(self.action.as_str(), "recover" | "resync" | "reshape")
    }
}

/// `123 / 456` sectors, or a word.
fn rebuilt(text: &str) -> Option<(i64, i64)> {
    let (done, all) = text.split_once(" / ")?;
    let (done, all) = (done.parse().ok()?, all.parse().ok()?);
    (0 < all && 0 <= done && done <= all).then_some((done, all))
}

fn judge(array: &str, state: &State) -> SourceHealth {
    let (word, reason) = word(state);
    let mut said = says(Source::Array, array, word, reason);
    if let Some(degraded) = state.degraded {
        let working = state.members.saturating_sub(degraded).max(0);
        figure(&mut said, Measure::Members, state.members);
        figure(&mut said, Measure::MembersWorking, working);
    }
    if state.mismatches > 0 {
        figure(&mut said, Measure::Mismatches, state.mismatches);
    }
    if let (true, Some((done, all))) = (state.is_rebuilding(), state.rebuilt) {
        let percent = i128::from(done) * 100 / i128::from(all);
        let percent = i64::try_from(percent).unwrap_or(100);
        figure(&mut said, Measure::RebuiltPercent, percent);
    }
    if let Some((errors, _)) = &state.errors {
        figure(&mut said, Measure::ReadErrors, *errors);
    }
    let whose = state.errors.iter().map(|(_, name)| name);
    let named: Vec<_> = if state.faulty.is_empty() {
        whose.cloned().collect()
    } else {
        state.faulty.clone()
    };
    let level = std::iter::once(state.level.clone());
    let words: Vec<_> = level.chain(named).filter(|word| !word.is_empty()).collect();
    detail(&mut said, &words.join(", "));
    said
}

fn word(state: &State) -> (Word, Reason) {
    let has_parity = matches!(state.level.as_str(), "raid4" | "raid5" | "raid6");
    let read_errors = state.errors.as_ref().map_or(0, |(errors, _)| *errors);
    match state.says.as_str() {
        "clear" | "inactive" | "suspended" | "broken" => return (Word::Failing, Reason::Stopped),
        "" => return (Word::Unknown, Reason::Garbled),
        _ => {}
    }
    if state.degraded.unwrap_or(0) > 0 {
        if state.is_rebuilding() {
            return (Word::Worn, Reason::Rebuilding);
        }
        return (Word::Failing, Reason::Degraded);
    }
    if !state.faulty.is_empty() || read_errors >= MEMBER_ERRORS_WORN {
        return (Word::Worn, Reason::MemberErrors);
    }
    // Mirrors differ harmlessly where a block was written while it was still changing in memory.
    if state.mismatches > 0 && has_parity {
        return (Word::Worn, Reason::Mismatch);
    }
    (Word::Good, Reason::Sound)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::fake::Fake;
    use super::super::super::machine::Machine;
    use super::*;

    fn mirror() -> Fake {
        let fake = Fake::new();
        fake.disk("sda", "8:0");
        fake.disk("sdb", "8:16");
        fake.array("md0", "9:0", &["sda", "sdb"]);
        fake
    }

    fn seen(machine: &Machine) -> SourceHealth {
        judge(
            "md0",
            &State::read(&machine.block("md0").join("md")).unwrap(),
        )
    }

    fn set(fake: &Fake, file: &str, text: &str) {
        fake.write(&format!("sys/class/block/md0/md/{file}"), text);
    }

    #[test]
    fn an_array_with_all_its_members_is_good() {
        let said = seen(mirror().machine());
        assert_eq!((said.word, said.reason), (Word::Good, Reason::Sound));
        assert_eq!(said.figure(Measure::MembersWorking), Some(2));
    }

    #[test]
    fn a_member_short_it_fails_and_names_how_many_are_left() {
        let fake = mirror();
        set(&fake, "degraded", "1\n");
        set(&fake, "dev-sdb/state", "faulty\n");
        let said = seen(fake.machine());
        assert_eq!((said.word, said.reason), (Word::Failing, Reason::Degraded));
        assert_eq!(said.figure(Measure::Members), Some(2));
        assert_eq!(said.figure(Measure::MembersWorking), Some(1));
        assert_eq!(said.detail, "raid1, sdb");
    }

    #[test]
    fn while_it_is_rebuilt_it_is_worn_and_says_how_far() {
        let fake = mirror();
        set(&fake, "degraded", "1\n");
        set(&fake, "sync_action", "recover\n");
        set(&fake, "sync_completed", "500 / 2000\n");
        let said = seen(fake.machine());
        assert_eq!((said.word, said.reason), (Word::Worn, Reason::Rebuilding));
        assert_eq!(said.figure(Measure::RebuiltPercent), Some(25));
    }

    #[test]
    fn copies_that_differ_matter_where_there_is_parity() {
        let fake = mirror();
        set(&fake, "mismatch_cnt", "128\n");
        assert_eq!(seen(fake.machine()).word, Word::Good);
        set(&fake, "level", "raid5\n");
        assert_eq!(seen(fake.machine()).reason, Reason::Mismatch);
    }

    #[test]
    fn one_that_does_not_run_fails_and_one_without_redundancy_cannot_be_degraded() {
        let fake = mirror();
        set(&fake, "level", "raid0\n");
        fake.remove("sys/class/block/md0/md/degraded");
        let said = seen(fake.machine());
        assert_eq!((said.word, said.figures), (Word::Good, vec![]));
        set(&fake, "array_state", "inactive\n");
        assert_eq!(seen(fake.machine()).reason, Reason::Stopped);
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in ".{0,30}|[0-9]{1,19} / [0-9]{1,19}", members in any::<i64>()) {
            let state = State {
                rebuilt: rebuilt(&text),
                action: "recover".to_owned(),
                degraded: Some(members),
                says: text,
                members,
                ..State::default()
            };
            judge("md0", &state);
        }
    }
}
