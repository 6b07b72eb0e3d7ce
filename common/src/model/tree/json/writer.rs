//! Writes the one spelling of a tree. It cannot fail, and its depth is bounded by the tree's.

use std::fmt::Write;

use super::super::keyed_hash::KeyedHash;
use super::super::node::{Node, Piece, Tree};

impl Tree {
    /// The one spelling of this tree.
    pub fn to_canonical_json(&self) -> String {
        let mut spelled = String::new();
        write_node(self.root(), &mut spelled);
        spelled
    }
}

pub(in super::super) fn write_node(node: &Node, out: &mut String) {
    match node {
        Node::Null => out.push_str("null"),
        Node::Bool(true) => out.push_str("true"),
        Node::Bool(false) => out.push_str("false"),
        Node::Number(number) => out.push_str(number.as_str()),
        Node::Text(text) => write_text(text, out),
        Node::Secret(hash) => write_secret(hash, out),
        Node::Mixed(mixed) => {
            out.push_str(r#"{"$text":"#);
            write_list(mixed.pieces(), out, |piece, out| match piece {
                Piece::Text(text) => write_text(text, out),
                Piece::Secret(hash) => write_secret(hash, out),
            });
            out.push('}');
        }
        Node::List(items) => write_list(items, out, write_node),
        Node::Map(members) => {
            out.push('{');
            for (index, (key, value)) in members.iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_key(key, out);
                out.push(':');
                write_node(value, out);
            }
            out.push('}');
        }
    }
}

fn write_list<T>(items: &[T], out: &mut String, write: impl Fn(&T, &mut String)) {
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        write(item, out);
    }
    out.push(']');
}

fn write_secret(hash: &KeyedHash, out: &mut String) {
    put(
        out,
        format_args!(
            r#"{{"$secret":{{"hash":"{}","key":"{}"}}}}"#,
            hash.hash_hex(),
            hash.key()
        ),
    );
}

fn write_key(key: &str, out: &mut String) {
    out.push('"');
    if key.starts_with('$') {
        out.push('$');
    }
    write_escaped(key, out);
    out.push('"');
}

fn write_text(text: &str, out: &mut String) {
    out.push('"');
    write_escaped(text, out);
    out.push('"');
}

fn write_escaped(text: &str, out: &mut String) {
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let short = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0x00..0x20 => "",
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        plain = at + 1;
        if short.is_empty() {
            put(out, format_args!("\\u{byte:04x}"));
        } else {
            out.push_str(short);
        }
    }
    out.push_str(&text[plain..]);
}

#[expect(
    clippy::expect_used,
    reason = "a String takes whatever is written to it"
)]
fn put(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("a String grows");
}
