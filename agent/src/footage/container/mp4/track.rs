//! One track of a movie: what it is, what it declares, and where its sample tables lie.
//!
//! Here is only taken down what the boxes say; whether it agrees is asked in `samples`. It must not
//! read a table.

use crate::footage::container::column::Table;
use crate::footage::container::detail::{Flaw, Unread};
use crate::footage::container::four_cc::FourCc;
use crate::footage::container::reader::{Reader, Step};
use crate::footage::container::structure::Codec;

use super::boxes::{BoxHead, Children, be32, be64};
use super::entry::{self, Entry};
use super::tables::{Sizes, Tables};
use super::timeline::Timeline;

/// Most edits of one track that are added up; recorders write one, or two with a delay.
const EDITS_MAX: u32 = 64;

/// A track as its boxes tell it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Track {
    pub(super) id: u32,
    pub(super) kind: Kind,
    pub(super) codec: Option<Codec>,
    pub(super) picture: Option<(u16, u16)>,
    /// Its first sample entry.
    pub(super) entry: Option<Entry>,
    /// Ticks a second of its own clock.
    pub(super) timescale: u32,
    /// Its duration in its own ticks, if declared.
    pub(super) declared: Option<u64>,
    /// Its duration in ticks of the movie, if declared.
    pub(super) shown: Option<u64>,
    /// The sum of its edits in ticks of the movie, if it has any that are simple.
    pub(super) edited: Edited,
    pub(super) tables: Tables,
    pub(super) defaults: Defaults,
    /// What its fragments hold.
    pub(super) timeline: Timeline,
}

/// What a track is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Video,
    Audio,
    Other,
}

/// How the time shown differs from the time recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Edited {
    /// It does not.
    No,
    /// By edits of this length together, in ticks of the movie.
    To(u64),
    /// By more edits than are added up.
    Wildly,
}

/// What a fragment need not say of each sample.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Defaults {
    pub(super) duration: u32,
    pub(super) size: u32,
    pub(super) flags: u32,
}

impl Track {
    /// Takes down the track in this `trak`.
    pub(super) fn read(reader: &mut Reader<'_>, trak: &BoxHead) -> Step<Self> {
        let mut header = None;
        let mut media = None;
        let mut edited = Edited::No;
        let mut children = Children::of(trak);
        while let Some(child) = children.next(reader)? {
            match &child.kind.0 {
                b"tkhd" => header = Some(track_header(reader, &child)?),
                b"mdia" => media = Some(Media::read(reader, &child)?),
                b"edts" => edited = edits(reader, &child)?,
                _ => {}
            }
        }
        let (id, shown) = header.ok_or_else(|| missing(*b"tkhd", trak))?;
        let media = media.ok_or_else(|| missing(*b"mdia", trak))?;
        Ok(Self {
            id,
            kind: media.kind,
            codec: media.stored.entry.map(|entry| entry.codec),
            picture: media.stored.entry.and_then(|entry| entry.picture),
            entry: media.stored.entry,
            timescale: media.timescale,
            declared: media.declared,
            shown,
            edited,
            tables: media.stored.tables,
            defaults: Defaults::default(),
            timeline: Timeline::default(),
        })
    }
}

/// The flaw of a box that lacks one it must have.
pub(super) fn missing(kind: [u8; 4], within: &BoxHead) -> Flaw {
    Flaw::BoxMissing {
        kind: FourCc(kind),
        within: within.at,
    }
}

/// The timescale and the duration of an `mvhd` or an `mdhd`, which begin alike.
pub(super) fn clock(reader: &mut Reader<'_>, head: &BoxHead) -> Step<(u32, Option<u64>)> {
    let fields: [u8; 32] = head.fields(reader, 20)?;
    let long = fields.first() != Some(&0);
    if long && head.body_len() < 32 {
        return Err(head.short().into());
    }
    let (timescale, duration) = if long {
        (be32(&fields, 20), long_time(&fields, 24))
    } else {
        (be32(&fields, 12), short_time(&fields, 16))
    };
    if timescale == 0 {
        return Err(Flaw::NoTimescale { at: head.at }.into());
    }
    Ok((timescale, duration))
}

/// The id and the shown duration of a `tkhd`.
fn track_header(reader: &mut Reader<'_>, head: &BoxHead) -> Step<(u32, Option<u64>)> {
    let fields: [u8; 36] = head.fields(reader, 24)?;
    match fields.first() {
        Some(0) => Ok((be32(&fields, 12), short_time(&fields, 20))),
        _ if head.body_len() < 36 => Err(head.short().into()),
        _ => Ok((be32(&fields, 20), long_time(&fields, 28))),
    }
}

/// A duration of four bytes; zero and all ones mean that the writer did not know it.
pub(super) fn short_time(fields: &[u8], at: usize) -> Option<u64> {
    Some(be32(fields, at))
        .filter(|ticks| !matches!(ticks, 0 | &u32::MAX))
        .map(u64::from)
}

/// As [`short_time`], of eight bytes.
pub(super) fn long_time(fields: &[u8], at: usize) -> Option<u64> {
    Some(be64(fields, at)).filter(|ticks| !matches!(ticks, 0 | &u64::MAX))
}

