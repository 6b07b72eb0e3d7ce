//! YAML by events: aliases, merge keys, depth and size are counted before they unfold.
//!
//! Plain scalars follow the core schema of YAML 1.2: `yes` and `on` are texts, so a program that
//! reads them as true has a change from `on` to `true` shown rather than hidden. Numbers are decimal;
//! `0x1f`, `010` and `1_000` stay texts for the same reason.

use std::collections::BTreeMap;

use keepwatch_common::model::tree::{Allowance, Node, Number, TreeError};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, Tag};

use super::error::{NormaliseError, Position, Refusal, Unsupported};
use super::format::Format;

const REFUSAL: Refusal = Refusal(Format::Yaml);

/// The value of the document; of several, their list; of none, null.
pub(super) fn read(text: &str) -> Result<Node, NormaliseError> {
    let mut builder = Builder::new();
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| REFUSAL.syntax(Some(position(error.marker())), error.info()))?;
        builder.event(event).map_err(|refused| match refused {
            Refused::Limit(source) => REFUSAL.limit(Some(position(&span.start)), source),
            Refused::Meaning(what) => REFUSAL.unsupported(Some(position(&span.start)), what),
        })?;
    }
    Ok(builder.finish())
}

fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

enum Refused {
    Limit(TreeError),
    Meaning(Unsupported),
}

impl From<TreeError> for Refused {
    fn from(source: TreeError) -> Self {
        Self::Limit(source)
    }
}

/// A list or map that is not closed yet.
struct Open {
    anchor: usize,
    tag: Option<String>,
    inside: Inside,
}

enum Inside {
    List(Vec<Node>),
    Map {
        members: BTreeMap<String, Node>,
        key: Option<Key>,
        /// Maps to merge; their members give way to the map's own and to earlier merges.
        merges: Vec<BTreeMap<String, Node>>,
    },
}

enum Key {
    Name(String),
    Merge,
}

struct Builder {
    allowance: Allowance,
    /// Counted apart, because a value may be held here and stand in the tree as well.
    held: Allowance,
    anchors: BTreeMap<usize, Node>,
    open: Vec<Open>,
    documents: Vec<Node>,
}

impl Builder {
    fn new() -> Self {
        Self {
            allowance: Allowance::full(),
            held: Allowance::full(),
            anchors: BTreeMap::new(),
            open: Vec::new(),
            documents: Vec::new(),
        }
    }

    fn event(&mut self, event: Event<'_>) -> Result<(), Refused> {
        match event {
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
            Event::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, tag.as_deref())
            }
            Event::SequenceStart(anchor, tag) => {
                self.begin(anchor, tag.as_deref(), Inside::List(Vec::new()))
            }
            Event::MappingStart(anchor, tag) => {
                let inside = Inside::Map {
                    members: BTreeMap::new(),
                    key: None,
                    merges: Vec::new(),
                };
                self.begin(anchor, tag.as_deref(), inside)
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                let own = Refused::Meaning(Unsupported::OwnAlias);
                let node = self.anchors.get(&anchor).ok_or(own)?;
                self.allowance.take_all(node, self.open.len() + 1)?;
                let node = node.clone();
                self.put(node)
            }
        }
    }

    fn begin(&mut self, anchor: usize, tag: Option<&Tag>, inside: Inside) -> Result<(), Refused> {
        self.allowance.take_node(self.open.len() + 1)?;
        let tag = tag.and_then(own_tag);
        self.open.push(Open {
            anchor,
            tag,
            inside,
        });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Refused> {
        let Some(Open {
            anchor,
            tag,
            inside,
        }) = self.open.pop()
        else {
            return Ok(());
        };
        let node = match inside {
            Inside::List(items) => Node::List(items),
            Inside::Map {
                mut members,
                merges,
                ..
            } => {
                for (key, value) in merges.into_iter().flatten() {
                    members.entry(key).or_insert(value);
                }
                Node::Map(members)
            }
        };
        let node = tagged(node, tag);
        self.hold(anchor, &node)?;
        self.put(node)
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
    ) -> Result<(), Refused> {
        let plain = matches!(style, ScalarStyle::Plain);
        if let Some(Open {
            inside: Inside::Map {
                key: key @ None, ..
            },
            ..
        }) = self.open.last_mut()
            && plain
            && text == "<<"
        {
            *key = Some(Key::Merge);
            return Ok(());
        }
        self.allowance.take_node(self.open.len() + 1)?;
        self.allowance.take_text(text.len())?;
        let as_text = tag.is_some_and(|tag| {
            tag.suffix == "str" && tag.is_yaml_core_schema() || tag.suffix.is_empty()
        });
        let node = if as_text || !plain {
            Node::Text(text.to_owned())
        } else {
            resolve(text)
        };
        let node = tagged(node, tag.and_then(own_tag));
        self.hold(anchor, &node)?;
        self.put(node)
    }

    /// Keeps a value that has an anchor.
    fn hold(&mut self, anchor: usize, node: &Node) -> Result<(), Refused> {
        if anchor > 0 {
            self.held.take_all(node, 1)?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(())
    }

    /// Puts a value where the innermost list or map expects one.
    fn put(&mut self, node: Node) -> Result<(), Refused> {
        match self.open.last_mut().map(|open| &mut open.inside) {
            None => self.documents.push(node),
            Some(Inside::List(items)) => items.push(node),
            Some(Inside::Map {
                members,
                key,
                merges,
            }) => match key.take() {
                None => {
                    let name = name_of(node)?;
                    self.allowance.take_key(name.len())?;
                    if members.contains_key(&name) {
                        return Err(Refused::Meaning(Unsupported::DuplicateKey));
                    }
                    *key = Some(Key::Name(name));
                }
                Some(Key::Name(name)) => {
                    members.insert(name, node);
                }
                Some(Key::Merge) => merges.extend(merged(node)?),
            },
        }
        Ok(())
    }

    fn finish(mut self) -> Node {
        match self.documents.pop() {
            None => Node::Null,
            Some(only) if self.documents.is_empty() => only,
            Some(last) => {
                self.documents.push(last);
                Node::List(self.documents)
            }
        }
    }
}

/// A tag that the core schema does not know; it is part of what the file says.
fn own_tag(tag: &Tag) -> Option<String> {
    let known = tag.is_yaml_core_schema() || tag.suffix.is_empty();
    (!known).then(|| tag.to_string())
}

fn tagged(node: Node, tag: Option<String>) -> Node {
    match tag {
        None => node,
        Some(tag) => Node::Map(BTreeMap::from([(tag, node)])),
    }
}

fn resolve(text: &str) -> Node {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Node::Null,
        "true" | "True" | "TRUE" => Node::Bool(true),
        "false" | "False" | "FALSE" => Node::Bool(false),
        _ => Number::parse(text).map_or_else(|| Node::Text(text.to_owned()), Node::Number),
    }
}

