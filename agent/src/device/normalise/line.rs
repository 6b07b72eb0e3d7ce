//! Any other text: the lines that are not blank, in order, without white space at their end.
//!
//! Indentation stays, because in the command languages of switches and matrices it carries meaning.

use keepwatch_common::model::tree::{Allowance, Node};

use super::error::{NormaliseError, Position, Refusal};
use super::format::Format;

/// A list of texts.
pub(super) fn read(text: &str) -> Result<Node, NormaliseError> {
    let mut allowance = Allowance::full();
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim_end();
        if line.is_empty() {
            continue;
        }
        let at = Position {
            line: index + 1,
            column: 1,
        };
        allowance
            .take_node(2)
            .and_then(|()| allowance.take_text(line.len()))
            .map_err(|source| Refusal(Format::Lines).limit(Some(at), source))?;
        lines.push(Node::Text(line.to_owned()));
    }
    Ok(Node::List(lines))
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::tree::{TEXT_BYTES_MAX, TreeError};

    use super::*;

    #[test]
    fn blank_lines_and_line_ends_carry_no_meaning() {
        let one = read("hostname a\n interface 1\n").unwrap();
        let other = read("\r\nhostname a  \r\n\r\n interface 1").unwrap();
        assert_eq!(one, other);
        assert_ne!(one, read("hostname a\ninterface 1\n").unwrap());
    }

    #[test]
    fn a_line_without_end_is_refused_where_it_stands() {
        let bytes = TEXT_BYTES_MAX + 1;
        let refused = read(&format!("a\n{}", "x".repeat(bytes)));
        let (format, at) = (Format::Lines, Some(Position { line: 2, column: 1 }));
        let source = TreeError::TextTooLong { bytes };
        assert_eq!(refused, Err(NormaliseError::Limit { format, at, source }));
    }
}
