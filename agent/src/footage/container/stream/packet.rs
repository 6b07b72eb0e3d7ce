//! What every format of a stream must tell of its packets, so that one check serves all.
//!
//! Words only. It must not read.

use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::{Codec, Container};

/// Ticks of a second on the clock of all streams here.
pub(in crate::footage::container) const TICKS: u64 = 90_000;

/// The packets of one file.
pub(in crate::footage::container) trait Format {
    /// What the file is.
    const CONTAINER: Container;

    /// Ticks after which the clock starts again from zero.
    const WRAP: u64;

    /// Packets no longer than this may hold several frames, of which only the first has a time.
    const SHARED_BYTES: u64 = 0;

    /// Where the first packet is to be.
    fn start(&mut self, reader: &mut Reader<'_>) -> Step<u64>;

    /// What is at `at`, which is within the file.
    fn packet(&mut self, reader: &mut Reader<'_>, at: u64) -> Step<Found>;

    /// Where the first packet from `from` on begins; `None` when none does within reach.
    fn sync(&mut self, reader: &mut Reader<'_>, from: u64) -> Step<Option<u64>>;

    /// The codec of the video, as far as the format itself has told by now.
    fn codec(&self) -> Option<Codec>;

    /// Width and height, as far as the format itself has told by now.
    fn picture(&self) -> Option<(u16, u16)> {
        None
    }
}

/// What stands where a packet may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::footage::container) enum Found {
    /// A packet, whole or not.
    Packet { end: u64, piece: Option<Piece> },
    /// The mark that nothing follows.
    Closed,
    /// No packet.
    Lost,
}

/// A part of the video.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::footage::container) struct Piece {
    /// Its bytes in the file.
    pub(in crate::footage::container) at: u64,
    pub(in crate::footage::container) len: u64,
    /// When the frame it belongs to is shown, in ticks, if it says.
    pub(in crate::footage::container) clock: Option<u64>,
}
