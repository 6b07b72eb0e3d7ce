//! Files made byte by byte, for tests: what a writer would leave, and what none would.
//!
//! It must not use what it tests.

/// Bytes before the first byte of media data in [`film`].
pub(super) const MEDIA_AT: u64 = 24;

/// A box of this kind around these parts.
pub(super) fn frame(kind: [u8; 4], parts: &[&[u8]]) -> Vec<u8> {
    let len: usize = parts.iter().map(|part| part.len()).sum();
    let mut bytes = u32::try_from(len + 8).unwrap().to_be_bytes().to_vec();
    bytes.extend(kind);
    for part in parts {
        bytes.extend(*part);
    }
    bytes
}

/// A box of numbers of four bytes, the first of which are its version and flags.
pub(super) fn numbers(kind: [u8; 4], numbers: &[u32]) -> Vec<u8> {
    let body: Vec<u8> = numbers
        .iter()
        .flat_map(|number| number.to_be_bytes())
        .collect();
    frame(kind, &[&body])
}

/// A table with its count: version and flags, count, entries.
fn table(kind: [u8; 4], count: usize, entries: &[u32]) -> Vec<u8> {
    let mut all = vec![0, u32::try_from(count).unwrap()];
    all.extend(entries);
    numbers(kind, &all)
}

/// One track; every table can be set to say what it likes.
#[derive(Debug, Clone)]
pub(super) struct Reel {
    pub(super) id: u32,
    pub(super) handler: [u8; 4],
    pub(super) entry: [u8; 4],
    pub(super) timescale: u32,
    /// Declared in the media head, in its ticks; shown in the track head, in milliseconds.
    pub(super) declared: u32,
    pub(super) shown: u32,
    pub(super) edits: Vec<u32>,
    pub(super) times: Vec<(u32, u32)>,
    pub(super) sizes: Vec<u32>,
    pub(super) runs: Vec<(u32, u32)>,
    pub(super) chunks: Vec<u64>,
    /// Whether offsets of chunks are eight bytes wide.
    pub(super) wide: bool,
}

impl Reel {
    /// Video of ten samples a second and one sample in each chunk, from [`MEDIA_AT`] on.
    pub(super) fn of(sizes: &[u32]) -> Self {
        let count = u32::try_from(sizes.len()).unwrap();
        let ends = sizes.iter().scan(MEDIA_AT, |at, size| {
            let start = *at;
            *at += u64::from(*size);
            Some(start)
        });
        Self {
            id: 1,
            handler: *b"vide",
            entry: *b"avc1",
            timescale: 10_000,
            declared: count * 1000,
            shown: count * 100,
            edits: Vec::new(),
            times: vec![(count, 1000)],
            sizes: sizes.to_vec(),
            runs: vec![(1, 1)],
            chunks: ends.collect(),
            wide: false,
        }
    }

    /// The same, in fragments: without a sample of its own.
    pub(super) fn empty() -> Self {
        Self {
            declared: 0,
            shown: 0,
            times: vec![],
            runs: vec![],
            ..Self::of(&[])
        }
    }

    /// The tables of this track.
    pub(super) fn tables(&self) -> Vec<Vec<u8>> {
        let pairs = |pairs: &[(u32, u32)]| pairs.iter().flat_map(|(a, b)| [*a, *b]).collect();
        let times: Vec<u32> = pairs(&self.times);
        let runs: Vec<u32> = self.runs.iter().flat_map(|(a, b)| [*a, *b, 1]).collect();
        let mut sizes = vec![0, 0, u32::try_from(self.sizes.len()).unwrap()];
        sizes.extend(&self.sizes);
        let low = |at: &u64| u32::try_from(at & 0xffff_ffff).unwrap();
        let high = |at: &u64| u32::try_from(at >> 32).unwrap();
        let chunks = if self.wide {
            let offsets: Vec<u32> = self
                .chunks
                .iter()
                .flat_map(|at| [high(at), low(at)])
                .collect();
            table(*b"co64", self.chunks.len(), &offsets)
        } else {
            table(
                *b"stco",
                self.chunks.len(),
                &self.chunks.iter().map(low).collect::<Vec<_>>(),
            )
        };
        let visual = [&[0; 24][..], &[0, 64, 0, 48], &[0; 50]].concat();
        let entry = frame(self.entry, &[&visual]);
        vec![
            frame(*b"stsd", &[&[0; 4], &[0, 0, 0, 1], &entry]),
            table(*b"stts", self.times.len(), &times),
            table(*b"stsc", self.runs.len(), &runs),
            numbers(*b"stsz", &sizes),
            chunks,
        ]
    }

