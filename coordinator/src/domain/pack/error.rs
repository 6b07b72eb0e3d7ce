//! What can be wrong with a policy pack, said so that its author can mend it.

use crate::domain::code::CodeError;

/// A pack was refused: where, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}, line {line}, {field}: {problem}")]
pub struct PackError {
    /// The file, as its reader names it.
    pub file: String,
    /// From 1.
    pub line: usize,
    /// The field as its author would write it, e.g. `controls.severity`.
    pub field: String,
    /// What is wrong and what to do.
    pub problem: PackProblem,
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackProblem {
    /// The file is larger than any pack.
    #[error("the pack has {bytes} bytes; at most {bytes_max} are read, split it")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Not TOML, an unknown or missing field, or a value of another type.
    #[error("{message}; correct or remove it")]
    Form {
        /// What the reader said.
        message: String,
    },
    /// A list that must hold something holds nothing, or holds too much.
    #[error("has {count} entries; write 1 to {count_max}")]
    Count {
        /// How many.
        count: usize,
        /// The limit.
        count_max: usize,
    },
    /// A text is empty or too long.
    #[error("has {bytes} bytes; write 1 to {bytes_max}, in both languages")]
    TextLength {
        /// Its length without blanks around it.
        bytes: usize,
        /// The limit.
        bytes_max: usize,
    },
    /// Not an id.
    #[error("{0}")]
    Code(CodeError),
    /// An id stands twice.
    #[error("“{id}” stands in the pack already; every id is written once")]
    Repeated {
        /// The id.
        id: String,
    },
    /// A source that the pack does not list.
    #[error("“{id}” is no clause of this pack; add it under [[clauses]] or name another")]
    UnknownClause {
        /// The id.
        id: String,
    },
    /// A word that is not one of a few.
    #[error("“{word}” is not known; write one of: {known}")]
    UnknownWord {
        /// What was written.
        word: String,
        /// What could be.
        known: String,
    },
    /// A check that raises another kind of alert.
    #[error("the check “{check}” raises “{raises}”; write that, or name another check")]
    OtherAlert {
        /// The check.
        check: String,
        /// What it raises.
        raises: &'static str,
    },
    /// A parameter outside its range.
    #[error("{value} is out of range; write {low} to {high}")]
    OutOfRange {
        /// What was written.
        value: i64,
        /// The least.
        low: i64,
        /// The most.
        high: i64,
    },
    /// Thresholds that do not rise.
    #[error("the thresholds must rise: {order}")]
    NotRising {
        /// In which order.
        order: &'static str,
    },
}
