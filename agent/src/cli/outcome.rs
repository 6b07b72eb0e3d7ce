//! How a command ends: its exit code, and what it says when it could not do its work.

/// Everything is as it should be.
pub(super) const GOOD: u8 = 0;
/// It was measured and something is wrong.
pub(super) const FINDINGS: u8 = 1;
/// It could not be done.
pub(super) const FAILED: u8 = 2;

/// Prints an error with its causes on standard error.
#[expect(clippy::print_stderr, reason = "the command line speaks to a person")]
pub(super) fn complain(error: &(dyn std::error::Error + 'static)) {
    eprintln!(
        "keepwatch-agent: {}",
        keepwatch_common::error_chain::chain(error)
    );
}
