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
        // Media data that was to go on, or to come, did not.
        Err(Stop::Found(Detail::Corrupt(Flaw::SamplesOutside { track, at })))
            if seen.media_open.is_some() || media.first().is_none() =>
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

#[cfg(test)]
mod tests {
    use super::super::maker::{
        Reel, film, fragment, frame, ftyp, mdat, moof, moov, numbers, opening,
    };
    use super::*;
    use crate::footage::container::reader::Window;

    /// The finding, and the milliseconds and samples that are there.
    fn judged(parts: &[&[u8]]) -> (Detail, i64, u64) {
        let file = parts.concat();
        let (mut window, mut survey) = (Window::default(), Survey::default());
        let source = file.as_slice();
        let mut reader = Reader::new(&source, u64::try_from(file.len()).unwrap(), &mut window);
        let end = survey.walk(&mut reader);
        let detail = match end.and_then(|end| judge(&mut reader, &mut survey, end)) {
            Ok(detail) | Err(Stop::Found(detail)) => detail,
            Err(stop) => panic!("{stop:?}"),
        };
        let timeline = movie::leading(&survey.tracks).map(|track| track.timeline);
        let timeline = timeline.unwrap_or_default();
        (detail, ms(timeline.ticks, 10_000), timeline.samples)
    }

    fn detail_of(parts: &[&[u8]]) -> Detail {
        judged(parts).0
    }

    const SIZES: [u32; 3] = [50, 10, 20];

    #[test]
    fn whole_fragments_are_sealed_and_their_time_is_summed() {
        let (one, two) = (fragment(0, &SIZES), fragment(3000, &SIZES));
        let sealed = Detail::Sealed(Seal::Unmarked);
        assert_eq!(judged(&[&opening(0, &[]), &one, &two]), (sealed, 600, 6));
    }

    #[test]
    fn a_mark_of_the_end_is_told() {
        let marked = Detail::Sealed(Seal::Marked);
        let one = fragment(0, &SIZES);
        assert_eq!(
            detail_of(&[&opening(0, &[]), &one, &frame(*b"mfra", &[])]),
            marked
        );
        assert_eq!(detail_of(&[&opening(300, &[]), &one]), marked);
        let told = numbers(*b"mehd", &[0, 300]);
        assert_eq!(detail_of(&[&opening(0, &[told]), &one]), marked);
    }

    #[test]
    fn a_fragment_cut_anywhere_is_open_and_those_before_it_count() {
        let (head, one, two) = (opening(0, &[]), fragment(0, &SIZES), fragment(3000, &SIZES));
        let at = u64::try_from(head.len() + one.len()).unwrap();
        let whole_head = moof(1, 3000, &SIZES).len();
        for keep in 1..two.len() {
            let (detail, found_ms, samples) = judged(&[&head, &one, &two[..keep]]);
            assert_eq!(
                detail,
                Detail::Open(Unfinished::FragmentCut { at }),
                "{keep} {whole_head}"
            );
            assert_eq!((found_ms, samples), (300, 3));
        }
    }

    #[test]
    fn space_that_was_never_written_is_open() {
        let (head, one) = (opening(0, &[]), fragment(0, &SIZES));
        let at = u64::try_from(head.len() + one.len()).unwrap();
        let open = Detail::Open(Unfinished::FragmentCut { at });
        assert_eq!(judged(&[&head, &one, &[0; 4096]]), (open, 300, 3));
    }

    #[test]
    fn garbage_between_fragments_is_corrupt_and_those_before_it_count() {
        let (head, one) = (opening(0, &[]), fragment(0, &SIZES));
        let at = u64::try_from(head.len() + one.len()).unwrap();
        let corrupt = Detail::from(Flaw::NotABox { at });
        assert_eq!(judged(&[&head, &one, &[0xfe; 64]]), (corrupt, 300, 3));
    }

    #[test]
    fn a_movie_for_fragments_without_one_is_open() {
        let awaited = Detail::Open(Unfinished::FragmentsAwaited);
        assert_eq!(detail_of(&[&opening(0, &[])]), awaited);
    }

