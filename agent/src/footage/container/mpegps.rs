//! MPEG program streams: packs and packets behind start codes, as ffmpeg, GB28181 platforms and
//! Hikvision recorders write them, the last under the name `.mp4`.
//!
//! Hikvision puts forty bytes before the first pack, or none, and fills files of a fixed size. It must
//! not look into packets but for the table of streams and the time.

use super::mpegts::{codec_of, pes};
use super::reader::{Reader, Step};
use super::stream::{Format, Found, Piece};
use super::structure::{Codec, Container};

/// Bytes of the head that Hikvision puts before the stream.
const HIKVISION_HEAD: u64 = 40;

/// Farthest that a packet is looked for: the longest packet, and a little.
const REACH: u64 = 65_536 + 4096;

/// Packets that must follow each other where one is looked for; one start code alone may be any bytes.
const ROW: u32 = 3;

/// A program stream being walked through.
#[derive(Debug, Default)]
pub(super) struct MpegPs {
    codec: Option<Codec>,
    /// The first video stream that came by.
    video: Option<u8>,
    scrambled: bool,
}

impl Format for MpegPs {
    const CONTAINER: Container = Container::MpegPs;
    const WRAP: u64 = 1 << 33;
    // As ffmpeg and makers of discs fill packs of a fixed size.
    const SHARED_BYTES: u64 = 2048;

    fn start(&mut self, reader: &mut Reader<'_>) -> Step<u64> {
        let hikvision = reader.size() >= 4 && reader.bytes(0, 4)? == b"IMKH";
        Ok(if hikvision {
            HIKVISION_HEAD.min(reader.size())
        } else {
            0
        })
    }

    fn packet(&mut self, reader: &mut Reader<'_>, at: u64) -> Step<Found> {
        let size = reader.size();
        let len = usize::try_from(size.saturating_sub(at).min(HEAD_BYTES)).unwrap_or(0);
        let head = reader.bytes(at, len)?;
        let Some((kind, length)) = frame(head) else {
            let begun = [0, 0, 1];
            // Fewer bytes than a head may be the beginning of one.
            if len < 4 && head.iter().zip(begun).all(|(one, other)| *one == other) {
                return Ok(Found::Packet {
                    end: u64::MAX,
                    piece: None,
                });
            }
            return Ok(Found::Lost);
        };
        let Some(length) = length else {
            let end = u64::MAX;
            return Ok(Found::Packet { end, piece: None });
        };
        let end = at + length;
        if kind == END {
            return Ok(Found::Closed);
        }
        let piece = match kind {
            MAP if end <= size => {
                self.take_map(reader, at, length)?;
                None
            }
            0xe0..=0xef => self.piece(kind, head, (at, length)),
            _ => None,
        };
        Ok(Found::Packet { end, piece })
    }

    fn sync(&mut self, reader: &mut Reader<'_>, from: u64) -> Step<Option<u64>> {
        let until = from.saturating_add(REACH).min(reader.size());
        let mut at = from;
        while at < until {
            let len = usize::try_from((until - at).min(BLOCK)).unwrap_or(0);
            let block = reader.bytes(at, len)?;
            let found = block
                .windows(4)
                .position(|code| matches!(code, [0, 0, 1, kind] if is_kind(*kind)));
            let Some(place) = found else {
                at += u64::try_from(len.saturating_sub(3).max(1)).unwrap_or(1);
                continue;
            };
            at += u64::try_from(place).unwrap_or(0);
            if in_row(reader, at)? {
                return Ok(Some(at));
            }
            at += 1;
        }
        Ok(None)
    }

    fn codec(&self) -> Option<Codec> {
        if self.scrambled {
            return Some(Codec::Encrypted);
        }
        self.codec
    }
}

/// Bytes of the head of a packet that are looked at: of its time, and of a pack with some stuffing.
const HEAD_BYTES: u64 = 32;

/// Bytes that are searched at once.
const BLOCK: u64 = 4096;

/// Kinds of what stands behind a start code.
const END: u8 = 0xb9;
const PACK: u8 = 0xba;
const MAP: u8 = 0xbc;

/// Longest table of streams that is read; the standard allows 1018 bytes.
const MAP_BYTES_MAX: u64 = 1024;

/// Whether a start code of this kind belongs to the stream and not to the video in it.
fn is_kind(kind: u8) -> bool {
    kind >= END
}

/// Kind and length of what begins with this head; no length where the head is cut.
fn frame(head: &[u8]) -> Option<(u8, Option<u64>)> {
    match *head {
        [0, 0, 1, END, ..] => Some((END, Some(4))),
        [0, 0, 1, PACK, mark, ref rest @ ..] => match mark >> 6 {
            1 => {
                let stuffing = rest.get(8).map(|byte| u64::from(byte & 7));
                Some((PACK, stuffing.map(|bytes| 14 + bytes)))
            }
            // Of the older standard.
            0 if mark >> 4 == 2 => Some((PACK, Some(12))),
            _ => None,
        },
        [0, 0, 1, PACK] => Some((PACK, None)),
        [0, 0, 1, kind, high, low, ..] if is_kind(kind) => {
            let length = u64::from(u16::from_be_bytes([high, low]));
            Some((kind, Some(6 + length)))
        }
        [0, 0, 1, kind, ..] if is_kind(kind) => Some((kind, None)),
        _ => None,
    }
}

/// Whether packets follow each other from here on, as far as the file goes.
fn in_row(reader: &mut Reader<'_>, mut at: u64) -> Step<bool> {
    for _ in 0..ROW {
        let rest = reader.size().saturating_sub(at);
        if rest < HEAD_BYTES {
            return Ok(true);
        }
        let len = usize::try_from(HEAD_BYTES).unwrap_or(0);
        match frame(reader.bytes(at, len)?) {
            Some((END, _)) => return Ok(true),
            Some((_, Some(length))) => at = at.saturating_add(length),
            Some((_, None)) | None => return Ok(false),
        }
    }
    Ok(true)
}

impl MpegPs {
    fn piece(&mut self, kind: u8, head: &[u8], (at, length): (u64, u64)) -> Option<Piece> {
        if *self.video.get_or_insert(kind) != kind {
            return None;
        }
        let (skip, clock) = pes(head);
        let marks = head.get(6).copied().unwrap_or_default();
        self.scrambled |= marks & 0xc0 == 0x80 && marks & 0x30 != 0;
        let skip = skip.min(length);
        Some(Piece {
            at: at + skip,
            len: length - skip,
            clock,
        })
    }

    /// The first video codec in a table of streams.
    fn take_map(&mut self, reader: &mut Reader<'_>, at: u64, length: u64) -> Step<()> {
        if self.codec.is_some() || length > MAP_BYTES_MAX {
            return Ok(());
        }
        let map = reader.bytes(at, usize::try_from(length).unwrap_or(0))?;
        self.codec = video_in(map);
        Ok(())
    }
}

fn video_in(map: &[u8]) -> Option<Codec> {
    let rest = map.get(8..)?;
    let [high, low, rest @ ..] = rest else {
        return None;
    };
    let info = usize::from(u16::from_be_bytes([*high, *low]));
    let mut rest = rest.get(info..)?.get(2..)?;
    while let [kind, stream, high, low, behind @ ..] = rest {
        if (0xe0..=0xef).contains(stream) {
            return codec_of(*kind);
        }
        rest = behind.get(usize::from(u16::from_be_bytes([*high, *low]))..)?;
    }
    None
}
