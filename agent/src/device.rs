//! Configuration of devices and software: from bytes to what they mean, and from there to what may
//! leave the branch.
//!
//! A *face*: it uses its children. Bytes become an `Unredacted` tree, which shows itself to nobody
//! and has one way out: `redact`. It must not know whether a change was allowed; baseline and difference
//! live at the coordinator.

#[cfg(test)]
mod hostile;
/// From the bytes of a configuration to its tree.
pub mod normalise;
/// From a tree to one that may leave the branch.
pub mod redact;
/// Where configurations come from.
pub mod source;
#[cfg(test)]
mod stories;
mod unredacted;

pub use unredacted::Unredacted;
