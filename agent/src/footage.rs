//! Footage on disk: how recorders lay it out, what the files' structure says, what is covered.
//!
//! A *face*: it uses its children. It must not know the coordinator nor the wire.

/// Structure of recorded files, from their containers alone.
pub mod container;
/// How recorders lay footage on disk.
pub mod layout;
/// What one camera recorded, summed up in one pass.
pub mod tally;
/// Walks a recorder's tree and meets every segment once.
pub mod walk;
