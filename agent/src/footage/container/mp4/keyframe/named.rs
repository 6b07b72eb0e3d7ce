//! A key frame that the tables of a movie name.
//!
//! It must not know boxes, nor what is in a sample.

use crate::footage::container::column::{Column, Pane, Table};
use crate::footage::container::reader::{Step, View};

use super::super::boxes::{be32, be64};
use super::super::media::{Range, Sample};
use super::super::tables::{SizeColumn, Tables, each_block, each_run, longs, quads};
use super::super::track::Track;

/// The last key sample of `track` at or before the tick `wanted`, else the first; `None` when there
/// is no sample, or the tables do not lead to one.
pub(super) fn sample(
    view: View<'_>,
    pane: &mut Pane,
    track: &Track,
    wanted: u64,
) -> Step<Option<Sample>> {
    let Tables {
        times: Some(times),
        sizes: Some(sizes),
        runs: Some(runs),
        chunks: Some(chunks),
        keys,
        ..
    } = track.tables
    else {
        return Ok(None);
    };
    let Some(at_time) = index_at(view, pane, times, wanted)? else {
        return Ok(None);
    };
    let index = match keys {
        None => at_time,
        Some(keys) => match key_before(view, pane, keys, at_time)? {
            Some(index) => index,
            None => return Ok(None),
        },
    };
    let Some((chunk, skipped)) = chunk_of(view, pane, runs, chunks.count, index)? else {
        return Ok(None);
    };
    let ticks = ticks_before(view, pane, times, index)?;
    let offset = {
        let mut column = Column::new(view, chunks, pane);
        let entry = column.from(chunk)?;
        if chunks.width == 8 {
            be64(entry, 0)
        } else {
            u64::from(be32(entry, 0))
        }
    };
    let mut column = SizeColumn::new(view, sizes, pane);
    let start = offset.saturating_add(column.sum(index - skipped, skipped)?);
    let end = start.saturating_add(column.sum(index, 1)?);
    let bytes = Range { start, end };
    Ok((end > start).then_some(Sample { bytes, ticks }))
}

/// The last sample that starts at or before a tick.
fn index_at(view: View<'_>, pane: &mut Pane, times: Table, wanted: u64) -> Step<Option<u64>> {
    let (mut index, mut tick, mut found) = (0_u64, 0_u64, None);
    each_block(view, times, pane, |block| {
        for (count, delta) in quads(block).map(halves) {
            if count == 0 {
                continue;
            }
            if tick <= wanted || found.is_none() {
                let later = wanted
                    .saturating_sub(tick)
                    .checked_div(delta)
                    .unwrap_or(u64::MAX);
                found = Some(index.saturating_add(later.min(count - 1)));
            }
            index = index.saturating_add(count);
            tick = tick.saturating_add(count.saturating_mul(delta));
        }
        Ok(())
    })?;
    Ok(found)
}

/// The ticks before a sample.
fn ticks_before(view: View<'_>, pane: &mut Pane, times: Table, sample: u64) -> Step<u64> {
    let (mut index, mut tick) = (0_u64, 0_u64);
    each_block(view, times, pane, |block| {
        for (count, delta) in quads(block).map(halves) {
            let counted = sample.saturating_sub(index).min(count);
            index = index.saturating_add(counted);
            tick = tick.saturating_add(counted.saturating_mul(delta));
        }
        Ok(())
    })?;
    Ok(tick)
}

/// The last key sample up to this one, else the first behind it.
fn key_before(view: View<'_>, pane: &mut Pane, keys: Table, sample: u64) -> Step<Option<u64>> {
    let mut found = None;
    each_block(view, keys, pane, |block| {
        for index in longs(block)
            .map(u64::from)
            .filter_map(|one| one.checked_sub(1))
        {
            if index <= sample || found.is_none() {
                found = Some(index);
            }
        }
        Ok(())
    })?;
    Ok(found)
}

