//! Names in the branch's own words: of branches, recorders, cameras, volumes and watched files.
//!
//! A name is only a label. Nothing is ever identified by it across branches, and it is never used
//! as a path.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits::NAME_BYTES_MAX;

/// A non-empty text of at most [`NAME_BYTES_MAX`] bytes without control characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing, or only blanks.
    #[error("a name must not be empty")]
    Empty,
    /// Too long.
    #[error("a name has at most {NAME_BYTES_MAX} bytes, this one {bytes}")]
    TooLong {
        /// How many.
        bytes: usize,
    },
    /// Something that cannot be shown.
    #[error("“{shown}” contains a control character; use printable text")]
    Control {
        /// The text, escaped.
        shown: String,
    },
}

impl Name {
    /// Takes a text that is a name.
    pub fn new(text: impl Into<String>) -> Result<Self, NameError> {
        let text = text.into();
        if text.trim().is_empty() {
            return Err(NameError::Empty);
        }
        if text.len() > NAME_BYTES_MAX {
            return Err(NameError::TooLong { bytes: text.len() });
        }
        if text.chars().any(char::is_control) {
            return Err(NameError::Control {
                shown: text.escape_debug().to_string(),
            });
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Name {
    type Error = NameError;

    fn try_from(text: String) -> Result<Self, NameError> {
        Self::new(text)
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_any_printable_text() {
        assert_eq!(Name::new("收银台 2").unwrap().as_str(), "收银台 2");
    }

    #[test]
    fn what_cannot_be_shown_is_refused() {
        assert_eq!(Name::new("  ").unwrap_err(), NameError::Empty);
        assert_eq!(
            Name::new("x".repeat(201)).unwrap_err(),
            NameError::TooLong { bytes: 201 }
        );
        assert!(matches!(
            Name::new("a\u{1b}[31m").unwrap_err(),
            NameError::Control { .. }
        ));
    }
}
