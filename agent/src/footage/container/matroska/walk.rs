//! Walking the elements of a segment, taking down what the verdict needs.
//!
//! It stops at the first thing that contradicts itself, and at the end. It must not judge.

use crate::footage::container::detail::{Flaw, Unread};
use crate::footage::container::reader::{Reader, Step, Stop};

use super::block::{self, Left};
use super::element::{Children, Element, Found, find};
use super::head::{Info, Track, read_tracks};

/// Most clusters of one file: a day of one-second clusters.
const CLUSTERS_MAX: usize = 90_000;

/// Most other elements of a segment that are remembered; writers leave some ten.
const PARTS_MAX: usize = 64;

const EBML: u32 = 0x1a45_dfa3;
pub(super) const SEGMENT: u32 = 0x1853_8067;
const INFO: u32 = 0x1549_a966;
pub(super) const TRACKS: u32 = 0x1654_ae6b;
pub(super) const CLUSTER: u32 = 0x1f43_b675;
pub(super) const CUES: u32 = 0x1c53_bb6b;
pub(super) const SEEKS: u32 = 0x114d_9b74;
const TAGS: u32 = 0x1254_c367;
const CHAPTERS: u32 = 0x1043_a770;
const ATTACHMENTS: u32 = 0x1941_a469;
const VOID: u32 = 0xec;
const CHECKSUM: u32 = 0xbf;

/// A cluster, and the tick it begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cluster {
    pub(super) element: Element,
    pub(super) ticks: i64,
}

/// What a walk came by.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) segment: Option<Element>,
    pub(super) info: Info,
    pub(super) tracks: Vec<Track>,
    pub(super) clusters: Vec<Cluster>,
    /// Everything else in the segment.
    pub(super) parts: Vec<Element>,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With the segment or the file.
    Clean,
    /// In the middle of something that begins here.
    Cut(u64),
    /// Nothing but zeros from here on.
    Zeros(u64),
}

impl Survey {
    /// The track that tells what the file is: the first of video, else the first.
    pub(super) fn leading(&self) -> Option<&Track> {
        let mut tracks = self.tracks.iter();
        tracks.find(|track| track.video).or(self.tracks.first())
    }

    /// The first part of this id.
    pub(super) fn part(&self, id: u32) -> Option<&Element> {
        self.parts.iter().find(|part| part.id == id)
    }

    /// Walks to the end.
    pub(super) fn walk(&mut self, reader: &mut Reader<'_>) -> Step<End> {
        let size = reader.size();
        let Found::Element(Element {
            id: EBML,
            end: Some(head),
            ..
        }) = find(reader, 0, size)?
        else {
            return Ok(End::Cut(0));
        };
        if head >= size {
            return Ok(End::Cut(0));
        }
        let segment = match find(reader, head, size)? {
            Found::Element(segment) if segment.id == SEGMENT => segment,
            Found::Rest => return Ok(End::Cut(head)),
            _ => return Err(Flaw::NotAnElement { at: head }.into()),
        };
        self.segment = Some(segment);
        let limit = segment.end.unwrap_or(size).min(size);
        let mut at = segment.body;
        while at < limit {
            let element = match find(reader, at, limit)? {
                Found::Element(element) if is_part(element.id) => element,
                Found::Rest => return Ok(End::Cut(at)),
                _ if segment.end.is_none() && zeros(reader, at)? => return Ok(End::Zeros(at)),
                _ => return Err(Flaw::NotAnElement { at }.into()),
            };
            match element.end {
                Some(end) if end > size && segment.end.is_none_or(|segment| end <= segment) => {
                    return self.cut(reader, &element);
                }
                Some(end) if end > limit => {
                    return Err(Flaw::ElementMisfit { id: element.id, at }.into());
                }
                Some(end) => {
                    self.take(reader, &element)?;
                    at = end;
                }
                None if element.id == CLUSTER => {
                    self.take(reader, &element)?;
                    match block::each(reader, &element, |_| false)? {
                        Left::Cut(at) => return Ok(End::Cut(at)),
                        // A cluster that nothing ends goes on at least behind its own head.
                        Left::At(next) => at = next.max(element.body),
                    }
                }
                None => return Err(Flaw::ElementMisfit { id: element.id, at }.into()),
            }
        }
        Ok(End::Clean)
    }

    /// Takes what there is of an element that ends behind the file.
    fn cut(&mut self, reader: &mut Reader<'_>, element: &Element) -> Step<End> {
        if element.id == CLUSTER {
            match self.take(reader, element) {
                // It may be cut before it says when it begins.
                Ok(()) | Err(Stop::Found(_)) => {}
                Err(stop) => return Err(stop),
            }
        }
        Ok(End::Cut(element.at))
    }

    fn take(&mut self, reader: &mut Reader<'_>, element: &Element) -> Step<()> {
        match element.id {
            CLUSTER if self.clusters.len() >= CLUSTERS_MAX => {
                return Err(Unread::Places { at: element.at }.into());
            }
            CLUSTER => {
                let ticks = begins(reader, element)?;
                let element = *element;
                self.clusters.push(Cluster { element, ticks });
                return Ok(());
            }
            INFO => self.info = Info::read(reader, element)?,
            TRACKS => self.tracks = read_tracks(reader, element)?,
            _ => {}
        }
        if self.parts.len() < PARTS_MAX {
            self.parts.push(*element);
        }
        Ok(())
    }
}

/// Whether an element of this id belongs into a segment.
fn is_part(id: u32) -> bool {
    matches!(
        id,
        SEEKS | INFO | TRACKS | CLUSTER | CUES | TAGS | CHAPTERS | ATTACHMENTS | VOID | CHECKSUM
    )
}

/// The tick a cluster begins with, which stands first in it, perhaps behind a checksum.
fn begins(reader: &mut Reader<'_>, cluster: &Element) -> Step<i64> {
    let inside = Element {
        end: Some(cluster.end.unwrap_or(u64::MAX).min(reader.size())),
        ..*cluster
    };
    let mut children = Children::of(&inside);
    for _ in 0..3 {
        match children.next(reader)? {
            Some(child) if child.id == 0xe7 => {
                return Ok(i64::try_from(child.number(reader)?).unwrap_or(i64::MAX));
            }
            Some(child) if matches!(child.id, VOID | CHECKSUM | 0xa7 | 0xab) => {}
            _ => break,
        }
    }
    Err(Flaw::ElementMisfit {
        id: CLUSTER,
        at: cluster.at,
    }
    .into())
}

/// Whether the file holds only zeros from here to its end, as far as is looked.
fn zeros(reader: &mut Reader<'_>, at: u64) -> Step<bool> {
    const LOOK_BYTES: u64 = 4096;
    let len = reader.size().saturating_sub(at).min(LOOK_BYTES);
    let len = usize::try_from(len).unwrap_or(0);
    Ok(reader.bytes(at, len)?.iter().all(|byte| *byte == 0))
}
