//! How a command ends: its exit code, and what it says to a person.
//!
//! Exit codes are part of the contract: 0 as it should be, 1 findings, 2 could not do it, 70 died of
//! a fault while running, so that a supervisor starts it again.

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

/// Prints an error with its causes on standard error.
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
pub(super) fn complain(error: &(dyn std::error::Error + 'static)) {
    eprintln!(
        "keepwatch-agent: {}",
        keepwatch_common::error_chain::chain(error)
    );
}
