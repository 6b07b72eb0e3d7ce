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

/// Largest payload of one frame, in bytes. A report of 500 observations is about 60 KiB; one
/// redacted configuration tree may take most of it.
pub const FRAME_PAYLOAD_BYTES_MAX: usize = 1024 * 1024;

/// Largest payload a joining stranger may send, in bytes: a token, a signing request and a version.
pub const JOIN_PAYLOAD_BYTES_MAX: usize = 4 * 1024;

/// Most observations in one report.
pub const OBSERVATIONS_PER_REPORT_MAX: usize = 500;

/// Largest encoded observation, in bytes: a report must hold at least one.
pub const OBSERVATION_BYTES_MAX: usize = 768 * 1024;

/// Largest canonical tree of a watched file, in bytes.
pub const TREE_BYTES_MAX: usize = 512 * 1024;

/// Most stretches one piece of vanished-footage evidence may carry.
pub const VANISHED_SPANS_MAX: usize = 1_000;

/// Most intentions that an agent takes: holds, and whatever else people come to want of one.
pub const INTENTIONS_MAX: usize = 512;

/// Largest coded intention, in bytes: two names, some numbers, later a small raster.
pub const INTENTION_BYTES_MAX: usize = 1_800;

/// Largest list of intentions, in bytes of coded intentions: an agent keeps it in one small file.
pub const DESIRED_BYTES_MAX: usize = 240 * 1024;

/// Most active holds of one agent; the released ones that it has not put away yet come on top.
pub const HOLDS_MAX: usize = 256;

/// Longest stretch that one hold may cover, in milliseconds: 31 days. What needs more is several.
pub const HOLD_MS_MAX: i64 = 31 * 24 * 3_600_000;

/// Most stretches that the standing of a hold names.
pub const HOLD_SPANS_MAX: usize = 16;

/// Reports of one lane that may be on their way unacknowledged.
pub const REPORTS_IN_FLIGHT_MAX: u16 = 8;

/// Most refused sequences one ack names; a report holds no more observations.
pub const REFUSED_PER_ACK_MAX: usize = OBSERVATIONS_PER_REPORT_MAX;
