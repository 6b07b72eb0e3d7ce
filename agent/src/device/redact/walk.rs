//! Walks a tree and hashes what the rules call secret, wherever it stands.
//!
//! What is empty, a yes or a no is kept: that a password was taken away is worth seeing, and tells
//! nothing of it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use keepwatch_common::model::tree::{Mixed, Node, Piece, Tree, TreeError};

use super::key::RedactionKey;
use super::line;
use super::rules::{Reach, Rules};
use super::tables;
use super::text::{self, Form};

/// What stands in a key for a secret; its hash follows, so that a change still shows.
const HIDDEN: &str = "••••";

/// The tree without its secrets.
pub(super) fn redact(tree: &Tree, key: &RedactionKey, rules: &Rules) -> Result<Tree, TreeError> {
    let walk = Walk {
        key,
        rules,
        names: RefCell::default(),
    };
    let root = match tree.root() {
        Node::List(items) if items.iter().all(|item| matches!(item, Node::Text(_))) => {
            let line = |text: &str| walk.text(text, Form::Line);
            Node::List(line::redact(items, rules, line, |text| walk.secret(text)))
        }
        root => walk.node(root, &mut Vec::new(), Depth::Open),
    };
    Tree::new(root)
}

struct Walk<'t> {
    key: &'t RedactionKey,
    rules: &'t Rules,
    /// What the rules say of the keys met so far: a configuration repeats its keys from camera to
    /// camera. No larger than the tree.
    names: RefCell<BTreeMap<&'t str, Option<Reach>>>,
}

/// What is known of a value from the names above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Depth {
    /// Nothing.
    Open,
    /// It is a secret, if it is one value or a list of them.
    Value,
    /// It is a secret, and everything below.
    Below,
}

impl From<Option<Reach>> for Depth {
    fn from(reach: Option<Reach>) -> Self {
        match reach {
            None => Self::Open,
            Some(Reach::Value) => Self::Value,
            Some(Reach::Below) => Self::Below,
        }
    }
}

/// What stands beside a plain `key` and says what it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    /// Someone who logs in.
    Account,
    /// What the key is the name of: `{ key: …, value: … }`.
    Value,
    /// Neither.
    Nothing,
}

impl Beside {
    fn of(members: &BTreeMap<String, Node>) -> Self {
        if !members.keys().any(|key| tables::is_plain_key(key)) {
            Self::Nothing
        } else if members.keys().any(|key| tables::is_account(key)) {
            Self::Account
        } else if members.keys().any(|key| tables::is_named(key)) {
            Self::Value
        } else {
            Self::Nothing
        }
    }
}

/// Whether a plain `key` is a secret, or a member of plain `keys`. When in doubt it is. As deep as the
/// tree, which has a limit.
fn is_key(parent: &str, key: &str, value: &Node, beside: Beside) -> bool {
    let is_plain = tables::is_plain_key(key);
    if !is_plain && !tables::is_plain_key(parent) {
        return false;
    }
    match value {
        Node::Text(text) => match beside {
            Beside::Account if is_plain => !tables::is_file(text),
            Beside::Value if is_plain => tables::is_key_material(key, text),
            _ => tables::may_be_key(text),
        },
        Node::Number(_) => is_plain && beside == Beside::Account,
        Node::List(items) => items.iter().any(|item| is_key(parent, key, item, beside)),
        _ => false,
    }
}

impl<'t> Walk<'t> {
    /// As deep as the tree, which has a limit. `keys` lead here; lists count no step.
    fn node(&self, node: &'t Node, keys: &mut Vec<&'t str>, depth: Depth) -> Node {
        match node {
            Node::Map(members) => self.map(members, keys, depth),
            Node::List(items) => self.list(items, keys, depth),
            Node::Text(text) if text.is_empty() => node.clone(),
            Node::Text(text) if depth > Depth::Open => self.secret(text),
            Node::Text(text) => self.text(text, Form::Value),
            Node::Number(number) if depth > Depth::Open => self.secret(number.as_str()),
            Node::Null | Node::Bool(_) | Node::Number(_) | Node::Secret(_) | Node::Mixed(_) => {
                node.clone()
            }
        }
    }

