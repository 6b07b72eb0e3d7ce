//! The sample entry of a track: which codec, what size of picture.
//!
//! Only the first entry is read; a track that changes its codec midway is named by how it began. It
//! must not look into the codecs' own configuration.

use crate::footage::container::config::{CONFIG_BYTES_MAX, Config};
use crate::footage::container::four_cc::FourCc;
use crate::footage::container::nal::Family;
use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::Codec;

use super::boxes::{BoxHead, Children, be16, be32};

/// Bytes of a video entry before the boxes in it.
const VIDEO_FIELDS: u64 = 78;

/// Bytes of an audio entry before the boxes in it.
const AUDIO_FIELDS: u64 = 28;

/// What the first sample entry of a track says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) codec: Codec,
    /// Width and height in pixels, of a video entry.
    pub(super) picture: Option<(u16, u16)>,
    /// Where it lies, for those who want more of it.
    pub(super) head: BoxHead,
}

/// The first entry in this `stsd`, if it has one.
pub(super) fn first(reader: &mut Reader<'_>, stsd: &BoxHead, video: bool) -> Step<Option<Entry>> {
    let fields: [u8; 8] = stsd.fields(reader, 8)?;
    if be32(&fields, 4) == 0 {
        return Ok(None);
    }
    let mut entries = Children::between(stsd.body + 8, stsd.end);
    let Some(entry) = entries.next(reader)? else {
        return Err(stsd.short().into());
    };
    let picture = if video {
        let fields: [u8; 28] = entry.fields(reader, 28)?;
        Some((be16(&fields, 24), be16(&fields, 26)))
    } else {
        None
    };
    let codec = match &entry.kind.0 {
        b"encv" => original(reader, &entry, VIDEO_FIELDS)?,
        b"enca" => original(reader, &entry, AUDIO_FIELDS)?,
        kind => codec(*kind),
    };
    Ok(Some(Entry {
        codec,
        picture,
        head: entry,
    }))
}

/// What an encrypted entry says its samples were before.
fn original(reader: &mut Reader<'_>, entry: &BoxHead, skip: u64) -> Step<Codec> {
    let mut children = Children::between(entry.body.saturating_add(skip).min(entry.end), entry.end);
    while let Some(child) = children.next(reader)? {
        if &child.kind.0 != b"sinf" {
            continue;
        }
        let mut scheme = Children::of(&child);
        while let Some(part) = scheme.next(reader)? {
            if &part.kind.0 == b"frma" {
                return Ok(codec(part.fields(reader, 4)?));
            }
        }
    }
    Ok(Codec::Encrypted)
}

/// The decoder configuration beside this entry of a video track, when its samples are plain units of
/// the family.
pub(super) fn config(reader: &mut Reader<'_>, entry: &Entry) -> Step<Option<Config>> {
    let Some(family) = Family::of(entry.codec).filter(|_| &entry.head.kind.0 != b"encv") else {
        return Ok(None);
    };
    let wanted = match family {
        Family::Avc => b"avcC",
        Family::Hevc => b"hvcC",
    };
    let from = entry.head.body.saturating_add(VIDEO_FIELDS);
    let mut children = Children::between(from.min(entry.head.end), entry.head.end);
    while let Some(child) = children.next(reader)? {
        if &child.kind.0 == wanted {
            let length = usize::try_from(child.body_len()).unwrap_or(usize::MAX);
            let mut bytes = vec![0; length.min(CONFIG_BYTES_MAX)];
            reader.view().fill(child.body, &mut bytes)?;
            return Ok(Config::read(family, &bytes));
        }
    }
    Ok(None)
}

fn codec(kind: [u8; 4]) -> Codec {
    match &kind {
        b"avc1" | b"avc2" | b"avc3" | b"avc4" => Codec::H264,
        b"hvc1" | b"hev1" | b"hvc2" | b"hev2" | b"dvh1" | b"dvhe" => Codec::H265,
        b"vvc1" | b"vvi1" => Codec::H266,
        b"av01" => Codec::Av1,
        b"vp08" => Codec::Vp8,
        b"vp09" => Codec::Vp9,
        b"mp4v" => Codec::Mpeg4,
        b"jpeg" | b"mjpg" | b"mjpa" | b"mjpb" => Codec::Mjpeg,
        b"mp4a" => Codec::Aac,
        b".mp3" => Codec::Mp3,
        b"ac-3" | b"ec-3" => Codec::Ac3,
        b"Opus" => Codec::Opus,
        b"alaw" | b"ulaw" => Codec::G711,
        b"sowt" | b"twos" | b"lpcm" | b"ipcm" | b"fpcm" | b"raw " => Codec::Pcm,
        _ => Codec::Other(FourCc(kind)),
    }
}