/// The sum of the edits in an `edts`.
fn edits(reader: &mut Reader<'_>, edts: &BoxHead) -> Step<Edited> {
    let mut children = Children::of(edts);
    while let Some(list) = children.next(reader)? {
        if &list.kind.0 != b"elst" {
            continue;
        }
        let fields: [u8; 8] = list.fields(reader, 8)?;
        let long = fields.first() != Some(&0);
        let width = if long { 20 } else { 12 };
        let count = be32(&fields, 4);
        let table = list.table(8, count, width)?;
        if count == 0 {
            return Ok(Edited::No);
        }
        if count > EDITS_MAX {
            return Ok(Edited::Wildly);
        }
        let mut sum = 0_u64;
        let stride = u64::from(if long { 20_u8 } else { 12 });
        for index in 0..u64::from(count) {
            let entry = reader.bytes(table.at + index * stride, width)?;
            let ticks = if long {
                be64(entry, 0)
            } else {
                u64::from(be32(entry, 0))
            };
            sum = sum.saturating_add(ticks);
        }
        return Ok(Edited::To(sum));
    }
    Ok(Edited::No)
}

/// What an `mdia` says.
struct Media {
    kind: Kind,
    timescale: u32,
    declared: Option<u64>,
    stored: Stored,
}

/// What an `stbl` says.
struct Stored {
    entry: Option<Entry>,
    tables: Tables,
}

impl Media {
    fn read(reader: &mut Reader<'_>, mdia: &BoxHead) -> Step<Self> {
        let (mut head, mut kind, mut stored) = (None, None, None);
        let mut children = Children::of(mdia);
        while let Some(child) = children.next(reader)? {
            match &child.kind.0 {
                b"mdhd" => head = Some(clock(reader, &child)?),
                b"hdlr" => kind = Some(handler(reader, &child)?),
                b"minf" => {
                    let mut inner = Children::of(&child);
                    while let Some(grandchild) = inner.next(reader)? {
                        if &grandchild.kind.0 == b"stbl" {
                            stored = Some(grandchild);
                        }
                    }
                }
                _ => {}
            }
        }
        let (timescale, declared) = head.ok_or_else(|| missing(*b"mdhd", mdia))?;
        let kind = kind.ok_or_else(|| missing(*b"hdlr", mdia))?;
        let stored = stored.ok_or_else(|| missing(*b"stbl", mdia))?;
        Ok(Self {
            kind,
            timescale,
            declared,
            stored: Stored::read(reader, &stored, kind)?,
        })
    }
}

/// What the handler of a track says it is for.
fn handler(reader: &mut Reader<'_>, hdlr: &BoxHead) -> Step<Kind> {
    let fields: [u8; 12] = hdlr.fields(reader, 12)?;
    Ok(match &fields {
        [.., b'v', b'i', b'd', b'e'] => Kind::Video,
        [.., b's', b'o', b'u', b'n'] => Kind::Audio,
        _ => Kind::Other,
    })
}

impl Stored {
    fn read(reader: &mut Reader<'_>, stbl: &BoxHead, kind: Kind) -> Step<Self> {
        let mut entry = None;
        let mut described = false;
        let mut tables = Tables {
            at: stbl.at,
            ..Tables::default()
        };
        let mut children = Children::of(stbl);
        while let Some(child) = children.next(reader)? {
            match &child.kind.0 {
                b"stsd" => {
                    entry = entry::first(reader, &child, kind == Kind::Video)?;
                    described = true;
                }
                b"stts" => tables.times = Some(counted(reader, &child, 8)?),
                b"stsc" => tables.runs = Some(counted(reader, &child, 12)?),
                b"stco" => tables.chunks = Some(counted(reader, &child, 4)?),
                b"co64" => tables.chunks = Some(counted(reader, &child, 8)?),
                b"stsz" => tables.sizes = Some(sizes(reader, &child)?),
                b"stz2" => tables.sizes = Some(compact_sizes(reader, &child)?),
                // Its entries matter to a player only; that they fit their box matters to us.
                b"ctts" => drop(counted(reader, &child, 8)?),
                b"stss" => tables.keys = Some(counted(reader, &child, 4)?),
                _ => {}
            }
        }
        if !described {
            return Err(missing(*b"stsd", stbl).into());
        }
        Ok(Self { entry, tables })
    }
}

/// A table that follows its own count.
fn counted(reader: &mut Reader<'_>, head: &BoxHead, width: usize) -> Step<Table> {
    let fields: [u8; 8] = head.fields(reader, 8)?;
    head.table(8, be32(&fields, 4), width)
}

fn sizes(reader: &mut Reader<'_>, stsz: &BoxHead) -> Step<Sizes> {
    let fields: [u8; 12] = stsz.fields(reader, 12)?;
    let (size, count) = (be32(&fields, 4), be32(&fields, 8));
    if size != 0 {
        return Ok(Sizes::Same {
            size,
            count: u64::from(count),
        });
    }
    Ok(Sizes::Each(stsz.table(12, count, 4)?))
}

fn compact_sizes(reader: &mut Reader<'_>, stz2: &BoxHead) -> Step<Sizes> {
    let fields: [u8; 12] = stz2.fields(reader, 12)?;
    let width = match be32(&fields, 4) & 0xff {
        16 => 2,
        8 => 1,
        4 => return Err(Unread::EntryWidth { at: stz2.at }.into()),
        _ => return Err(stz2.short().into()),
    };
    Ok(Sizes::Each(stz2.table(12, be32(&fields, 8), width)?))
}
