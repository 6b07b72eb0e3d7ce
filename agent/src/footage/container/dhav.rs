//! Dahua's own format, `.dav`: frames between `DHAV` and `dhav`, each with its length and its date.
//!
//! Cameras and recorders write it to cards, disks and file servers; exported files may have a head of
//! their own that begins with the maker's name. It must not decode, nor trust what a frame adds about
//! codec and picture more than the picture's own parameters.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::reader::{Reader, Step};
use super::stream::{Format, Found, Piece};
use super::structure::{Codec, Container};

/// Bytes of the head of a frame, and of the mark behind it.
const HEAD_BYTES: u64 = 24;
const TAIL_BYTES: u64 = 8;

/// Longest frame that is believed: sixteen times the largest key frame that recorders offer.
const FRAME_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Farthest that a frame is looked for: twice the largest key frame that recorders offer.
const REACH: u64 = 4 * 1024 * 1024;

/// Bytes that are searched at once.
const BLOCK: u64 = 4096;

/// After how many milliseconds the fine clock of a frame starts again.
const FINE_WRAP: i64 = 65_536;

/// A file of frames being walked through.
#[derive(Debug, Default)]
pub(super) struct Dhav {
    /// The channel of the first video that came by.
    channel: Option<u8>,
    codec: Option<Codec>,
    picture: Option<(u16, u16)>,
    /// Seconds and fine milliseconds of the first frame.
    first: Option<(i64, i64)>,
}

impl Format for Dhav {
    const CONTAINER: Container = Container::Dhav;
    // Dates do not start again.
    const WRAP: u64 = 1 << 62;

    fn start(&mut self, reader: &mut Reader<'_>) -> Step<u64> {
        if reader.size() >= 4 && reader.bytes(0, 4)? == b"DHAV" {
            return Ok(0);
        }
        Ok(self.sync(reader, 0)?.unwrap_or(0))
    }

    fn packet(&mut self, reader: &mut Reader<'_>, at: u64) -> Step<Found> {
        let rest = reader.size().saturating_sub(at);
        let len = usize::try_from(rest.min(HEAD_BYTES)).unwrap_or(0);
        let head = reader.bytes(at, len)?;
        let begins = head.iter().zip(b"DHAV").all(|(one, other)| one == other);
        let Some(head) = head.first_chunk::<24>().copied() else {
            return Ok(if begins {
                let end = u64::MAX;
                Found::Packet { end, piece: None }
            } else {
                Found::Lost
            });
        };
        let head = Head::read(&head);
        if !begins || !head.plausible() {
            return Ok(Found::Lost);
        }
        let end = at + head.length;
        if end > reader.size() {
            return Ok(Found::Packet { end, piece: None });
        }
        let mark = reader.bytes(end - TAIL_BYTES, 8)?;
        if !mark.starts_with(b"dhav") {
            return Ok(Found::Lost);
        }
        let piece = self.piece(reader, at, &head)?;
        Ok(Found::Packet { end, piece })
    }

