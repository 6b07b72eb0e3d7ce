//! What a structure check found, and what that means: a finding is born with its state, and every
//! flaw decides its fault here.
//!
//! One table instead of a decision at each place of discovery, so that the line between unfinished
//! and damaged can be read on one screen. It must not know how anything was found.

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
