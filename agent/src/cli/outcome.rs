//! How a command ends: its exit code, and what it says to a person.
//!
//! Exit codes are part of the contract: 0 as it should be, 1 findings, 2 could not do it, 70 died of
//! a fault while running, so that a supervisor starts it again.

use std::borrow::Cow;
use std::io::{self, Write};

use keepwatch_common::error_chain::chain;

/// Everything is as it should be.
pub(super) const GOOD: u8 = 0;
/// It was measured and something is wrong.
pub(super) const FINDINGS: u8 = 1;
/// It could not be done.
pub(super) const FAILED: u8 = 2;
/// It ran and died of a fault (`EX_SOFTWARE` of BSD's `sysexits.h`).
pub(super) const DIED: u8 = 70;

/// The outcome was found, but nobody gets it.
#[derive(Debug, thiserror::Error)]
#[error("the outcome cannot be printed")]
struct PrintError(#[source] io::Error);

/// Says something to a person on standard error.
pub(super) fn say(words: std::fmt::Arguments<'_>) {
    // Where standard error is gone too, nobody is left to tell.
    let (Ok(()) | Err(_)) = writeln!(io::stderr().lock(), "{words}");
}

/// The text with its control characters escaped: names come from disks, and a terminal obeys.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(char::is_control) {
        return Cow::Borrowed(text);
    }
    let shown = text.chars().flat_map(|c| {
        let escaped = c.is_control().then(|| c.escape_default());
        let plain = (!c.is_control()).then_some(c);
        escaped.into_iter().flatten().chain(plain)
    });
    Cow::Owned(shown.collect())
}

/// Prints an error with its causes on standard error.
pub(super) fn complain(error: &(dyn std::error::Error + 'static)) {
    let said = chain(error).to_string();
    // What shows a place in a file has lines of its own.
    let lines: Vec<_> = said.split('\n').map(visible).collect();
    say(format_args!("keepwatch-agent: {}", lines.join("\n")));
}

/// How a command ends that could not print its outcome: as it would have ended when whoever read it
/// wants no more, otherwise with a complaint.
pub(super) fn unprinted(error: io::Error, code: u8) -> u8 {
    if error.kind() == io::ErrorKind::BrokenPipe {
        return code;
    }
    complain(&PrintError(error));
    FAILED
}
