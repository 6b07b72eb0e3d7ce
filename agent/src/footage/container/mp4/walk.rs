//! Walking the boxes of a file from its start, taking down what the verdict needs.
//!
//! It stops at the first thing that contradicts itself, and at the end; what an end means is asked
//! in `verdict`. It must not judge.

use crate::footage::container::detail::{Flaw, Unread};
use crate::footage::container::reader::{Reader, Step};

use super::boxes::{BoxHead, Found, SizeWord, find};
use super::fragment::{self, Need};
use super::index;
use super::media::{Media, Range};
use super::movie::Movie;
use super::samples::Panes;
use super::track::Track;

/// Longest movie or fragment head that is read: a day of video and audio, written alternately, whose
/// tables take 20 bytes for each of 6 million samples.
const HEAD_BYTES_MAX: u64 = 128 * 1024 * 1024;

/// Bytes read behind a movie, for the heads of what follows it.
const BEHIND_MOVIE: u64 = 64;

/// What a walk came by. Its lists are kept from file to file, so that a check allocates nothing.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) seen: Seen,
    pub(super) tracks: Vec<Track>,
    pub(super) media: Media,
    pub(super) panes: Panes,
}

/// What stands once in a file, or matters once.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) movie: Option<Movie>,
    /// A fragment whose media data was not seen yet.
    pub(super) need: Option<Need>,
    /// The file starts as a part of a live stream does.
    pub(super) live_head: bool,
    /// Fragments before any movie.
    pub(super) orphans: bool,
    /// Fragments whose media data is whole.
    pub(super) fragments: u64,
    /// The last media data that has its size.
    pub(super) media_closed: Option<u64>,
    /// The last media data that has not.
    pub(super) media_open: Option<u64>,
    /// The byte that the farthest segment index counts up to.
    pub(super) index_end: Option<u64>,
    /// A random access index, which is written last.
    pub(super) closing_index: bool,
}

/// How a walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// With the file, or with bytes behind a whole movie that are no box.
    Clean,
    /// In the middle of something that belongs to fragments and begins here.
    Cut(u64),
}

impl Survey {
    /// Forgets the file before.
    pub(super) fn clear(&mut self) {
        self.seen = Seen::default();
        self.tracks.clear();
        self.media.clear();
    }

    /// Walks to the end.
    pub(super) fn walk(&mut self, reader: &mut Reader<'_>) -> Step<End> {
        let size = reader.size();
        let mut at = 0;
        loop {
            match find(reader, at, size)? {
                Found::Rest if at < size && self.seen.in_fragments() => return Ok(End::Cut(at)),
                Found::Rest => return Ok(End::Clean),
                Found::Zeros if self.seen.in_fragments() => return Ok(End::Cut(at)),
                Found::Zeros | Found::Nothing => return self.stray(at),
                Found::Box(head) if !plausible(&head) => return self.stray(at),
                Found::Box(head) if head.end > size => return self.past_end(&head),
                Found::Box(head) => {
                    self.take(reader, &head)?;
                    at = head.end;
                }
            }
        }
    }

    /// Takes in one whole box.
    fn take(&mut self, reader: &mut Reader<'_>, head: &BoxHead) -> Step<()> {
        let kind = &head.kind.0;
        if head.at == 0 {
            self.seen.live_head = matches!(kind, b"styp" | b"moof" | b"sidx" | b"prft" | b"emsg");
        }
        match kind {
            b"mdat" => self.take_media(reader, head)?,
            b"moof" => self.take_fragment(reader, head)?,
            b"moov" if self.seen.movie.is_none() => {
                hold(reader, head, BEHIND_MOVIE)?;
                self.seen.movie = Some(Movie::read(reader, head, &mut self.tracks)?);
            }
            b"sidx" => {
                let end = index::promised_end(reader, &mut self.panes.first, head)?;
                self.seen.index_end = self.seen.index_end.max(end);
            }
            b"mfra" => self.seen.closing_index = true,
            _ => {}
        }
        Ok(())
    }

    fn take_media(&mut self, reader: &mut Reader<'_>, head: &BoxHead) -> Step<()> {
        let range = Range {
            start: head.body,
            end: head.end,
        };
        self.media.push(range);
        if head.size == SizeWord::Given {
            self.seen.media_closed = Some(head.at);
        } else {
            self.seen.media_open = Some(head.at);
        }
        if let Some(need) = self.seen.need {
            if need.within(range) {
                self.seen.need = None;
                self.seen.fragments += 1;
                for track in &mut self.tracks {
                    track.timeline.keep(track.timescale);
                }
            } else if head.size == SizeWord::Given {
                return Err(Flaw::FragmentAstray { at: need.fragment }.into());
            }
        }
        if self.seen.movie.is_none() && !self.seen.orphans {
            // What is left is most likely the movie, and then this is the only read it takes.
            reader.hold(head.end, reader.size() - head.end)?;
        }
        Ok(())
    }

