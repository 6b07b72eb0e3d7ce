//! A configuration as it stands at the branch, with its secrets in it.
//!
//! It is a type of its own so that the compiler keeps it at home: whatever travels asks for a tree,
//! and only the redactor makes one of this. It prints nothing of itself.

use std::fmt;

use keepwatch_common::model::tree::Tree;

/// A tree that must not leave the branch.
#[derive(Clone, PartialEq, Eq)]
pub struct Unredacted(Tree);

impl Unredacted {
    /// Takes a tree as it was read.
    pub fn new(tree: Tree) -> Self {
        Self(tree)
    }

    /// The tree itself; never log, send or store what this returns.
    pub fn expose(&self) -> &Tree {
        &self.0
    }
}

impl fmt::Debug for Unredacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Unredacted(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_tree() {
        let tree = Tree::from_canonical_json(r#"{"password":"hunter2"}"#).unwrap();
        assert_eq!(format!("{:?}", Unredacted::new(tree)), "Unredacted(…)");
    }
}
