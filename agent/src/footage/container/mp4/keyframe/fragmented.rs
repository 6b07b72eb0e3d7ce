//! A key frame among fragments: each `moof` is asked for its key samples until the time is passed.
//!
//! It must not know what is in a sample, nor whether a fragment is good.

use crate::footage::container::column::{Pane, Table};
use crate::footage::container::reader::{Reader, Step};

use super::super::boxes::{BoxHead, Children, be32};
use super::super::fragment::{TrackPart, start};
use super::super::media::{Range, Sample};
use super::super::tables::each_block;
use super::super::track::Track;

/// Set in the flags of a sample that needs another.
const NEEDS_ANOTHER: u32 = 0x1_0000;

/// A search through fragments.
#[derive(Debug)]
pub(super) struct Search {
    /// The track that is wanted; none when nothing is to be looked for.
    track: Option<usize>,
    /// In ticks from the start.
    wanted: u64,
    /// The first tick of the first fragment.
    start: Option<u64>,
    /// Where the last fragment ended.
    end: u64,
    best: Option<Sample>,
}

impl Search {
    /// For this track of the movie, around this tick from the start. The movie may name samples of
    /// its own, which come before all fragments.
    pub(super) fn new(track: usize, wanted: u64, named: Option<Sample>) -> Self {
        Self {
            track: Some(track),
            wanted,
            start: named.map(|_| 0),
            end: named.map_or(0, |sample| sample.ticks),
            best: named,
        }
    }

    /// For nothing.
    pub(super) fn none() -> Self {
        Self {
            track: None,
            wanted: 0,
            start: None,
            end: 0,
            best: None,
        }
    }

    /// Whether fragments are looked at.
    pub(super) fn expects(&self) -> bool {
        self.track.is_some()
    }

    /// Whether no later fragment can hold a better sample.
    pub(super) fn settled(&self) -> bool {
        let passed = self.end > self.start.unwrap_or(0).saturating_add(self.wanted);
        passed && self.best.is_some()
    }

    /// The sample, and the tick that the recording starts with.
    pub(super) fn found(&self) -> Option<(Sample, u64)> {
        Some((self.best?, self.start.unwrap_or(0)))
    }

    /// Looks for samples in this `moof`.
    pub(super) fn fragment(
        &mut self,
        reader: &mut Reader<'_>,
        pane: &mut Pane,
        moof: &BoxHead,
        tracks: &[Track],
    ) -> Step<()> {
        let mut behind = moof.at;
        let mut children = Children::of(moof);
        while let Some(traf) = children.next(reader)? {
            if &traf.kind.0 != b"traf" {
                continue;
            }
            let mut part = TrackPart::new(moof.at);
            part.behind = behind;
            self.part(reader, pane, &traf, tracks, &mut part)?;
            behind = part.behind;
        }
        Ok(())
    }

