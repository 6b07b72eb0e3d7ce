//! What a structure check found, and what that means: a finding is born with its state, and every
//! flaw decides its fault here.
//!
//! One table instead of a decision at each place of discovery, so that the line between unfinished
//! and damaged can be read on one screen. It must not know how anything was found.

use std::fmt;

use keepwatch_common::model::segment::{FaultKind, SegmentState};

use super::four_cc::FourCc;

/// What was found in a file. All offsets are bytes from the start of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Detail {
    /// Finished and whole.
    Sealed(Seal),
    /// Its writer had not closed it.
    Open(Unfinished),
    /// Not read, or not to its end.
    Opaque(Unread),
    /// Damaged.
    Corrupt(Flaw),
}

/// How a whole file ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seal {
    /// Everything the movie names is there, or the fragments carry a mark of their end.
    Marked,
    /// Whole to the last byte, but nothing says that the writer was done.
    Unmarked,
    /// Finished, and not one sample in it.
    Hollow,
}

/// What a writer had not done yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unfinished {
    /// Only the head of a file is there.
    HeadOnly,
    /// The size of the media data is still to be filled in.
    MediaOpen { at: u64 },
    /// Fragments stand behind space that was reserved for their movie.
    MovieUnwritten,
    /// A movie for fragments, and no fragment.
    FragmentsAwaited,
    /// The last fragment is not whole, or space follows that was never written.
    FragmentCut { at: u64 },
    /// The last packet, frame or chunk is not whole.
    PacketCut { at: u64 },
    /// Space follows that was never written.
    SpaceBehind { at: u64 },
    /// Whole as far as it goes, and the places filled in at the end are not.
    NotClosed,
}

/// Why a file was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// Another container, or none that is known.
    Foreign,
    /// Fragments whose movie is in another file.
    MovieElsewhere,
    /// More boxes in one file than are looked at.
    Places { at: u64 },
    /// Scattered over more reads than are made.
    Reads { at: u64 },
    /// A movie or fragment head longer than is read.
    HeadBytes { at: u64 },
    /// More tracks in one movie than are read.
    Tracks { at: u64 },
    /// A table of sample sizes four bits wide.
    EntryWidth { at: u64 },
}

/// What is wrong with a damaged file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flaw {
    /// No bytes.
    Empty,
    /// Too few bytes to be any recording.
    Scrap { size: u64 },
    /// A box claims bytes that the file does not have.
    BoxPastEnd { kind: FourCc, at: u64, end: u64 },
    /// Finished media data, and no movie to tell what it is.
    MovieMissing { at: u64 },
    /// The movie names samples behind the end of the file.
    SamplesPastEnd { track: u32, at: u64 },
    /// The segment index counts bytes that the file does not have.
    IndexPastEnd { end: u64 },
    /// The movie promises more time than the fragments hold.
    TimeMissing { promised_ms: i64, found_ms: i64 },
    /// The file starts with zeros: space was reserved and its content never arrived.
    ZeroHead,
    /// There is no box where one must be.
    NotABox { at: u64 },
    /// A box reaches out of the one it is in.
    BoxOutside { kind: FourCc, at: u64 },
    /// A box that must be there is not.
    BoxMissing { kind: FourCc, within: u64 },
    /// A box is too short for its own fields or entries.
    BoxShort { kind: FourCc, at: u64 },
    /// A clock that does not tick.
    NoTimescale { at: u64 },
    /// Two tables of a track disagree on the number of samples.
    CountsDiffer { track: u32, sizes: u64, others: u64 },
    /// The chunk runs of a track are out of order.
    RunsUnordered { track: u32 },
    /// Samples lie outside all media data.
    SamplesOutside { track: u32, at: u64 },
    /// Two places disagree on a duration.
    DurationsDiffer {
        track: u32,
        declared_ms: i64,
        found_ms: i64,
    },
    /// A fragment of a track that the movie does not have.
    TrackUnknown { track: u32, at: u64 },
    /// The samples of a fragment are not in the media data behind it.
    FragmentAstray { at: u64 },
    /// A unit inside a sample is longer than the sample.
    UnitOverrun { at: u64 },
    /// What must follow in a row does not follow here: a packet, frame or tag.
    SyncLost { at: u64 },
    /// There is no element where one must be.
    NotAnElement { at: u64 },
    /// An element claims bytes that the file does not have.
    ElementPastEnd { id: u32, at: u64, end: u64 },
    /// An element reaches out of the one it is in, or is too short for what it holds.
    ElementMisfit { id: u32, at: u64 },
    /// An element that must be there is not.
    ElementMissing { id: u32 },
    /// An index leads to a place where what it names is not.
    IndexAstray { at: u64 },
    /// An index that is promised is not there.
    IndexMissing,
}

