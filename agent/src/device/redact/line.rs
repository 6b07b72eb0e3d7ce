//! Secrets of a configuration that is read by line: what a line means depends on the lines before.
//!
//! A private key has many lines, a command goes on after a backslash, and a name may stand above the
//! indented block that holds its value.

use keepwatch_common::model::tree::Node;

use super::rules::Rules;
use super::text::{begins_key, ends_key, names_secret};

/// What the lines so far say of the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    /// Nothing.
    Line,
    /// More of a private key.
    Key,
    /// More of a command whose secret was hashed.
    Rest,
    /// The value of a name that stood alone at this many blanks.
    Value(usize),
    /// The block of a secret, deeper than this many blanks.
    Block(usize),
}

/// What becomes of each line: `line` for a plain one, `whole` for one that is all secret.
pub(super) fn redact(
    lines: &[Node],
    rules: &Rules,
    line: impl Fn(&str) -> Node,
    whole: impl Fn(&str) -> Node,
) -> Vec<Node> {
    let mut expect = Expect::Line;
    let mut redacted = Vec::with_capacity(lines.len());
    for node in lines {
        let Node::Text(text) = node else {
            redacted.push(node.clone());
            continue;
        };
        let (done, next) = match expect {
            Expect::Key if ends_key(text) => (line(text), Expect::Line),
            Expect::Key => (whole(text), Expect::Key),
            Expect::Rest if text.ends_with('\\') => (whole(text), Expect::Rest),
            Expect::Rest => (whole(text), Expect::Line),
            Expect::Value(indent) => (whole(text), Expect::Block(indent)),
            Expect::Block(indent) if blanks(text) > indent => (whole(text), expect),
            Expect::Block(_) | Expect::Line => plain(text, rules, &line),
        };
        if expect == Expect::Line && rules.is_volatile_line(text) {
            continue;
        }
        redacted.push(done);
        expect = next;
    }
    redacted
}

fn plain(text: &str, rules: &Rules, line: impl Fn(&str) -> Node) -> (Node, Expect) {
    let done = line(text);
    let holds_secret = !matches!(done, Node::Text(_));
    let next = if begins_key(text) {
        Expect::Key
    } else if text.ends_with('\\')
        && (holds_secret || names_secret(text.trim_end_matches('\\'), rules))
    {
        Expect::Rest
    } else if names_secret(text, rules) {
        let alone = !text.trim().contains([' ', '\t', ':', '=']);
        let expect = if alone { Expect::Value } else { Expect::Block };
        expect(blanks(text))
    } else {
        Expect::Line
    };
    (done, next)
}

fn blanks(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
