//! A value that never shows itself: not in logs, not in errors, not in a debugger's print.
//!
//! It is wiped when dropped. Whoever needs the value says so with [`Secret::expose`], which is easy
//! to search for.

use std::fmt;

use zeroize::Zeroizing;

/// A token, password or key in memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes ownership of the value.
    pub fn new(value: String) -> Self {
        Self(Zeroizing::new(value))
    }

    /// The value itself; never log what this returns.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_value() {
        let shown = format!("{:?}", Secret::new("hunter2".to_owned()));
        assert_eq!(shown, "Secret(…)");
    }
}
