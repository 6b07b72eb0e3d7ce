//! Blocks of a cluster: of which track, when, and whether it needs no other.
//!
//! It must not look at what is coded in them.

use crate::footage::container::reader::{Reader, Step};

use super::element::{Element, Found, find, number};

/// Most blocks of one cluster that are visited: half a minute, the longest a cluster can last, of
/// video at sixty a second and sound.
const BLOCKS_MAX: u32 = 8_192;

/// Longest head of a block: its track, its time, its marks.
const HEAD_BYTES: u64 = 12;

/// A block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Block {
    pub(super) track: u64,
    /// Ticks from the start of the file.
    pub(super) ticks: i64,
    /// Whether it needs no other.
    pub(super) key: bool,
    /// Holds several frames.
    pub(super) laced: bool,
    /// Its frame.
    pub(super) at: u64,
    pub(super) end: u64,
}

/// Where a cluster is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// At its end, or where something else begins.
    At(u64),
    /// In a block that begins here and ends behind the file.
    Cut(u64),
}

/// Shows every whole block of `cluster`, until `look` has seen enough and says so.
pub(super) fn each(
    reader: &mut Reader<'_>,
    cluster: &Element,
    mut look: impl FnMut(Block) -> bool,
) -> Step<Left> {
    let size = reader.size();
    let limit = cluster.end.unwrap_or(size).min(size);
    let (mut at, mut base) = (cluster.body, 0_i64);
    for _ in 0..BLOCKS_MAX {
        let child = match find(reader, at, limit)? {
            Found::Element(child) => child,
            Found::Rest if at < limit => return Ok(Left::Cut(at)),
            Found::Rest | Found::Nothing => return Ok(Left::At(at)),
        };
        let Some(end) = child.end.filter(|_| is_within(child.id)) else {
            return Ok(Left::At(at));
        };
        if end > limit {
            return Ok(Left::Cut(at));
        }
        let block = match child.id {
            0xe7 => {
                base = i64::try_from(child.number(reader)?).unwrap_or(i64::MAX);
                None
            }
            0xa3 => block(reader, &child, base, None)?,
            0xa0 => group(reader, &child, base)?,
            _ => None,
        };
        at = end;
        if block.is_some_and(&mut look) {
            break;
        }
    }
    Ok(Left::At(at))
}

/// Whether an element of this id belongs into a cluster.
fn is_within(id: u32) -> bool {
    matches!(
        id,
        0xe7 | 0xa3 | 0xa0 | 0xa7 | 0xab | 0x5854 | 0xec | 0xbf | 0xaf
    )
}

/// The block of a group: it needs another if the group names one.
fn group(reader: &mut Reader<'_>, group: &Element, base: i64) -> Step<Option<Block>> {
    let (mut found, mut key) = (None, true);
    let mut children = super::element::Children::of(group);
    while let Some(child) = children.next(reader)? {
        match child.id {
            0xa1 => found = Some(child),
            0xfb => key = false,
            _ => {}
        }
    }
    match found {
        Some(child) => block(reader, &child, base, Some(key)),
        None => Ok(None),
    }
}

/// The block in this element; marks tell whether it is a key where the group does not.
fn block(
    reader: &mut Reader<'_>,
    element: &Element,
    base: i64,
    key: Option<bool>,
) -> Step<Option<Block>> {
    let len = usize::try_from(element.len().min(HEAD_BYTES)).unwrap_or(0);
    let head = reader.bytes(element.body, len)?;
    let Some((Some(track), [high, low, marks, rest @ ..])) = number(head) else {
        return Ok(None);
    };
    let taken = u64::try_from(len - rest.len()).unwrap_or(0);
    Ok(Some(Block {
        track,
        ticks: base.saturating_add(i64::from(i16::from_be_bytes([*high, *low]))),
        key: key.unwrap_or(marks & 0x80 != 0),
        laced: marks & 0x06 != 0,
        at: element.body + taken,
        end: element.end.unwrap_or(element.body + taken),
    }))
}
