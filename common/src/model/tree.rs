//! The canonical tree of a configuration: what a file or a device says, without how it was spelled.
//!
//! A *face*: it re-exports its children. Two files that mean the same give equal trees; equal trees
//! have one spelling (`Tree::to_canonical_json`) and therefore one digest (`Tree::digest`). A
//! tree is within its limits or it does not exist. It must not know where it came from, which of its
//! values are secret (the agent decides that before a tree travels) nor what a change means.

mod allowance;
mod digest;
mod json;
mod keyed_hash;
mod node;
mod number;
#[cfg(test)]
pub(crate) mod samples;

pub use allowance::{
    Allowance, DEPTH_MAX, KEY_BYTES_MAX, NODES_MAX, TEXT_BYTES_MAX, TREE_BYTES_MAX, TreeError,
};
pub use digest::Digest;
pub use json::{CanonicalError, Spelling};
pub use keyed_hash::{HASH_BYTES, KEY_ID_BYTES, KeyId, KeyedHash};
pub use node::{Mixed, Node, PIECES_MAX, Piece, Tree};
pub use number::{NUMBER_BYTES_MAX, Number};
