//! What a file's bytes become when it is damaged, and what an audit must make of them.
//!
//! What is left is counted in the file itself, frame by frame, by the plainest reading of each
//! container that will do for our own minutes. It must not know where the file lies.

use std::borrow::Cow;

use super::bare::FRAMES_A_SECOND;
use super::dice::Dice;
use super::media::{Container, GROUP_S, Look, MINUTE_S};
use super::take::Condition;

/// What an audit must say of a file as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// Finished and whole.
    Sealed,
    /// Being written.
    Open,
    /// Not readable from outside.
    Opaque,
    /// Damaged.
    Corrupt,
}

/// What an audit must say is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// No bytes.
    Empty,
    /// It ends before it should.
    Truncated,
    /// It contradicts itself.
    Corrupt,
    /// Two files claim one time, or one claims the future.
    Clock,
}

impl Kind {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Truncated => "truncated",
            Self::Corrupt => "corrupt",
            Self::Clock => "clock",
        }
    }
}

/// A file's bytes and what is true of them.
#[derive(Debug, Clone)]
pub struct Made {
    /// The bytes.
    pub bytes: Cow<'static, [u8]>,
    /// What they are.
    pub state: State,
    /// What is wrong with them.
    pub fault: Option<Kind>,
    /// How many seconds of footage can still be told from them; `None` where none can.
    pub media_s: Option<i64>,
}

/// The file of a minute in this condition.
pub fn made(container: Container, look: Look, condition: Condition, dice: &mut Dice) -> Made {
    let whole = container.minute(look);
    let made = |bytes, state, fault, media_s| Made {
        bytes,
        state,
        fault,
        media_s,
    };
    if condition == Condition::Empty {
        return made(Cow::Borrowed(&[]), State::Corrupt, Some(Kind::Empty), None);
    }
    if container == Container::Encrypted {
        let bytes = scrambled(condition, dice);
        return made(bytes, State::Opaque, None, None);
    }
    match condition {
        // Frames one behind the other: nothing says how many there should be.
        Condition::Cut | Condition::Killed | Condition::Open if container == Container::Bare => {
            let at = cut_place(container, whole, dice);
            let bytes = Cow::Borrowed(&whole[..at]);
            made(
                bytes,
                State::Sealed,
                None,
                Some(left_s(container, whole, at)),
            )
        }
        Condition::Cut => {
            let at = cut_place(container, whole, dice);
            let media_s = streams(container).then(|| left_s(container, whole, at));
            let bytes = Cow::Borrowed(&whole[..at]);
            made(bytes, State::Corrupt, Some(Kind::Truncated), media_s)
        }
        Condition::IndexFlipped if container != Container::Bare => {
            let bytes = flipped(whole, &index_places(container, whole), dice);
            made(bytes, State::Corrupt, Some(Kind::Corrupt), None)
        }
        Condition::Killed | Condition::Open => {
            let (bytes, media_s) = unfinished(container, dice);
            let (state, fault) = match condition {
                Condition::Open => (State::Open, None),
                _ => (State::Corrupt, Some(Kind::Truncated)),
            };
            made(bytes, state, fault, media_s)
        }
        Condition::MediaFlipped | Condition::IndexFlipped => {
            let bytes = flipped(whole, &[media_place(container, whole)], dice);
            made(bytes, State::Sealed, None, Some(MINUTE_S))
        }
        Condition::Whole | Condition::Gone | Condition::Empty => {
            made(Cow::Borrowed(whole), State::Sealed, None, Some(MINUTE_S))
        }
    }
}

/// Whether what stands before a cut can be read without what stood behind it.
fn streams(container: Container) -> bool {
    matches!(
        container,
        Container::Fragmented
            | Container::TransportStream
            | Container::ProgramStream
            | Container::Dhav
    )
}

/// Bytes that tell nothing.
fn scrambled(condition: Condition, dice: &mut Dice) -> Cow<'static, [u8]> {
    let whole = Container::Encrypted.minute(Look::Scene).len();
    let kept = match condition {
        Condition::Cut | Condition::Killed | Condition::Open => whole / 2,
        _ => whole,
    };
    Cow::Owned(dice.bytes(kept))
}

