//! Why a text is not the one spelling of a tree. It says where, never what stands there.

use thiserror::Error;

use super::super::allowance::TreeError;

/// Why a text is not the spelling of a tree.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum CanonicalError {
    /// It is not what the writer would have written.
    #[error("canonical tree, byte {at}: expected {expected}; write trees with to_canonical_json")]
    Spelling {
        /// Bytes before the place.
        at: usize,
        /// What belongs there.
        expected: Spelling,
    },
    /// It is larger than a tree may be.
    #[error("canonical tree, byte {at}")]
    Limit {
        /// Bytes before the place.
        at: usize,
        /// Which limit.
        #[source]
        source: TreeError,
    },
}

/// What a reader of canonical trees expects at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Spelling {
    /// The start of any value.
    #[error("a value")]
    Value,
    /// One particular sign.
    #[error("`{0}`")]
    Sign(char),
    /// A string whose escapes are the shortest.
    #[error("a string with the shortest escapes")]
    Text,
    /// A key greater than the one before it.
    #[error("a key greater than the one before")]
    SortedKey,
    /// `$secret`, `$text` or a key with its `$` doubled.
    #[error("a known word after `$`")]
    Word,
    /// Two strings of lower-case hexadecimal digits.
    #[error("a keyed hash in hexadecimal digits")]
    Hash,
    /// A number in its one spelling.
    #[error("a number in its shortest spelling")]
    Number,
    /// Nothing more.
    #[error("the end")]
    End,
}
