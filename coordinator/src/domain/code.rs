//! The id of a control or a clause, as a policy pack writes it: `A-02`, `F-3.4`, `A-11a.deleted`.
//!
//! Ids stand in stores, addresses and notifications for years, so they are kept plain: no blanks,
//! nothing that needs escaping. It must not know which ids exist.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest id, in bytes: it stands in table columns and addresses.
pub const CODE_BYTES_MAX: usize = 40;

/// Letters, digits, dots and dashes; starts with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Code(String);

/// Why a text is no id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{shown}” is not an id; write 1 to {CODE_BYTES_MAX} ASCII letters, digits, dots and dashes, \
     beginning with a letter or a digit, like A-02"
)]
pub struct CodeError {
    /// The text, escaped.
    shown: String,
}

impl Code {
    /// Takes a text that is an id.
    pub fn new(text: impl Into<String>) -> Result<Self, CodeError> {
        let text = text.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts && text.len() <= CODE_BYTES_MAX && text.chars().all(plain) {
            return Ok(Self(text));
        }
        Err(CodeError {
            shown: text.escape_debug().take(2 * CODE_BYTES_MAX).collect(),
        })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Code {
    type Error = CodeError;

    fn try_from(text: String) -> Result<Self, CodeError> {
        Self::new(text)
    }
}

impl From<Code> for String {
    fn from(code: Code) -> Self {
        code.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_clauses_are_ids() {
        for text in ["A-02", "F-3.4", "H-5.1.1.4", "A-11a.deleted"] {
            assert_eq!(Code::new(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn what_would_need_escaping_is_refused() {
        for text in ["", "-A", "A 02", "甲-02", "A/02", &"a".repeat(41)] {
            assert!(Code::new(text).is_err(), "{text}");
        }
    }
}
