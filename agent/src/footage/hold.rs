//! Footage that people want held: listed with its digests, verified again and again, copied where
//! the branch allows it.
//!
//! A *face*: it uses its children. It only reads what the recorder keeps; the lists are in the state
//! folder, the copies in the vault. It must not know who wants a hold, nor why.

/// Whether what is listed is still there and as it was.
mod checking;
/// Copies, oldest first.
mod copying;
/// One listed segment and what became of it.
mod entry;
/// What is not listed yet.
mod finding;
/// Keeps holds while the agent runs.
pub mod follower;
/// One hold at work.
mod held;
/// Everything that is held, one look after the other.
pub mod holder;
/// One hold's list on disk.
mod journal;
/// What is held of one camera and interval.
mod manifest;
/// Reads files slowly and takes their digests.
pub mod reading;
/// A recorder as a hold needs it.
pub mod source;
#[cfg(test)]
mod stories;
/// Copies of what is held.
pub mod vault;
/// A walk that sees one camera and interval only.
mod within;
