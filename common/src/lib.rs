//! The words, the arithmetic and the wire of Keepwatch: what agent and coordinator agree on.
//!
//! Invariant: this crate is pure. It opens no file and no socket, spawns nothing and draws no
//! randomness; time comes in as an argument. The two marked exceptions are [`clock`], which reads
//! the system clock behind a trait, and [`ids`], whose source of randomness is handed in.
//! It must not know how an agent reads footage nor how a coordinator keeps its record.

/// How long to wait before trying again.
pub mod backoff;
/// Where time comes from.
pub mod clock;
/// Holes, gaps, depth and day rollups: the arithmetic everything else trusts.
pub mod coverage;
/// What changed between two configuration trees.
pub mod diff;
/// Prints an error with all its causes, each once.
pub mod error_chain;
/// Where ids and nonces come from.
pub mod ids;
/// Half-open intervals and sets of them.
pub mod interval;
/// Named limits of every queue, frame, batch and list that both ends share.
pub mod limits;
/// The glossary and the types that carry it.
pub mod model;
/// A value that never shows itself.
pub mod secret;
/// Instants and spans in milliseconds, civil days in a time zone.
pub mod time;
/// Frames, messages and the two sessions, without sockets.
pub mod wire;
