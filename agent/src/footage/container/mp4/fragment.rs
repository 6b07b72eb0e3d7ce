//! One fragment: which samples a `moof` names, how long they are, and which bytes they need.
//!
//! It adds to the timeline of each track; whether the bytes are there is asked where the media data
//! behind the fragment is found. It must not know what comes before or after.

use crate::footage::container::column::Pane;
use crate::footage::container::detail::Flaw;
use crate::footage::container::reader::{Reader, Step};

use super::boxes::{BoxHead, Children, be32, be64};
use super::media::Range;
use super::tables::each_block;
use super::timeline::Part;
use super::track::{Defaults, Track, missing};

/// The bytes that the samples of a fragment need, from the first to the last of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// Where the fragment begins.
    pub(super) fragment: u64,
    /// `None` when it has no samples with bytes.
    pub(super) bytes: Option<Range>,
}

impl Need {
    /// Whether this media data has all the bytes.
    pub(super) fn within(&self, media: Range) -> bool {
        self.bytes
            .is_none_or(|bytes| media.holds(bytes.start, bytes.end - bytes.start))
    }
}

/// Reads the fragment in this `moof` and notes its samples in the timelines of `tracks`.
pub(super) fn read(
    reader: &mut Reader<'_>,
    pane: &mut Pane,
    moof: &BoxHead,
    tracks: &mut [Track],
) -> Step<Need> {
    let mut need = Need {
        fragment: moof.at,
        bytes: None,
    };
    // Where the samples of a track begin if it does not say: behind those of the track before.
    let mut behind = moof.at;
    let mut children = Children::of(moof);
    while let Some(traf) = children.next(reader)? {
        if &traf.kind.0 != b"traf" {
            continue;
        }
        let mut part = TrackPart {
            need,
            behind,
            ..TrackPart::new(moof.at)
        };
        part.read(reader, pane, &traf, tracks)?;
        (need, behind) = (part.need, part.behind);
    }
    Ok(need)
}

/// The part of a fragment that is of one track, while it is read.
pub(super) struct TrackPart {
    fragment: u64,
    need: Need,
    pub(super) behind: u64,
    /// Where offsets are counted from.
    pub(super) base: u64,
    pub(super) defaults: Defaults,
    part: Part,
}

