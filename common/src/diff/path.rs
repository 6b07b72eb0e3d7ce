//! Where in a tree something stands, as a person writes it and as it is read back.
//!
//! `cameras.front.record.retain.days`, `ports[2].name`, `users[name=admin].level`. A key or a name
//! that could be mistaken for something else stands in quotes with JSON's escapes. The root is `$`.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::identity::Identity;
use crate::model::tree::{DEPTH_MAX, Number};

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Segment {
    /// The member of a map.
    Key(String),
    /// The element of a list at a place, from 0.
    Index(usize),
    /// The element of a list that calls itself so.
    Element {
        /// The member that names it.
        member: String,
        /// Its name.
        name: Identity,
    },
}

/// The way from the root to a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(Vec<Segment>);

impl Path {
    /// The root itself.
    pub const ROOT: Self = Self(Vec::new());

    /// A path of these steps.
    pub fn new(segments: Vec<Segment>) -> Self {
        Self(segments)
    }

    /// The steps in order.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (depth, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Key(key) => {
                    if depth > 0 {
                        f.write_str(".")?;
                    }
                    write_word(f, key, is_plain(key))?;
                }
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Element { member, name } => {
                    f.write_str("[")?;
                    // All digits would read as a place in the list.
                    write_word(f, member, is_plain(member))?;
                    f.write_str("=")?;
                    match name {
                        Identity::Number(number) => write!(f, "{number}")?,
                        Identity::Text(text) => {
                            let plain = is_plain(text) && Number::parse(text).is_none();
                            write_word(f, text, plain)?;
                        }
                    }
                    f.write_str("]")?;
                }
            }
        }
        Ok(())
    }
}

/// Letters and digits of any script and the signs that carry no meaning in a path.
fn is_plain(word: &str) -> bool {
    !word.is_empty() && word.chars().all(is_plain_sign)
}

fn is_plain_sign(sign: char) -> bool {
    sign.is_alphanumeric() || matches!(sign, '_' | '-' | '@' | '#' | ':' | '/')
}

fn write_word(f: &mut fmt::Formatter<'_>, word: &str, plain: bool) -> fmt::Result {
    if plain {
        return f.write_str(word);
    }
    f.write_str("\"")?;
    for sign in word.chars() {
        match sign {
            '"' | '\\' => write!(f, "\\{sign}")?,
            _ if sign.is_control() => write!(f, "\\u{{{:x}}}", u32::from(sign))?,
            _ => write!(f, "{sign}")?,
        }
    }
    f.write_str("\"")
}

/// Why a text is not a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PathError {
    /// Something else belongs at this place.
    #[error("path, byte {at}: write it as `key.\"odd key\"[2][name=x]`, the root as `$`")]
    Syntax {
        /// Bytes before the place.
        at: usize,
    },
    /// More steps than a tree has levels.
    #[error("path: more than {DEPTH_MAX} steps lead nowhere")]
    TooLong,
}

impl FromStr for Path {
    type Err = PathError;