    /// The box of this track.
    pub(super) fn trak(&self) -> Vec<u8> {
        self.trak_with(&self.tables())
    }

    /// The box of this track with other tables.
    pub(super) fn trak_with(&self, tables: &[Vec<u8>]) -> Vec<u8> {
        let tables: Vec<&[u8]> = tables.iter().map(Vec::as_slice).collect();
        let edits: Vec<u32> = self
            .edits
            .iter()
            .flat_map(|shown| [*shown, 0, 0x1_0000])
            .collect();
        let edits = if self.edits.is_empty() {
            Vec::new()
        } else {
            frame(*b"edts", &[&table(*b"elst", self.edits.len(), &edits)])
        };
        let mut head = vec![0, 0, 0, self.id, 0, self.shown];
        head.extend([0; 15]);
        let media = frame(
            *b"mdia",
            &[
                &numbers(*b"mdhd", &[0, 0, 0, self.timescale, self.declared, 0]),
                &frame(*b"hdlr", &[&[0; 8], &self.handler, &[0; 13]]),
                &frame(*b"minf", &[&frame(*b"stbl", &tables)]),
            ],
        );
        frame(*b"trak", &[&numbers(*b"tkhd", &head), &edits, &media])
    }
}

/// A movie that is shown for so many milliseconds, around these tracks and other boxes.
pub(super) fn moov(shown: u32, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut head = vec![0, 0, 0, 1000, shown];
    head.extend([0; 20]);
    let mut bytes = numbers(*b"mvhd", &head);
    for part in parts {
        bytes.extend(part);
    }
    frame(*b"moov", &[&bytes])
}

/// The first box of most files: 16 bytes.
pub(super) fn ftyp() -> Vec<u8> {
    frame(*b"ftyp", &[b"isom", &[0; 4]])
}

/// Media data of so many bytes.
pub(super) fn mdat(len: u32) -> Vec<u8> {
    frame(*b"mdat", &[&vec![0xaa; usize::try_from(len).unwrap()]])
}

/// A whole file: its head, media data as long as the samples need, and a movie of this track.
pub(super) fn film(reel: &Reel) -> Vec<u8> {
    let media = mdat(reel.sizes.iter().sum());
    [ftyp(), media, moov(reel.shown, &[reel.trak()])].concat()
}

/// The head of a file in fragments, and whatever else belongs into its movie.
pub(super) fn opening(shown: u32, extra: &[Vec<u8>]) -> Vec<u8> {
    let defaults = numbers(*b"trex", &[0, 1, 1, 1000, 0, 0]);
    let mut extends = vec![defaults];
    extends.extend(extra.iter().cloned());
    let extends: Vec<&[u8]> = extends.iter().map(Vec::as_slice).collect();
    let parts = [Reel::empty().trak(), frame(*b"mvex", &extends)];
    [ftyp(), moov(shown, &parts)].concat()
}

/// One fragment of track 1: starts at this tick, samples of these sizes, 1000 ticks each.
pub(super) fn fragment(start: u32, sizes: &[u32]) -> Vec<u8> {
    [moof(1, start, sizes), mdat(sizes.iter().sum())].concat()
}

/// The head of a fragment of this track.
pub(super) fn moof(track: u32, start: u32, sizes: &[u32]) -> Vec<u8> {
    let head = numbers(*b"tfhd", &[0x2_0000, track]);
    let begins = numbers(*b"tfdt", &[0, start]);
    let count = u32::try_from(sizes.len()).unwrap();
    // Behind this box, 68 bytes and its sizes, and the head of the media data.
    let mut run = vec![0x201, count, 68 + 4 * count + 8];
    run.extend(sizes);
    let run = numbers(*b"trun", &run);
    frame(*b"moof", &[&frame(*b"traf", &[&head, &begins, &run])])
}