    fn take_fragment(&mut self, reader: &mut Reader<'_>, head: &BoxHead) -> Step<()> {
        if let Some(need) = self.seen.need.take().filter(|need| need.bytes.is_some()) {
            return Err(Flaw::FragmentAstray { at: need.fragment }.into());
        }
        if self.seen.movie.is_none() {
            self.seen.orphans = true;
            return Ok(());
        }
        hold(reader, head, 0)?;
        for track in &mut self.tracks {
            track.timeline.drop_noted();
        }
        let need = fragment::read(reader, &mut self.panes.first, head, &mut self.tracks)?;
        self.seen.need = Some(need);
        Ok(())
    }

    /// What is at `at` is no box. Behind a whole movie it is not ours to judge.
    fn stray(&self, at: u64) -> Step<End> {
        if self.seen.movie.is_some() && !self.seen.in_fragments() {
            return Ok(End::Clean);
        }
        Err(Flaw::NotABox { at }.into())
    }

    /// A box claims more than there is.
    fn past_end(&mut self, head: &BoxHead) -> Step<End> {
        let BoxHead { kind, at, end, .. } = *head;
        match &kind.0 {
            b"moof" => {
                self.seen.orphans |= self.seen.movie.is_none();
                self.seen.live_head |= at == 0;
                Ok(End::Cut(at))
            }
            b"mdat" | b"styp" | b"sidx" | b"prft" | b"emsg" | b"free" | b"skip" | b"uuid"
                if self.seen.in_fragments() =>
            {
                Ok(End::Cut(at))
            }
            b"ftyp" | b"moov" | b"mdat" | b"free" | b"skip" | b"wide" | b"uuid" | b"udta"
            | b"meta" | b"sidx" | b"mfra" | b"styp" | b"prft" | b"emsg" | b"pdin" => {
                Err(Flaw::BoxPastEnd { kind, at, end }.into())
            }
            _ => self.stray(at),
        }
    }
}

impl Seen {
    /// Whether samples are, or are to be, in fragments.
    pub(super) fn in_fragments(&self) -> bool {
        self.fragments > 0
            || self.orphans
            || self.need.is_some()
            || self.movie.is_some_and(|movie| movie.in_fragments)
    }
}

/// Takes a movie or fragment head into memory, with some bytes behind it.
pub(super) fn hold(reader: &mut Reader<'_>, head: &BoxHead, behind: u64) -> Step<()> {
    let len = head.end - head.at;
    if len > HEAD_BYTES_MAX {
        return Err(Unread::HeadBytes { at: head.at }.into());
    }
    reader.hold(head.at, (len + behind).min(reader.size() - head.at))
}

/// Whether a box of this kind and size can stand at the top of a file: its name is text, and only
/// padding and what grows may go on to the end.
fn plausible(head: &BoxHead) -> bool {
    let text = head
        .kind
        .0
        .iter()
        .all(|byte| matches!(byte, 0x20..=0x7e | 0xa9));
    let to_end = matches!(&head.kind.0, b"mdat" | b"free" | b"skip" | b"moov");
    text && (head.size == SizeWord::Given || to_end)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::super::maker::{Reel, frame, ftyp, moov, numbers};
    use super::*;
    use crate::footage::container::detail::Detail;
    use crate::footage::container::reader::{ReadAt, Stop, Window};

    /// Some bytes, and zeros behind them without end.
    struct Sparse(Vec<u8>);

    impl ReadAt for Sparse {
        fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
            buf.fill(0);
            self.0.as_slice().read_at(buf, offset)?;
            Ok(buf.len())
        }
    }

    fn stop_of(file: &[u8], size: u64) -> Detail {
        let (mut window, source) = (Window::default(), Sparse(file.to_vec()));
        match Survey::default().walk(&mut Reader::new(&source, size, &mut window)) {
            Err(Stop::Found(detail)) => detail,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_movie_too_long_to_read_is_not_read() {
        let head = [&ftyp()[..], b"\x20\0\0\0moov"].concat();
        assert_eq!(stop_of(&head, 1 << 40), Unread::HeadBytes { at: 16 }.into());
    }

    #[test]
    fn a_movie_of_too_many_tracks_is_not_read() {
        let tracks: Vec<Vec<u8>> = (0..33).map(|_| Reel::of(&[1]).trak()).collect();
        let file = [ftyp(), moov(100, &tracks)].concat();
        let size = u64::try_from(file.len()).unwrap();
        assert!(matches!(
            stop_of(&file, size),
            Detail::Opaque(Unread::Tracks { .. })
        ));
    }

    #[test]
    fn sizes_of_four_bits_are_not_read() {
        let mut tables = Reel::of(&[1]).tables();
        tables[3] = numbers(*b"stz2", &[0, 4, 1, 0x1000_0000]);
        let file = [ftyp(), moov(100, &[Reel::of(&[1]).trak_with(&tables)])].concat();
        let size = u64::try_from(file.len()).unwrap();
        assert!(matches!(
            stop_of(&file, size),
            Detail::Opaque(Unread::EntryWidth { .. })
        ));
    }

    #[test]
    fn a_file_of_empty_boxes_is_not_read_to_its_end() {
        let file = [ftyp(), frame(*b"free", &[]).repeat(2_000_001)].concat();
        let size = u64::try_from(file.len()).unwrap();
        assert!(matches!(
            stop_of(&file, size),
            Detail::Opaque(Unread::Places { .. })
        ));
    }
}
