//! What every source of health is asked, and how it answers.
//!
//! A *contract*: the sources stand in children, each one small file that knows one place where the
//! machine tells how it is. Each separates reading from judging what was read. None writes, and none
//! may fail: what cannot be asked is *unknown* with a reason.

use keepwatch_common::clock::Tick;
use keepwatch_common::limits::{DETAIL_BYTES_MAX, NAME_BYTES_MAX};
use keepwatch_common::model::health::{Figure, Measure, Reason, Source, SourceHealth, Word};
use keepwatch_common::model::name::Name;

use super::beneath::Beneath;
use super::machine::{Machine, Unread};
use super::mounts::Mount;

/// Software arrays of Linux.
pub mod array;
/// btrfs.
pub mod btrfs;
/// Errors that the kernel counts on a device.
pub mod device;
/// ext4.
pub mod ext4;
/// How long writes take.
pub mod latency;
/// Whether what is mounted is what was meant.
pub mod mount;
/// What disks say of themselves.
pub mod smart;
/// ZFS.
pub mod zfs;

/// What is examined.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// The machine.
    pub machine: &'a Machine,
    /// What is mounted.
    pub mount: &'a Mount,
    /// What lies below it.
    pub beneath: &'a Beneath,
    /// Now.
    pub now: Tick,
}

/// One source of health.
pub trait Examiner: std::fmt::Debug + Send {
    /// Says how things are; nothing, when there is nothing of its kind below the mount. May block.
    fn examine(&mut self, case: &Case<'_>) -> Vec<SourceHealth>;
}

/// A source that says a word.
pub fn says(source: Source, subject: &str, word: Word, reason: Reason) -> SourceHealth {
    SourceHealth {
        source,
        subject: named(subject),
        word,
        reason,
        figures: Vec::new(),
        detail: String::new(),
    }
}

/// A source that cannot be asked.
pub fn unknown(source: Source, subject: &str, reason: Reason) -> SourceHealth {
    says(source, subject, Word::Unknown, reason)
}

/// Why a file that could not be read leaves something unknown.
pub fn unread(why: Unread) -> Reason {
    match why {
        Unread::Absent => Reason::NotSupported,
        Unread::NoRight => Reason::NoRight,
        Unread::Garbled => Reason::Garbled,
    }
}

/// Adds a figure.
pub fn figure(health: &mut SourceHealth, measure: Measure, value: i64) {
    health.figures.push(Figure { measure, value });
}

/// Sets what is said to a person, as far as it is printable and not too long.
pub fn detail(health: &mut SourceHealth, text: &str) {
    let shown: String = text.chars().filter(|c| !c.is_control()).collect();
    shown.trim().clone_into(&mut health.detail);
    cut(&mut health.detail, DETAIL_BYTES_MAX);
}

/// A name for whatever the machine calls something.
fn named(text: &str) -> Name {
    let mut shown: String = text.chars().filter(|c| !c.is_control()).collect();
    cut(&mut shown, NAME_BYTES_MAX);
    Name::new(shown).unwrap_or_else(|_| nameless())
}

#[expect(clippy::expect_used, reason = "a question mark is a name")]
fn nameless() -> Name {
    Name::new("?").expect("a question mark is a name")
}

fn cut(text: &mut String, bytes_max: usize) {
    let mut end = text.len().min(bytes_max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_the_machine_calls_a_thing_is_a_name(text in "\\PC{0,300}|.{0,300}") {
            let mut said = unknown(Source::Smart, &text, Reason::Garbled);
            detail(&mut said, &text);
            prop_assert!(!said.subject.as_str().is_empty());
            prop_assert!(said.detail.len() <= DETAIL_BYTES_MAX);
        }
    }
}
