//! Reads the one spelling of a tree and refuses every other.
//!
//! Written by hand because it must be stricter than JSON: an unsorted key, a second spelling of a
//! number or a needless escape is an error, and so is a `$` that the writer would not have written.
//! Errors say where, never what: the text may hold what nobody should read in a log.

use std::collections::BTreeMap;

use super::super::allowance::{Allowance, TreeError};
use super::super::keyed_hash::{KeyedHash, from_hex};
use super::super::node::{Mixed, Node, Piece, Tree};
use super::super::number::Number;
use super::error::{CanonicalError, Spelling};

impl Tree {
    /// Reads what [`Tree::to_canonical_json`] wrote; anything else is an error.
    pub fn from_canonical_json(text: &str) -> Result<Self, CanonicalError> {
        let mut reader = Reader {
            text,
            at: 0,
            allowance: Allowance::full(),
        };
        let root = reader.value(1)?;
        if reader.at < text.len() {
            return Err(reader.refuse(Spelling::End));
        }
        Ok(Self::counted(root))
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    allowance: Allowance,
}

type Read<T> = Result<T, CanonicalError>;

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Read<Node> {
        self.take(|allowance| allowance.take_node(depth))?;
        match self.peek() {
            Some(b'n') => self.word("null", Node::Null),
            Some(b't') => self.word("true", Node::Bool(true)),
            Some(b'f') => self.word("false", Node::Bool(false)),
            Some(b'"') => self.string().map(Node::Text),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.map(depth),
            _ => Err(self.refuse(Spelling::Value)),
        }
    }

    fn word(&mut self, word: &str, node: Node) -> Read<Node> {
        if !self.eat(word) {
            return Err(self.refuse(Spelling::Value));
        }
        Ok(node)
    }

