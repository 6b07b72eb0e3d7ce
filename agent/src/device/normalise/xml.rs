//! XML by events, as devices answer: no entity is expanded and no document type is followed.
//!
//! An element with neither attributes nor elements is its text. An unknown entity stays as it was
//! written, and a document type is kept as a text, so that neither hides a change.

use std::collections::BTreeMap;

use keepwatch_common::model::tree::{Allowance, Node, TreeError};
use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::errors::{Error as XmlError, IllFormedError};
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::error::{NormaliseError, Position, Refusal, Unsupported};
use super::format::Format;

/// The text of an element that has attributes or elements as well.
const TEXT: &str = "#text";

/// The document type, beside the element at the top.
const DOCTYPE: &str = "#doctype";

/// A map with the element at the top.
pub(super) fn read(text: &str) -> Result<Node, NormaliseError> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    let mut builder = Builder {
        allowance: Allowance::full(),
        open: Vec::new(),
        root: Element::default(),
        elements: 0,
    };
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        let event = reader.read_event();
        let at = || Some(Position::of(text, start));
        let refusal = Refusal(Format::Xml);
        let done = match event {
            Ok(Event::Eof) => break,
            Ok(event) => builder.event(event),
            Err(error) => Err(Refused::Syntax(phrase(&error))),
        };
        done.map_err(|refused| match refused {
            Refused::Limit(source) => refusal.limit(at(), source),
            Refused::Syntax(phrase) => refusal.syntax(at(), phrase),
        })?;
    }
    if !builder.open.is_empty() {
        return Err(Refusal(Format::Xml).syntax(None, "an element is not closed"));
    }
    if builder.elements != 1 {
        return Err(Refusal(Format::Xml).unsupported(None, Unsupported::Roots));
    }
    Ok(builder.root.close_root())
}

/// The parser's messages quote names; these do not.
fn phrase(error: &XmlError) -> &'static str {
    match error {
        XmlError::Syntax(_) => "markup is not closed before the end",
        XmlError::IllFormed(IllFormedError::MismatchedEndTag { .. }) => {
            "the end tag does not match the open element"
        }
        XmlError::IllFormed(IllFormedError::UnmatchedEndTag(_)) => "an end tag without a start",
        XmlError::InvalidAttr(_) => "an attribute is written wrongly, or twice",
        _ => "no well-formed XML from here on",
    }
}

enum Refused {
    Limit(TreeError),
    Syntax(&'static str),
}

impl From<TreeError> for Refused {
    fn from(source: TreeError) -> Self {
        Self::Limit(source)
    }
}

/// An element that is not closed yet.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    members: BTreeMap<String, Vec<Node>>,
}

impl Element {
    fn close(self) -> (String, Node) {
        let text = self.text.trim();
        if self.members.is_empty() {
            return (self.name, Node::Text(text.to_owned()));
        }
        let mut members = one_or_list(self.members);
        if !text.is_empty() {
            members.insert(TEXT.to_owned(), Node::Text(text.to_owned()));
        }
        (self.name, Node::Map(members))
    }

    fn close_root(self) -> Node {
        Node::Map(one_or_list(self.members))
    }
}

fn one_or_list(members: BTreeMap<String, Vec<Node>>) -> BTreeMap<String, Node> {
    members
        .into_iter()
        .map(|(name, mut values)| match values.pop() {
            Some(only) if values.is_empty() => (name, only),
            last => {
                values.extend(last);
                (name, Node::List(values))
            }
        })
        .collect()
}