impl Detail {
    /// The state a file with this finding is in.
    pub fn state(self) -> SegmentState {
        match self {
            Self::Sealed(_) => SegmentState::Sealed,
            Self::Open(_) => SegmentState::Open,
            Self::Opaque(_) => SegmentState::Opaque,
            Self::Corrupt(_) => SegmentState::Corrupt,
        }
    }

    /// The fault this finding is, if it is one.
    pub fn fault(self) -> Option<FaultKind> {
        match self {
            Self::Corrupt(flaw) => Some(flaw.fault()),
            Self::Sealed(_) | Self::Open(_) | Self::Opaque(_) => None,
        }
    }
}

impl Flaw {
    /// The fault: truncated when bytes are claimed that are not there, else corrupt.
    pub fn fault(self) -> FaultKind {
        match self {
            Self::Empty => FaultKind::Empty,
            Self::Scrap { .. }
            | Self::BoxPastEnd { .. }
            | Self::MovieMissing { .. }
            | Self::SamplesPastEnd { .. }
            | Self::IndexPastEnd { .. }
            | Self::ElementPastEnd { .. }
            | Self::IndexMissing
            | Self::TimeMissing { .. } => FaultKind::Truncated,
            Self::ZeroHead
            | Self::NotABox { .. }
            | Self::BoxOutside { .. }
            | Self::BoxMissing { .. }
            | Self::BoxShort { .. }
            | Self::NoTimescale { .. }
            | Self::CountsDiffer { .. }
            | Self::RunsUnordered { .. }
            | Self::SamplesOutside { .. }
            | Self::DurationsDiffer { .. }
            | Self::TrackUnknown { .. }
            | Self::FragmentAstray { .. }
            | Self::UnitOverrun { .. }
            | Self::SyncLost { .. }
            | Self::NotAnElement { .. }
            | Self::ElementMisfit { .. }
            | Self::ElementMissing { .. }
            | Self::IndexAstray { .. } => FaultKind::Corrupt,
        }
    }
}

impl From<Flaw> for Detail {
    fn from(flaw: Flaw) -> Self {
        Self::Corrupt(flaw)
    }
}

impl From<Unread> for Detail {
    fn from(unread: Unread) -> Self {
        Self::Opaque(unread)
    }
}

impl fmt::Display for Detail {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sealed(seal) => out.write_str(match seal {
                Seal::Marked => "whole",
                Seal::Unmarked => "whole to the end, without a mark that it was closed",
                Seal::Hollow => "finished, and not one sample in it",
            }),
            Self::Open(unfinished) => unfinished.fmt(out),
            Self::Opaque(unread) => unread.fmt(out),
            Self::Corrupt(flaw) => flaw.fmt(out),
        }
    }
}

impl fmt::Display for Unfinished {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::HeadOnly => out.write_str("only the head of a file"),
            Self::MediaOpen { at } => write!(out, "the media data at byte {at} is not closed"),
            Self::MovieUnwritten => out.write_str("fragments whose movie is not written"),
            Self::FragmentsAwaited => out.write_str("a movie for fragments, and no fragment"),
            Self::FragmentCut { at } => write!(out, "the fragment at byte {at} is not whole"),
            Self::PacketCut { at } => write!(out, "what begins at byte {at} is not whole"),
            Self::SpaceBehind { at } => write!(out, "nothing was written from byte {at} on"),
            Self::NotClosed => out.write_str("whole as far as it goes, and not closed"),
        }
    }
}

impl fmt::Display for Unread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, at) = match *self {
            Self::Foreign => return out.write_str("not a container that is read"),
            Self::MovieElsewhere => {
                return out.write_str("fragments whose movie is in another file");
            }
            Self::Places { at } => ("too many boxes", at),
            Self::Reads { at } => ("too scattered", at),
            Self::HeadBytes { at } => ("sample tables too long", at),
            Self::Tracks { at } => ("too many tracks", at),
            Self::EntryWidth { at } => ("four-bit sample sizes", at),
        };
        write!(out, "{what} at byte {at}: not read further")
    }
}

