//! The streams of an AVI file: what they are, how long, and how often there is a frame.
//!
//! It takes down and does not judge.

use crate::footage::container::detail::{Flaw, Unread};
use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::Codec;

use super::chunk::{Chunk, find, four, le32};

/// Most streams of one file; recorders write one or two.
const STREAMS_MAX: usize = 32;

/// Most frames of a stream that are believed: a day at two hundred a second.
const LENGTH_MAX: u64 = 200 * 86_400;

/// One stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stream {
    pub(super) video: bool,
    pub(super) codec: Option<Codec>,
    pub(super) picture: Option<(u16, u16)>,
    /// A frame lasts `scale` parts of a second of `per_second`.
    scale: u32,
    per_second: u32,
    /// Frames, filled in when the file is closed.
    pub(super) length: u64,
}

/// What the head of a file says.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) streams: Vec<Stream>,
    /// There is to be an index behind the frames.
    pub(super) promises_index: bool,
    /// There are indexes of the longer kind.
    pub(super) long_index: bool,
}

impl Head {
    /// Reads the list of heads.
    pub(super) fn read(reader: &mut Reader<'_>, list: &Chunk) -> Step<Self> {
        /// Set when there is an index of the short kind.
        const HAS_INDEX: u32 = 0x10;
        let mut head = Self::default();
        each(reader, list, |reader, chunk| {
            match &chunk.name.0 {
                b"avih" => {
                    let fields: [u8; 16] = chunk.fields(reader)?;
                    head.promises_index = le32(&fields, 12) & HAS_INDEX != 0;
                }
                b"strl" if head.streams.len() >= STREAMS_MAX => {
                    return Err(Unread::Tracks { at: chunk.at }.into());
                }
                b"strl" => {
                    let (stream, long) = Stream::read(reader, chunk)?;
                    head.streams.push(stream);
                    head.long_index |= long;
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(head)
    }
}

impl Stream {
    /// Reads one list of a stream; whether it has an index of the longer kind.
    fn read(reader: &mut Reader<'_>, list: &Chunk) -> Step<(Self, bool)> {
        let mut stream = Self {
            video: false,
            codec: None,
            picture: None,
            scale: 0,
            per_second: 0,
            length: 0,
        };
        let (mut handler, mut long) = ([0; 4], false);
        each(reader, list, |reader, chunk| {
            match &chunk.name.0 {
                b"strh" => {
                    let fields: [u8; 36] = chunk.fields(reader)?;
                    stream.video = &four(&fields, 0) == b"vids";
                    handler = four(&fields, 4);
                    stream.scale = le32(&fields, 20);
                    stream.per_second = le32(&fields, 24);
                    stream.length = u64::from(le32(&fields, 32));
                }
                b"strf" if stream.video => {
                    let fields: [u8; 20] = chunk.fields(reader)?;
                    let side = |at| {
                        // A negative height means that lines come from the top.
                        let side = le32(&fields, at).cast_signed().unsigned_abs();
                        u16::try_from(side).ok().filter(|side| *side > 0)
                    };
                    stream.picture = side(4).zip(side(8));
                    stream.codec = Some(Codec::of_riff(four(&fields, 16)));
                }
                b"strf" => {
                    let fields: [u8; 2] = chunk.fields(reader)?;
                    stream.codec = sound(u16::from_le_bytes(fields));
                }
                b"indx" => long = true,
                _ => {}
            }
            Ok(())
        })?;
        if stream.video && stream.codec.is_none() {
            stream.codec = Some(Codec::of_riff(handler));
        }
        Ok((stream, long))
    }

    /// Frames in a thousand seconds.
    pub(super) fn rate(&self) -> Option<u32> {
        let rate = (u64::from(self.per_second) * 1000).checked_div(u64::from(self.scale))?;
        u32::try_from(rate).ok().filter(|rate| *rate > 0)
    }

    /// How long so many frames last, in milliseconds.
    pub(super) fn ms(&self, frames: u64) -> Option<i64> {
        let frames = Some(frames).filter(|frames| *frames <= LENGTH_MAX)?;
        let ms = (frames * u64::from(self.scale))
            .checked_mul(1000)?
            .checked_div(u64::from(self.per_second))?;
        i64::try_from(ms).ok()
    }

    /// The frame that is shown at this time, counted from zero.
    pub(super) fn frame_at(&self, ms: i64) -> u64 {
        let ms = u128::try_from(ms).unwrap_or(0);
        let frame = (ms * u128::from(self.per_second))
            .checked_div(u128::from(self.scale) * 1000)
            .unwrap_or(0);
        u64::try_from(frame).unwrap_or(u64::MAX)
    }
}

fn sound(tag: u16) -> Option<Codec> {
    match tag {
        1 => Some(Codec::Pcm),
        6 | 7 => Some(Codec::G711),
        0x55 => Some(Codec::Mp3),
        0xff | 0x1610 => Some(Codec::Aac),
        0x2000 => Some(Codec::Ac3),
        _ => None,
    }
}

/// Shows every chunk in a list, which must be whole within it.
fn each(
    reader: &mut Reader<'_>,
    list: &Chunk,
    mut look: impl FnMut(&mut Reader<'_>, &Chunk) -> Step<()>,
) -> Step<()> {
    let mut at = list.body;
    while let Some(chunk) = find(reader, at, list.end)? {
        if chunk.end > list.end {
            return Err(Flaw::BoxOutside {
                kind: chunk.name,
                at,
            }
            .into());
        }
        look(reader, &chunk)?;
        at = chunk.next();
    }
    Ok(())
}
