//! How a command ends: its exit code, and what it says when it could not do its work.

/// Everything is as it should be.
pub(super) const GOOD: u8 = 0;
/// It could not be done.
pub(super) const FAILED: u8 = 2;
/// It ran and died of a fault (`EX_SOFTWARE` of BSD's `sysexits.h`).
pub(super) const DIED: u8 = 70;

/// Says something to a person on standard output.
#[expect(clippy::print_stdout, reason = "the command line speaks to a person")]
pub(super) fn say(words: std::fmt::Arguments<'_>) {
    println!("{words}");
}

/// Prints an error with its causes on standard error.
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
pub(super) fn complain(error: &(dyn std::error::Error + 'static)) {
    eprintln!("keepwatch: {}", keepwatch_common::error_chain::chain(error));
}
