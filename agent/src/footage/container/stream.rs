//! Streams of packets: what transport streams, program streams and Dahua's frames have in common.
//!
//! Such a file has no table of contents and needs no closing mark. It is looked at where it begins,
//! where it ends, and at some places between, which are the same every time; so a file of any size
//! costs the same few reads. What its writer leaves when it is killed:
//!
//! - a packet cut in the middle: *open*, as long as the whole packets before it last;
//! - whole packets to the end, which nothing tells from a finished file: *sealed*, without a mark;
//! - space that was reserved and never written, as recorders leave that fill files of fixed size:
//!   *open*, as long as what was written lasts.
//!
//! A place where packets do not follow each other is *corrupt*. Counters of lost packets are not
//! looked at, since what the network lost on its way to the recorder is no damage to the file. It must
//! not know what any packet looks like.

pub(super) use self::check::check;
pub(super) use self::keyframe::keyframe;
pub(super) use self::packet::{Format, Found, Piece};
pub(super) use self::probe::Probe;

/// The check of a whole file.
mod check;
/// One key frame out of a stream.
mod keyframe;
/// What every format must tell of its packets.
mod packet;
/// Codec and picture told by the first pictures.
mod probe;
/// From packet to packet, counting frames.
mod walk;
