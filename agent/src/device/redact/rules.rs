//! The rules of one source: the tables that hold everywhere, and what the branch's own file adds.
//!
//! Nothing that is added can make less of a tree secret, but for the references of sources in our own
//! code. A remote configuration does not reach any of this.

use thiserror::Error;

use super::name::Name;
use super::pattern::Pattern;
use super::tables::{LAST_WORDS, LAST_WORDS_OF_VALUES, PARTS, TAILS};

/// Most patterns that one list of a source may have; a person writes them by hand.
pub const RULES_MAX: usize = 200;

/// Longest pattern in bytes, and longest name that is taken apart whole.
pub const RULE_BYTES_MAX: usize = 200;

/// A pattern shorter than this, without its spelling, would match nearly every name.
const PART_LETTERS_MIN: usize = 2;

/// How far a secret name reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The value itself, or the values of a list.
    Value,
    /// Everything below.
    Below,
}

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RuleError {
    /// It would match anything, or nothing.
    #[error(
        "redaction pattern {index}: too short or without letters; write a part of the key's name"
    )]
    Empty {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// It is longer than a key's name.
    #[error("redaction pattern {index}: longer than {RULE_BYTES_MAX} bytes or too many steps")]
    TooLong {
        /// Its place in the list, from 0.
        index: usize,
    },
    /// There are too many.
    #[error("more than {RULES_MAX} redaction patterns; merge some")]
    TooMany,
}

/// The rules of one source: the tables above, and what was added to them.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    parts: Vec<String>,
    references: Vec<String>,
    volatile: Vec<Pattern>,
    volatile_lines: Vec<String>,
}

impl Rules {
    /// Adds parts of names that make everything below them a secret; spelling does not matter.
    pub fn with_secret_names(mut self, parts: &[&str]) -> Result<Self, RuleError> {
        checked(parts)?;
        for (index, part) in parts.iter().enumerate() {
            let squeezed = Name::of(part).squeezed;
            if squeezed.chars().count() < PART_LETTERS_MIN {
                return Err(RuleError::Empty { index });
            }
            self.parts.push(squeezed);
        }
        Ok(self)
    }

    /// Adds patterns of what changes of itself and is no drift: keys from the root, `*` for one and
    /// `**` for any number; lists count no step. `**.stats.uptime`
    pub fn with_volatile(mut self, patterns: &[&str]) -> Result<Self, RuleError> {
        checked(patterns)?;
        for (index, pattern) in patterns.iter().enumerate() {
            let parsed = Pattern::parse(pattern).ok_or(RuleError::TooLong { index })?;
            if !parsed.names_a_key() {
                return Err(RuleError::Empty { index });
            }
            self.volatile.push(parsed);
        }
        Ok(self)
    }

    /// Adds beginnings of lines that change of themselves, for configurations read by line.
    pub fn with_volatile_lines(mut self, beginnings: &[&str]) -> Result<Self, RuleError> {
        checked(beginnings)?;
        self.volatile_lines
            .extend(beginnings.iter().map(|beginning| (*beginning).to_owned()));
        Ok(self)
    }

    /// Names that refer to something and hide nothing, exactly as a source writes them: ONVIF calls
    /// its references tokens. For the sources in our own code: nothing from a file may reach this.
    #[must_use]
    pub fn with_references(mut self, names: &[&str]) -> Self {
        self.references
            .extend(names.iter().map(|name| (*name).to_owned()));
        self
    }

    /// Whether a name says that its value is a secret.
    pub(super) fn secret_name(&self, name: &str) -> Option<Reach> {
        if self.references.iter().any(|reference| reference == name) {
            return None;
        }
        self.reach(&Name::of(name))
    }

    /// Whether two names say so together: `encryption: { key: … }`.
    pub(super) fn secret_pair(&self, parent: &str, name: &str) -> Option<Reach> {
        let word = name.trim_matches(|sign: char| !sign.is_alphabetic());
        word.eq_ignore_ascii_case("key")
            .then(|| self.reach(&Name::of(&format!("{parent} key"))))
            .flatten()
    }

