//! The verdict on a file that was walked through, and what its clusters say of time.
//!
//! It must not walk the segment.

use crate::footage::container::detail::{Detail, Flaw, Seal, Unfinished};
use crate::footage::container::reader::{Reader, Step};

use super::block;
use super::index;
use super::walk::{CUES, Cluster, End, SEEKS, SEGMENT, Survey, TRACKS};

/// Longest a cluster can last: its blocks count time in sixteen bits, of milliseconds with every
/// writer, and a little more.
const CLUSTER_MS_MAX: i64 = 35_000;

/// Frames of a cluster that its rate is measured by.
const FRAMES_MEASURED: u64 = 64;

/// Clusters at the end that are looked through for the last frame.
const CLUSTERS_LAST: usize = 4;

/// What the clusters say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) duration_ms: Option<i64>,
    pub(super) rate: Option<u32>,
}

/// Judges what the walk came by.
pub(super) fn judge(reader: &mut Reader<'_>, survey: &Survey, end: End) -> Step<Detail> {
    let Some(segment) = survey.segment else {
        return Ok(Detail::Open(Unfinished::HeadOnly));
    };
    if let Some(end) = segment.end.filter(|end| *end > reader.size()) {
        return Err(Flaw::ElementPastEnd {
            id: SEGMENT,
            at: segment.at,
            end,
        }
        .into());
    }
    if survey.part(TRACKS).is_none() {
        return match (segment.end, survey.clusters.is_empty()) {
            (None, true) => Ok(Detail::Open(Unfinished::HeadOnly)),
            _ => Err(Flaw::ElementMissing { id: TRACKS }.into()),
        };
    }
    for part in &survey.parts {
        match part.id {
            CUES => index::check_cues(reader, survey, part)?,
            // What they lead to may still be to come.
            SEEKS if segment.end.is_some() => index::check_seeks(reader, survey, part)?,
            _ => {}
        }
    }
    match end {
        End::Cut(at) if segment.end.is_none() => {
            return Ok(Detail::Open(Unfinished::PacketCut { at }));
        }
        End::Zeros(at) => return Ok(Detail::Open(Unfinished::SpaceBehind { at })),
        End::Cut(at) => return Err(Flaw::NotAnElement { at }.into()),
        End::Clean => {}
    }
    let last = survey.clusters.last();
    if let (Some(promised_ms), Some(last)) = (survey.info.duration_ms, last) {
        let found_ms = survey.info.ms(last.ticks);
        if promised_ms.saturating_sub(found_ms) > CLUSTER_MS_MAX {
            return Err(Flaw::TimeMissing {
                promised_ms,
                found_ms,
            }
            .into());
        }
    }
    Ok(match (segment.end, survey.part(CUES), last) {
        (Some(_), _, None) => Detail::Sealed(Seal::Hollow),
        (Some(_), _, Some(_)) => Detail::Sealed(Seal::Marked),
        (None, Some(_), _) => Detail::Sealed(Seal::Unmarked),
        (None, None, Some(_)) => Detail::Open(Unfinished::NotClosed),
        (None, None, None) => Detail::Open(Unfinished::HeadOnly),
    })
}

/// The time and the frame rate: told, or measured by blocks.
pub(super) fn figures(reader: &mut Reader<'_>, survey: &Survey) -> Step<Figures> {
    let Some(track) = survey.leading() else {
        return Ok(Figures::default());
    };
    let told = track
        .frame_ns
        .filter(|_| track.video)
        .and_then(|ns| u32::try_from(1_000_000_000_000 / ns).ok());
    let mut rate = told.filter(|rate| *rate > 0);
    if rate.is_none() && track.video {
        for cluster in survey.clusters.iter().take(CLUSTERS_LAST) {
            rate = measured(reader, survey, cluster, track.number)?;
            if rate.is_some() {
                break;
            }
        }
    }
    let mut duration_ms = survey.info.duration_ms;
    if duration_ms.is_none() {
        let first = survey.clusters.first().map_or(0, |cluster| cluster.ticks);
        for cluster in survey.clusters.iter().rev().take(CLUSTERS_LAST) {
            let mut last = None;
            block::each(reader, &cluster.element, |block| {
                if block.track == track.number {
                    last = last.max(Some(block.ticks));
                }
                false
            })?;
            if let Some(ticks) = last {
                let frame_ms = rate.map_or(0, |rate| 1_000_000 / i64::from(rate));
                let ms = survey.info.ms(ticks.saturating_sub(first));
                duration_ms = Some(ms.saturating_add(frame_ms).max(0));
                break;
            }
        }
    }
    Ok(Figures { duration_ms, rate })
}

/// Frames in a thousand seconds, by the first of a cluster.
fn measured(
    reader: &mut Reader<'_>,
    survey: &Survey,
    cluster: &Cluster,
    track: u64,
) -> Step<Option<u32>> {
    let (mut frames, mut span) = (0_u64, None);
    block::each(reader, &cluster.element, |block| {
        if block.track == track {
            frames += 1;
            let (first, last) = span.unwrap_or((block.ticks, block.ticks));
            span = Some((block.ticks.min(first), block.ticks.max(last)));
        }
        frames >= FRAMES_MEASURED
    })?;
    let Some((first, last)) = span else {
        return Ok(None);
    };
    let ms = u64::try_from(survey.info.ms(last - first)).unwrap_or(0);
    let rate = frames
        .saturating_sub(1)
        .saturating_mul(1_000_000)
        .checked_div(ms);
    Ok(rate
        .and_then(|rate| u32::try_from(rate).ok())
        .filter(|rate| *rate > 0))
}