impl TrackPart {
    /// Of the fragment that begins here.
    pub(super) fn new(fragment: u64) -> Self {
        Self {
            fragment,
            need: Need {
                fragment,
                bytes: None,
            },
            behind: fragment,
            base: fragment,
            defaults: Defaults::default(),
            part: Part::default(),
        }
    }

    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        pane: &mut Pane,
        traf: &BoxHead,
        tracks: &mut [Track],
    ) -> Step<()> {
        let mut track = None;
        let mut children = Children::of(traf);
        while let Some(child) = children.next(reader)? {
            match &child.kind.0 {
                b"tfhd" => track = Some(self.header(reader, &child, tracks)?),
                b"tfdt" => self.part.start = Some(start(reader, &child)?),
                b"trun" if track.is_some() => self.run(reader, pane, &child)?,
                b"trun" => return Err(missing(*b"tfhd", traf).into()),
                _ => {}
            }
        }
        let index: usize = track.ok_or_else(|| missing(*b"tfhd", traf))?;
        if let Some(track) = tracks.get_mut(index) {
            track.timeline.note(self.part);
        }
        Ok(())
    }

    /// Takes defaults and base from a `tfhd`; says which of the tracks it is of.
    pub(super) fn header(
        &mut self,
        reader: &mut Reader<'_>,
        tfhd: &BoxHead,
        tracks: &[Track],
    ) -> Step<usize> {
        let fields: [u8; 32] = tfhd.fields(reader, 8)?;
        let (flags, id) = (be32(&fields, 0), be32(&fields, 4));
        let Some((index, track)) = tracks.iter().enumerate().find(|(_, track)| track.id == id)
        else {
            return Err(Flaw::TrackUnknown {
                track: id,
                at: self.fragment,
            }
            .into());
        };
        self.defaults = track.defaults;
        let mut at = 8;
        let mut field = |flag: u32, width: usize| {
            let here = at;
            let there = flags & flag != 0;
            at += if there { width } else { 0 };
            there.then_some(here)
        };
        let base = field(0x1, 8).map(|at| be64(&fields, at));
        field(0x2, 4);
        let duration = field(0x8, 4).map(|at| be32(&fields, at));
        let size = field(0x10, 4).map(|at| be32(&fields, at));
        let sample_flags = field(0x20, 4).map(|at| be32(&fields, at));
        if tfhd.body_len() < u64::try_from(at).unwrap_or(u64::MAX) {
            return Err(tfhd.short().into());
        }
        self.defaults.duration = duration.unwrap_or(self.defaults.duration);
        self.defaults.size = size.unwrap_or(self.defaults.size);
        self.defaults.flags = sample_flags.unwrap_or(self.defaults.flags);
        let from_fragment = flags & 0x2_0000 != 0;
        self.base = base.unwrap_or(if from_fragment {
            self.fragment
        } else {
            self.behind
        });
        self.behind = self.base;
        Ok(index)
    }

    /// Adds the samples of a `trun`.
    fn run(&mut self, reader: &mut Reader<'_>, pane: &mut Pane, trun: &BoxHead) -> Step<()> {
        let fields: [u8; 16] = trun.fields(reader, 8)?;
        let (flags, count) = (be32(&fields, 0), be32(&fields, 4));
        let moved = flags & 0x1 != 0;
        let skip = 8 + if moved { 4 } else { 0 } + if flags & 0x4 != 0 { 4 } else { 0 };
        let (timed, sized) = (flags & 0x100 != 0, flags & 0x200 != 0);
        let columns = (flags & 0xf00).count_ones();
        let width = usize::try_from(columns * 4).unwrap_or(0);
        let table = trun.table(skip, count, width)?;
        let all = u64::from(count);
        let mut ticks = if timed {
            0
        } else {
            all * u64::from(self.defaults.duration)
        };
        let mut bytes = if sized {
            0
        } else {
            all * u64::from(self.defaults.size)
        };
        if timed || sized {
            let size_at = if timed { 4 } else { 0 };
            each_block(reader.view(), table, pane, |block| {
                for entry in block.chunks_exact(width) {
                    ticks += if timed { u64::from(be32(entry, 0)) } else { 0 };
                    bytes += if sized {
                        u64::from(be32(entry, size_at))
                    } else {
                        0
                    };
                }
                Ok(())
            })?;
        }
        let at = if moved {
            let offset = i64::from(be32(&fields, 8).cast_signed());
            self.base
                .checked_add_signed(offset)
                .ok_or(Flaw::FragmentAstray { at: self.fragment })?
        } else {
            self.behind
        };
        self.behind = at.saturating_add(bytes);
        if bytes > 0 {
            let (start, end) = (at, self.behind);
            let range = self.need.bytes.get_or_insert(Range { start, end });
            *range = Range {
                start: range.start.min(start),
                end: range.end.max(end),
            };
        }
        self.part.ticks = self.part.ticks.saturating_add(ticks);
        self.part.samples = self.part.samples.saturating_add(all);
        Ok(())
    }
}

/// When the part of a track starts, from a `tfdt`.
pub(super) fn start(reader: &mut Reader<'_>, tfdt: &BoxHead) -> Step<u64> {
    let fields: [u8; 12] = tfdt.fields(reader, 8)?;
    match fields.first() {
        Some(0) => Ok(u64::from(be32(&fields, 4))),
        _ if tfdt.body_len() < 12 => Err(tfdt.short().into()),
        _ => Ok(be64(&fields, 4)),
    }
}

#[cfg(test)]
mod tests {
    use super::super::boxes::{Found, find};
    use super::super::maker::{Reel, frame, numbers};
    use super::*;
    use crate::footage::container::detail::Detail;
    use crate::footage::container::reader::{Stop, Window};

