//! Whether the units inside some samples of the video fit into them.
//!
//! This goes beyond what tables say: it reads a little of the media data itself, where damage shows as
//! a unit that is longer than its sample, or none at all. The samples are the same ones every time. It
//! must not decode, and it says nothing of encrypted samples.

use crate::footage::container::column::Pane;
use crate::footage::container::config::Config;
use crate::footage::container::detail::Flaw;
use crate::footage::container::nal::{Family, Unit};
use crate::footage::container::reader::{Reader, Step};

use super::boxes::{Found, find};
use super::entry;
use super::keyframe::{Search, named_sample};
use super::media::Range;
use super::track::{Kind, Track};
use super::walk::{Survey, hold};

/// Samples that are looked into: of a file with damage in a tenth of its media, one in thirty files
/// is missed.
const SAMPLES: u64 = 32;

/// Most units of one sample: the slices of a picture and what goes with them.
const UNITS_MAX: u32 = 256;

/// Looks into samples of the first video track, drawn from the size of the file.
pub(super) fn check(reader: &mut Reader<'_>, survey: &Survey) -> Step<()> {
    let mut tracks = survey.tracks.iter().enumerate();
    let Some((index, track)) = tracks.find(|(_, track)| track.kind == Kind::Video) else {
        return Ok(());
    };
    let Some(config) = (match &track.entry {
        Some(entry) => entry::config(reader, entry)?,
        None => None,
    }) else {
        return Ok(());
    };
    if survey.seen.in_fragments() {
        return in_fragments(reader, survey, index, &config);
    }
    let ticks = track.timeline.ticks;
    // Every sample counts here, and not only those that need no other.
    let mut any = *track;
    any.tables.keys = None;
    let mut pane = Pane::default();
    for number in 0..SAMPLES {
        let share = ticks / SAMPLES;
        let wanted = share * number + reader.size() % share.max(1);
        if let Some(sample) = named_sample(reader.view(), &mut pane, &any, wanted)? {
            fits(reader, &config, sample.bytes)?;
        }
    }
    Ok(())
}

/// Looks into the first key sample of some fragments.
fn in_fragments(
    reader: &mut Reader<'_>,
    survey: &Survey,
    index: usize,
    config: &Config,
) -> Step<()> {
    let every = (survey.seen.fragments / SAMPLES).max(1);
    let phase = reader.size() % every;
    let (mut at, mut number, mut pane) = (0, 0, Pane::default());
    let tracks: &[Track] = &survey.tracks;
    while let Found::Box(head) = find(reader, at, reader.size())? {
        if head.end > reader.size() {
            break;
        }
        if &head.kind.0 == b"moof" {
            if number % every == phase {
                hold(reader, &head, 0)?;
                let mut search = Search::new(index, 0, None);
                search.fragment(reader, &mut pane, &head, tracks)?;
                if let Some((sample, _)) = search.found() {
                    fits(reader, config, sample.bytes)?;
                }
            }
            number += 1;
        }
        at = head.end;
    }
    Ok(())
}

/// Whether the units of a sample fill it to its last byte, and have heads that encoders write.
fn fits(reader: &mut Reader<'_>, config: &Config, sample: Range) -> Step<()> {
    let overrun = || Flaw::UnitOverrun { at: sample.start };
    if sample.end > reader.size() {
        return Ok(());
    }
    let width = u64::try_from(config.width).unwrap_or(4);
    let mut at = sample.start;
    for _ in 0..UNITS_MAX {
        if at == sample.end {
            return Ok(());
        }
        let body = at + width;
        if body >= sample.end {
            return Err(overrun().into());
        }
        let head = reader.bytes(at, config.width)?;
        let length = head
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u64::from(*byte));
        let end = body.saturating_add(length);
        if end > sample.end || broken(reader, config.family, body, length)? {
            return Err(overrun().into());
        }
        at = end;
    }
    Ok(())
}

/// Whether a unit has no head that any encoder writes. An empty one is left by some.
fn broken(reader: &mut Reader<'_>, family: Family, at: u64, length: u64) -> Step<bool> {
    const HEAD_BYTES: u64 = 2;
    if length < HEAD_BYTES {
        return Ok(false);
    }
    Ok(family.unit(reader.bytes(at, 2)?) == Unit::Broken)
}