    fn map(
        &self,
        members: &'t BTreeMap<String, Node>,
        keys: &mut Vec<&'t str>,
        depth: Depth,
    ) -> Node {
        let depth = if depth == Depth::Value {
            Depth::Open
        } else {
            depth
        };
        let named = self.named_secret(members);
        let beside = Beside::of(members);
        let mut redacted = BTreeMap::new();
        for (key, value) in members {
            let parent = keys.last().copied().unwrap_or("");
            keys.push(key);
            if !self.rules.is_volatile(keys) {
                let below = self.below(parent, key, value).max(depth);
                let below = if named && tables::is_named(key) {
                    Depth::Below
                } else if is_key(parent, key, value, beside) {
                    below.max(Depth::Value)
                } else {
                    below
                };
                let value = self.node(value, keys, below);
                redacted.insert(self.member(key, depth), value);
            }
            keys.pop();
        }
        Node::Map(redacted)
    }

    /// What the names of a member say of its value.
    fn below(&self, parent: &str, key: &'t str, value: &Node) -> Depth {
        let mut names = self.names.borrow_mut();
        let reach = *names
            .entry(key)
            .or_insert_with(|| self.rules.secret_name(key));
        let reach = reach.or_else(|| self.rules.secret_pair(parent, key));
        match value {
            Node::Number(number) if tables::is_measure(key, number.as_str()) => Depth::Open,
            Node::Text(text) if tables::is_measure(key, text) => Depth::Open,
            Node::Text(text) if tables::is_key_material(key, text) => Depth::Value,
            _ => reach.into(),
        }
    }

    /// Whether a member's value is the name of a secret that another member holds.
    fn named_secret(&self, members: &BTreeMap<String, Node>) -> bool {
        members.iter().any(|(key, value)| match value {
            Node::Text(name) => tables::is_naming(key) && self.rules.secret_name(name).is_some(),
            _ => false,
        })
    }

    /// A key as it may be seen. Under a secret, a key may be the secret itself.
    fn member(&self, key: &str, depth: Depth) -> String {
        if depth == Depth::Below && !tables::is_structure(key) {
            return self.hidden(key);
        }
        let mut shown = String::new();
        let mut at = 0;
        for span in text::secrets(key, self.rules, Form::Value) {
            shown.push_str(&key[at..span.start]);
            shown.push_str(&self.hidden(&key[span.clone()]));
            at = span.end;
        }
        shown + &key[at..]
    }

    fn hidden(&self, secret: &str) -> String {
        format!("{HIDDEN}{}", self.key.hash(secret).hash_hex())
    }

    fn list(&self, items: &'t [Node], keys: &mut Vec<&'t str>, depth: Depth) -> Node {
        let mut before: Option<&str> = None;
        let mut redacted = Vec::with_capacity(items.len());
        let user = items
            .iter()
            .any(|item| matches!(item, Node::Text(text) if text::is_user(text)));
        for item in items {
            let option = before.is_some_and(|before| {
                self.announces(before, items.len())
                    || matches!(item, Node::Text(value) if text::is_short_password(before, value, user))
            });
            let depth = if option { Depth::Below } else { depth };
            redacted.push(self.node(item, keys, depth));
            before = match item {
                Node::Text(text) => Some(text),
                _ => None,
            };
        }
        Node::List(redacted)
    }

    /// Whether the element after this one is its value: `["--password", "x"]`, `["password", "x"]`.
    fn announces(&self, element: &str, length: usize) -> bool {
        if matches!(element, "-u" | "--user" | "--proxy-user") {
            return true;
        }
        if element.contains(['=', ' ']) {
            return false;
        }
        element.starts_with('-') && text::sets_secret(element, self.rules)
            || length == 2 && self.rules.secret_name(element).is_some()
    }

    fn secret(&self, text: &str) -> Node {
        Node::Secret(self.key.hash(text))
    }

    /// A text with its secrets hashed; one that is cut too often is hashed whole.
    fn text(&self, text: &str, form: Form) -> Node {
        let spans = text::secrets(text, self.rules, form);
        if spans.is_empty() {
            return Node::Text(text.to_owned());
        }
        let mut pieces = Vec::with_capacity(2 * spans.len() + 1);
        let mut at = 0;
        for span in spans {
            pieces.push(Piece::Text(text[at..span.start].to_owned()));
            pieces.push(Piece::Secret(self.key.hash(&text[span.clone()])));
            at = span.end;
        }
        pieces.push(Piece::Text(text[at..].to_owned()));
        Mixed::new(pieces).map_or_else(|_| self.secret(text), Node::Mixed)
    }
}