    fn part(
        &mut self,
        reader: &mut Reader<'_>,
        pane: &mut Pane,
        traf: &BoxHead,
        tracks: &[Track],
        part: &mut TrackPart,
    ) -> Step<()> {
        let (mut track, mut tick) = (None, None);
        let mut children = Children::of(traf);
        while let Some(child) = children.next(reader)? {
            match &child.kind.0 {
                b"tfhd" => track = Some(part.header(reader, &child, tracks)?),
                b"tfdt" => tick = Some(start(reader, &child)?),
                b"trun" if track.is_some() => {
                    let wanted = track == self.track;
                    let from = tick.unwrap_or(self.end);
                    let run = Run::read(reader, &child, part)?;
                    if wanted {
                        self.start.get_or_insert(from);
                    }
                    let size = reader.size();
                    let mut at = run.at;
                    let mut now = from;
                    run.each(reader, pane, |sample| {
                        let bytes = Range {
                            start: at,
                            end: at.saturating_add(u64::from(sample.size)),
                        };
                        if wanted && sample.flags & NEEDS_ANOTHER == 0 && bytes.end <= size {
                            self.offer(Sample { bytes, ticks: now });
                        }
                        at = bytes.end;
                        now = now.saturating_add(u64::from(sample.duration));
                    })?;
                    part.behind = at;
                    tick = Some(now);
                    if wanted {
                        self.end = now;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Takes the sample if it is nearer before the wanted time, or the first.
    fn offer(&mut self, sample: Sample) {
        let wanted = self.start.unwrap_or(0).saturating_add(self.wanted);
        if sample.bytes.start < sample.bytes.end && (self.best.is_none() || sample.ticks <= wanted)
        {
            self.best = Some(sample);
        }
    }
}

/// What a `trun` says of all its samples together.
struct Run {
    /// Where its first sample lies.
    at: u64,
    flags: u32,
    first_flags: Option<u32>,
    defaults: OfSample,
    table: Table,
}

/// What is known of one sample.
#[derive(Clone, Copy)]
struct OfSample {
    duration: u32,
    size: u32,
    flags: u32,
}

impl Run {
    fn read(reader: &mut Reader<'_>, trun: &BoxHead, part: &TrackPart) -> Step<Self> {
        let fields: [u8; 16] = trun.fields(reader, 8)?;
        let (flags, count) = (be32(&fields, 0), be32(&fields, 4));
        let moved = flags & 0x1 != 0;
        let first_at = if moved { 12 } else { 8 };
        let first_flags = (flags & 0x4 != 0).then(|| be32(&fields, first_at));
        let skip = 8 + if moved { 4 } else { 0 } + if first_flags.is_some() { 4 } else { 0 };
        let width = usize::try_from((flags & 0xf00).count_ones() * 4).unwrap_or(0);
        let offset = i64::from(be32(&fields, 8).cast_signed());
        Ok(Self {
            at: if moved {
                part.base.saturating_add_signed(offset)
            } else {
                part.behind
            },
            flags,
            first_flags,
            defaults: OfSample {
                duration: part.defaults.duration,
                size: part.defaults.size,
                flags: part.defaults.flags,
            },
            table: trun.table(skip, count, width)?,
        })
    }

    /// Shows every sample of the run.
    fn each(
        &self,
        reader: &Reader<'_>,
        pane: &mut Pane,
        mut look: impl FnMut(OfSample),
    ) -> Step<()> {
        let mut first = self.first_flags;
        let mut show = |entry: &[u8]| {
            let mut at = 0;
            let mut column = |flag: u32, default: u32| {
                if self.flags & flag == 0 {
                    return default;
                }
                at += 4;
                be32(entry, at - 4)
            };
            let duration = column(0x100, self.defaults.duration);
            let size = column(0x200, self.defaults.size);
            let flags = column(0x400, self.defaults.flags);
            let flags = first.take().unwrap_or(flags);
            look(OfSample {
                duration,
                size,
                flags,
            });
        };
        if self.table.width == 0 {
            // Samples that are all alike take no bytes, so only what fits a file is shown.
            for _ in 0..self.table.count.min(ALIKE_MAX) {
                show(&[]);
            }
            return Ok(());
        }
        each_block(reader.view(), self.table, pane, |block| {
            block.chunks_exact(self.table.width).for_each(&mut show);
            Ok(())
        })
    }
}

/// Most samples of one run that say nothing of their own: a day at sixty a second.
const ALIKE_MAX: u64 = 60 * 86_400;

#[cfg(test)]
mod tests {
    use super::super::super::boxes::{Found, find};
    use super::super::super::maker::{Reel, moof};
    use super::*;
    use crate::footage::container::reader::Window;

    fn track() -> Track {
        let (mut window, bytes) = (Window::default(), Reel::empty().trak());
        let (source, size) = (bytes.as_slice(), u64::try_from(bytes.len()).unwrap());
        let mut reader = Reader::new(&source, size, &mut window);
        let Ok(Found::Box(head)) = find(&mut reader, 0, size) else {
            panic!("a track");
        };
        let mut track = Track::read(&mut reader, &head).unwrap();
        track.defaults.duration = 1000;
        track
    }

    #[test]
    fn fragments_are_asked_until_the_time_is_passed() {
        let mut file = moof(1, 5000, &[10, 10]);
        file.extend([0; 100]);
        let second = file.len();
        file.extend(moof(1, 7000, &[10, 10]));
        file.extend([0; 100]);
        let (mut window, mut pane, tracks) = (Window::default(), Pane::default(), [track()]);
        let (source, size) = (file.as_slice(), u64::try_from(file.len()).unwrap());
        let mut reader = Reader::new(&source, size, &mut window);
        let mut search = Search::new(0, 2500, None);
        for at in [0, u64::try_from(second).unwrap()] {
            assert!(!search.settled());
            let Ok(Found::Box(head)) = find(&mut reader, at, size) else {
                panic!("a fragment");
            };
            search
                .fragment(&mut reader, &mut pane, &head, &tracks)
                .unwrap();
        }
        assert!(search.settled());
        let (sample, start) = search.found().unwrap();
        assert_eq!((sample.ticks, start), (7000, 5000));
    }
}
