//! Where in a pack's text something stands: a line and a field, found from a byte offset.
//!
//! The field is for people only and is read off the text around the offset, so a strange layout
//! makes it vague but never wrong about the line.

use std::ops::Range;

use super::error::{PackError, PackProblem};

/// A pack's text and the name of its file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    /// How messages name the file.
    pub(super) file: &'a str,
    /// The whole text.
    pub(super) text: &'a str,
}

impl Place<'_> {
    /// A problem at a span of the text.
    pub(super) fn error(self, span: Range<usize>, problem: PackProblem) -> PackError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        PackError {
            file: self.file.to_owned(),
            line: before.matches('\n').count() + 1,
            field: self.field(before),
            problem,
        }
    }

    /// The reader's own refusal.
    pub(super) fn refused(self, error: &toml::de::Error) -> PackError {
        let problem = PackProblem::Form {
            message: error.message().trim_end_matches('\n').to_owned(),
        };
        self.error(error.span().unwrap_or(0..0), problem)
    }

    /// The key on the offset's own line, or the nearest above it, within its table.
    fn field(self, before: &str) -> String {
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let rest = self.text.get(line_start..).unwrap_or("");
        let here = rest.lines().next().unwrap_or("");
        let above = self.text.get(..line_start).unwrap_or("");
        let mut key = None;
        for line in std::iter::once(here).chain(above.lines().rev()) {
            if let Some(table) = table_of(line) {
                return match key {
                    Some(key) => format!("{table}.{key}"),
                    None => table.to_owned(),
                };
            }
            key = key.or_else(|| key_of(line));
        }
        key.unwrap_or("the pack").to_owned()
    }
}

fn is_key(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn table_of(line: &str) -> Option<&str> {
    let inner = line.trim().strip_prefix('[')?.split(']').next()?;
    let table = inner.trim_start_matches('[').trim();
    is_key(table).then_some(table)
}

fn key_of(line: &str) -> Option<&str> {
    let key = line.split_once('=')?.0.trim();
    is_key(key).then_some(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
[pack]
id = \"x\"

[[controls]]
sources = [
    \"A-02\",
]
title.zh = \"长\"
";

    fn at(needle: &str) -> (usize, String) {
        let start = TEXT.find(needle).unwrap();
        let place = Place {
            file: "p.toml",
            text: TEXT,
        };
        let error = place.error(start..start, PackProblem::Repeated { id: "x".to_owned() });
        (error.line, error.field)
    }

    #[test]
    fn a_value_is_found_by_its_key_and_table() {
        assert_eq!(at("\"x\""), (2, "pack.id".to_owned()));
        assert_eq!(at("\"长\""), (8, "controls.title.zh".to_owned()));
    }

    #[test]
    fn an_entry_on_its_own_line_belongs_to_the_key_above() {
        assert_eq!(at("\"A-02\""), (6, "controls.sources".to_owned()));
    }

    #[test]
    fn a_table_is_named_by_itself() {
        assert_eq!(at("[[controls]]"), (4, "controls".to_owned()));
    }
}
