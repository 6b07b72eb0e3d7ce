//! MPEG transport streams: packets of 188 bytes, or of 192 with a time code before each.
//!
//! The tables that name the streams are read where they come by, and a file that was cut out of a
//! longer stream may bring its video before them; then the first stream that looks like video is taken.
//! It must not count lost packets: what the network lost is no damage to the file.

use super::four_cc::FourCc;
use super::reader::{Reader, Step};
use super::stream::{Format, Found, Piece};
use super::structure::{Codec, Container};

/// Bytes of a packet, and of one with a time code.
const PACKET: u64 = 188;
const PACKET_TIMED: u64 = 192;

/// What every packet begins with.
const SYNC: u8 = 0x47;

/// A transport stream being walked through.
#[derive(Debug, Default)]
pub(super) struct MpegTs {
    /// Bytes from one packet to the next, and of the time code before each.
    stride: u64,
    skip: u64,
    /// Where the tables of the first programme come.
    tables: Option<u16>,
    /// Where its video comes.
    video: Option<u16>,
    codec: Option<Codec>,
    /// The video is scrambled.
    scrambled: bool,
}

impl Format for MpegTs {
    const CONTAINER: Container = Container::MpegTs;
    const WRAP: u64 = 1 << 33;

    fn start(&mut self, reader: &mut Reader<'_>) -> Step<u64> {
        (self.stride, self.skip) = (PACKET, 0);
        if reader.size() > PACKET_TIMED {
            let len = usize::try_from(reader.size().min(PACKET_TIMED + 5)).unwrap_or(0);
            let head = reader.bytes(0, len)?;
            if head.first() != Some(&SYNC) || head.get(188).is_some_and(|byte| *byte != SYNC) {
                let timed = head.get(4) == Some(&SYNC) && head.get(196) == Some(&SYNC);
                if timed {
                    (self.stride, self.skip) = (PACKET_TIMED, 4);
                }
            }
        }
        Ok(0)
    }

    fn packet(&mut self, reader: &mut Reader<'_>, at: u64) -> Step<Found> {
        let end = at + self.stride;
        if end > reader.size() {
            return Ok(Found::Packet { end, piece: None });
        }
        let packet = reader.bytes(at + self.skip, 188)?;
        let Some(packet) = Packet::read(packet) else {
            return Ok(Found::Lost);
        };
        let piece = self.take(&packet, at + self.skip);
        Ok(Found::Packet { end, piece })
    }

    fn sync(&mut self, reader: &mut Reader<'_>, from: u64) -> Step<Option<u64>> {
        let at = from.next_multiple_of(self.stride);
        Ok((at < reader.size()).then_some(at))
    }

    fn codec(&self) -> Option<Codec> {
        if self.scrambled {
            return Some(Codec::Encrypted);
        }
        self.codec
    }
}

/// The fields of one packet that matter.
struct Packet<'b> {
    stream: u16,
    starts: bool,
    scrambled: bool,
    /// What it carries, and how many bytes in.
    payload: &'b [u8],
    skip: u64,
}

impl<'b> Packet<'b> {
    fn read(bytes: &'b [u8]) -> Option<Self> {
        let [SYNC, one, two, three, ..] = *bytes else {
            return None;
        };
        let adapted = match bytes.get(4) {
            Some(length) if three & 0x20 != 0 => 1 + usize::from(*length),
            _ => 0,
        };
        let skip = 4 + adapted;
        let payload = if three & 0x10 == 0 {
            &[]
        } else {
            bytes.get(skip..).unwrap_or_default()
        };
        Some(Self {
            stream: u16::from_be_bytes([one & 0x1f, two]),
            starts: one & 0x40 != 0,
            scrambled: three & 0xc0 != 0,
            payload,
            skip: u64::try_from(skip).unwrap_or(0),
        })
    }
}

