//! A fixed-size name of what a tree says: equal trees have equal digests, others do not.
//!
//! Made over the one spelling, so it needs no rule of its own. Secrets enter as their hashes; when a
//! branch takes a new key, its digests change although nothing else did, and the difference of the
//! trees is what tells.

use std::collections::BTreeMap;
use std::fmt;

use super::json::write_node;
use super::keyed_hash::{from_hex, write_hex};
use super::node::{Node, Tree};

/// BLAKE3 over the canonical JSON.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest([u8; 32]);

impl Digest {
    /// From its bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads what [`fmt::Display`] prints: sixty-four lower-case hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        from_hex(hex).map(Self)
    }

    fn of(node: &Node) -> Self {
        let mut spelled = String::new();
        write_node(node, &mut spelled);
        Self(*blake3::hash(spelled.as_bytes()).as_bytes())
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({self})")
    }
}

impl Tree {
    /// The digest of the whole.
    pub fn digest(&self) -> Digest {
        Digest::of(self.root())
    }

    /// The digest of every top-level member; none when the tree is not a map.
    pub fn section_digests(&self) -> BTreeMap<&str, Digest> {
        match self.root() {
            Node::Map(members) => members
                .iter()
                .map(|(key, value)| (key.as_str(), Digest::of(value)))
                .collect(),
            _ => BTreeMap::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> Tree {
        Tree::from_canonical_json(json).unwrap()
    }

    #[test]
    fn a_digest_is_blake3_of_the_spelling() {
        let json = r#"{"a":1}"#;
        let expected = blake3::hash(json.as_bytes()).to_hex().to_string();
        let digest = tree(json).digest();
        assert_eq!(digest.to_string(), expected);
        assert_eq!(Digest::from_hex(&expected), Some(digest));
    }

    #[test]
    fn only_the_section_that_changed_has_another_digest() {
        let (one, other) = (tree(r#"{"a":1,"b":2}"#), tree(r#"{"a":1,"b":3}"#));
        let (left, right) = (one.section_digests(), other.section_digests());
        assert_eq!(left["a"], right["a"]);
        assert_ne!(left["b"], right["b"]);
        assert_ne!(one.digest(), other.digest());
    }
}