fn name_of(node: Node) -> Result<String, Refused> {
    match node {
        Node::Text(text) => Ok(text),
        Node::Number(number) => Ok(number.to_string()),
        Node::Bool(value) => Ok(value.to_string()),
        Node::Null => Ok("null".to_owned()),
        _ => Err(Refused::Meaning(Unsupported::ComplexKey)),
    }
}

fn merged(node: Node) -> Result<Vec<BTreeMap<String, Node>>, Refused> {
    let maps = match node {
        Node::List(items) => items,
        other => vec![other],
    };
    maps.into_iter()
        .map(|map| match map {
            Node::Map(members) => Ok(members),
            _ => Err(Refused::Meaning(Unsupported::Merge)),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> String {
        let tree = keepwatch_common::model::tree::Tree::new(read(text).unwrap());
        tree.unwrap().to_canonical_json()
    }

    #[test]
    fn two_styles_of_one_document_are_one_tree() {
        let one = json("b: [1, 'x']\na:\n  # note\n  c: ~\n  d: 1.50\n");
        let other = json("{\"a\": {\"d\": 1.5, \"c\": null}, \"b\": [1, x]}\r\n");
        assert_eq!(one, r#"{"a":{"c":null,"d":1.5},"b":[1,"x"]}"#);
        assert_eq!(one, other);
    }

    #[test]
    fn what_older_readers_take_for_something_else_stays_text() {
        assert_eq!(
            json("[yes, 010, 0x1f, '1', !!str 2, true]"),
            r#"["yes","010","0x1f","1","2",true]"#
        );
    }

    #[test]
    fn aliases_and_merges_are_unfolded() {
        let text = "base: &b {fps: 5, w: 640}\ncam: {<<: *b, w: 1280}\nsame: *b\n";
        assert_eq!(
            json(text),
            r#"{"base":{"fps":5,"w":640},"cam":{"fps":5,"w":1280},"same":{"fps":5,"w":640}}"#
        );
        assert_eq!(
            json("a: {<<: [{x: 1}, {x: 2, y: 2}]}"),
            r#"{"a":{"x":1,"y":2}}"#
        );
    }

    #[test]
    fn a_tag_of_its_own_is_part_of_what_the_file_says() {
        assert_eq!(json("a: !secret rtsp_pw"), r#"{"a":{"!secret":"rtsp_pw"}}"#);
    }

    #[test]
    fn several_documents_are_a_list_and_none_is_null() {
        assert_eq!(json("a: 1\n---\nb: 2\n"), r#"[{"a":1},{"b":2}]"#);
        assert_eq!(json("# nothing\n"), "null");
    }

    #[test]
    fn what_has_no_one_meaning_is_refused_where_it_stands() {
        for (text, place) in [
            ("a: 1\nb: 2\na: 3\n", "line 3, column 1: the key"),
            ("a: &x [*x]\n", "line 1, column 8: an alias"),
            ("? [1]\n: 2\n", "line 1, column"),
            ("a: {<<: 3}\n", "line 1, column 9: a merge key"),
            ("a: *nobody\n", "line 1, column 4:"),
            ("a:\n\t- b\n", "line 2, column"),
        ] {
            let refused = read(text).unwrap_err().to_string();
            assert!(refused.contains(place), "{text:?}: {refused}");
        }
    }

    #[test]
    fn aliases_of_aliases_are_refused_at_the_limit() {
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..10 {
            let inner = vec![format!("*a{}", level - 1); 10].join(", ");
            bomb.extend([format!("a{level}: &a{level} [{inner}]\n")]);
        }
        let refused = read(&bomb).unwrap_err();
        let too_many = matches!(
            refused,
            NormaliseError::Limit {
                source: TreeError::TooManyNodes,
                ..
            }
        );
        assert!(too_many, "{refused}");
    }
}
