//! How a command ends: its exit code, and what it says to a person.
//!
//! Exit codes are part of the contract: 0 as it should be, 1 findings, 2 could not do it, 70 died of
//! a fault while running, so that a supervisor starts it again.

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

/// Prints an error with its causes on standard error.
pub(super) fn complain(error: &(dyn std::error::Error + 'static)) {
    say(format_args!("keepwatch-agent: {}", chain(error)));
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