    /// Reads a box of this kind that holds `parts`.
    fn open<T>(bytes: &[u8], look: impl FnOnce(&mut Reader<'_>, &BoxHead) -> T) -> T {
        let mut window = Window::default();
        let size = u64::try_from(bytes.len()).unwrap();
        let mut reader = Reader::new(&bytes, size, &mut window);
        match find(&mut reader, 0, size) {
            Ok(Found::Box(head)) => look(&mut reader, &head),
            other => panic!("{other:?}"),
        }
    }

    /// Two tracks, 1 and 2, whose samples last 1000 ticks and have 7 bytes unless said otherwise.
    fn tracks() -> Vec<Track> {
        let track = |id| {
            let reel = Reel {
                id,
                ..Reel::empty()
            };
            let track = open(&reel.trak(), |reader, trak| {
                Track::read(reader, trak).unwrap()
            });
            Track {
                defaults: Defaults {
                    duration: 1000,
                    size: 7,
                    flags: 0,
                },
                ..track
            }
        };
        vec![track(1), track(2)]
    }

    /// The bytes a fragment of these parts needs, and the ticks of each track.
    fn needed(parts: &[Vec<u8>]) -> Result<(Range, [u64; 2]), Detail> {
        let (mut tracks, mut pane) = (tracks(), Pane::default());
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        let moof = frame(*b"moof", &parts);
        match open(&moof, |reader, moof| {
            read(reader, &mut pane, moof, &mut tracks)
        }) {
            Ok(need) => {
                let ticks = |track: &mut Track| {
                    track.timeline.keep(track.timescale);
                    track.timeline.ticks
                };
                Ok((
                    need.bytes.unwrap_or_default(),
                    [ticks(&mut tracks[0]), ticks(&mut tracks[1])],
                ))
            }
            Err(Stop::Found(detail)) => Err(detail),
            Err(Stop::Read(error)) => panic!("{error}"),
        }
    }

    fn traf(parts: &[Vec<u8>]) -> Vec<u8> {
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        frame(*b"traf", &parts)
    }

    const FROM_FRAGMENT: u32 = 0x2_0000;

    fn bytes(start: u64, end: u64) -> Range {
        Range { start, end }
    }

    #[test]
    fn runs_without_an_offset_follow_each_other() {
        let head = numbers(*b"tfhd", &[FROM_FRAGMENT, 1]);
        let first = numbers(*b"trun", &[0x201, 2, 500, 10, 20]);
        let second = numbers(*b"trun", &[0x200, 1, 40]);
        let far = numbers(*b"trun", &[0x1, 3, 300]);
        let all = traf(&[head, first, second, far]);
        assert_eq!(needed(&[all]), Ok((bytes(300, 570), [6000, 0])));
    }

    #[test]
    fn a_track_without_a_base_begins_behind_the_one_before() {
        let run = numbers(*b"trun", &[0x201, 1, 400, 50]);
        let one = traf(&[numbers(*b"tfhd", &[FROM_FRAGMENT, 1]), run]);
        let two = traf(&[
            numbers(*b"tfhd", &[0, 2]),
            numbers(*b"trun", &[0x200, 1, 30]),
        ]);
        assert_eq!(needed(&[one, two]), Ok((bytes(400, 480), [1000, 1000])));
    }

    #[test]
    fn a_base_of_its_own_and_defaults_of_its_own_come_first() {
        let head = numbers(*b"tfhd", &[0x3b, 1, 0, 9000, 1, 40, 5, 0]);
        let run = numbers(*b"trun", &[0x5, 4, 100, 0]);
        assert_eq!(
            needed(&[traf(&[head, run])]),
            Ok((bytes(9100, 9120), [160, 0]))
        );
    }

    #[test]
    fn every_sample_may_say_its_own() {
        let head = numbers(*b"tfhd", &[FROM_FRAGMENT, 1]);
        let run = numbers(*b"trun", &[0xf01, 2, 100, 11, 60, 0, 0, 22, 30, 0, 0]);
        assert_eq!(
            needed(&[traf(&[head, run])]),
            Ok((bytes(100, 190), [33, 0]))
        );
    }

    #[test]
    fn samples_before_the_file_and_runs_without_a_head_are_corrupt() {
        let head = numbers(*b"tfhd", &[FROM_FRAGMENT, 1]);
        let run = numbers(*b"trun", &[0x201, 1, u32::MAX, 5]);
        let astray = Flaw::FragmentAstray { at: 0 };
        assert_eq!(needed(&[traf(&[head, run.clone()])]), Err(astray.into()));
        assert!(matches!(
            needed(&[traf(&[run])]),
            Err(Detail::Corrupt(Flaw::BoxMissing { .. }))
        ));
    }

    #[test]
    fn more_samples_than_the_box_has_room_for_are_corrupt() {
        let head = numbers(*b"tfhd", &[FROM_FRAGMENT, 1]);
        let run = numbers(*b"trun", &[0x200, 1 << 30, 5]);
        let short = needed(&[traf(&[head, run])]);
        assert!(matches!(short, Err(Detail::Corrupt(Flaw::BoxShort { .. }))));
    }
}
