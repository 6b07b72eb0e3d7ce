//! The movie: the head that names the tracks, their clocks and what fragments need not repeat.
//!
//! It takes down and checks what can be checked without the media data. It must not know where in
//! the file it stands.

use crate::footage::container::detail::{Flaw, Unread};
use crate::footage::container::reader::{Reader, Step};

use super::boxes::{BoxHead, Children, be32};
use super::timeline::{differ, ms};
use super::track::{Defaults, Edited, Kind, Track, clock, long_time, missing, short_time};

/// Most tracks of one movie; recorders write one or two.
const TRACKS_MAX: usize = 32;

/// What a movie says besides its tracks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Movie {
    /// Where it lies.
    pub(super) at: u64,
    pub(super) len: u64,
    timescale: u32,
    declared: Option<u64>,
    /// Whether samples may be in fragments.
    pub(super) in_fragments: bool,
    /// The duration of all fragments together, if told at the end.
    promised: Option<u64>,
}

impl Movie {
    /// Takes down the movie in this `moov`, its tracks into `tracks`.
    pub(super) fn read(
        reader: &mut Reader<'_>,
        moov: &BoxHead,
        tracks: &mut Vec<Track>,
    ) -> Step<Self> {
        tracks.clear();
        let (mut header, mut extends) = (None, None);
        let mut children = Children::of(moov);
        while let Some(child) = children.next(reader)? {
            match &child.kind.0 {
                b"mvhd" => header = Some(clock(reader, &child)?),
                b"trak" if tracks.len() >= TRACKS_MAX => {
                    return Err(Unread::Tracks { at: child.at }.into());
                }
                b"trak" => tracks.push(Track::read(reader, &child)?),
                // Read below, since it may stand before the tracks it speaks of.
                b"mvex" => extends = Some(child),
                _ => {}
            }
        }
        let (timescale, declared) = header.ok_or_else(|| missing(*b"mvhd", moov))?;
        let promised = match &extends {
            Some(mvex) => read_extends(reader, mvex, tracks)?,
            None => None,
        };
        Ok(Self {
            at: moov.at,
            len: moov.end - moov.at,
            timescale,
            declared,
            in_fragments: extends.is_some(),
            promised,
        })
    }

    /// Whether the declared durations agree with each other, where all samples are named here.
    pub(super) fn check_declared(&self, tracks: &[Track]) -> Step<()> {
        let to_ms = |ticks| ms(ticks, self.timescale);
        for track in tracks {
            let Some(shown) = track.shown.map(to_ms) else {
                continue;
            };
            let expected = match track.edited {
                Edited::No => track.declared.map(|ticks| ms(ticks, track.timescale)),
                Edited::To(ticks) => Some(ticks).filter(|ticks| *ticks > 0).map(to_ms),
                Edited::Wildly => None,
            };
            agree(track.id, shown, expected)?;
        }
        let longest = tracks
            .iter()
            .filter_map(|track| track.shown.map(|shown| (shown, track.id)));
        match (self.declared.map(to_ms), longest.max()) {
            (Some(declared), Some((shown, id))) => agree(id, declared, Some(to_ms(shown))),
            _ => Ok(()),
        }
    }

    /// The time that was promised once the last fragment was written, in milliseconds: by the box
    /// for it, or in the head, where MediaMTX puts it.
    pub(super) fn promised_ms(&self) -> Option<i64> {
        self.promised
            .or(self.declared)
            .map(|ticks| ms(ticks, self.timescale))
    }
}

/// Whether the samples of a track last as long as it declares.
pub(super) fn check_held(track: &Track, ticks: u64) -> Step<()> {
    let held = ms(ticks, track.timescale);
    agree(
        track.id,
        held,
        track.declared.map(|ticks| ms(ticks, track.timescale)),
    )
}

/// The track that tells how long a file is: the first of video, else the longest.
pub(super) fn leading(tracks: &[Track]) -> Option<&Track> {
    let longest = || {
        tracks
            .iter()
            .max_by_key(|track| ms(track.timeline.ticks, track.timescale))
    };
    tracks
        .iter()
        .find(|track| track.kind == Kind::Video)
        .or_else(longest)
}

fn agree(track: u32, found_ms: i64, declared_ms: Option<i64>) -> Step<()> {
    match declared_ms {
        Some(declared_ms) if differ(found_ms, declared_ms) => Err(Flaw::DurationsDiffer {
            track,
            declared_ms,
            found_ms,
        }
        .into()),
        _ => Ok(()),
    }
}

/// Takes the defaults of each track from an `mvex`, and the promised duration if there is one.
fn read_extends(
    reader: &mut Reader<'_>,
    mvex: &BoxHead,
    tracks: &mut [Track],
) -> Step<Option<u64>> {
    let mut promised = None;
    let mut children = Children::of(mvex);
    while let Some(child) = children.next(reader)? {
        match &child.kind.0 {
            b"mehd" => {
                let fields: [u8; 12] = child.fields(reader, 8)?;
                promised = match fields.first() {
                    Some(0) => short_time(&fields, 4),
                    _ => long_time(&fields, 4),
                };
            }
            b"trex" => {
                let fields: [u8; 24] = child.fields(reader, 24)?;
                let id = be32(&fields, 4);
                for track in tracks.iter_mut().filter(|track| track.id == id) {
                    track.defaults = Defaults {
                        duration: be32(&fields, 12),
                        size: be32(&fields, 16),
                        flags: be32(&fields, 20),
                    };
                }
            }
            _ => {}
        }
    }
    Ok(promised)
}
