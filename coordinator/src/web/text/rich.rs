//! A message with emphasis and links, as HTML.
//!
//! Translators write `**strong**` and `[words](name)`; the template says where each name leads. What
//! fills the message is escaped and can carry neither: its marks are shown as they are.

use std::fmt::{self, Write as _};

use super::phrase::{Counted, Phrase};

/// Stand-ins for the marks inside variables, from the private use area.
const SHIELDED: [(char, char); 3] = [('*', '\u{f8f0}'), ('[', '\u{f8f1}'), (']', '\u{f8f2}')];

/// A message that may carry emphasis and links.
#[derive(Debug)]
pub struct Rich<'a> {
    phrase: Phrase<'a>,
    links: Vec<(&'static str, String)>,
}

impl<'a> Rich<'a> {
    pub(super) fn new(phrase: Phrase<'a>) -> Self {
        Self {
            phrase,
            links: Vec::new(),
        }
    }

    /// Fills a variable with a number.
    #[must_use]
    pub fn n(mut self, name: &'static str, number: impl Counted) -> Self {
        self.phrase = self.phrase.n(name, number);
        self
    }

    /// Fills a variable with text.
    #[must_use]
    pub fn s(mut self, name: &'static str, text: impl fmt::Display) -> Self {
        let mut shielded = text.to_string();
        for (mark, stand_in) in SHIELDED {
            shielded = shielded.replace(mark, &stand_in.to_string());
        }
        self.phrase = self.phrase.s(name, shielded);
        self
    }

    /// Says where the words marked with `name` lead.
    #[must_use]
    pub fn link(mut self, name: &'static str, address: impl fmt::Display) -> Self {
        self.links.push((name, address.to_string()));
        self
    }

    fn address(&self, name: &str) -> Option<&str> {
        let found = self.links.iter().find(|(known, _)| *known == name);
        found.map(|(_, address)| address.as_str())
    }

    /// Writes `text` up to its end, turning marks into elements.
    fn write(&self, f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(['*', '[']) {
            escape(f, &rest[..at])?;
            rest = &rest[at..];
            let taken = self.write_strong(f, rest)?.or(self.write_link(f, rest)?);
            if let Some(after) = taken {
                rest = after;
            } else {
                escape(f, &rest[..1])?;
                rest = &rest[1..];
            }
        }
        escape(f, rest)
    }

    /// `**words**`, and what follows it.
    fn write_strong<'t>(
        &self,
        f: &mut fmt::Formatter<'_>,
        text: &'t str,
    ) -> Result<Option<&'t str>, fmt::Error> {
        let Some((words, after)) = text
            .strip_prefix("**")
            .and_then(|inner| inner.split_once("**"))
        else {
            return Ok(None);
        };
        f.write_str("<b>")?;
        self.write(f, words)?;
        f.write_str("</b>")?;
        Ok(Some(after))
    }

    /// `[words](name)`, and what follows it.
    fn write_link<'t>(
        &self,
        f: &mut fmt::Formatter<'_>,
        text: &'t str,
    ) -> Result<Option<&'t str>, fmt::Error> {
        let parts = text
            .strip_prefix('[')
            .and_then(|inner| inner.split_once("]("))
            .and_then(|(words, rest)| {
                rest.split_once(')')
                    .map(|(name, after)| (words, name, after))
            });
        let Some((words, name, after)) = parts else {
            return Ok(None);
        };
        let Some(address) = self.address(name) else {
            return Ok(None);
        };
        f.write_str("<a href=\"")?;
        escape(f, address)?;
        f.write_str("\">")?;
        self.write(f, words)?;
        f.write_str("</a>")?;
        Ok(Some(after))
    }
}

impl fmt::Display for Rich<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, &self.phrase.to_string())
    }
}

impl askama::filters::HtmlSafe for Rich<'_> {}

/// Writes text for an element or a quoted attribute, and brings shielded marks back.
fn escape(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for c in text.chars() {
        match c {
            '&' => f.write_str("&amp;")?,
            '<' => f.write_str("&lt;")?,
            '>' => f.write_str("&gt;")?,
            '"' => f.write_str("&quot;")?,
            '\'' => f.write_str("&#39;")?,
            _ => {
                let mark = SHIELDED.iter().find(|(_, stand_in)| *stand_in == c);
                f.write_char(mark.map_or(c, |(mark, _)| *mark))?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use fluent_bundle::FluentResource;

    use super::*;
    use crate::web::text::catalogue::Bundle;
    use crate::web::text::phrase::Key;

    fn bundle(source: &str) -> Bundle {
        let mut bundle = Bundle::new_concurrent(vec!["en".parse().unwrap()]);
        bundle.set_use_isolating(false);
        bundle
            .add_resource(FluentResource::try_new(source.to_owned()).unwrap())
            .unwrap();
        bundle
    }

    fn rich(bundle: &Bundle) -> Rich<'_> {
        Rich::new(Phrase::new(bundle, Key("m")))
    }

    #[test]
    fn marks_become_elements_and_everything_else_is_escaped() {
        let bundle = bundle("m = a < b: **strong** and [two words](there).");
        let html = rich(&bundle).link("there", "/x?a=1&b=2").to_string();
        assert_eq!(
            html,
            "a &lt; b: <b>strong</b> and <a href=\"/x?a=1&amp;b=2\">two words</a>."
        );
    }

    #[test]
    fn a_variable_cannot_bring_marks_or_markup() {
        let bundle = bundle("m = **{ $name }**");
        let html = rich(&bundle)
            .s("name", "**[x](there)** <b>")
            .link("there", "/x")
            .to_string();
        assert_eq!(html, "<b>**[x](there)** &lt;b&gt;</b>");
    }

    #[test]
    fn a_link_that_leads_nowhere_is_shown_as_written() {
        let bundle = bundle("m = see [this](nowhere) or *");
        assert_eq!(rich(&bundle).to_string(), "see [this](nowhere) or *");
    }
}
