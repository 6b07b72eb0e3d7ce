//! Why a figure could not be taken: what was being done, and the cause.
//!
//! These programs handle every failure alike: they say it and end. So one type serves them all, and
//! what went wrong stays typed below it.

use std::error::Error;
use std::fmt;

/// What was being done when something failed.
#[derive(Debug)]
pub struct Failure {
    doing: &'static str,
    cause: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} did not go well", self.doing)
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.cause.as_ref())
    }
}

/// Says what was being done.
pub trait While<T> {
    /// The failure of a step of this name, as in “connecting”.
    fn during(self, doing: &'static str) -> Result<T, Failure>;
}

impl<T, E: Into<Box<dyn Error + Send + Sync>>> While<T> for Result<T, E> {
    fn during(self, doing: &'static str) -> Result<T, Failure> {
        self.map_err(|cause| Failure {
            doing,
            cause: cause.into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::error_chain::chain;

    use super::*;

    #[test]
    fn a_failure_says_what_was_done_and_why_it_failed() {
        let failed: Result<(), _> = Err(std::io::Error::other("the disk is full"));
        let failure = failed.during("laying footage").unwrap_err();
        let said = chain(&failure).to_string();
        assert_eq!(said, "laying footage did not go well: the disk is full");
    }
}
