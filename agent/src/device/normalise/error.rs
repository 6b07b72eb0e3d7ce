//! Why bytes are no configuration: which format, where, and what to do about it.
//!
//! A message never quotes the file. Parsers' own words are taken only where they are fixed phrases.

use std::fmt;

use keepwatch_common::limits::DETAIL_BYTES_MAX;
use keepwatch_common::model::tree::TreeError;
use thiserror::Error;

use super::format::Format;

/// A place in a text, both from 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The character in it.
    pub column: usize,
}

impl Position {
    /// The place of a byte.
    pub(super) fn of(text: &str, byte: usize) -> Self {
        let before = text
            .char_indices()
            .take_while(|(at, _)| *at < byte)
            .map(|(_, sign)| sign);
        let start = Self { line: 1, column: 1 };
        before.fold(start, |at, sign| match sign {
            '\n' => Self {
                line: at.line + 1,
                column: 1,
            },
            _ => Self {
                line: at.line,
                column: at.column + 1,
            },
        })
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// Why a configuration cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum NormaliseError {
    /// More bytes than are read.
    #[error("{format} configuration: {bytes} bytes, more than {limit}; watch its digest instead")]
    TooLarge {
        /// The format.
        format: Format,
        /// Its length.
        bytes: usize,
        /// The longest that is read.
        limit: usize,
    },
    /// It is not text.
    #[error("{format} configuration, {at}: a NUL, so this is no text; watch its digest instead")]
    Nul {
        /// The format.
        format: Format,
        /// Where.
        at: Position,
    },
    /// It breaks the rules of its format.
    #[error("{format} configuration{}: {what}; correct it, or watch it as lines", place(*at))]
    Syntax {
        /// The format.
        format: Format,
        /// Where, when the parser knows.
        at: Option<Position>,
        /// The parser's phrase.
        what: Box<str>,
    },
    /// It obeys the rules and still has no one meaning.
    #[error("{format} configuration{}: {what}", place(*at))]
    Unsupported {
        /// The format.
        format: Format,
        /// Where, when known.
        at: Option<Position>,
        /// What, and what to do.
        what: Unsupported,
    },
    /// It unfolds beyond the limits of a tree.
    #[error("{format} configuration{}", place(*at))]
    Limit {
        /// The format.
        format: Format,
        /// Where, when known.
        at: Option<Position>,
        /// Which limit.
        #[source]
        source: TreeError,
    },
}

/// What a format allows and we do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unsupported {
    /// One map has a key twice.
    #[error("the key was used before in this map; remove one of the two")]
    DuplicateKey,
    /// A key that is a map or a list.
    #[error("a map or list as a key; use a text")]
    ComplexKey,
    /// An alias inside its own anchor.
    #[error("an alias to the value it stands in; write the value out")]
    OwnAlias,
    /// `<<` with something that is no map.
    #[error("a merge key needs a map or a list of maps")]
    Merge,
    /// A block in base64 where keys belong.
    #[error("a PEM block among the keys; move it to a file of its own, or watch this one as lines")]
    PemBlock,
    /// No element, or more than one at the top.
    #[error("there must be exactly one element at the top")]
    Roots,
}

fn place(at: Option<Position>) -> String {
    at.map(|at| format!(", {at}")).unwrap_or_default()
}

/// Makes the errors of one format; the readers of that format share it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal(pub(super) Format);

impl Refusal {
    pub(super) fn syntax(self, at: Option<Position>, phrase: &str) -> NormaliseError {
        let mut what: String = phrase.chars().filter(|sign| !sign.is_control()).collect();
        what.truncate(what.floor_char_boundary(DETAIL_BYTES_MAX));
        NormaliseError::Syntax {
            format: self.0,
            at,
            what: what.into_boxed_str(),
        }
    }

    pub(super) fn unsupported(self, at: Option<Position>, what: Unsupported) -> NormaliseError {
        NormaliseError::Unsupported {
            format: self.0,
            at,
            what,
        }
    }

    pub(super) fn limit(self, at: Option<Position>, source: TreeError) -> NormaliseError {
        NormaliseError::Limit {
            format: self.0,
            at,
            source,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_counts_lines_and_characters() {
        let at = |byte| {
            let Position { line, column } = Position::of("é=1\n日x", byte);
            (line, column)
        };
        assert_eq!(at(0), (1, 1));
        assert_eq!(at(2), (1, 2));
        assert_eq!(at(5), (2, 1));
        assert_eq!(at(8), (2, 2));
        assert_eq!(at(100), (2, 3));
    }

    #[test]
    fn an_error_names_format_place_and_remedy() {
        let at = Some(Position { line: 3, column: 7 });
        let error = Refusal(Format::Yaml).syntax(at, "found\u{7} a tab");
        assert_eq!(
            error.to_string(),
            "yaml configuration, line 3, column 7: found a tab; correct it, or watch it as lines"
        );
    }
}
