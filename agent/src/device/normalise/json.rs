//! JSON, read value by value with the depth counted on the way.
//!
//! Numbers beyond 64 bits are taken as the nearest double, as nearly every reader of JSON does. A
//! key that is written twice means different things to different readers, so both values are kept,
//! under a name that shows it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::fmt;

use keepwatch_common::model::tree::{Allowance, Node, Number, TreeError};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::error::{NormaliseError, Position, Refusal};
use super::format::Format;

/// What stands in place of a value whose key was written more than once.
const DUPLICATE: &str = "$duplicate";

/// The value of the document.
pub(super) fn read(text: &str) -> Result<Node, NormaliseError> {
    let refusal = Refusal(Format::Json);
    let mut reader = Reader {
        allowance: Allowance::full(),
        refused: None,
    };
    let mut json = serde_json::Deserializer::from_str(text);
    let read = reader.at(1).deserialize(&mut json).and_then(|root| {
        json.end()?;
        Ok(root)
    });
    read.map_err(|error| {
        let at = (error.line() > 0).then(|| Position {
            line: error.line(),
            column: error.column(),
        });
        match reader.refused {
            Some(source) => refusal.limit(at, source),
            None => refusal.syntax(at, phrase(&error)),
        }
    })
}

/// The parser's own message names what it expected; only its kind is certain not to quote the file.
fn phrase(error: &serde_json::Error) -> &'static str {
    if error.is_eof() {
        "the document ends too early"
    } else {
        "no JSON from here on"
    }
}

struct Reader {
    allowance: Allowance,
    /// The limit that was met, which the parser's error cannot carry.
    refused: Option<TreeError>,
}

impl Reader {
    fn at(&mut self, depth: usize) -> Value<'_> {
        Value {
            reader: self,
            depth,
        }
    }

    fn take<E: Error>(
        &mut self,
        take: impl FnOnce(&mut Allowance) -> Result<(), TreeError>,
    ) -> Result<(), E> {
        take(&mut self.allowance).map_err(|refused| {
            self.refused = Some(refused);
            E::custom(refused)
        })
    }
}

/// Reads one value at a depth.
struct Value<'a> {
    reader: &'a mut Reader,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for Value<'_> {
    type Value = Node;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Node, D::Error> {
        let depth = self.depth;
        self.reader.take(|allowance| allowance.take_node(depth))?;
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Value<'_> {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Node, E> {
        Ok(Number::from_f64(value).map_or(Node::Null, Node::Number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Node, E> {
        self.reader
            .take(|allowance| allowance.take_text(text.len()))?;
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.reader.at(self.depth + 1))? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut pairs: A) -> Result<Node, A::Error> {
        let mut members = BTreeMap::new();
        let mut again: BTreeMap<String, Vec<Node>> = BTreeMap::new();
        while let Some(key) = pairs.next_key::<String>()? {
            self.reader
                .take(|allowance| allowance.take_key(key.len()))?;
            let value = pairs.next_value_seed(self.reader.at(self.depth + 1))?;
            match members.entry(key) {
                Entry::Vacant(free) => {
                    free.insert(value);
                }
                Entry::Occupied(taken) => {
                    again.entry(taken.key().clone()).or_default().push(value);
                }
            }
        }
        for (key, mut rest) in again {
            let mut values: Vec<Node> = members.remove(&key).into_iter().collect();
            values.append(&mut rest);
            let noted = BTreeMap::from([(DUPLICATE.to_owned(), Node::List(values))]);
            members.insert(key, Node::Map(noted));
        }
        Ok(Node::Map(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let tree = keepwatch_common::model::tree::Tree::new(read(text).unwrap());
        tree.unwrap().to_canonical_json()
    }

    #[test]
    fn order_space_and_escapes_carry_no_meaning() {
        let one = json("{\"b\": [1.0, true, null],\n \"a\": \"\\u65e5\"}");
        assert_eq!(one, r#"{"a":"日","b":[1,true,null]}"#);
        assert_eq!(one, json("{\"a\":\"日\",\"b\":[1e0,true,null]}\r\n"));
    }

    #[test]
    fn a_key_written_twice_shows() {
        assert_eq!(
            json(r#"{"a":1,"b":0,"a":2,"a":1}"#),
            r#"{"a":{"$$duplicate":[1,2,1]},"b":0}"#
        );
    }

    #[test]
    fn an_error_names_the_line_and_not_what_stands_there() {
        let refused = read("{\n \"password\": hunter2 }").unwrap_err().to_string();
        assert!(
            refused.starts_with("json configuration, line 2, column"),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"), "{refused}");
        assert!(read("[1] 2").is_err());
    }

    #[test]
    fn brackets_without_end_are_refused_at_the_limit() {
        let refused = read(&"[".repeat(100_000)).unwrap_err();
        let NormaliseError::Limit {
            at: Some(at),
            source,
            ..
        } = refused
        else {
            panic!("{refused}");
        };
        assert_eq!((at.line, source), (1, TreeError::TooDeep));
    }
}