    #[test]
    fn fragments_without_their_movie_are_open_or_of_a_live_stream() {
        let (free, one) = (frame(*b"free", &[&[0; 64]]), fragment(0, &SIZES));
        let unwritten = Detail::Open(Unfinished::MovieUnwritten);
        assert_eq!(detail_of(&[&free, &one]), unwritten);
        assert_eq!(detail_of(&[&free, &one, &one[..30]]), unwritten);
        let elsewhere = Detail::Opaque(Unread::MovieElsewhere);
        assert_eq!(detail_of(&[&frame(*b"styp", &[b"msdh"]), &one]), elsewhere);
        assert_eq!(detail_of(&[&one[..30]]), elsewhere);
    }

    #[test]
    fn time_that_was_promised_and_is_not_there_is_truncated() {
        let flaw = Flaw::TimeMissing {
            promised_ms: 60_000,
            found_ms: 300,
        };
        let one = fragment(0, &SIZES);
        assert_eq!(detail_of(&[&opening(60_000, &[]), &one]), flaw.into());
        assert_eq!(
            detail_of(&[&opening(60_000, &[]), &one, &one[..40]]),
            flaw.into()
        );
    }

    #[test]
    fn a_hole_inside_is_no_missing_time_at_the_end() {
        let (one, late) = (fragment(0, &SIZES), fragment(597_000, &SIZES));
        let sealed = Detail::Sealed(Seal::Marked);
        assert_eq!(
            judged(&[&opening(60_000, &[]), &one, &late]),
            (sealed, 600, 6)
        );
    }

    #[test]
    fn an_index_that_counts_more_than_there_is_is_truncated_unless_it_is_of_one_fragment() {
        let one = fragment(0, &SIZES);
        let len = u32::try_from(one.len()).unwrap();
        let index = |sizes: &[u32]| {
            let count = u32::try_from(sizes.len()).unwrap();
            let mut all = vec![0, 1, 10_000, 0, 0, count];
            all.extend(sizes.iter().flat_map(|size| [*size, 3000, 0]));
            numbers(*b"sidx", &all)
        };
        let head = opening(0, &[]);
        let whole = detail_of(&[&head, &index(&[len, len]), &one, &one]);
        assert_eq!(whole, Detail::Sealed(Seal::Marked));
        let short = detail_of(&[&head, &index(&[len, len]), &one]);
        assert!(matches!(short, Detail::Corrupt(Flaw::IndexPastEnd { .. })));
        let live = detail_of(&[&head, &index(&[len + 9]), &one]);
        assert_eq!(live, Detail::Sealed(Seal::Unmarked));
    }

    #[test]
    fn a_fragment_whose_samples_are_not_behind_it_is_corrupt() {
        let head = opening(0, &[]);
        let at = u64::try_from(head.len()).unwrap();
        let astray = Detail::from(Flaw::FragmentAstray { at });
        assert_eq!(detail_of(&[&head, &moof(1, 0, &SIZES), &mdat(79)]), astray);
        assert_eq!(
            detail_of(&[&head, &moof(1, 0, &SIZES), &fragment(0, &SIZES)]),
            astray
        );
        let unknown = detail_of(&[&head, &moof(9, 0, &SIZES), &mdat(80)]);
        assert_eq!(unknown, Flaw::TrackUnknown { track: 9, at }.into());
    }

    #[test]
    fn samples_in_the_movie_count_before_those_in_fragments() {
        let reel = Reel::of(&SIZES);
        let extends = frame(*b"mvex", &[&numbers(*b"trex", &[0, 1, 1, 1000, 0, 0])]);
        let movie = moov(300, &[reel.trak(), extends]);
        let head = [ftyp(), mdat(80), movie].concat();
        let sealed = Detail::Sealed(Seal::Unmarked);
        assert_eq!(judged(&[&head, &fragment(3000, &SIZES)]), (sealed, 600, 6));
        assert_eq!(judged(&[&head]), (sealed, 300, 3));
    }

    #[test]
    fn one_survey_forgets_the_file_before() {
        let mut survey = Survey::default();
        let (whole, part) = (
            film(&Reel::of(&SIZES)),
            [opening(0, &[]), fragment(0, &SIZES)],
        );
        for file in [&whole, &part.concat(), &whole] {
            let (mut window, source) = (Window::default(), file.as_slice());
            let mut reader = Reader::new(&source, u64::try_from(file.len()).unwrap(), &mut window);
            survey.clear();
            let end = survey.walk(&mut reader).unwrap();
            assert!(matches!(
                judge(&mut reader, &mut survey, end),
                Ok(Detail::Sealed(_))
            ));
            assert_eq!(
                survey.tracks.first().map(|track| track.timeline.samples),
                Some(3)
            );
        }
    }
}
