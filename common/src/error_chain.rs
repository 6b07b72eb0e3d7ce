//! Prints an error and its causes on one line, each once.
//!
//! Our errors never repeat their source in `Display`, so the chain is printed where an error is
//! handled and nowhere else.

use std::error::Error;
use std::fmt;

/// Shows `error: cause: cause of the cause`.
#[derive(Debug, Clone, Copy)]
pub struct Chain<'a>(&'a (dyn Error + 'static));

/// Wraps an error for printing with its causes.
pub fn chain<'a>(error: &'a (dyn Error + 'static)) -> Chain<'a> {
    Chain(error)
}

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let next = error.to_string();
            // Libraries that print their source inside themselves would say it twice.
            if !said.ends_with(&next) {
                write!(f, ": {next}")?;
            }
            said = next;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("cannot open the spool")]
    struct Outer(#[source] Inner);

    #[derive(Debug, thiserror::Error)]
    #[error("disk full")]
    struct Inner;

    #[derive(Debug, thiserror::Error)]
    #[error("write failed: disk full")]
    struct Repeating(#[source] Inner);

    #[test]
    fn causes_follow_the_error() {
        assert_eq!(
            chain(&Outer(Inner)).to_string(),
            "cannot open the spool: disk full"
        );
    }

    #[test]
    fn a_cause_already_said_is_not_said_again() {
        assert_eq!(
            chain(&Repeating(Inner)).to_string(),
            "write failed: disk full"
        );
    }
}
