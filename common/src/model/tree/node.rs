//! The nodes of a configuration tree and the tree that is known to be within its limits.
//!
//! Maps are sorted, so the order of keys carries no meaning; the order of lists does. A text that
//! holds a secret in its middle (a URL with a password) is *mixed*: the rest stays readable and the
//! secret stays comparable.

use std::collections::BTreeMap;

use super::allowance::{Allowance, TreeError};
use super::keyed_hash::{HASH_BYTES, KEY_ID_BYTES, KeyedHash};
use super::number::Number;

/// Most pieces of one mixed text: a command line with a few URLs. More is hashed whole.
pub const PIECES_MAX: usize = 16;

/// One value of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// Present and without a value.
    Null,
    /// Yes or no.
    Bool(bool),
    /// An exact decimal number.
    Number(Number),
    /// Any text.
    Text(String),
    /// A secret, as its hash.
    Secret(KeyedHash),
    /// A text with secrets in it.
    Mixed(Mixed),
    /// Values in order.
    List(Vec<Self>),
    /// Named values.
    Map(BTreeMap<String, Self>),
}

/// A part of a mixed text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Readable.
    Text(String),
    /// Hashed.
    Secret(KeyedHash),
}

/// A text with secrets in it: at least one of each kind of piece, no two texts side by side.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mixed(Vec<Piece>);

impl Mixed {
    /// Joins texts that stand side by side and drops empty ones, so one text has one form.
    pub fn new(pieces: impl IntoIterator<Item = Piece>) -> Result<Self, TreeError> {
        let mut joined: Vec<Piece> = Vec::new();
        for piece in pieces {
            match (joined.last_mut(), piece) {
                (_, Piece::Text(text)) if text.is_empty() => {}
                (Some(Piece::Text(before)), Piece::Text(text)) => before.push_str(&text),
                (_, piece) => joined.push(piece),
            }
            if joined.len() > PIECES_MAX {
                return Err(TreeError::NotMixed);
            }
        }
        let texts = joined
            .iter()
            .filter(|piece| matches!(piece, Piece::Text(_)))
            .count();
        if texts == 0 || texts == joined.len() {
            return Err(TreeError::NotMixed);
        }
        Ok(Self(joined))
    }

    /// The pieces in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// What it takes of an allowance.
    pub(super) fn bytes(&self) -> usize {
        self.0
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) => text.len(),
                Piece::Secret(_) => KEY_ID_BYTES + HASH_BYTES,
            })
            .sum()
    }
}

/// A configuration within its limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    root: Node,
}

impl Tree {
    /// Checks the limits of everything below `root`.
    pub fn new(root: Node) -> Result<Self, TreeError> {
        take(&root, 1, &mut Allowance::full())?;
        Ok(Self { root })
    }

    /// For a root that was built under an allowance.
    pub(super) fn counted(root: Node) -> Self {
        Self { root }
    }

    /// The value of the whole.
    pub fn root(&self) -> &Node {
        &self.root
    }

    /// Takes the tree apart.
    pub fn into_root(self) -> Node {
        self.root
    }
}

impl Allowance {
    /// Takes a node with everything below it, at a depth (the root is at 1).
    pub fn take_all(&mut self, node: &Node, depth: usize) -> Result<(), TreeError> {
        take(node, depth, self)
    }
}

/// Descends no deeper than the allowance, so the recursion is bounded whatever it is given.
fn take(node: &Node, depth: usize, allowance: &mut Allowance) -> Result<(), TreeError> {
    allowance.take_node(depth)?;
    match node {
        Node::Null | Node::Bool(_) | Node::Secret(_) => Ok(()),
        Node::Number(number) => allowance.take_text(number.as_str().len()),
        Node::Text(text) => allowance.take_text(text.len()),
        Node::Mixed(mixed) => allowance.take_text(mixed.bytes()),
        Node::List(items) => items
            .iter()
            .try_for_each(|item| take(item, depth + 1, allowance)),
        Node::Map(members) => members.iter().try_for_each(|(key, value)| {
            allowance.take_key(key.len())?;
            take(value, depth + 1, allowance)
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::allowance::{DEPTH_MAX, KEY_BYTES_MAX, NODES_MAX};
    use super::super::keyed_hash::KeyId;
    use super::*;

    fn secret() -> Piece {
        Piece::Secret(KeyedHash::new(KeyId::from_bytes([1; 8]), [2; 16]))
    }

    fn text(value: &str) -> Piece {
        Piece::Text(value.to_owned())
    }

    fn nested(levels: usize) -> Node {
        (1..levels).fold(Node::Null, |inner, _| Node::List(vec![inner]))
    }

    #[test]
    fn a_tree_as_deep_as_allowed_exists_and_a_deeper_one_does_not() {
        assert!(Tree::new(nested(DEPTH_MAX)).is_ok());
        assert_eq!(Tree::new(nested(DEPTH_MAX + 1)), Err(TreeError::TooDeep));
    }

    #[test]
    fn a_tree_with_too_many_nodes_does_not_exist() {
        let list = |length| Node::List(vec![Node::Null; length]);
        assert!(Tree::new(list(NODES_MAX - 1)).is_ok());
        assert_eq!(Tree::new(list(NODES_MAX)), Err(TreeError::TooManyNodes));
    }

    #[test]
    fn a_tree_with_a_huge_key_does_not_exist() {
        let bytes = KEY_BYTES_MAX + 1;
        let map = BTreeMap::from([("k".repeat(bytes), Node::Null)]);
        let refused = Tree::new(Node::Map(map));
        assert_eq!(refused, Err(TreeError::KeyTooLong { bytes }));
    }

    #[test]
    fn texts_side_by_side_become_one() {
        let split = Mixed::new([text("a"), text(""), text("b"), secret(), text("")]);
        assert_eq!(split, Mixed::new([text("ab"), secret()]));
    }

    #[test]
    fn a_mixed_text_has_text_and_secret() {
        assert_eq!(Mixed::new([secret()]), Err(TreeError::NotMixed));
        assert_eq!(Mixed::new([text("a")]), Err(TreeError::NotMixed));
        let many = (0..PIECES_MAX).flat_map(|_| [text("a"), secret()]);
        assert_eq!(Mixed::new(many), Err(TreeError::NotMixed));
    }
}