    fn reach(&self, name: &Name) -> Option<Reach> {
        let mut parts = PARTS
            .into_iter()
            .chain(self.parts.iter().map(String::as_str));
        if parts.any(|part| holds(&name.squeezed, part)) {
            return Some(Reach::Below);
        }
        let word = name
            .words
            .iter()
            .rev()
            .find(|word| !TAILS.contains(&word.as_str()))?
            .as_str();
        if LAST_WORDS.contains(&word) {
            Some(Reach::Below)
        } else {
            LAST_WORDS_OF_VALUES.contains(&word).then_some(Reach::Value)
        }
    }

    /// Whether what is left of the tree after these keys changes of itself.
    pub(super) fn is_volatile(&self, keys: &[&str]) -> bool {
        self.volatile.iter().any(|pattern| pattern.matches(keys))
    }

    /// Whether a line changes of itself.
    pub(super) fn is_volatile_line(&self, line: &str) -> bool {
        let line = line.trim_start();
        self.volatile_lines
            .iter()
            .any(|beginning| line.starts_with(beginning))
    }
}

/// What `contains` says, without preparing a search that is made for long texts: names are short and
/// there are many.
fn holds(name: &str, part: &str) -> bool {
    let part = part.as_bytes();
    let mut windows = name.as_bytes().windows(part.len());
    windows.any(|window| window[0] == part[0] && window == part)
}

fn checked(patterns: &[&str]) -> Result<(), RuleError> {
    if patterns.len() > RULES_MAX {
        return Err(RuleError::TooMany);
    }
    for (index, pattern) in patterns.iter().enumerate() {
        if pattern.trim().is_empty() {
            return Err(RuleError::Empty { index });
        }
        if pattern.len() > RULE_BYTES_MAX {
            return Err(RuleError::TooLong { index });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known_in_every_spelling() {
        let rules = Rules::default();
        for name in [
            "password",
            "PASSWORD",
            "dbPasswd",
            "ZM_DB_PASS",
            "readPass",
            "api_key",
            "X-Api-Key",
            "privateKey",
            "jwt_secret",
            "refreshToken",
            "EncryptionKey",
            "pass2",
            "pass_hash",
            "wifi-psk",
            "管理员密码",
            "srtReadPassphrase",
            "@Password",
            "credentials",
        ] {
            assert_eq!(rules.secret_name(name), Some(Reach::Below), "{name}");
        }
        for name in [
            "auth",
            "Authorization",
            "proxy_auth",
            "snmpCommunity",
            "pin",
            "http_digest",
        ] {
            assert_eq!(rules.secret_name(name), Some(Reach::Value), "{name}");
        }
        for name in [
            "",
            "host",
            "authMethod",
            "key",
            "compass",
            "bypass",
            "pass_through",
            "user",
            "id",
        ] {
            assert_eq!(rules.secret_name(name), None, "{name}");
        }
    }

    #[test]
    fn a_parent_can_make_a_plain_key_a_secret() {
        let rules = Rules::default();
        assert_eq!(rules.secret_pair("encryption", "key"), Some(Reach::Below));
        assert_eq!(rules.secret_pair("api", "key"), Some(Reach::Below));
        assert_eq!(rules.secret_pair("camera", "key"), None);
        assert_eq!(rules.secret_pair("api", "url"), None);
    }

    #[test]
    fn a_branch_adds_names_and_takes_none_away() {
        let rules = Rules::default().with_secret_names(&["Kenn-Wort"]).unwrap();
        assert_eq!(rules.secret_name("adminKennwort"), Some(Reach::Below));
        assert_eq!(rules.secret_name("password"), Some(Reach::Below));
    }

    #[test]
    fn a_pattern_that_matches_everything_is_refused() {
        let refused = Rules::default()
            .with_secret_names(&["ok", "-"])
            .unwrap_err();
        assert_eq!(refused, RuleError::Empty { index: 1 });
        let refused = Rules::default().with_volatile(&["**"]).unwrap_err();
        assert_eq!(refused, RuleError::Empty { index: 0 });
    }

    #[test]
    fn references_of_a_source_are_no_secrets() {
        let rules = Rules::default().with_references(&["@token"]);
        assert_eq!(rules.secret_name("@token"), None);
        assert_eq!(rules.secret_name("token"), Some(Reach::Below));
    }
}