/// Where a file that was being written ends, and how much of it can be told.
fn unfinished(container: Container, dice: &mut Dice) -> (Cow<'static, [u8]>, Option<i64>) {
    match container {
        Container::Matroska => {
            let killed = include_bytes!("../../assets/branch/killed.mkv");
            (Cow::Borrowed(killed), Some(KILLED_MATROSKA_S))
        }
        Container::Avi => {
            let killed = include_bytes!("../../assets/branch/killed.avi");
            (Cow::Borrowed(killed), Some(KILLED_AVI_S))
        }
        // Both are written alike: media of a length to be filled in, and no index yet.
        Container::IndexFirst | Container::IndexLast => {
            let whole = Container::IndexLast.minute(Look::Scene);
            let media = place(whole, b"mdat", 0).unwrap_or(whole.len());
            let index = place(whole, b"moov", media).unwrap_or(whole.len());
            let at = usize_within(dice, media + 64, index - 64);
            let mut bytes = whole[..at].to_vec();
            bytes[media - 4..media].fill(0);
            (Cow::Owned(bytes), None)
        }
        _ => {
            let whole = container.minute(Look::Scene);
            let at = cut_place(container, whole, dice);
            (
                Cow::Borrowed(&whole[..at]),
                Some(left_s(container, whole, at)),
            )
        }
    }
}

/// Seconds in the files of the killed writers, counted by their packets.
const KILLED_MATROSKA_S: i64 = 38;
const KILLED_AVI_S: i64 = 38;

/// Somewhere in the middle half, and in no container between two of its units.
fn cut_place(container: Container, whole: &[u8], dice: &mut Dice) -> usize {
    let at = usize_within(dice, whole.len() / 4, whole.len() / 2);
    let units = units(container, whole);
    match container {
        // Packets of a transport stream have one length: the cut is in the middle of one.
        Container::TransportStream => at / PACKET_BYTES * PACKET_BYTES + PACKET_BYTES / 2,
        _ if units.is_empty() => at,
        _ => {
            let next = units.partition_point(|unit| *unit <= at);
            let here = next.checked_sub(1).map_or(0, |before| units[before]);
            let behind = units.get(next).copied().unwrap_or(whole.len());
            here + (behind - here) / 2
        }
    }
}

/// Seconds of footage that end before this place.
fn left_s(container: Container, whole: &[u8], at: usize) -> i64 {
    let units = units(container, whole);
    let begun = units.iter().filter(|unit| **unit < at).count();
    let finished = i64::try_from(begun.saturating_sub(1)).unwrap_or(0);
    match container {
        Container::Fragmented => finished * GROUP_S,
        _ => finished / i64::from(FRAMES_A_SECOND),
    }
}

/// Where frames begin, in fragmented files fragments, in Matroska clusters.
fn units(container: Container, whole: &[u8]) -> Vec<usize> {
    let mark: &[u8] = match container {
        Container::Fragmented => b"moof",
        Container::Matroska => &[0x1f, 0x43, 0xb6, 0x75],
        Container::ProgramStream => &[0, 0, 1, 0xba],
        Container::Dhav => b"DHAV",
        Container::Avi => b"00dc",
        Container::Bare => {
            let codes = whole.windows(4).enumerate();
            let opens = |code: &[u8]| code[..3] == [0, 0, 1] && matches!(code[3] & 0x1f, 1 | 5);
            let found = codes.filter(|(_, code)| opens(code));
            return found.map(|(at, _)| at).collect();
        }
        Container::TransportStream => {
            let starts = |packet: &[u8]| packet[1] & 0x5f == 0x41 && packet[2] == 0;
            let packets = whole.chunks_exact(PACKET_BYTES).enumerate();
            let begun = packets.filter(|(_, packet)| starts(packet));
            return begun.map(|(nth, _)| nth * PACKET_BYTES).collect();
        }
        _ => return Vec::new(),
    };
    // A box has its length before its name.
    let before = if container == Container::Fragmented {
        4
    } else {
        0
    };
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = place(whole, mark, from) {
        found.push(at - before);
        from = at + mark.len();
    }
    if container == Container::Avi {
        // The index at the end names them all once more.
        found.truncate(found.len() / 2);
    }
    found
}

