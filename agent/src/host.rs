//! What the agent sees beside the footage: whether recorders and cameras answer, whether volumes have
//! room, whether the agent itself ran.
//!
//! A *face*: it uses its children. None of it judges footage; it is told as outages, so that a gap can
//! be told with its cause. It must not know footage nor the wire.

/// What lasts beyond the process: when the agent was alive last, and what was away.
pub mod logbook;
/// Looks from time to time and tells what changed.
pub mod lookout;
/// How somebody is asked whether he is there.
pub mod probe;
/// From answers to outages.
pub mod spells;