    fn number(&mut self) -> Read<Node> {
        let rest = self.rest();
        let length = rest
            .bytes()
            .position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'.' | b'e'))
            .unwrap_or(rest.len());
        let written = &rest[..length];
        let number = Number::parse(written)
            .filter(|number| number.as_str() == written)
            .ok_or_else(|| self.refuse(Spelling::Number))?;
        self.take(|allowance| allowance.take_text(length))?;
        self.at += length;
        Ok(Node::Number(number))
    }

    fn list(&mut self, depth: usize) -> Read<Node> {
        self.sign('[')?;
        let mut items = Vec::new();
        while !self.closes(']', items.is_empty())? {
            items.push(self.value(depth + 1)?);
        }
        Ok(Node::List(items))
    }

    fn map(&mut self, depth: usize) -> Read<Node> {
        if self.eat(r#"{"$secret":"#) {
            let hash = self.hash()?;
            self.sign('}')?;
            return Ok(Node::Secret(hash));
        }
        if self.eat(r#"{"$text":"#) {
            return self.mixed();
        }
        self.sign('{')?;
        let mut members: BTreeMap<String, Node> = BTreeMap::new();
        while !self.closes('}', members.is_empty())? {
            let start = self.at;
            let key = self.key()?;
            self.take(|allowance| allowance.take_key(key.len()))?;
            if members
                .last_key_value()
                .is_some_and(|(last, _)| *last >= key)
            {
                self.at = start;
                return Err(self.refuse(Spelling::SortedKey));
            }
            self.sign(':')?;
            let value = self.value(depth + 1)?;
            members.insert(key, value);
        }
        Ok(Node::Map(members))
    }

    /// What follows `{"$secret":`, without the last brace.
    fn hash(&mut self) -> Read<KeyedHash> {
        let start = self.at;
        let read = |reader: &mut Self| -> Read<Option<KeyedHash>> {
            reader.literal(r#"{"hash":"#)?;
            let hash = reader.escaped()?;
            reader.literal(r#","key":"#)?;
            let key = reader.escaped()?;
            reader.sign('}')?;
            Ok(KeyedHash::from_hex(&key, &hash))
        };
        if let Ok(Some(hash)) = read(self) {
            return Ok(hash);
        }
        self.at = start;
        Err(self.refuse(Spelling::Hash))
    }

    /// What follows `{"$text":`.
    fn mixed(&mut self) -> Read<Node> {
        self.sign('[')?;
        let (start, mut pieces) = (self.at, Vec::new());
        while !self.closes(']', pieces.is_empty())? {
            pieces.push(if self.eat(r#"{"$secret":"#) {
                let hash = self.hash()?;
                self.sign('}')?;
                Piece::Secret(hash)
            } else {
                Piece::Text(self.escaped()?)
            });
        }
        self.sign('}')?;
        let count = pieces.len();
        let mixed = Mixed::new(pieces).map_err(|source| self.limit(source))?;
        if mixed.pieces().len() != count {
            self.at = start;
            return Err(self.refuse(Spelling::Text));
        }
        self.take(|allowance| allowance.take_text(mixed.bytes()))?;
        Ok(Node::Mixed(mixed))
    }

    fn key(&mut self) -> Read<String> {
        let start = self.at;
        let mut key = self.escaped()?;
        if key.starts_with('$') {
            if !key.starts_with("$$") {
                self.at = start;
                return Err(self.refuse(Spelling::Word));
            }
            key.remove(0);
        }
        Ok(key)
    }

    fn string(&mut self) -> Read<String> {
        let text = self.escaped()?;
        self.take(|allowance| allowance.take_text(text.len()))?;
        Ok(text)
    }

    /// A string in quotes, without counting it.
    fn escaped(&mut self) -> Read<String> {
        if !self.eat("\"") {
            return Err(self.refuse(Spelling::Text));
        }
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest
                .bytes()
                .position(|byte| matches!(byte, b'"' | b'\\' | 0x00..0x20))
                .ok_or_else(|| self.refuse(Spelling::Text))?;
            text.push_str(&rest[..plain]);
            self.at += plain;
            if self.eat("\"") {
                return Ok(text);
            }
            text.push(self.escape()?);
        }
    }

    fn escape(&mut self) -> Read<char> {
        const SHORT: [(&str, char); 7] = [
            ("\\\"", '"'),
            ("\\\\", '\\'),
            ("\\n", '\n'),
            ("\\r", '\r'),
            ("\\t", '\t'),
            ("\\b", '\u{8}'),
            ("\\f", '\u{c}'),
        ];
        for (written, sign) in SHORT {
            if self.eat(written) {
                return Ok(sign);
            }
        }
        let digits = self
            .rest()
            .strip_prefix("\\u00")
            .and_then(|rest| rest.get(..2));
        let sign = digits
            .and_then(from_hex::<1>)
            .map(|[byte]| char::from(byte))
            .filter(|sign| *sign < ' ' && SHORT.iter().all(|(_, short)| short != sign))
            .ok_or_else(|| self.refuse(Spelling::Text))?;
        self.at += "\\u0000".len();
        Ok(sign)
    }

    /// Whether the list or map ends here; otherwise steps over the comma between two items.
    fn closes(&mut self, end: char, first: bool) -> Read<bool> {
        if self.eat(end.encode_utf8(&mut [0; 4])) {
            return Ok(true);
        }
        if !first {
            self.sign(',')?;
        }
        Ok(false)
    }

    fn sign(&mut self, sign: char) -> Read<()> {
        if self.eat(sign.encode_utf8(&mut [0; 4])) {
            return Ok(());
        }
        Err(self.refuse(Spelling::Sign(sign)))
    }

    fn literal(&mut self, literal: &str) -> Read<()> {
        if self.eat(literal) {
            return Ok(());
        }
        Err(self.refuse(Spelling::Hash))
    }

    fn eat(&mut self, literal: &str) -> bool {
        let found = self.rest().starts_with(literal);
        if found {
            self.at += literal.len();
        }
        found
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn take(&mut self, take: impl FnOnce(&mut Allowance) -> Result<(), TreeError>) -> Read<()> {
        take(&mut self.allowance).map_err(|source| self.limit(source))
    }

    fn limit(&self, source: TreeError) -> CanonicalError {
        CanonicalError::Limit {
            at: self.at,
            source,
        }
    }

    fn refuse(&self, expected: Spelling) -> CanonicalError {
        CanonicalError::Spelling {
            at: self.at,
            expected,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::super::allowance::DEPTH_MAX;
    use super::super::super::samples::any_tree;
    use super::*;

    #[test]
    fn another_spelling_is_refused_where_it_starts() {
        for (text, at, expected) in [
            (r#"{"b":1,"a":2}"#, 7, Spelling::SortedKey),
            (r#"{"a":1,"a":2}"#, 7, Spelling::SortedKey),
            (r#"{"a": 1}"#, 5, Spelling::Value),
            ("1.0", 0, Spelling::Number),
            ("[1,]", 3, Spelling::Value),
            (r#""\u000a""#, 1, Spelling::Text),
            (r#""\/""#, 1, Spelling::Text),
            ("true ", 4, Spelling::End),
            ("", 0, Spelling::Value),
        ] {
            let refused = Tree::from_canonical_json(text);
            assert_eq!(
                refused,
                Err(CanonicalError::Spelling { at, expected }),
                "{text}"
            );
        }
    }

    #[test]
    fn a_hash_in_another_shape_is_refused() {
        let hash = "00112233445566778899aabbccddeeff";
        for text in [
            format!(r#"{{"$secret":{{"hash":"{hash}","key":"0011223344556677"}},"a":1}}"#),
            format!(r#"{{"$secret":{{"key":"0011223344556677","hash":"{hash}"}}}}"#),
            format!(r#"{{"$secret":{{"hash":"{hash}","key":"00"}}}}"#),
            r#"{"$secret":"x"}"#.to_owned(),
            r#"{"$other":1}"#.to_owned(),
            r#"{"$text":["a","b"]}"#.to_owned(),
        ] {
            assert!(Tree::from_canonical_json(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_member_named_like_a_hash_stays_a_member() {
        let inner = BTreeMap::from([("hash".to_owned(), Node::Text("00".repeat(16)))]);
        let map = BTreeMap::from([("$secret".to_owned(), Node::Map(inner))]);
        let tree = Tree::new(Node::Map(map)).unwrap();
        let spelled = tree.to_canonical_json();
        assert!(spelled.starts_with(r#"{"$$secret":"#), "{spelled}");
        assert_eq!(Tree::from_canonical_json(&spelled), Ok(tree));
    }

    #[test]
    fn a_text_nested_without_end_is_refused_early() {
        let refused = Tree::from_canonical_json(&"[".repeat(100_000));
        let source = TreeError::TooDeep;
        assert_eq!(
            refused,
            Err(CanonicalError::Limit {
                at: DEPTH_MAX,
                source
            })
        );
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(tree in any_tree()) {
            prop_assert_eq!(Tree::from_canonical_json(&tree.to_canonical_json()), Ok(tree));
        }

        #[test]
        fn what_is_read_would_be_written_so(text in r#"[\[\]{},:"$a\\n01e.-]{0,12}"#) {
            if let Ok(tree) = Tree::from_canonical_json(&text) {
                prop_assert_eq!(tree.to_canonical_json(), text);
            }
        }
    }
}
