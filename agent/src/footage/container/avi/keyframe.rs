//! One key frame out of an AVI file: by its index, or frame by frame where it has none.
//!
//! It must not decode.

use crate::footage::container::column::Pane;
use crate::footage::container::keyframe::{Assembly, KEYFRAME_BYTES_MAX, KeyFrame, KeyFrameError};
use crate::footage::container::nal::{Family, Unit, between_codes};
use crate::footage::container::reader::{Reader, Step, Stop};

use super::head::Stream;
use super::walk::{Frame, Survey};

/// Bytes of the beginning of a frame that tell whether it is a key frame.
const LOOK_BYTES: u64 = 2048;

/// Most frames that are looked into where there is no index: ten seconds at thirty a second before the
/// wanted one are the longest distance in use, and as many behind.
const LOOKED_MAX: usize = 600;

/// Takes the key frame at or before `wanted_ms`, else one soon after.
pub(in crate::footage::container) fn keyframe(
    reader: &mut Reader<'_>,
    wanted_ms: i64,
) -> Result<Option<KeyFrame>, KeyFrameError> {
    let mut survey = Survey::default();
    match survey.walk(reader) {
        // What stands before the damage is as good as ever.
        Ok(_) | Err(Stop::Found(_)) => {}
        Err(Stop::Read(error)) => return Err(KeyFrameError::Read(error)),
    }
    let Some(stream) = survey.leading().filter(|stream| stream.video).copied() else {
        return Ok(None);
    };
    let Some(codec) = stream.codec else {
        return Ok(None);
    };
    let Some(family) = Family::of(codec) else {
        return Err(KeyFrameError::Codec { codec });
    };
    let wanted = stream.frame_at(wanted_ms);
    let found = match by_index(reader, &survey, wanted)? {
        Some(frame) => Some(frame),
        None => by_frames(reader, &survey, family, wanted)?,
    };
    match found {
        Some(frame) => assemble(reader, &stream, family, frame).map(Some),
        None => Ok(None),
    }
}

/// The last key frame up to the wanted one, else the first, as the index says.
fn by_index(reader: &Reader<'_>, survey: &Survey, wanted: u64) -> Step<Option<Frame>> {
    let Some(index) = survey.index else {
        return Ok(None);
    };
    let (mut number, mut found) = (0, None);
    let size = reader.size();
    index.each(reader.view(), &mut Pane::default(), |entry| {
        if !survey.leads(entry.name) {
            return;
        }
        let (at, end) = (entry.at + 8, entry.at.saturating_add(8 + entry.len));
        let good = entry.key && entry.len > 0 && end <= size;
        if good && (number <= wanted || found.is_none()) {
            found = Some(Frame { number, at, end });
        }
        number += 1;
    })?;
    Ok(found)
}

/// The same, found by looking into frames.
fn by_frames(
    reader: &mut Reader<'_>,
    survey: &Survey,
    family: Family,
    wanted: u64,
) -> Step<Option<Frame>> {
    // The last frames up to the wanted one, and some behind it.
    let mut near = std::collections::VecDeque::new();
    let mut behind = 0;
    survey.each(reader, |frame| {
        if frame.number <= wanted && near.len() >= LOOKED_MAX {
            near.pop_front();
        }
        near.push_back(frame);
        behind += usize::from(frame.number > wanted);
        behind >= LOOKED_MAX
    })?;
    let before = near.iter().rev().filter(|frame| frame.number <= wanted);
    let after = near.iter().filter(|frame| frame.number > wanted);
    for frame in before.chain(after) {
        if is_key(reader, family, frame)? {
            return Ok(Some(*frame));
        }
    }
    Ok(None)
}

fn is_key(reader: &mut Reader<'_>, family: Family, frame: &Frame) -> Step<bool> {
    let len = usize::try_from((frame.end - frame.at).min(LOOK_BYTES)).unwrap_or(0);
    let bytes = reader.bytes(frame.at, len)?;
    let first = between_codes(bytes).find_map(|(_, unit)| match family.unit(unit) {
        Unit::Key { .. } => Some(true),
        Unit::Slice { .. } => Some(false),
        _ => None,
    });
    Ok(first == Some(true))
}

fn assemble(
    reader: &Reader<'_>,
    stream: &Stream,
    family: Family,
    frame: Frame,
) -> Result<KeyFrame, KeyFrameError> {
    let (at, bytes) = (frame.at, frame.end.saturating_sub(frame.at));
    let length = usize::try_from(bytes).unwrap_or(usize::MAX);
    if length > KEYFRAME_BYTES_MAX {
        return Err(KeyFrameError::Large { at, bytes });
    }
    let mut coded = vec![0; length];
    reader.view().fill(at, &mut coded)?;
    let mut assembly = Assembly::new(family);
    assembly.push_stream(&coded, &[]);
    assembly.finish(at, stream.ms(frame.number).unwrap_or(0))
}
