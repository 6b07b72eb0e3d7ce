//! TOML, by its own parser's tree with places. That parser limits how deep brackets and dotted keys
//! go, each for itself; together they are counted here.

use std::collections::BTreeMap;
use std::ops::Range;

use keepwatch_common::model::tree::{Allowance, Node, Number, TreeError};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::{NormaliseError, Position, Refusal};
use super::format::Format;

/// A map of what the document says.
pub(super) fn read(text: &str) -> Result<Node, NormaliseError> {
    let refusal = Refusal(Format::Toml);
    let place = |span: Range<usize>| Position::of(text, span.start);
    // Its `Display` quotes the line, which may hold a password; its message is a phrase.
    let document = DeTable::parse(text)
        .map_err(|error| refusal.syntax(error.span().map(place), error.message()))?;
    let mut reader = Reader {
        allowance: Allowance::full(),
    };
    reader
        .table(document.get_ref(), 1)
        .map_err(|Refused { span, source }| refusal.limit(span.map(place), source))
}

struct Reader {
    allowance: Allowance,
}

struct Refused {
    span: Option<Range<usize>>,
    source: TreeError,
}

impl From<TreeError> for Refused {
    fn from(source: TreeError) -> Self {
        Self { span: None, source }
    }
}

impl Reader {
    fn value(&mut self, value: &Spanned<DeValue<'_>>, depth: usize) -> Result<Node, Refused> {
        self.unplaced(value.get_ref(), depth)
            .map_err(|Refused { span, source }| Refused {
                span: span.or(Some(value.span())),
                source,
            })
    }

    fn unplaced(&mut self, value: &DeValue<'_>, depth: usize) -> Result<Node, Refused> {
        let text = match value {
            DeValue::Table(table) => return self.table(table, depth),
            DeValue::Array(array) => {
                self.allowance.take_node(depth)?;
                let items = array.iter().map(|item| self.value(item, depth + 1));
                return items.collect::<Result<_, _>>().map(Node::List);
            }
            DeValue::Boolean(value) => {
                self.allowance.take_node(depth)?;
                return Ok(Node::Bool(*value));
            }
            DeValue::String(text) => return self.text(text.to_string(), depth),
            DeValue::Datetime(datetime) => return self.text(datetime.to_string(), depth),
            DeValue::Integer(integer) => {
                let digits = integer.as_str().replace('_', "");
                i64::from_str_radix(&digits, integer.radix()).map_or(digits, |n| n.to_string())
            }
            DeValue::Float(float) => float.as_str().replace('_', ""),
        };
        match Number::parse(&text) {
            Some(number) => {
                self.allowance.take_node(depth)?;
                Ok(Node::Number(number))
            }
            // Infinities, and what is too long for a number.
            None => self.text(text, depth),
        }
    }

    fn text(&mut self, text: String, depth: usize) -> Result<Node, Refused> {
        self.allowance.take_node(depth)?;
        self.allowance.take_text(text.len())?;
        Ok(Node::Text(text))
    }

    fn table(&mut self, table: &DeTable<'_>, depth: usize) -> Result<Node, Refused> {
        self.allowance.take_node(depth)?;
        let mut members = BTreeMap::new();
        for (key, value) in table {
            self.allowance.take_key(key.get_ref().len())?;
            members.insert(key.get_ref().to_string(), self.value(value, depth + 1)?);
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
    fn tables_and_dotted_keys_are_one_map() {
        let one = json("[a.b]\nc = 0x1F # hex\nd = 1_000.50\n[[l]]\nx = 1\n");
        let other = json("l = [{ x = 1 }]\n\na.b = { d = 1000.5, c = 31 }\n");
        assert_eq!(one, r#"{"a":{"b":{"c":31,"d":1000.5}},"l":[{"x":1}]}"#);
        assert_eq!(one, other);
    }

    #[test]
    fn dates_and_infinities_are_texts() {
        let text = "a = 2026-01-02T03:04:05Z\nb = -inf\n";
        assert_eq!(json(text), r#"{"a":"2026-01-02T03:04:05Z","b":"-inf"}"#);
    }

    #[test]
    fn an_error_names_the_line_and_not_what_stands_there() {
        let refused = read("a = 1\npassword = hunter2\n").unwrap_err().to_string();
        assert!(
            refused.starts_with("toml configuration, line 2, column"),
            "{refused}"
        );
        assert!(!refused.contains("hunter2"), "{refused}");
    }

    #[test]
    fn brackets_and_dots_together_are_no_deeper_than_allowed() {
        let dotted = ["a"; 79].join(".");
        let bomb = format!("{}1{}", format!("{{{dotted}=").repeat(70), "}".repeat(70));
        let refused = read(&format!("x={bomb}")).unwrap_err();
        assert!(
            matches!(
                refused,
                NormaliseError::Limit {
                    source: TreeError::TooDeep,
                    ..
                }
            ),
            "{refused}"
        );
    }
}
