//! What a check complains of: a place and a sentence that says what to do.

use std::fmt;

/// One complaint. Ordered by place, so that a list of them reads like the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offence {
    /// The file, relative to the repository.
    pub path: String,
    /// The line, from 1; 0 when the whole file is meant.
    pub line: usize,
    /// What is wrong and what to do.
    pub what: String,
}

impl Offence {
    /// About one line.
    pub fn at(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }

    /// About the whole file.
    pub fn file(path: &str, what: impl Into<String>) -> Self {
        Self::at(path, 0, what)
    }
}

/// `path:line: what`, as compilers write it, so that editors can follow it.
impl fmt::Display for Offence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.path, self.what),
            line => write!(f, "{}:{line}: {}", self.path, self.what),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_told_only_when_there_is_one() {
        assert_eq!(Offence::at("a.rs", 3, "bad").to_string(), "a.rs:3: bad");
        assert_eq!(Offence::file("a.rs", "bad").to_string(), "a.rs: bad");
    }
}
