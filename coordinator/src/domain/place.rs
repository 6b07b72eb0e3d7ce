//! What branches and regions are called in addresses, files and commands.
//!
//! A code stands in join strings, certificates, addresses and spreadsheets for years, so it is kept
//! plain; what people read is the name beside it.

use std::fmt;

/// Longest code, in bytes: it stands in table columns, addresses and certificates.
pub const PLACE_CODE_BYTES_MAX: usize = 40;

/// ASCII letters, digits, dots, dashes and underscores; begins with a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceCode(String);

/// Why a text is no code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{shown}” is no code; write 1 to {PLACE_CODE_BYTES_MAX} ASCII letters, digits, dots, dashes and \
     underscores, beginning with a letter or a digit, like SH-001"
)]
pub struct PlaceCodeError {
    /// The text, escaped and cut.
    shown: String,
}

impl PlaceCode {
    /// Takes a text that is a code.
    pub fn new(text: impl Into<String>) -> Result<Self, PlaceCodeError> {
        let text = text.into();
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        let starts = text.starts_with(|c: char| c.is_ascii_alphanumeric());
        if starts && text.len() <= PLACE_CODE_BYTES_MAX && text.chars().all(plain) {
            return Ok(Self(text));
        }
        let shown = text.escape_debug().take(2 * PLACE_CODE_BYTES_MAX).collect();
        Err(PlaceCodeError { shown })
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlaceCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_needs_no_escaping_anywhere() {
        for good in ["SH-001", "7", "a_b.c"] {
            assert_eq!(PlaceCode::new(good).unwrap().as_str(), good);
        }
        for bad in ["", "-1", "a b", "门店", "a/b", "a?", &"x".repeat(41)] {
            assert!(PlaceCode::new(bad).is_err(), "{bad}");
        }
    }
}