struct Builder {
    allowance: Allowance,
    open: Vec<Element>,
    root: Element,
    elements: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>) -> Result<(), Refused> {
        match event {
            Event::Start(start) => self.start(&start),
            Event::End(_) => {
                if let Some(element) = self.open.pop() {
                    let (name, node) = element.close();
                    self.innermost().members.entry(name).or_default().push(node);
                }
                Ok(())
            }
            Event::Text(text) => self.text(&text.xml10_content()),
            Event::CData(text) => self.text(&text.xml10_content()),
            Event::GeneralRef(entity) => self.reference(&entity),
            Event::DocType(text) => {
                self.allowance.take_node(2)?;
                self.allowance.take_text(text.len())?;
                let text = Node::Text(text.trim().to_owned());
                let seen = self.root.members.entry(DOCTYPE.to_owned()).or_default();
                seen.push(text);
                Ok(())
            }
            // `expand_empty_elements` leaves no empty ones.
            Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {
                Ok(())
            }
        }
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), Refused> {
        if self.open.is_empty() {
            self.elements += 1;
        }
        let name = start.name().as_ref().to_owned();
        self.allowance.take_node(self.open.len() + 2)?;
        self.allowance.take_key(name.len())?;
        let mut element = Element {
            name,
            ..Element::default()
        };
        for attribute in start.attributes() {
            let attribute = attribute
                .map_err(|_| Refused::Syntax("an attribute is written wrongly, or twice"))?;
            let name = format!("@{}", attribute.key.as_ref());
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_or_else(|_| attribute.value.to_string(), Into::into);
            self.allowance.take_node(self.open.len() + 3)?;
            self.allowance.take_key(name.len())?;
            self.allowance.take_text(value.len())?;
            let values = element.members.entry(name).or_default();
            values.push(Node::Text(value));
        }
        self.open.push(element);
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Refused> {
        if self.open.is_empty() {
            if text.trim().is_empty() {
                return Ok(());
            }
            return Err(Refused::Syntax("text outside the element at the top"));
        }
        self.allowance.take_text(text.len())?;
        self.innermost().text.push_str(text);
        Ok(())
    }

    fn reference(&mut self, entity: &BytesRef<'_>) -> Result<(), Refused> {
        if let Ok(Some(sign)) = entity.resolve_char_ref() {
            return self.text(sign.encode_utf8(&mut [0; 4]));
        }
        match resolve_xml_entity(entity) {
            Some(text) => self.text(text),
            None => self.text(&format!("&{};", &**entity)),
        }
    }

    fn innermost(&mut self) -> &mut Element {
        self.open.last_mut().unwrap_or(&mut self.root)
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
    fn attributes_text_and_repeated_elements_have_their_places() {
        let text = "<?xml version=\"1.0\"?>\n<!-- note --><List b='2' a=\"1\">\n <p id=\"1\">x</p>\n\
                    <p/><q> y <![CDATA[<z>]]></q></List>";
        assert_eq!(
            json(text),
            r##"{"List":{"@a":"1","@b":"2","p":[{"#text":"x","@id":"1"},""],"q":"y <z>"}}"##
        );
    }

    #[test]
    fn layout_and_order_of_attributes_carry_no_meaning() {
        let one = json("<a x='1' y='2'>\r\n  <b>1</b>\r\n</a>");
        assert_eq!(one, json("<a y=\"2\" x=\"1\"><b>1</b></a>"));
    }

    #[test]
    fn only_the_entities_of_xml_itself_are_resolved() {
        let text = "<!DOCTYPE a [<!ENTITY e \"eeee\">]><a v='&e;&lt;'>&lt;&#65;&e;</a>";
        assert_eq!(
            json(text),
            r##"{"#doctype":"a [<!ENTITY e \"eeee\">]","a":{"#text":"<A&e;","@v":"&e;&lt;"}}"##
        );
    }

    #[test]
    fn what_is_no_document_is_refused_where_it_breaks() {
        for (text, place) in [
            ("<a>\n<b></a>", "line 2, column 4: the end tag"),
            ("<a>", "an element is not closed"),
            ("<a/><b/>", "exactly one element"),
            ("", "exactly one element"),
            ("<a x='1' x='2'/>", "line 1, column 1: an attribute"),
            ("x<a/>", "line 1, column 1: text outside"),
            ("<a", "line 1, column 1: markup"),
        ] {
            let refused = read(text).unwrap_err().to_string();
            assert!(refused.contains(place), "{text:?}: {refused}");
        }
    }
}
