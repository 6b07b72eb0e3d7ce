//! What agent and child say to each other: one greeting, then a request and an answer in turns.
//!
//! A message is its length in four bytes and then itself. Lengths are looked at before anything is
//! allocated for them, on both sides: the child may have been taken over by a picture, and the
//! pictures come from whoever can write to a recorder.

use std::cmp::Ordering;
use std::io::{self, Read, Write};

use super::confine::{Confinement, Landlock};
use super::process::Coming;
use super::refusal::{REFUSAL_BYTES, Refusal};
use crate::picture::frame::{Codec, KEY_FRAME_BYTES_MAX, KeyFrame};
use crate::picture::mask::{Masks, RECTANGLES_MAX, Rectangle};
use crate::picture::sample::{SAMPLE_BYTES_MAX, Sample};

/// How a greeting begins; the last letter is the version.
const GREETING: [u8; 4] = *b"KWD1";

/// Bytes of a greeting.
pub(super) const GREETING_BYTES: usize = 8;

/// Bytes of a length.
const LENGTH_BYTES: usize = 4;

/// Bytes before the masks and before the key frame.
const HEAD_BYTES: usize = 5;
const RECTANGLE_BYTES: usize = 8;

/// Bytes of a request at most.
const REQUEST_BYTES_MAX: usize =
    HEAD_BYTES + 2 * RECTANGLES_MAX * RECTANGLE_BYTES + KEY_FRAME_BYTES_MAX;

/// Bytes of an answer at most.
const ANSWER_BYTES_MAX: usize = 1 + SAMPLE_BYTES_MAX;

/// A request as the child has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Request {
    pub(super) codec: Codec,
    pub(super) raster_width: u16,
    pub(super) masks: Masks,
    pub(super) annexb: Vec<u8>,
}

pub(super) fn greeting(confinement: Confinement) -> [u8; GREETING_BYTES] {
    let [a, b, c, d] = GREETING;
    let landlock = match confinement.landlock {
        Landlock::None => 0,
        Landlock::Partial => 1,
        Landlock::Full => 2,
    };
    let (seccomp, limits) = (confinement.seccomp.into(), confinement.limits.into());
    [a, b, c, d, landlock, seccomp, limits, 0]
}

pub(super) fn read_greeting(bytes: &[u8]) -> Option<Confinement> {
    let [a, b, c, d, landlock, seccomp, limits, 0] = *bytes.as_array()? else {
        return None;
    };
    ([a, b, c, d] == GREETING).then_some(())?;
    let landlock = match landlock {
        0 => Landlock::None,
        1 => Landlock::Partial,
        2 => Landlock::Full,
        _ => return None,
    };
    Some(Confinement {
        landlock,
        seccomp: seccomp == 1,
        limits: limits == 1,
    })
}

/// A whole request but for the key frame's own bytes, which follow it as they are.
pub(super) fn request_head(key: KeyFrame<'_>, masks: &Masks, raster_width: u16) -> Vec<u8> {
    let codec = match key.codec {
        Codec::H264 => 1,
        Codec::H265 => 2,
    };
    let count = |rectangles: &[Rectangle]| u8::try_from(rectangles.len()).unwrap_or(0);
    let (text, private) = (masks.text(), masks.private());
    let mut body = vec![codec];
    body.extend(raster_width.to_le_bytes());
    body.extend([count(text), count(private)]);
    for rectangle in text.iter().chain(private) {
        body.extend(rectangle.edges().iter().flat_map(|edge| edge.to_le_bytes()));
    }
    let length = u32::try_from(body.len() + key.annexb.len()).unwrap_or(u32::MAX);
    [&length.to_le_bytes()[..], &body].concat()
}

/// The next request; `None` when the agent has closed the pipe or says what it never would.
pub(super) fn read_request(from: &mut impl Read) -> io::Result<Option<Request>> {
    let mut length = [0; LENGTH_BYTES];
    if let Err(error) = from.read_exact(&mut length) {
        let closed = error.kind() == io::ErrorKind::UnexpectedEof;
        return if closed { Ok(None) } else { Err(error) };
    }
    let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
    if length > REQUEST_BYTES_MAX {
        return Ok(None);
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body)?;
    Ok(parse(&body))
}