/// Bytes of a packet of a transport stream.
const PACKET_BYTES: usize = 188;

/// Bytes without which nobody finds the pictures.
fn index_places(container: Container, whole: &[u8]) -> Vec<usize> {
    let names: &[&[u8]] = match container {
        Container::IndexFirst | Container::IndexLast => &[b"stsz", b"stts", b"stsc", b"stco"],
        Container::Fragmented => &[b"tfhd"],
        Container::Avi => &[b"movi"],
        _ => &[],
    };
    let boxes = names.iter().filter_map(|name| place(whole, name, 0));
    let units = units(container, whole);
    let middle = units.get(units.len() / 2).copied();
    match container {
        Container::Matroska
        | Container::TransportStream
        | Container::ProgramStream
        | Container::Dhav => middle.into_iter().collect(),
        _ => boxes.collect(),
    }
}

/// A byte inside the first picture.
fn media_place(container: Container, whole: &[u8]) -> usize {
    let media = place(whole, b"mdat", 0).map(|at| at + 100);
    let unit = || units(container, whole).first().map_or(0, |at| at + 120);
    media.unwrap_or_else(unit)
}

/// One bit turned over in one of these bytes.
fn flipped(whole: &[u8], places: &[usize], dice: &mut Dice) -> Cow<'static, [u8]> {
    let mut bytes = whole.to_vec();
    let at = places.get(dice.place(places.len())).copied().unwrap_or(0);
    // Any of the low six bits: the name of a box stays one that could be.
    bytes[at] ^= 1 << dice.place(6);
    Cow::Owned(bytes)
}

fn place(whole: &[u8], name: &[u8], from: usize) -> Option<usize> {
    let rest = whole.get(from..)?;
    let at = rest.windows(name.len()).position(|window| window == name)?;
    Some(from + at)
}

fn usize_within(dice: &mut Dice, least: usize, end: usize) -> usize {
    least + dice.place(end.saturating_sub(least))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STREAMS: [Container; 4] = [
        Container::Fragmented,
        Container::TransportStream,
        Container::ProgramStream,
        Container::Dhav,
    ];

    #[test]
    fn every_frame_of_a_stream_is_counted() {
        for container in STREAMS {
            let whole = container.minute(Look::Scene);
            let all = units(container, whole).len();
            let each_s = if container == Container::Fragmented {
                5.0
            } else {
                0.5
            };
            let seconds = f64::from(u32::try_from(all).unwrap()) * each_s;
            assert!((seconds - 60.0).abs() < 0.1, "{container:?} {all}");
        }
    }

    #[test]
    fn a_cut_leaves_less_than_was_there_and_more_than_nothing() {
        for seed in 0..50 {
            for container in STREAMS {
                let cut = made(container, Look::Scene, Condition::Cut, &mut Dice::new(seed));
                let left = cut.media_s.unwrap();
                assert!((1..MINUTE_S).contains(&left), "{container:?} {left}");
            }
        }
    }

    #[test]
    fn a_flip_turns_exactly_one_bit() {
        for container in STREAMS.into_iter().chain([
            Container::IndexFirst,
            Container::IndexLast,
            Container::Matroska,
            Container::Avi,
        ]) {
            for condition in [Condition::IndexFlipped, Condition::MediaFlipped] {
                let whole = container.minute(Look::Scene);
                let made = made(container, Look::Scene, condition, &mut Dice::new(3));
                let turned = whole.iter().zip(made.bytes.iter());
                let bits: u32 = turned.map(|(one, other)| (one ^ other).count_ones()).sum();
                assert_eq!((bits, made.bytes.len()), (1, whole.len()), "{container:?}");
            }
        }
    }
}
