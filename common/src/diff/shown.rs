//! A value and a change on one line, for people: short, and blind to secrets.

use std::fmt::{self, Write};

use super::change::{Change, ChangeKind};
use crate::model::tree::{Node, Piece};

/// Most characters of one value on a line; the rest is an ellipsis.
pub const SHOWN_CHARS_MAX: usize = 120;

/// What stands for a secret.
const SECRET: &str = "••••";

/// Prints a value on one line, cut at [`SHOWN_CHARS_MAX`] characters.
#[derive(Debug, Clone, Copy)]
pub struct Shown<'a>(pub &'a Node);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut line = Line {
            text: String::new(),
            left: SHOWN_CHARS_MAX,
        };
        // The only error is that the line is full.
        if write_node(&mut line, self.0).is_err() {
            line.text.push('…');
        }
        f.write_str(&line.text)
    }
}

/// Takes so many characters and then fails, so that a large value costs no more than a short one.
struct Line {
    text: String,
    left: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for sign in text.chars() {
            self.left = self.left.checked_sub(1).ok_or(fmt::Error)?;
            self.text.push(sign);
        }
        Ok(())
    }
}

fn write_node(line: &mut Line, node: &Node) -> fmt::Result {
    match node {
        Node::Null => line.write_str("null"),
        Node::Bool(value) => write!(line, "{value}"),
        Node::Number(number) => write!(line, "{number}"),
        Node::Text(text) => write!(line, "{text:?}"),
        Node::Secret(_) => line.write_str(SECRET),
        Node::Mixed(mixed) => mixed.pieces().iter().try_for_each(|piece| match piece {
            Piece::Text(text) => line.write_str(text),
            Piece::Secret(_) => line.write_str(SECRET),
        }),
        Node::List(items) => {
            line.write_str("[")?;
            for (index, item) in items.iter().enumerate() {
                line.write_str(if index > 0 { "," } else { "" })?;
                write_node(line, item)?;
            }
            line.write_str("]")
        }
        Node::Map(members) => {
            line.write_str("{")?;
            for (index, (key, value)) in members.iter().enumerate() {
                write!(line, "{}{key:?}:", if index > 0 { "," } else { "" })?;
                write_node(line, value)?;
            }
            line.write_str("}")
        }
    }
}

/// `path: before → after`, `path: added value`, `path: removed value`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path)?;
        match &self.kind {
            ChangeKind::Removed { before } => write!(f, "removed {}", Shown(before)),
            ChangeKind::Added { after, .. } => write!(f, "added {}", Shown(after)),
            ChangeKind::Changed { before, after } => {
                write!(f, "{} → {}", Shown(before), Shown(after))
            }
            ChangeKind::Moved { from, to } => write!(f, "moved from place {from} to {to}"),
            ChangeKind::Unknown { .. } => f.write_str("hashed under another key"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tree::{KeyId, KeyedHash, Mixed};

    #[test]
    fn a_secret_in_a_text_shows_as_dots() {
        let pieces = [
            Piece::Text("rtsp://admin:".to_owned()),
            Piece::Secret(KeyedHash::new(KeyId::from_bytes([1; 8]), [2; 16])),
            Piece::Text("@10.0.0.5/1".to_owned()),
        ];
        let node = Node::Mixed(Mixed::new(pieces).unwrap());
        assert_eq!(Shown(&node).to_string(), "rtsp://admin:••••@10.0.0.5/1");
    }

    #[test]
    fn a_long_value_is_cut() {
        let list = Node::List(vec![Node::Null; 1_000]);
        let shown = Shown(&list).to_string();
        assert_eq!(shown.chars().count(), SHOWN_CHARS_MAX + 1);
        assert!(shown.ends_with('…'), "{shown}");
    }

    #[test]
    fn a_value_stays_on_its_line() {
        let node = Node::Text("a\nb\u{1b}[31m".to_owned());
        assert_eq!(Shown(&node).to_string(), r#""a\nb\u{1b}[31m""#);
    }
}