    fn from_str(text: &str) -> Result<Self, PathError> {
        if text == "$" {
            return Ok(Self::ROOT);
        }
        let mut reader = Reader { text, at: 0 };
        let mut segments = Vec::new();
        while segments.is_empty() || reader.at < text.len() {
            if segments.len() == DEPTH_MAX {
                return Err(PathError::TooLong);
            }
            segments.push(reader.segment(segments.is_empty())?);
        }
        Ok(Self(segments))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn segment(&mut self, first: bool) -> Result<Segment, PathError> {
        if !self.eat('[') {
            if !first && !self.eat('.') {
                return Err(self.refuse());
            }
            return Ok(Segment::Key(self.word()?.text));
        }
        let word = self.word()?;
        let segment = if self.eat('=') {
            let name = self.word()?;
            Segment::Element {
                member: word.text,
                name: match Number::parse(&name.text) {
                    Some(number) if !name.quoted => Identity::Number(number),
                    _ => Identity::Text(name.text),
                },
            }
        } else {
            let index = word.text.parse().map_err(|_| self.refuse())?;
            Segment::Index(index)
        };
        if !self.eat(']') {
            return Err(self.refuse());
        }
        Ok(segment)
    }

    fn word(&mut self) -> Result<Word, PathError> {
        let quoted = self.eat('"');
        let text = if quoted {
            self.quoted()?
        } else {
            self.plain()?
        };
        Ok(Word { text, quoted })
    }

    /// Also takes `.` and `+` inside a number, which no plain word has.
    fn plain(&mut self) -> Result<String, PathError> {
        let rest = &self.text[self.at..];
        let number = rest
            .split(']')
            .next()
            .filter(|word| self.text[..self.at].ends_with('=') && Number::parse(word).is_some());
        let word =
            number.unwrap_or_else(|| rest.split(|sign| !is_plain_sign(sign)).next().unwrap_or(""));
        if word.is_empty() {
            return Err(self.refuse());
        }
        self.at += word.len();
        Ok(word.to_owned())
    }

    fn quoted(&mut self) -> Result<String, PathError> {
        let mut text = String::new();
        while let Some(sign) = self.next() {
            match sign {
                '"' => return Ok(text),
                '\\' => text.push(self.escape()?),
                _ => text.push(sign),
            }
        }
        Err(self.refuse())
    }

    fn escape(&mut self) -> Result<char, PathError> {
        match self.next() {
            Some(sign @ ('"' | '\\')) => Ok(sign),
            Some('u') if self.eat('{') => {
                let digits = self.text[self.at..].split('}').next().unwrap_or("");
                let sign = u32::from_str_radix(digits, 16)
                    .ok()
                    .and_then(char::from_u32);
                let sign = sign.ok_or_else(|| self.refuse())?;
                self.at += digits.len();
                if !self.eat('}') {
                    return Err(self.refuse());
                }
                Ok(sign)
            }
            _ => Err(self.refuse()),
        }
    }

    fn next(&mut self) -> Option<char> {
        let sign = self.text[self.at..].chars().next()?;
        self.at += sign.len_utf8();
        Some(sign)
    }

    fn eat(&mut self, sign: char) -> bool {
        let found = self.text[self.at..].starts_with(sign);
        if found {
            self.at += sign.len_utf8();
        }
        found
    }

    fn refuse(&self) -> PathError {
        PathError::Syntax { at: self.at }
    }
}

struct Word {
    text: String,
    quoted: bool,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::tree::samples::any_key;

    fn key(key: &str) -> Segment {
        Segment::Key(key.to_owned())
    }

    fn element(member: &str, name: Identity) -> Segment {
        let member = member.to_owned();
        Segment::Element { member, name }
    }

    #[test]
    fn a_path_prints_as_a_person_would_write_it() {
        let text = |text: &str| Identity::Text(text.to_owned());
        for (segments, printed) in [
            (vec![], "$"),
            (
                vec![key("cameras"), key("front"), key("days")],
                "cameras.front.days",
            ),
            (
                vec![key("ports"), Segment::Index(2), key("name")],
                "ports[2].name",
            ),
            (
                vec![key("users"), element("name", text("admin"))],
                "users[name=admin]",
            ),
            (
                vec![element("id", Identity::Number(Number::from(3_i64)))],
                "[id=3]",
            ),
            (vec![element("id", text("3"))], "[id=\"3\"]"),
            (vec![key("a.b"), key(""), key("$")], "\"a.b\".\"\".\"$\""),
            (
                vec![key("日志"), key("@x"), key("\n")],
                "日志.@x.\"\\u{a}\"",
            ),
        ] {
            assert_eq!(Path::new(segments).to_string(), printed);
        }
    }

    #[test]
    fn what_is_no_path_is_refused_where_it_breaks() {
        for (text, at) in [
            ("", 0),
            ("a.", 2),
            ("a b", 1),
            ("a[", 2),
            ("a[x]", 3),
            ("a[1", 3),
            ("\"a", 2),
        ] {
            assert_eq!(
                text.parse::<Path>(),
                Err(PathError::Syntax { at }),
                "{text}"
            );
        }
        let endless = "[0]".repeat(DEPTH_MAX + 1);
        assert_eq!(endless.parse::<Path>(), Err(PathError::TooLong));
    }

    fn any_identity() -> impl Strategy<Value = Identity> {
        prop_oneof![
            any_key().prop_map(Identity::Text),
            "[0-9.e+-]{1,4}".prop_map(Identity::Text),
            any::<f64>().prop_filter_map("finite", |value| Number::from_f64(value)
                .map(Identity::Number)),
        ]
    }

    fn any_segment() -> impl Strategy<Value = Segment> {
        prop_oneof![
            any_key().prop_map(Segment::Key),
            ".{0,3}".prop_map(Segment::Key),
            (0_usize..20).prop_map(Segment::Index),
            (any_key(), any_identity())
                .prop_map(|(member, name)| Segment::Element { member, name }),
        ]
    }

    proptest! {
        #[test]
        fn a_printed_path_is_read_back(segments in prop::collection::vec(any_segment(), 0..6)) {
            let path = Path::new(segments);
            prop_assert_eq!(path.to_string().parse::<Path>(), Ok(path));
        }
    }
}
