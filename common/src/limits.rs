//! Every limit that both ends of the wire rely on, named once.
//!
//! A limit that only one end needs lives with its noun. Nothing here may depend on anything else.

/// Longest name of a branch, recorder, camera, volume or watched file, in bytes.
pub const NAME_BYTES_MAX: usize = 200;

/// Longest path an agent reports, in bytes (Linux refuses longer ones).
pub const PATH_BYTES_MAX: usize = 4096;

/// Longest free-text detail of a fault or refusal, in bytes.
pub const DETAIL_BYTES_MAX: usize = 1024;

/// Most holes one camera-day slice may carry. A camera that records on motion makes a few hundred
/// a day; beyond this the slice says so and the rest of its day counts as one hole.
pub const HOLES_PER_SLICE_MAX: usize = 2_000;
