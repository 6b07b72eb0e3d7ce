//! The verdict on a file that was walked to its end.
//!
//! Here the tables are checked, since only now all media data is known, and here is decided whether
//! what is missing was never written or is lost. It must not walk.

use crate::footage::container::detail::{Detail, Flaw, Seal, Unfinished, Unread};
use crate::footage::container::reader::{Reader, Step, Stop};

use super::movie::{self, Movie};
use super::samples::{self, Tally};
use super::timeline::{differ, ms};
use super::track::Track;
use super::walk::{End, Seen, Survey};

/// Judges what the walk came by.
pub(super) fn judge(reader: &mut Reader<'_>, survey: &mut Survey, end: End) -> Step<Detail> {
    let Some(movie) = survey.seen.movie else {
        return without_movie(&survey.seen);
    };
    if survey.tracks.iter().any(|track| track.tables.filled()) {
        // What was read since may have taken the place of its tables.
        reader.hold(movie.at, movie.len)?;
    }
    if survey.seen.in_fragments() {
        return fragmented(reader, survey, movie, end);
    }
    let mut samples = 0;
    for index in 0..survey.tracks.len() {
        let tally = tally(reader, survey, index, false)?;
        samples += tally.samples;
        if let Some(track) = survey.tracks.get(index) {
            movie::check_held(track, tally.ticks)?;
        }
    }
    movie.check_declared(&survey.tracks)?;
    Ok(Detail::Sealed(if samples == 0 {
        Seal::Hollow
    } else {
        Seal::Marked
    }))
}

fn without_movie(seen: &Seen) -> Step<Detail> {
    if seen.orphans {
        return Ok(if seen.live_head {
            Detail::Opaque(Unread::MovieElsewhere)
        } else {
            Detail::Open(Unfinished::MovieUnwritten)
        });
    }
    match (seen.media_open, seen.media_closed) {
        (Some(at), _) => Ok(Detail::Open(Unfinished::MediaOpen { at })),
        (None, Some(at)) => Err(Flaw::MovieMissing { at }.into()),
        (None, None) => Ok(Detail::Open(Unfinished::HeadOnly)),
    }
}

fn fragmented(
    reader: &mut Reader<'_>,
    survey: &mut Survey,
    movie: Movie,
    end: End,
) -> Step<Detail> {
    let waiting = survey.seen.need.filter(|need| need.bytes.is_some());
    let cut = match (waiting, end) {
        (Some(need), _) => Some(need.fragment),
        (None, End::Cut(at)) => Some(at),
        (None, End::Clean) => None,
    };
    let mut in_movie = 0;
    for index in 0..survey.tracks.len() {
        match tally(reader, survey, index, true) {
            Ok(tally) => in_movie += tally.samples,
            // The samples in the movie are a fragment too, and it is this one that is cut.
            Err(Stop::Found(_)) if cut.is_some() && survey.seen.fragments == 0 => {}
            Err(stop) => return Err(stop),
        }
    }
    let past_end = survey.seen.index_end.filter(|end| *end > reader.size());
    if let Some(end) = past_end {
        return Err(Flaw::IndexPastEnd { end }.into());
    }
    let promised = movie.promised_ms();
    if let Some(promised_ms) = promised {
        let found_ms = reached_ms(&survey.tracks);
        if promised_ms > found_ms && differ(promised_ms, found_ms) {
            return Err(Flaw::TimeMissing {
                promised_ms,
                found_ms,
            }
            .into());
        }
    }
    if let Some(at) = cut {
        return Ok(Detail::Open(Unfinished::FragmentCut { at }));
    }
    if survey
        .tracks
        .iter()
        .all(|track| track.timeline.samples == 0)
    {
        return Ok(Detail::Open(Unfinished::FragmentsAwaited));
    }
    // A duration in the head of a movie with samples of its own is of those.
    let told = promised.is_some() && in_movie == 0;
    let marked = told || survey.seen.closing_index || survey.seen.index_end.is_some();
    Ok(Detail::Sealed(if marked {
        Seal::Marked
    } else {
        Seal::Unmarked
    }))
}

/// Checks the tables of one track and adds what they hold to its timeline.
fn tally(
    reader: &mut Reader<'_>,
    survey: &mut Survey,
    index: usize,
    in_fragments: bool,
) -> Step<Tally> {
    let Survey {
        seen,
        tracks,
        media,
        panes,
    } = survey;
    let Some(track) = tracks.get_mut(index) else {
        return Ok(Tally::default());
    };
    let tally = match samples::tally(reader.view(), panes, track, media, in_fragments) {
        Err(Stop::Found(Detail::Corrupt(Flaw::SamplesOutside { track, at })))
            if seen.media_open.is_some() =>
        {
            return Err(Flaw::SamplesPastEnd { track, at }.into());
        }
        other => other?,
    };
    track.timeline.ticks = track.timeline.ticks.saturating_add(tally.ticks);
    track.timeline.samples = track.timeline.samples.saturating_add(tally.samples);
    Ok(tally)
}

/// The farthest any track gets, with its pauses.
fn reached_ms(tracks: &[Track]) -> i64 {
    let reach = |track: &Track| {
        ms(
            track.timeline.ticks.max(track.timeline.end),
            track.timescale,
        )
    };
    tracks.iter().map(reach).max().unwrap_or(0)
}
