//! How a command ends: its exit code, and what it says to a person.
//!
//! Exit codes are part of the contract: 0 as it should be, 1 findings, 2 could not do it, 70 died of
//! a fault while running, so that a supervisor starts it again.

use std::borrow::Cow;

/// Everything is as it should be.
pub(super) const GOOD: u8 = 0;
/// It was measured and something is wrong.
pub(super) const FINDINGS: u8 = 1;
/// It could not be done.
pub(super) const FAILED: u8 = 2;
/// It ran and died of a fault (`EX_SOFTWARE` of BSD's `sysexits.h`).
pub(super) const DIED: u8 = 70;

/// Says something to a person on standard error.
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
pub(super) fn say(words: std::fmt::Arguments<'_>) {
    eprintln!("{words}");
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
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
pub(super) fn complain(error: &(dyn std::error::Error + 'static)) {
    let said = keepwatch_common::error_chain::chain(error).to_string();
    // What shows a place in a file has lines of its own.
    let lines: Vec<_> = said.split('\n').map(visible).collect();
    eprintln!("keepwatch-agent: {}", lines.join("\n"));
}