impl MpegTs {
    fn take(&mut self, packet: &Packet<'_>, at: u64) -> Option<Piece> {
        if packet.stream == 0 && packet.starts {
            self.tables = first_programme(section(packet.payload)).or(self.tables);
            return None;
        }
        if Some(packet.stream) == self.tables && packet.starts {
            if let Some((stream, codec)) = video_of(section(packet.payload)) {
                (self.video, self.codec) = (Some(stream), Some(codec));
            }
            return None;
        }
        if self.video.is_none()
            && packet.starts
            && matches!(packet.payload, [0, 0, 1, 0xe0..=0xef, ..])
        {
            self.video = Some(packet.stream);
        }
        if Some(packet.stream) != self.video || packet.payload.is_empty() {
            return None;
        }
        self.scrambled |= packet.scrambled;
        let (skip, clock) = match packet.payload {
            [0, 0, 1, ..] if packet.starts => pes(packet.payload),
            _ => (0, None),
        };
        let len = u64::try_from(packet.payload.len()).unwrap_or(0);
        let skip = skip.min(len);
        Some(Piece {
            at: at + packet.skip + skip,
            len: len - skip,
            clock,
        })
    }
}

/// Bytes of the head of a packetised elementary stream, and the time in it.
pub(super) fn pes(bytes: &[u8]) -> (u64, Option<u64>) {
    let [_, _, _, _, _, _, marks, flags, length, rest @ ..] = bytes else {
        return (u64::try_from(bytes.len()).unwrap_or(0), None);
    };
    if marks & 0xc0 != 0x80 {
        return (6, None);
    }
    let clock = match rest {
        [a, b, c, d, e, ..] if flags & 0x80 != 0 && *length >= 5 => {
            let [a, b, c, d, e] = [*a, *b, *c, *d, *e].map(u64::from);
            Some((a & 0x0e) << 29 | b << 22 | (c & 0xfe) << 14 | d << 7 | e >> 1)
        }
        _ => None,
    };
    (9 + u64::from(*length), clock)
}

/// The section that begins in this payload.
fn section(payload: &[u8]) -> &[u8] {
    match payload {
        [pointer, rest @ ..] => rest.get(usize::from(*pointer)..).unwrap_or_default(),
        [] => &[],
    }
}

/// The entries of a section, without its eight bytes of head and four of checksum.
fn entries(section: &[u8]) -> &[u8] {
    let length = match section {
        [_, one, two, ..] => usize::from(u16::from_be_bytes([one & 0x0f, *two])),
        _ => 0,
    };
    let end = (3 + length).saturating_sub(4).min(section.len());
    section.get(8..end).unwrap_or_default()
}

/// Where the tables of the first programme come, from the table of programmes.
fn first_programme(section: &[u8]) -> Option<u16> {
    if section.first() != Some(&0) {
        return None;
    }
    entries(section)
        .as_chunks::<4>()
        .0
        .iter()
        .find(|entry| entry[..2] != [0, 0])
        .map(|[_, _, high, low]| u16::from_be_bytes([high & 0x1f, *low]))
}

/// The first video of a programme and its codec, from its table.
fn video_of(section: &[u8]) -> Option<(u16, Codec)> {
    if section.first() != Some(&2) {
        return None;
    }
    let all = entries(section);
    let skip = match all {
        [_, _, high, low, ..] => 4 + usize::from(u16::from_be_bytes([high & 0x0f, *low])),
        _ => return None,
    };
    let mut rest = all.get(skip..)?;
    while let [kind, high, low, info_high, info_low, behind @ ..] = rest {
        if let Some(codec) = codec_of(*kind) {
            return Some((u16::from_be_bytes([high & 0x1f, *low]), codec));
        }
        let info = usize::from(u16::from_be_bytes([info_high & 0x0f, *info_low]));
        rest = behind.get(info..)?;
    }
    None
}

/// The codec of a type of stream, if it is video.
pub(super) fn codec_of(kind: u8) -> Option<Codec> {
    match kind {
        0x1b => Some(Codec::H264),
        0x24 => Some(Codec::H265),
        0x33 => Some(Codec::H266),
        0x10 => Some(Codec::Mpeg4),
        0x01 | 0x02 => Some(Codec::Other(FourCc(*b"mpgv"))),
        _ => None,
    }
}
