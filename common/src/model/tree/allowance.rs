//! How large a tree may grow, counted while it is built.
//!
//! Configurations come from machines we do not control. Whoever builds a tree takes from an
//! [`Allowance`] before each node, so that a file which unfolds into more than it shows is stopped
//! on the way and not after. It must not know nodes: it only counts.

use thiserror::Error;

/// Most levels, the root being the first. Real configurations have fewer than twenty; every parser
/// in use allows more, so this is the limit that is met first.
pub const DEPTH_MAX: usize = 64;

/// Most nodes of one tree: twice the lines of the largest file that is read (1 MiB, twenty bytes a
/// line).
pub const NODES_MAX: usize = 100_000;

/// Longest key in bytes. Keys are names; the longest seen are URLs used as names.
pub const KEY_BYTES_MAX: usize = 1_024;

/// Longest single text in bytes: a chain of certificates fits, an embedded image does not.
pub const TEXT_BYTES_MAX: usize = 64 * 1_024;

/// All keys and texts together: four times the largest file, for what aliases and markers add.
pub const TREE_BYTES_MAX: usize = 4 * 1_024 * 1_024;

/// Why something cannot be a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TreeError {
    /// Nested too deeply.
    #[error("the configuration is nested more than {DEPTH_MAX} levels deep; flatten it")]
    TooDeep,
    /// More nodes than allowed.
    #[error("the configuration has more than {NODES_MAX} values; watch its parts one by one")]
    TooManyNodes,
    /// One key is too long.
    #[error("a key has {bytes} bytes, more than {KEY_BYTES_MAX}; shorten it")]
    KeyTooLong {
        /// Its length.
        bytes: usize,
    },
    /// One text is too long.
    #[error("a value has {bytes} bytes, more than {TEXT_BYTES_MAX}; move it to a file of its own")]
    TextTooLong {
        /// Its length.
        bytes: usize,
    },
    /// All texts together are too long.
    #[error("keys and values exceed {TREE_BYTES_MAX} bytes; watch the parts one by one")]
    TooMuchText,
    /// A text is cut into too many pieces by its secrets, or has none.
    #[error("a text holds no secret beside text, or too many; hash it whole")]
    NotMixed,
}

/// What is left to build with.
#[derive(Debug, Clone)]
pub struct Allowance {
    nodes: usize,
    bytes: usize,
}

impl Allowance {
    /// The allowance of one whole tree.
    pub fn full() -> Self {
        Self {
            nodes: NODES_MAX,
            bytes: TREE_BYTES_MAX,
        }
    }

    /// Takes one node without text at a depth (the root is at 1).
    pub fn take_node(&mut self, depth: usize) -> Result<(), TreeError> {
        if depth > DEPTH_MAX {
            return Err(TreeError::TooDeep);
        }
        self.nodes = self.nodes.checked_sub(1).ok_or(TreeError::TooManyNodes)?;
        Ok(())
    }

    /// Takes the bytes of one key.
    pub fn take_key(&mut self, bytes: usize) -> Result<(), TreeError> {
        if bytes > KEY_BYTES_MAX {
            return Err(TreeError::KeyTooLong { bytes });
        }
        self.take_bytes(bytes)
    }

    /// Takes the bytes of one text.
    pub fn take_text(&mut self, bytes: usize) -> Result<(), TreeError> {
        if bytes > TEXT_BYTES_MAX {
            return Err(TreeError::TextTooLong { bytes });
        }
        self.take_bytes(bytes)
    }

    fn take_bytes(&mut self, bytes: usize) -> Result<(), TreeError> {
        self.bytes = self
            .bytes
            .checked_sub(bytes)
            .ok_or(TreeError::TooMuchText)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_node_is_given_and_the_next_is_not() {
        let mut allowance = Allowance::full();
        for _ in 0..NODES_MAX {
            allowance.take_node(1).unwrap();
        }
        assert_eq!(allowance.take_node(1), Err(TreeError::TooManyNodes));
    }

    #[test]
    fn the_deepest_level_is_given_and_the_next_is_not() {
        let mut allowance = Allowance::full();
        assert_eq!(allowance.take_node(DEPTH_MAX), Ok(()));
        assert_eq!(allowance.take_node(DEPTH_MAX + 1), Err(TreeError::TooDeep));
    }

    #[test]
    fn short_texts_add_up_to_the_limit_of_all() {
        let mut allowance = Allowance::full();
        for _ in 0..TREE_BYTES_MAX / TEXT_BYTES_MAX {
            allowance.take_text(TEXT_BYTES_MAX).unwrap();
        }
        assert_eq!(allowance.take_key(1), Err(TreeError::TooMuchText));
    }

    #[test]
    fn one_text_may_not_take_everything() {
        let bytes = TEXT_BYTES_MAX + 1;
        let refused = Allowance::full().take_text(bytes);
        assert_eq!(refused, Err(TreeError::TextTooLong { bytes }));
    }
}
