//! Flash video: tags one after the other, each followed by its own length.
//!
//! The length behind a tag is what a damaged one is told by. Such a file is a stream like others; a
//! duration that its writer fills in at the end is not looked at, since the last tag says it too. It
//! must not look into tags but for the decoder's configuration.

use super::config::{CONFIG_BYTES_MAX, Config};
use super::nal::{Family, Unit};
use super::reader::{Reader, Step};
use super::sps;
use super::stream::{Format, Found, Piece};
use super::structure::{Codec, Container};

/// Bytes of a tag's head, and of the length behind it.
const HEAD_BYTES: u64 = 11;
const BEHIND_BYTES: u64 = 4;

/// Farthest that a tag is looked for: twice the largest key frame in use.
const REACH: u64 = 4 * 1024 * 1024;

/// Bytes that are searched at once.
const BLOCK: u64 = 4096;

/// A file of tags being walked through.
#[derive(Debug, Default)]
pub(super) struct Flv {
    codec: Option<Codec>,
    picture: Option<(u16, u16)>,
}

impl Format for Flv {
    const CONTAINER: Container = Container::Flv;
    // Milliseconds of 32 bits.
    const WRAP: u64 = (1 << 32) * 90;

    fn start(&mut self, reader: &mut Reader<'_>) -> Step<u64> {
        if reader.size() < 9 {
            return Ok(reader.size());
        }
        let head = reader.bytes(5, 4)?;
        let length = head
            .first_chunk()
            .map_or(0, |word| u32::from_be_bytes(*word));
        Ok((u64::from(length) + BEHIND_BYTES).min(reader.size()))
    }

    fn packet(&mut self, reader: &mut Reader<'_>, at: u64) -> Step<Found> {
        let size = reader.size();
        let len = usize::try_from((size - at).min(HEAD_BYTES)).unwrap_or(0);
        let head = reader.bytes(at, len)?;
        let Some(tag) = head.first_chunk::<11>().map(|head| Tag::read(head, at)) else {
            let (end, piece) = (u64::MAX, None);
            return Ok(Found::Packet { end, piece });
        };
        if !tag.plausible() {
            return Ok(Found::Lost);
        }
        let end = tag.end + BEHIND_BYTES;
        if end > size {
            return Ok(Found::Packet { end, piece: None });
        }
        if !closed(reader, &tag)? {
            return Ok(Found::Lost);
        }
        let piece = if tag.kind == VIDEO {
            self.piece(reader, &tag)?
        } else {
            None
        };
        Ok(Found::Packet { end, piece })
    }

    fn sync(&mut self, reader: &mut Reader<'_>, from: u64) -> Step<Option<u64>> {
        let until = from.saturating_add(REACH).min(reader.size());
        let mut at = from;
        while at + HEAD_BYTES < until {
            let len = usize::try_from((until - at).min(BLOCK)).unwrap_or(0);
            let block = reader.bytes(at, len)?;
            let found = block.windows(11).position(|head| {
                let tag = head.first_chunk::<11>().map(|head| Tag::read(head, 0));
                tag.is_some_and(|tag| tag.plausible())
            });
            let Some(place) = found else {
                at += u64::try_from(len.saturating_sub(10).max(1)).unwrap_or(1);
                continue;
            };
            at += u64::try_from(place).unwrap_or(0);
            let tag = reader
                .bytes(at, 11)?
                .first_chunk()
                .map(|head| Tag::read(head, at));
            if let Some(tag) = tag
                && tag.end + BEHIND_BYTES <= reader.size()
                && closed(reader, &tag)?
            {
                return Ok(Some(at));
            }
            at += 1;
        }
        Ok(None)
    }

    fn codec(&self) -> Option<Codec> {
        self.codec
    }

    fn picture(&self) -> Option<(u16, u16)> {
        self.picture
    }
}

const VIDEO: u8 = 9;

/// The head of a tag.
struct Tag {
    kind: u8,
    at: u64,
    end: u64,
    ms: u32,
    stream: u32,
}

impl Tag {
    fn read(bytes: &[u8; 11], at: u64) -> Self {
        let [kind, a, b, c, t1, t2, t3, t4, s1, s2, s3] = *bytes;
        Self {
            kind,
            at,
            end: at + HEAD_BYTES + u64::from(u32::from_be_bytes([0, a, b, c])),
            // The highest byte of the time stands last.
            ms: u32::from_be_bytes([t4, t1, t2, t3]),
            stream: u32::from_be_bytes([0, s1, s2, s3]),
        }
    }

    fn plausible(&self) -> bool {
        matches!(self.kind, 8 | VIDEO | 18) && self.stream == 0
    }
}

/// Whether the tag is followed by its own length. Some writers leave it zero.
fn closed(reader: &mut Reader<'_>, tag: &Tag) -> Step<bool> {
    let behind = reader.bytes(tag.end, 4)?;
    let length = behind
        .first_chunk()
        .map_or(0, |word| u32::from_be_bytes(*word));
    Ok(length == 0 || u64::from(length) == tag.end - tag.at)
}

impl Flv {
    fn piece(&mut self, reader: &mut Reader<'_>, tag: &Tag) -> Step<Option<Piece>> {
        /// Bytes before the coded units, or the decoder's configuration.
        const MARKS: u64 = 5;
        let body = tag.at + HEAD_BYTES;
        let rest = tag.end - body;
        if rest < MARKS {
            return Ok(None);
        }
        let marks = reader.bytes(body, 5)?;
        let (family, configures) = match *marks {
            [first, b'h', b'v', b'c', b'1'] if first & 0x80 != 0 => {
                (Some(Family::Hevc), first & 0x0f == 0)
            }
            [first, kind, ..] => match first & 0x0f {
                7 => (Some(Family::Avc), kind == 0),
                12 => (Some(Family::Hevc), kind == 0),
                _ => (None, false),
            },
            _ => (None, false),
        };
        self.codec = family.map(Family::codec).or(self.codec);
        if let (Some(family), true) = (family, configures) {
            let len = usize::try_from(rest - MARKS).unwrap_or(usize::MAX);
            let mut bytes = vec![0; len.min(CONFIG_BYTES_MAX)];
            reader.view().fill(body + MARKS, &mut bytes)?;
            self.picture = picture(family, &bytes).or(self.picture);
            return Ok(None);
        }
        Ok(Some(Piece {
            at: body + MARKS,
            len: rest - MARKS,
            clock: Some(u64::from(tag.ms) * 90),
        }))
    }
}

fn picture(family: Family, bytes: &[u8]) -> Option<(u16, u16)> {
    let config = Config::read(family, bytes)?;
    let sequence = config
        .sets
        .iter()
        .find(|set| family.unit(set) == Unit::Sequence)?;
    sps::read(family, sequence).map(|sequence| sequence.picture)
}