/// The chunk that a sample is in, and how many samples of the chunk are before it.
fn chunk_of(
    view: View<'_>,
    pane: &mut Pane,
    runs: Table,
    chunks: u64,
    sample: u64,
) -> Step<Option<(u64, u64)>> {
    let (mut first, mut found) = (0_u64, None);
    let ordered = each_run(view, runs, chunks, pane, |run| {
        let per_chunk = u64::from(run.per_chunk);
        let behind = first.saturating_add(per_chunk.saturating_mul(run.len));
        if found.is_none() && (first..behind).contains(&sample) {
            let within = sample - first;
            found = Some((run.first + within / per_chunk, within % per_chunk));
        }
        first = behind;
        Ok(())
    })?;
    Ok(found.filter(|_| ordered))
}

/// A pair of a count and a duration. A duration below zero counts as none: the clock was set back.
fn halves(pair: u64) -> (u64, u64) {
    let delta = pair & u64::from(u32::MAX);
    let negative = delta > u64::from(u32::MAX >> 1);
    (pair >> 32, if negative { 0 } else { delta })
}

#[cfg(test)]
mod tests {
    use super::super::super::boxes::{Found, find};
    use super::super::super::maker::{MEDIA_AT, Reel};
    use super::*;
    use crate::footage::container::reader::{Reader, Window};

    /// The start and the tick of the sample wanted at this tick; ten samples of growing sizes.
    fn found(reel: &Reel, keys: Option<&[u32]>, wanted: u64) -> Option<(u64, u64)> {
        let mut bytes = reel.trak();
        let table_at = u64::try_from(bytes.len()).unwrap();
        let keys = keys.map(|keys| {
            bytes.extend(keys.iter().flat_map(|key| key.to_be_bytes()));
            let count = u64::try_from(keys.len()).unwrap();
            Table {
                at: table_at,
                count,
                width: 4,
            }
        });
        let (mut window, mut pane) = (Window::default(), Pane::default());
        let (source, size) = (bytes.as_slice(), u64::try_from(bytes.len()).unwrap());
        let mut reader = Reader::new(&source, size, &mut window);
        let Ok(Found::Box(head)) = find(&mut reader, 0, size) else {
            panic!("a track");
        };
        let mut track = Track::read(&mut reader, &head).unwrap();
        track.tables.keys = keys;
        sample(reader.view(), &mut pane, &track, wanted)
            .unwrap()
            .map(|sample| (sample.bytes.start, sample.ticks))
    }

    #[test]
    fn the_last_key_at_or_before_a_time_is_found_else_the_first() {
        let reel = Reel::of(&[10, 20, 30, 40]);
        assert_eq!(found(&reel, None, 2999), Some((MEDIA_AT + 30, 2000)));
        assert_eq!(found(&reel, Some(&[1, 4]), 2999), Some((MEDIA_AT, 0)));
        assert_eq!(
            found(&reel, Some(&[1, 4]), 9999),
            Some((MEDIA_AT + 60, 3000))
        );
        assert_eq!(found(&reel, Some(&[3]), 0), Some((MEDIA_AT + 30, 2000)));
        assert_eq!(found(&reel, Some(&[]), 0), None);
    }

    #[test]
    fn a_sample_within_a_chunk_lies_behind_those_before_it() {
        let reel = Reel {
            chunks: vec![100, 500],
            runs: vec![(1, 3), (2, 1)],
            ..Reel::of(&[10, 20, 30, 40])
        };
        assert_eq!(found(&reel, None, 2000), Some((130, 2000)));
        assert_eq!(found(&reel, None, 3000), Some((500, 3000)));
    }

    #[test]
    fn tables_that_do_not_lead_to_a_sample_give_none() {
        let reel = Reel {
            runs: vec![(2, 1)],
            ..Reel::of(&[10, 20])
        };
        assert_eq!(found(&reel, None, 0), None);
        assert_eq!(found(&Reel::of(&[]), None, 0), None);
    }
}
