//! What the programs that measure share: the work they time, the peers beside it, and the sums.
//!
//! A *face*: it uses its children. A figure is a median of several runs on this machine, taken in
//! the same run as its peer's; nothing here decides whether it is good enough.

/// Another process that is a coordinator or an agent.
pub mod child;
/// From the change of a watched file to the receiver of notifications.
pub mod drift;
/// Why a figure could not be taken.
pub mod failure;
/// Many agents that report at once.
pub mod fleet;
/// A coordinator's state made ready: its authority, its branches and their agents.
pub mod headquarters;
/// What a process holds in memory.
pub mod memory;
/// The structure check of containers other than MP4.
pub mod others;
/// What it costs to look at a picture, and how often a look is wrong.
pub mod picture;
/// Other programs that look into recordings.
pub mod probes;
/// Reading recordings with a clock beside.
mod reading;
/// Recordings to look into.
pub mod segments;
/// Medians and percentiles.
pub mod statistics;
/// Time, finer than the product needs it.
pub mod stopwatch;
/// The structure check beside its peers.
pub mod structure;