impl fmt::Display for Flaw {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(out, "the file is empty"),
            Self::Scrap { size } => write!(out, "{size} bytes are no recording"),
            Self::BoxPastEnd { kind, at, end } => {
                write!(
                    out,
                    "{kind:?} at byte {at} ends at byte {end}, behind the file"
                )
            }
            Self::MovieMissing { at } => write!(out, "no movie for the media data at byte {at}"),
            Self::SamplesPastEnd { track, at } => {
                write!(
                    out,
                    "track {track} has samples at byte {at}, behind the file"
                )
            }
            Self::IndexPastEnd { end } => write!(out, "indexed to byte {end}, behind the file"),
            Self::TimeMissing {
                promised_ms,
                found_ms,
            } => {
                write!(
                    out,
                    "{promised_ms} ms are promised and {found_ms} ms are there"
                )
            }
            Self::ZeroHead => write!(out, "the file starts with zeros"),
            Self::NotABox { at } => write!(out, "no box at byte {at}"),
            Self::BoxOutside { kind, at } => {
                write!(out, "{kind:?} at byte {at} reaches out of its parent")
            }
            Self::BoxMissing { kind, within } => write!(out, "no {kind:?} at byte {within}"),
            Self::BoxShort { kind, at } => write!(out, "{kind:?} at byte {at} is too short"),
            Self::NoTimescale { at } => write!(out, "the timescale at byte {at} is zero"),
            Self::CountsDiffer {
                track,
                sizes,
                others,
            } => {
                write!(
                    out,
                    "track {track} has {sizes} sample sizes for {others} samples"
                )
            }
            Self::RunsUnordered { track } => write!(out, "track {track} has its chunks disordered"),
            Self::SamplesOutside { track, at } => {
                write!(
                    out,
                    "track {track} has samples at byte {at}, outside the media data"
                )
            }
            Self::DurationsDiffer {
                track,
                declared_ms,
                found_ms,
            } => {
                write!(
                    out,
                    "track {track} declares {declared_ms} ms and holds {found_ms} ms"
                )
            }
            Self::TrackUnknown { track, at } => {
                write!(
                    out,
                    "fragment at byte {at} of track {track}, which is unknown"
                )
            }
            Self::FragmentAstray { at } => write!(out, "fragment at byte {at} without its media"),
            Self::UnitOverrun { at } => {
                write!(out, "a unit of the sample at byte {at} reaches out of it")
            }
            Self::SyncLost { at } => write!(out, "what must follow in a row breaks at byte {at}"),
            Self::NotAnElement { at } => write!(out, "no element at byte {at}"),
            Self::ElementPastEnd { id, at, end } => write!(
                out,
                "element {id:X} at byte {at} ends at byte {end}, behind the file"
            ),
            Self::ElementMisfit { id, at } => {
                write!(out, "element {id:X} at byte {at} does not fit its place")
            }
            Self::ElementMissing { id } => write!(out, "no element {id:X}"),
            Self::IndexAstray { at } => write!(out, "the index leads astray at byte {at}"),
            Self::IndexMissing => write!(out, "the index that is promised is not there"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_flaw_is_a_fault() {
        assert_eq!(Detail::Sealed(Seal::Hollow).fault(), None);
        assert_eq!(Detail::Open(Unfinished::HeadOnly).fault(), None);
        assert_eq!(Detail::Opaque(Unread::Foreign).fault(), None);
        assert_eq!(Detail::from(Flaw::Empty).fault(), Some(FaultKind::Empty));
        assert_eq!(
            Detail::from(Flaw::Scrap { size: 3 }).fault(),
            Some(FaultKind::Truncated)
        );
        assert_eq!(
            Detail::from(Flaw::ZeroHead).fault(),
            Some(FaultKind::Corrupt)
        );
    }

    #[test]
    fn a_finding_names_its_place() {
        let detail = Detail::from(Flaw::BoxPastEnd {
            kind: FourCc(*b"mdat"),
            at: 40,
            end: 99,
        });
        assert_eq!(
            detail.to_string(),
            "'mdat' at byte 40 ends at byte 99, behind the file"
        );
        let detail = Detail::from(Unread::Tracks { at: 8 });
        assert_eq!(
            detail.to_string(),
            "too many tracks at byte 8: not read further"
        );
    }
}