    fn sync(&mut self, reader: &mut Reader<'_>, from: u64) -> Step<Option<u64>> {
        let until = from.saturating_add(REACH).min(reader.size());
        let mut at = from;
        while at < until {
            let len = usize::try_from((until - at).min(BLOCK)).unwrap_or(0);
            let block = reader.bytes(at, len)?;
            let Some(place) = block.windows(4).position(|word| word == b"DHAV") else {
                at += u64::try_from(len.saturating_sub(3).max(1)).unwrap_or(1);
                continue;
            };
            at += u64::try_from(place).unwrap_or(0);
            if followed(reader, at)? {
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

/// The head of a frame.
struct Head {
    kind: u8,
    channel: u8,
    length: u64,
    date: u32,
    fine: u16,
    /// Bytes between the head and the coded frame.
    extra: u64,
}

impl Head {
    fn read(bytes: &[u8; 24]) -> Self {
        let [_, _, _, _, kind, _, channel, _, _, _, _, _, rest @ ..] = *bytes;
        let [l0, l1, l2, l3, d0, d1, d2, d3, f0, f1, extra, _check] = rest;
        Self {
            kind,
            channel,
            length: u64::from(u32::from_le_bytes([l0, l1, l2, l3])),
            date: u32::from_le_bytes([d0, d1, d2, d3]),
            fine: u16::from_le_bytes([f0, f1]),
            extra: u64::from(extra),
        }
    }

    /// Whether its length can be.
    fn plausible(&self) -> bool {
        (HEAD_BYTES + self.extra + TAIL_BYTES..=FRAME_BYTES_MAX).contains(&self.length)
    }

    fn is_video(&self) -> bool {
        matches!(self.kind, 0xfa..=0xfe)
    }

    /// The date in seconds, as if it were of no time zone.
    fn seconds(&self) -> Option<i64> {
        let field = |shift: u32, bits: u32| {
            let value = (self.date >> shift) & ((1 << bits) - 1);
            i8::try_from(value).ok()
        };
        let year = i16::from(field(26, 6)?) + 2000;
        let date = DateTime::new(
            year,
            field(22, 4)?,
            field(17, 5)?,
            field(12, 5)?,
            field(6, 6)?,
            field(0, 6)?,
            0,
        );
        let instant = TimeZone::UTC.to_timestamp(date.ok()?).ok()?;
        Some(instant.as_second())
    }
}

impl Dhav {
    fn piece(&mut self, reader: &mut Reader<'_>, at: u64, head: &Head) -> Step<Option<Piece>> {
        if !head.is_video() || *self.channel.get_or_insert(head.channel) != head.channel {
            return Ok(None);
        }
        if self.codec.is_none() && head.extra > 0 {
            let extra = reader.bytes(at + HEAD_BYTES, usize::try_from(head.extra).unwrap_or(0))?;
            let (codec, picture) = told(extra);
            (self.codec, self.picture) = (codec, picture.or(self.picture));
        }
        let skip = HEAD_BYTES + head.extra;
        Ok(Some(Piece {
            at: at + skip,
            len: head.length - skip - TAIL_BYTES,
            clock: self.clock(head),
        }))
    }

    /// The time of a frame: its date, made finer by its other clock, which starts again every minute.
    fn clock(&mut self, head: &Head) -> Option<u64> {
        let (seconds, fine) = (head.seconds()?, i64::from(head.fine));
        let (first, first_fine) = *self.first.get_or_insert((seconds, fine));
        let rough = (seconds - first) * 1000;
        let within = (fine - first_fine).rem_euclid(FINE_WRAP);
        let turns = (rough - within + FINE_WRAP / 2).div_euclid(FINE_WRAP);
        let ms = first * 1000 + within + turns * FINE_WRAP;
        u64::try_from(ms).ok()?.checked_mul(90)
    }
}

/// Codec and picture in what a frame adds to its head: entries of a kind and four or eight bytes. What
/// stands behind an entry that is not known is not read.
fn told(mut extra: &[u8]) -> (Option<Codec>, Option<(u16, u16)>) {
    let (mut codec, mut picture) = (None, None);
    loop {
        match *extra {
            [0x80, _, width, height, ..] => {
                picture = Some((u16::from(width) * 8, u16::from(height) * 8));
                extra = extra.get(4..).unwrap_or_default();
            }
            [0x81, _, kind, _rate, ..] => {
                codec = match kind {
                    0x01 => Some(Codec::Mpeg4),
                    0x02 | 0x04 | 0x08 => Some(Codec::H264),
                    0x03 => Some(Codec::Mjpeg),
                    0x0c => Some(Codec::H265),
                    _ => None,
                };
                extra = extra.get(4..).unwrap_or_default();
            }
            [0x82, _, _, _, w0, w1, h0, h1, ..] => {
                picture = Some((u16::from_le_bytes([w0, w1]), u16::from_le_bytes([h0, h1])));
                extra = extra.get(8..).unwrap_or_default();
            }
            [0x84 | 0x85 | 0x8b | 0x94 | 0x96 | 0xa0 | 0xb2 | 0xb4, ..] => {
                extra = extra.get(4..).unwrap_or_default();
            }
            [0x88 | 0x91..=0x93 | 0x95 | 0x9a | 0x9b | 0xb3, ..] => {
                extra = extra.get(8..).unwrap_or_default();
            }
            _ => {
                return (
                    codec,
                    picture.filter(|(width, height)| *width > 0 && *height > 0),
                );
            }
        }
    }
}

/// Whether the frame here is followed by another, or by nothing.
fn followed(reader: &mut Reader<'_>, at: u64) -> Step<bool> {
    let rest = reader.size().saturating_sub(at);
    let len = usize::try_from(rest.min(HEAD_BYTES)).unwrap_or(0);
    let Some(head) = reader.bytes(at, len)?.first_chunk::<24>().map(Head::read) else {
        return Ok(true);
    };
    if !head.plausible() {
        return Ok(false);
    }
    let end = at + head.length;
    if end + 4 > reader.size() {
        return Ok(true);
    }
    let marked = reader.bytes(end - TAIL_BYTES, 4)? == b"dhav";
    Ok(marked || reader.bytes(end, 4)? == b"DHAV")
}
