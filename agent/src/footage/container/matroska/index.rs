//! Whether cues and seeks lead where they say.
//!
//! It must not know what follows from it.

use crate::footage::container::detail::Flaw;
use crate::footage::container::reader::{Reader, Step};

use super::element::{Children, Element};
use super::walk::{CLUSTER, Survey};

/// Longest index that is read: a day of key frames, one a second.
const INDEX_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Whether every cue of this element leads to a cluster.
pub(super) fn check_cues(reader: &mut Reader<'_>, survey: &Survey, cues: &Element) -> Step<()> {
    if cues.len() > INDEX_BYTES_MAX {
        return Ok(());
    }
    reader.hold(cues.body, cues.len())?;
    let mut points = Children::of(cues);
    while let Some(point) = points.next(reader)? {
        if point.id != 0xbb {
            continue;
        }
        let mut parts = Children::of(&point);
        while let Some(part) = parts.next(reader)? {
            if part.id != 0xb7 {
                continue;
            }
            let mut fields = Children::of(&part);
            while let Some(field) = fields.next(reader)? {
                if field.id == 0xf1 {
                    let to = field.number(reader)?;
                    lead(survey, to, Some(CLUSTER), field.at)?;
                }
            }
        }
    }
    Ok(())
}

/// Whether every seek of this element leads to an element of the id it names.
pub(super) fn check_seeks(reader: &mut Reader<'_>, survey: &Survey, seeks: &Element) -> Step<()> {
    if seeks.len() > INDEX_BYTES_MAX {
        return Ok(());
    }
    let mut entries = Children::of(seeks);
    while let Some(entry) = entries.next(reader)? {
        if entry.id != 0x4dbb {
            continue;
        }
        let (mut id, mut to) = (None, None);
        let mut fields = Children::of(&entry);
        while let Some(field) = fields.next(reader)? {
            match field.id {
                0x53ab => id = u32::try_from(field.number(reader)?).ok(),
                0x53ac => to = Some(field.number(reader)?),
                _ => {}
            }
        }
        if let Some(to) = to {
            lead(survey, to, id, entry.at)?;
        }
    }
    Ok(())
}

/// Whether an element of this id begins so many bytes into the segment.
fn lead(survey: &Survey, to: u64, id: Option<u32>, from: u64) -> Step<()> {
    let start = survey.segment.map_or(0, |segment| segment.body);
    let at = start.saturating_add(to);
    let there = if id == Some(CLUSTER) {
        let clusters = &survey.clusters;
        clusters
            .binary_search_by_key(&at, |cluster| cluster.element.at)
            .is_ok()
    } else {
        let mut parts = survey.parts.iter();
        parts.any(|part| part.at == at && id.is_none_or(|id| id == part.id))
    };
    if there {
        Ok(())
    } else {
        Err(Flaw::IndexAstray { at: from }.into())
    }
}