fn parse(body: &[u8]) -> Option<Request> {
    let ([codec, low, high, text, private], rest) = body.split_first_chunk()?;
    let codec = match codec {
        1 => Codec::H264,
        2 => Codec::H265,
        _ => return None,
    };
    let (text, private) = (usize::from(*text), usize::from(*private));
    let (masked, annexb) = rest.split_at_checked((text + private) * RECTANGLE_BYTES)?;
    let rectangles: Option<Vec<_>> = masked.chunks(RECTANGLE_BYTES).map(rectangle).collect();
    let mut rectangles = rectangles?;
    let private = rectangles.split_off(text);
    Some(Request {
        codec,
        raster_width: u16::from_le_bytes([*low, *high]),
        masks: Masks::new(rectangles, private)?,
        annexb: annexb.to_vec(),
    })
}

fn rectangle(bytes: &[u8]) -> Option<Rectangle> {
    let [left, top, right, bottom] = *bytes.as_chunks().0.as_array()?;
    let edge = u16::from_le_bytes;
    Rectangle::new(edge(left), edge(top), edge(right), edge(bottom))
}

pub(super) fn write_answer(
    to: &mut impl Write,
    answer: &Result<Sample, Refusal>,
) -> io::Result<()> {
    let (kind, body) = match answer {
        Ok(sample) => (1_u8, sample.to_bytes()),
        Err(refusal) => (0, refusal.to_bytes().to_vec()),
    };
    let length = u32::try_from(1 + body.len()).unwrap_or(u32::MAX);
    let message = [&length.to_le_bytes()[..], &[kind], &body].concat();
    to.write_all(&message)?;
    to.flush()
}

/// How much of an answer has come. Longer than it says is as wrong as longer than any.
pub(super) fn answer_coming(bytes: &[u8]) -> Coming {
    let Some(length) = bytes.first_chunk::<LENGTH_BYTES>() else {
        return Coming::More;
    };
    let length = usize::try_from(u32::from_le_bytes(*length)).unwrap_or(usize::MAX);
    if length > ANSWER_BYTES_MAX {
        return Coming::Wrong;
    }
    match bytes.len().cmp(&(LENGTH_BYTES + length)) {
        Ordering::Less => Coming::More,
        Ordering::Equal => Coming::Whole,
        Ordering::Greater => Coming::Wrong,
    }
}

/// The answer in a whole message; `None` when it is none.
pub(super) fn read_answer(message: &[u8]) -> Option<Result<Sample, Refusal>> {
    let (kind, body) = message.get(LENGTH_BYTES..)?.split_first()?;
    match kind {
        1 => Sample::from_bytes(body).map(Ok),
        0 if body.len() == REFUSAL_BYTES => Refusal::from_bytes(body).map(Err),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rectangles() -> impl Strategy<Value = Vec<Rectangle>> {
        let one = (0_u16..500, 0_u16..500, 501_u16..=1_000, 501_u16..=1_000)
            .prop_map(|(a, b, c, d)| Rectangle::new(a, b, c, d).unwrap());
        proptest::collection::vec(one, 0..=RECTANGLES_MAX)
    }

    proptest! {
        #[test]
        fn a_request_comes_back(
            text in rectangles(), private in rectangles(), raster_width: u16, hevc: bool,
            annexb in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let codec = if hevc { Codec::H265 } else { Codec::H264 };
            let masks = Masks::new(text, private).unwrap();
            let key = KeyFrame { codec, annexb: &annexb };
            let written = [&request_head(key, &masks, raster_width)[..], &annexb].concat();
            let read = read_request(&mut written.as_slice()).unwrap();
            prop_assert_eq!(read, Some(Request { codec, raster_width, masks, annexb }));
        }

        #[test]
        fn any_bytes_are_a_request_or_none(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let (Ok(_) | Err(_)) = read_request(&mut bytes.as_slice());
            let _ = (read_answer(&bytes), answer_coming(&bytes), read_greeting(&bytes));
        }
    }

    #[test]
    fn refusals_come_back() {
        for refusal in [
            Refusal::Unsupported,
            Refusal::Damaged,
            Refusal::NoPicture,
            Refusal::NoParameters,
            Refusal::Broken,
            Refusal::TooLarge {
                width: 70_000,
                height: 3,
            },
        ] {
            let mut written = Vec::new();
            write_answer(&mut written, &Err(refusal)).unwrap();
            assert_eq!(answer_coming(&written), Coming::Whole);
            assert_eq!(answer_coming(&written[..written.len() - 1]), Coming::More);
            assert_eq!(read_answer(&written), Some(Err(refusal)));
        }
    }

    #[test]
    fn an_answer_that_claims_too_much_is_none() {
        assert_eq!(answer_coming(&u32::MAX.to_le_bytes()), Coming::Wrong);
    }
}
