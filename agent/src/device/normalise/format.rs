//! The formats that can be read, and their words.

use std::fmt;

/// How a configuration is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// YAML 1.2.
    Yaml,
    /// TOML 1.
    Toml,
    /// JSON.
    Json,
    /// Sections and `key = value`.
    Ini,
    /// XML 1.
    Xml,
    /// Anything else that is text.
    Lines,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 6] = [
        Self::Yaml,
        Self::Toml,
        Self::Json,
        Self::Ini,
        Self::Xml,
        Self::Lines,
    ];

    /// The word used in configuration, on the wire and in stores.
    pub fn word(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Toml => "toml",
            Self::Json => "json",
            Self::Ini => "ini",
            Self::Xml => "xml",
            Self::Lines => "lines",
        }
    }

    /// The format of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.word() == word)
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}
