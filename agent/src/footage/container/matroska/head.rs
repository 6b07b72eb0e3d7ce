//! What stands before the clusters: the clock, the duration, and the tracks.
//!
//! It takes down and does not judge. It must not know where in the file it stands.

use crate::footage::container::config::CONFIG_BYTES_MAX;
use crate::footage::container::detail::Unread;
use crate::footage::container::four_cc::FourCc;
use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::Codec;

use super::element::{Children, Element};

/// Most tracks of one file; recorders write one or two.
const TRACKS_MAX: usize = 32;

/// Longest name of a codec that is looked at.
const NAME_BYTES: usize = 32;

/// Nanoseconds of a tick, if not told.
const SCALE_NS: u64 = 1_000_000;

/// What is said of the whole.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Info {
    /// Nanoseconds of a tick.
    pub(super) scale_ns: u64,
    /// Milliseconds, filled in when the file is closed.
    pub(super) duration_ms: Option<i64>,
}

/// One track.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Track {
    pub(super) number: u64,
    pub(super) video: bool,
    pub(super) codec: Option<Codec>,
    pub(super) picture: Option<(u16, u16)>,
    /// Nanoseconds of a frame, if told.
    pub(super) frame_ns: Option<u64>,
    /// Where the decoder's configuration lies.
    pub(super) private: Option<Element>,
    /// Its blocks are compressed.
    pub(super) packed: bool,
}

impl Default for Info {
    fn default() -> Self {
        Self {
            scale_ns: SCALE_NS,
            duration_ms: None,
        }
    }
}

impl Info {
    /// Reads what is said of the whole.
    pub(super) fn read(reader: &mut Reader<'_>, info: &Element) -> Step<Self> {
        let (mut scale_ns, mut ticks) = (SCALE_NS, 0.0);
        let mut children = Children::of(info);
        while let Some(child) = children.next(reader)? {
            match child.id {
                0x2a_d7b1 => scale_ns = child.number(reader)?.max(1),
                0x4489 => ticks = child.fraction(reader)?,
                _ => {}
            }
        }
        #[expect(
            clippy::cast_precision_loss,
            reason = "a scale is some milliseconds, and a rounded one is as good"
        )]
        let ms = ticks * (scale_ns as f64) / 1e6;
        Ok(Self {
            scale_ns,
            duration_ms: whole(ms),
        })
    }

    /// Ticks as milliseconds.
    pub(super) fn ms(&self, ticks: i64) -> i64 {
        let ns = i128::from(ticks) * i128::from(self.scale_ns);
        i64::try_from(ns / 1_000_000).unwrap_or(i64::MAX)
    }
}

/// A positive number of milliseconds that is believed: less than a thousand years.
fn whole(ms: f64) -> Option<i64> {
    const MS_MAX: f64 = 3.2e13;
    if !(ms > 0.0 && ms < MS_MAX) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it is within the bounds above"
    )]
    let whole = ms.round() as i64;
    Some(whole)
}

/// Reads the tracks.
pub(super) fn read_tracks(reader: &mut Reader<'_>, tracks: &Element) -> Step<Vec<Track>> {
    let mut all = Vec::new();
    let mut children = Children::of(tracks);
    while let Some(child) = children.next(reader)? {
        if child.id != 0xae {
            continue;
        }
        if all.len() >= TRACKS_MAX {
            return Err(Unread::Tracks { at: child.at }.into());
        }
        all.push(Track::read(reader, &child)?);
    }
    Ok(all)
}

impl Track {
    fn read(reader: &mut Reader<'_>, entry: &Element) -> Step<Self> {
        let mut track = Self {
            number: 0,
            video: false,
            codec: None,
            picture: None,
            frame_ns: None,
            private: None,
            packed: false,
        };
        let mut encrypted = false;
        let mut children = Children::of(entry);
        while let Some(child) = children.next(reader)? {
            match child.id {
                0xd7 => track.number = child.number(reader)?,
                0x83 => track.video = child.number(reader)? == 1,
                0x86 => track.codec = Some(codec(&child.bytes(reader, NAME_BYTES)?)),
                0x23_e383 => track.frame_ns = Some(child.number(reader)?).filter(|ns| *ns > 0),
                0x63_a2 => track.private = Some(child),
                0xe0 => track.picture = picture(reader, &child)?,
                0x6d80 => {
                    track.packed = true;
                    encrypted = encryption(reader, &child)?;
                }
                _ => {}
            }
        }
        if encrypted {
            track.codec = Some(Codec::Encrypted);
        } else if track.codec == Some(BY_FOUR) {
            let private = track.private(reader)?;
            track.codec = private.get(16..20).map(by_four);
        }
        Ok(track)
    }

    /// The decoder's configuration.
    pub(super) fn private(&self, reader: &Reader<'_>) -> Step<Vec<u8>> {
        match &self.private {
            Some(private) => private.bytes(reader, CONFIG_BYTES_MAX),
            None => Ok(Vec::new()),
        }
    }
}

fn picture(reader: &mut Reader<'_>, video: &Element) -> Step<Option<(u16, u16)>> {
    let (mut width, mut height) = (0, 0);
    let mut children = Children::of(video);
    while let Some(child) = children.next(reader)? {
        match child.id {
            0xb0 => width = child.number(reader)?,
            0xba => height = child.number(reader)?,
            _ => {}
        }
    }
    let side = |side: u64| u16::try_from(side).ok().filter(|side| *side > 0);
    Ok(side(width).zip(side(height)))
}

/// Whether one of these encodings is encryption.
fn encryption(reader: &mut Reader<'_>, encodings: &Element) -> Step<bool> {
    let mut children = Children::of(encodings);
    while let Some(encoding) = children.next(reader)? {
        let mut parts = Children::of(&encoding);
        while let Some(part) = parts.next(reader)? {
            if part.id == 0x5035 {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Stands for a codec that is named by four characters in the configuration.
const BY_FOUR: Codec = Codec::Other(FourCc(*b"VFW "));

fn codec(name: &[u8]) -> Codec {
    let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
    match name {
        b"V_MPEG4/ISO/AVC" => Codec::H264,
        b"V_MPEGH/ISO/HEVC" => Codec::H265,
        b"V_MPEGI/ISO/VVC" => Codec::H266,
        b"V_AV1" => Codec::Av1,
        b"V_VP8" => Codec::Vp8,
        b"V_VP9" => Codec::Vp9,
        b"V_MPEG4/ISO/SP" | b"V_MPEG4/ISO/ASP" | b"V_MPEG4/ISO/AP" => Codec::Mpeg4,
        b"V_MJPEG" => Codec::Mjpeg,
        b"V_MS/VFW/FOURCC" => BY_FOUR,
        b"A_MPEG/L3" => Codec::Mp3,
        b"A_AC3" | b"A_EAC3" => Codec::Ac3,
        b"A_OPUS" => Codec::Opus,
        _ if name.starts_with(b"A_AAC") => Codec::Aac,
        _ if name.starts_with(b"A_PCM") => Codec::Pcm,
        _ => Codec::Other(FourCc(name.first_chunk().copied().unwrap_or_default())),
    }
}

fn by_four(four: &[u8]) -> Codec {
    four.first_chunk()
        .map_or(BY_FOUR, |four| Codec::of_riff(*four))
}
