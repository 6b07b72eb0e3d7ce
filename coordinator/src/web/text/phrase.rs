//! One message with its variables, written where a template prints it.
//!
//! A message that is missing writes its key between ⟦ and ⟧ instead of failing the page; a test
//! proves that no key used is missing.

use std::fmt;

use fluent_bundle::{FluentArgs, FluentValue};

use super::catalogue::Bundle;

/// The name of a message. Written as a type, so that a test can find every key in the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key(pub &'static str);

impl From<&'static str> for Key {
    fn from(name: &'static str) -> Self {
        Self(name)
    }
}

impl From<&Self> for Key {
    fn from(key: &Self) -> Self {
        *key
    }
}

/// A whole number a message counts with.
pub trait Counted {
    /// The number as the message library takes it.
    fn value(&self) -> FluentValue<'static>;
}

macro_rules! counted {
    ($($number:ty),*) => {
        $(impl Counted for $number {
            fn value(&self) -> FluentValue<'static> {
                FluentValue::from(*self)
            }
        })*
    };
}

counted!(u32, u64, usize, i64);

impl<T: Counted> Counted for &T {
    fn value(&self) -> FluentValue<'static> {
        (**self).value()
    }
}

/// A message and what fills it.
pub struct Phrase<'a> {
    bundle: &'a Bundle,
    key: Key,
    arguments: FluentArgs<'static>,
}

impl<'a> Phrase<'a> {
    pub(super) fn new(bundle: &'a Bundle, key: Key) -> Self {
        Self {
            bundle,
            key,
            arguments: FluentArgs::new(),
        }
    }

    /// Fills a variable with a number: it chooses the plural and is written with thousands apart.
    #[must_use]
    pub fn n(mut self, name: &'static str, number: impl Counted) -> Self {
        self.arguments.set(name, number.value());
        self
    }

    /// Fills a variable with text: a name, a duration, a share.
    #[must_use]
    pub fn s(mut self, name: &'static str, text: impl fmt::Display) -> Self {
        self.arguments.set(name, text.to_string());
        self
    }
}

impl fmt::Display for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pattern = self
            .bundle
            .get_message(self.key.0)
            .and_then(|message| message.value());
        let Some(pattern) = pattern else {
            return write!(f, "⟦{}⟧", self.key.0);
        };
        // A variable that is missing is written as its name by the library; the tests look for it.
        let mut errors = Vec::new();
        let text = self
            .bundle
            .format_pattern(pattern, Some(&self.arguments), &mut errors);
        f.write_str(&text)
    }
}

impl fmt::Debug for Phrase<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phrase({})", self.key.0)
    }
}
