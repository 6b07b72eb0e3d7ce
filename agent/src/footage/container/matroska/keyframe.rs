//! One key frame out of Matroska: from the cluster before the wanted time, and from those before it
//! where that has none.
//!
//! It must not decode.

use crate::footage::container::config::Config;
use crate::footage::container::detail::Flaw;
use crate::footage::container::keyframe::{Assembly, KEYFRAME_BYTES_MAX, KeyFrame, KeyFrameError};
use crate::footage::container::nal::{Family, behind_lengths};
use crate::footage::container::reader::{Reader, Step, Stop};

use super::block::{self, Block};
use super::head::Track;
use super::walk::Survey;

/// Clusters that are looked through backwards, and forwards where there is none before.
const CLUSTERS_MAX: usize = 16;

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
    let Some(track) = survey.tracks.iter().find(|track| track.video).copied() else {
        return Ok(None);
    };
    let Some(codec) = track.codec else {
        return Ok(None);
    };
    let family = Family::of(codec).filter(|_| !track.packed);
    let Some(family) = family else {
        return Err(KeyFrameError::Codec { codec });
    };
    let first = survey.clusters.first().map_or(0, |cluster| cluster.ticks);
    let Some(block) = search(reader, &survey, &track, wanted_ms, first)? else {
        return Ok(None);
    };
    let at_ms = survey.info.ms(block.ticks.saturating_sub(first)).max(0);
    assemble(reader, &track, family, &block, at_ms).map(Some)
}

/// The last key block at or before the wanted time, else the first after it.
fn search(
    reader: &mut Reader<'_>,
    survey: &Survey,
    track: &Track,
    wanted_ms: i64,
    first: i64,
) -> Step<Option<Block>> {
    let ms = |ticks: i64| survey.info.ms(ticks.saturating_sub(first));
    let behind = survey
        .clusters
        .partition_point(|cluster| ms(cluster.ticks) <= wanted_ms)
        .max(1);
    let backwards = survey.clusters.iter().take(behind).rev();
    for cluster in backwards.take(CLUSTERS_MAX) {
        let (mut before, mut after) = (None, None);
        block::each(reader, &cluster.element, |block| {
            if block.track != track.number || !block.key || block.laced {
                return false;
            }
            if ms(block.ticks) <= wanted_ms {
                before = Some(block);
                return false;
            }
            after.get_or_insert(block);
            true
        })?;
        if before.is_some() {
            return Ok(before);
        }
        if behind == 1 && after.is_some() {
            return Ok(after);
        }
    }
    for cluster in survey.clusters.iter().skip(behind - 1).take(CLUSTERS_MAX) {
        let mut found = None;
        block::each(reader, &cluster.element, |block| {
            let wanted = block.track == track.number && block.key && !block.laced;
            found = found.or(wanted.then_some(block));
            wanted
        })?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn assemble(
    reader: &mut Reader<'_>,
    track: &Track,
    family: Family,
    block: &Block,
    at_ms: i64,
) -> Result<KeyFrame, KeyFrameError> {
    let (at, bytes) = (block.at, block.end.saturating_sub(block.at));
    let length = usize::try_from(bytes).unwrap_or(usize::MAX);
    if length > KEYFRAME_BYTES_MAX {
        return Err(KeyFrameError::Large { at, bytes });
    }
    let mut coded = vec![0; length];
    reader.view().fill(at, &mut coded)?;
    let mut assembly = Assembly::new(family);
    let private = track.private(reader)?;
    match Config::read(family, &private) {
        Some(config) => {
            for set in &config.sets {
                assembly.push(set);
            }
            for unit in behind_lengths(&coded, config.width) {
                match unit {
                    Ok(nal) => assembly.push(nal),
                    Err(_) => {
                        return Err(KeyFrameError::Unreachable(Flaw::UnitOverrun { at }.into()));
                    }
                }
            }
        }
        // Written without a configuration, as by recorders that copy what the camera sends.
        None => assembly.push_stream(&coded, &[]),
    }
    assembly.finish(at, at_ms)
}
