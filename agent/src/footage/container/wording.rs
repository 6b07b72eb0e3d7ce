//! Findings in words, for a person: what was found, and where.
//!
//! It decides nothing, and must not know how anything was found.

use std::fmt;

use super::detail::{Detail, Flaw, Seal, Unfinished, Unread};

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
            flaw => contradiction(flaw, out),
        }
    }
}

/// A flaw that is no lack of bytes: two things that do not go together.
fn contradiction(flaw: Flaw, out: &mut fmt::Formatter<'_>) -> fmt::Result {
    match flaw {
        Flaw::CountsDiffer {
            track,
            sizes,
            others,
        } => {
            write!(
                out,
                "track {track} has {sizes} sample sizes for {others} samples"
            )
        }
        Flaw::RunsUnordered { track } => write!(out, "track {track} has its chunks disordered"),
        Flaw::SamplesOutside { track, at } => {
            write!(
                out,
                "track {track} has samples at byte {at}, outside the media data"
            )
        }
        Flaw::DurationsDiffer {
            track,
            declared_ms,
            found_ms,
        } => {
            write!(
                out,
                "track {track} declares {declared_ms} ms and holds {found_ms} ms"
            )
        }
        Flaw::TrackUnknown { track, at } => {
            write!(
                out,
                "fragment at byte {at} of track {track}, which is unknown"
            )
        }
        Flaw::FragmentAstray { at } => write!(out, "fragment at byte {at} without its media"),
        Flaw::UnitOverrun { at } => {
            write!(out, "a unit of the sample at byte {at} reaches out of it")
        }
        Flaw::SyncLost { at } => write!(out, "what must follow in a row breaks at byte {at}"),
        Flaw::NotAnElement { at } => write!(out, "no element at byte {at}"),
        Flaw::ElementPastEnd { id, at, end } => write!(
            out,
            "element {id:X} at byte {at} ends at byte {end}, behind the file"
        ),
        Flaw::ElementMisfit { id, at } => {
            write!(out, "element {id:X} at byte {at} does not fit its place")
        }
        Flaw::ElementMissing { id } => write!(out, "no element {id:X}"),
        Flaw::IndexAstray { at } => write!(out, "the index leads astray at byte {at}"),
        Flaw::IndexMissing => write!(out, "the index that is promised is not there"),
        // Told above.
        Flaw::Empty
        | Flaw::Scrap { .. }
        | Flaw::BoxPastEnd { .. }
        | Flaw::MovieMissing { .. }
        | Flaw::SamplesPastEnd { .. }
        | Flaw::IndexPastEnd { .. }
        | Flaw::TimeMissing { .. }
        | Flaw::ZeroHead
        | Flaw::NotABox { .. }
        | Flaw::BoxOutside { .. }
        | Flaw::BoxMissing { .. }
        | Flaw::BoxShort { .. }
        | Flaw::NoTimescale { .. } => Ok(()),
    }
}
