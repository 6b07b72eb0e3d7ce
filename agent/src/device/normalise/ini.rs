//! INI and its many relatives: sections, `key = value` or `key: value`, comments on their own lines.
//!
//! Values are texts, because no two programs agree on more. A `#` or `;` after a value stays part of
//! it: some programs read a comment there and some a password, and taking it away could hide a
//! change. A section that is opened again goes on; a key that is written again becomes a list.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use keepwatch_common::model::tree::{Allowance, Node, TreeError};

use super::error::{NormaliseError, Position, Refusal, Unsupported};
use super::format::Format;

/// A map of sections, and of the keys before the first.
pub(super) fn read(text: &str) -> Result<Node, NormaliseError> {
    let mut reader = Reader {
        allowance: Allowance::full(),
        top: Section::new(),
        sections: BTreeMap::new(),
        current: None,
        last_key: None,
    };
    for (index, line) in text.lines().enumerate() {
        let at = Some(Position {
            line: index + 1,
            column: 1,
        });
        if line.trim_start().starts_with("-----BEGIN") {
            return Err(Refusal(Format::Ini).unsupported(at, Unsupported::PemBlock));
        }
        reader
            .line(line)
            .map_err(|source| Refusal(Format::Ini).limit(at, source))?;
    }
    Ok(reader.finish())
}

/// The values of each key, in the order they were written.
type Section = BTreeMap<String, Vec<Node>>;

struct Reader {
    allowance: Allowance,
    top: Section,
    sections: BTreeMap<String, Section>,
    /// The section that is open.
    current: Option<String>,
    /// The key that an indented line would go on with.
    last_key: Option<String>,
}

impl Reader {
    fn line(&mut self, line: &str) -> Result<(), TreeError> {
        let content = line.trim();
        if content.is_empty() {
            self.last_key = None;
            return Ok(());
        }
        if content.starts_with(['#', ';']) {
            return Ok(());
        }
        if let Some(name) = content
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        {
            return self.open(name.trim());
        }
        match content.find(['=', ':']) {
            Some(sign) => {
                let value = unquoted(content[sign + 1..].trim());
                self.allowance.take_text(value.len())?;
                self.put(content[..sign].trim(), Node::Text(value.to_owned()))
            }
            None if line.starts_with([' ', '\t']) && self.last_key.is_some() => self.go_on(content),
            None => self.put(content, Node::Null),
        }
    }

    fn open(&mut self, name: &str) -> Result<(), TreeError> {
        self.last_key = None;
        if !self.sections.contains_key(name) {
            self.allowance.take_node(2)?;
            self.allowance.take_key(name.len())?;
            self.sections.insert(name.to_owned(), Section::new());
        }
        self.current = Some(name.to_owned());
        Ok(())
    }

    fn put(&mut self, key: &str, value: Node) -> Result<(), TreeError> {
        self.allowance.take_node(3)?;
        self.allowance.take_key(key.len())?;
        self.section()
            .entry(key.to_owned())
            .or_default()
            .push(value);
        self.last_key = Some(key.to_owned());
        Ok(())
    }

    /// Adds a line to the value above it.
    fn go_on(&mut self, content: &str) -> Result<(), TreeError> {
        self.allowance.take_text(content.len() + 1)?;
        let key = self.last_key.clone().unwrap_or_default();
        match self
            .section()
            .get_mut(&key)
            .and_then(|values| values.last_mut())
        {
            Some(Node::Text(text)) => {
                text.push('\n');
                text.push_str(content);
            }
            Some(value) => *value = Node::Text(content.to_owned()),
            None => {}
        }
        Ok(())
    }

    fn section(&mut self) -> &mut Section {
        match &self.current {
            None => &mut self.top,
            Some(name) => self.sections.entry(name.clone()).or_default(),
        }
    }

    fn finish(self) -> Node {
        let mut root = members(self.top);
        for (name, section) in self.sections {
            let section = Node::Map(members(section));
            match root.entry(name) {
                Entry::Vacant(free) => {
                    free.insert(section);
                }
                Entry::Occupied(mut taken) => {
                    let key = taken.insert(Node::Null);
                    taken.insert(Node::List(vec![key, section]));
                }
            }
        }
        Node::Map(root)
    }
}

fn members(section: Section) -> BTreeMap<String, Node> {
    section
        .into_iter()
        .map(|(key, mut values)| match values.pop() {
            Some(only) if values.is_empty() => (key, only),
            last => {
                values.extend(last);
                (key, Node::List(values))
            }
        })
        .collect()
}

/// Without the one pair of quotes around the whole.
fn unquoted(value: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| value.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let tree = keepwatch_common::model::tree::Tree::new(read(text).unwrap());
        tree.unwrap().to_canonical_json()
    }

    #[test]
    fn sections_keys_and_comments_are_told_apart() {
        let text = "; head\ntop = 1\n[a b]\n# note\nx=\"1 # 2\"\ny : 'z'\n\n[flags]\nskip-x\n";
        assert_eq!(
            json(text),
            r#"{"a b":{"x":"1 # 2","y":"z"},"flags":{"skip-x":null},"top":"1"}"#
        );
    }

    #[test]
    fn what_is_written_twice_is_kept_twice() {
        let text = "[a]\nx=1\n[b]\ny=1\n[a]\nx=2\nx=1\n";
        assert_eq!(json(text), r#"{"a":{"x":["1","2","1"]},"b":{"y":"1"}}"#);
        assert_eq!(json("a=1\n[a]\nb=2\n"), r#"{"a":["1",{"b":"2"}]}"#);
    }

    #[test]
    fn an_indented_line_goes_on_with_the_value_above() {
        assert_eq!(json("x = 1\n  and 2\n"), r#"{"x":"1\nand 2"}"#);
        assert_eq!(json("x = 1\n\n  y\n"), r#"{"x":"1","y":null}"#);
    }

    #[test]
    fn a_key_in_pem_does_not_become_names_of_settings() {
        let text = "key =\n-----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----\n";
        let refused = read(text).unwrap_err();
        assert!(refused.to_string().contains("line 2"), "{refused}");
    }
}
