//! The bytes of a Hikvision index: a header, a record a file, and room for 256 segments a file.
//!
//! Little-endian throughout. Whatever the bytes claim, no more is read than the index can hold, and
//! no memory is taken by a number in it. Where the files are is not its question.

use std::io;
use std::ops::{ControlFlow, Range};

use crate::footage::container::ReadAt;

/// Bytes of the header: times modified, version, files, the next and the last one, a copy of the
/// current one, and a checksum.
const HEADER_BYTES: usize = 1_280;
/// Bytes of a file's record.
const FILE_BYTES: usize = 32;
/// Bytes of a segment's record.
const SEGMENT_BYTES: usize = 80;
/// Segments that each file has room for.
const SEGMENTS_EACH: usize = 256;
/// Files of one index at most: of 256 MiB each they fill 16 TiB, the largest volume one index is
/// made for.
const FILES_MAX: u32 = 65_536;
/// The channel of a file that nothing was written to.
const NO_CHANNEL: u16 = 0xffff;
/// The longest stretch that one segment can be: a file of 256 MiB at 25 kbit/s.
const SEGMENT_S_MAX: i64 = 24 * 3_600;
/// The size of each file in the ring.
const RING_BYTES: u32 = 256 * 1024 * 1024;
/// How a record of the other form begins.
const TAG: &[u8; 4] = b"OFNI";
/// Records of the other form read at most: as many segments as the largest index has.
const TAGGED_MAX: u64 = 16 * 1024 * 1024;
/// Bytes in which the first record of the other form begins.
const TAG_WITHIN: usize = 4_096;

/// A segment as the index tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The number in the file's name.
    pub file: u32,
    /// The camera's channel.
    pub channel: u16,
    /// When it starts, in seconds since 1970.
    pub start_s: i64,
    /// When it ends; unknown for a file that is being written.
    pub end_s: Option<i64>,
    /// Its bytes in the file; unknown for a file that is being written.
    pub bytes: Option<Range<u64>>,
}

/// Why an index cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// The bytes cannot be read.
    #[error("cannot read the index")]
    Read(#[source] io::Error),
    /// They are no index.
    #[error("{0}")]
    Form(&'static str),
}

/// Reads an index of `size` bytes, until `meet` breaks.
pub fn read(
    source: &dyn ReadAt,
    size: u64,
    meet: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, FormError> {
    let mut head = vec![0; TAG_WITHIN.min(usize::try_from(size).unwrap_or(TAG_WITHIN))];
    fill(source, 0, &mut head)?;
    if let Some(first) = head.windows(TAG.len()).position(|bytes| bytes == TAG) {
        return tagged(source, size, first, meet);
    }
    let files = word(&head, 12).ok_or(FormError::Form("it is shorter than its header"))?;
    if files > FILES_MAX || size < file_place(files) {
        return Err(FormError::Form(
            "it is shorter than the files that it counts",
        ));
    }
    for index in 0..files {
        let mut record = [0; FILE_BYTES];
        fill(source, file_place(index), &mut record)?;
        if file(source, size, (files, index), &record, meet)?.is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Where the record of a file lies.
fn file_place(index: u32) -> u64 {
    bytes(HEADER_BYTES) + u64::from(index) * bytes(FILE_BYTES)
}

/// Where the segments of a file lie, behind the records of all `files`.
fn segments_place(files: u32, index: u32) -> u64 {
    file_place(files) + u64::from(index) * bytes(SEGMENTS_EACH) * bytes(SEGMENT_BYTES)
}

fn bytes(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Tells the segments of one file.
fn file(
    source: &dyn ReadAt,
    size: u64,
    (files, index): (u32, u32),
    record: &[u8],
    meet: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, FormError> {
    let (Some(number), Some(channel), Some(count)) =
        (word(record, 0), half(record, 4), half(record, 6))
    else {
        return Ok(ControlFlow::Continue(()));
    };
    let start_s = i64::from(word(record, 8).unwrap_or(0));
    if channel == NO_CHANNEL {
        return Ok(ControlFlow::Continue(()));
    }
    // Files are numbered from 0 in the order of their records; some firmware leaves the number out.
    let number = if number == 0 { index } else { number };
    if count == 0 {
        // It is being written: its segments are told when it is full.
        if start_s == 0 {
            return Ok(ControlFlow::Continue(()));
        }
        return Ok(meet(Entry {
            file: number,
            channel,
            start_s,
            end_s: None,
            bytes: None,
        }));
    }
    let count = usize::from(count).min(SEGMENTS_EACH);
    let at = segments_place(files, index);
    let held = usize::try_from(size.saturating_sub(at)).unwrap_or(usize::MAX);
    let mut segments = vec![0; (count * SEGMENT_BYTES).min(held)];
    fill(source, at, &mut segments)?;
    for segment in segments.chunks_exact(SEGMENT_BYTES) {
        let (Some(start), Some(end)) = (word(segment, 8), word(segment, 16)) else {
            continue;
        };
        let (Some(first), Some(last)) = (word(segment, 40), word(segment, 44)) else {
            continue;
        };
        let entry = entry(number, channel, (start, end), (first, last));
        if entry.is_some_and(|entry| meet(entry).is_break()) {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// Reads records of the other form, whose places count through all files.
fn tagged(
    source: &dyn ReadAt,
    size: u64,
    first: usize,
    meet: &mut dyn FnMut(Entry) -> ControlFlow<()>,
) -> Result<ControlFlow<()>, FormError> {
    let step = bytes(SEGMENT_BYTES);
    let first = bytes(first);
    let count = (size.saturating_sub(first) / step).min(TAGGED_MAX);
    for index in 0..count {
        let mut record = [0; SEGMENT_BYTES];
        fill(source, first + index * step, &mut record)?;
        if !record.starts_with(TAG) {
            continue;
        }
        let fields = [36, 44, 68, 72].map(|at| word(&record, at));
        let [Some(start), Some(end), Some(from), Some(to)] = fields else {
            continue;
        };
        let within = (
            from % RING_BYTES,
            (from % RING_BYTES).saturating_add(to.saturating_sub(from)),
        );
        let entry = entry(from / RING_BYTES, 0, (start, end), within);
        if entry.is_some_and(|entry| meet(entry).is_break()) {
            return Ok(ControlFlow::Break(()));
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// A segment, unless what is told of it cannot be.
fn entry(file: u32, channel: u16, time: (u32, u32), bytes: (u32, u32)) -> Option<Entry> {
    let (start_s, end_s) = (i64::from(time.0), i64::from(time.1));
    let lasts = 1..=SEGMENT_S_MAX;
    if start_s == 0 || !lasts.contains(&(end_s - start_s)) || bytes.1 <= bytes.0 {
        return None;
    }
    Some(Entry {
        file,
        channel,
        start_s,
        end_s: Some(end_s),
        bytes: Some(u64::from(bytes.0)..u64::from(bytes.1)),
    })
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_le_bytes(bytes))
}

fn half(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at + 2)?.try_into().ok()?;
    Some(u16::from_le_bytes(bytes))
}

/// Fills `buf` from `at`.
fn fill(source: &dyn ReadAt, at: u64, mut buf: &mut [u8]) -> Result<(), FormError> {
    let mut from = at;
    while !buf.is_empty() {
        let count = source.read_at(buf, from).map_err(FormError::Read)?;
        if count == 0 {
            return Err(FormError::Read(io::ErrorKind::UnexpectedEof.into()));
        }
        from = from.saturating_add(bytes(count));
        buf = buf.get_mut(count..).unwrap_or_default();
    }
    Ok(())
}

/// Indexes as the camera writes them.
#[cfg(test)]
pub(super) mod samples {
    use std::ops::Range;

    use super::{FILE_BYTES, HEADER_BYTES, SEGMENT_BYTES, SEGMENTS_EACH};

    /// One file of an index.
    #[derive(Debug, Clone, Default)]
    pub(in super::super) struct Made {
        pub(in super::super) channel: u16,
        pub(in super::super) start: u32,
        pub(in super::super) segments: Vec<(u32, u32, Range<u32>)>,
    }

    /// The bytes of an index of these files.
    pub(in super::super) fn index(files: &[Made]) -> Vec<u8> {
        let mut bytes = vec![0; HEADER_BYTES + files.len() * FILE_BYTES];
        let count = u32::try_from(files.len()).unwrap();
        bytes[8..12].copy_from_slice(&2_u32.to_le_bytes());
        bytes[12..16].copy_from_slice(&count.to_le_bytes());
        for (index, file) in files.iter().enumerate() {
            let at = HEADER_BYTES + index * FILE_BYTES;
            let number = u32::try_from(index).unwrap();
            let segments = u16::try_from(file.segments.len()).unwrap();
            bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
            bytes[at + 4..at + 6].copy_from_slice(&file.channel.to_le_bytes());
            bytes[at + 6..at + 8].copy_from_slice(&segments.to_le_bytes());
            bytes[at + 8..at + 12].copy_from_slice(&file.start.to_le_bytes());
            let mut records = vec![0; SEGMENTS_EACH * SEGMENT_BYTES];
            for (at, (start, end, range)) in file.segments.iter().enumerate() {
                let record = &mut records[at * SEGMENT_BYTES..(at + 1) * SEGMENT_BYTES];
                for (at, value) in [(8, start), (16, end), (40, &range.start), (44, &range.end)] {
                    record[at..at + 4].copy_from_slice(&value.to_le_bytes());
                }
            }
            bytes.extend(records);
        }
        bytes
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::samples::{Made, index};
    use super::*;

    fn entries(bytes: &[u8]) -> Result<Vec<Entry>, FormError> {
        let mut entries = Vec::new();
        let size = u64::try_from(bytes.len()).unwrap();
        read(&bytes, size, &mut |entry| {
            entries.push(entry);
            ControlFlow::Continue(())
        })
        .map(|_| entries)
    }

    #[test]
    fn every_file_tells_its_segments_in_place() {
        let files = [
            Made {
                channel: 1,
                segments: vec![(1_000, 1_060, 0..500), (1_060, 1_120, 500..900)],
                ..Made::default()
            },
            Made {
                channel: NO_CHANNEL,
                ..Made::default()
            },
            Made {
                channel: 2,
                segments: vec![(2_000, 2_060, 16..500)],
                ..Made::default()
            },
        ];
        let found = entries(&index(&files)).unwrap();
        let brief: Vec<_> = found
            .iter()
            .map(|e| (e.file, e.channel, e.start_s, e.bytes.clone().unwrap()))
            .collect();
        assert_eq!(
            brief,
            [
                (0, 1, 1_000, 0..500),
                (0, 1, 1_060, 500..900),
                (2, 2, 2_000, 16..500)
            ]
        );
    }

    #[test]
    fn a_file_without_segments_yet_is_being_written() {
        let open = Made {
            channel: 1,
            start: 5_000,
            ..Made::default()
        };
        let found = entries(&index(&[open])).unwrap();
        assert_eq!((found[0].start_s, found[0].end_s), (5_000, None));
    }

    #[test]
    fn a_segment_that_cannot_be_is_passed_over() {
        let impossible = Made {
            channel: 1,
            segments: vec![
                (1_000, 1_000, 0..500),
                (2_000, 1_000, 0..500),
                (9, 10, 7..7),
            ],
            ..Made::default()
        };
        assert_eq!(entries(&index(&[impossible])).unwrap(), []);
    }

    #[test]
    fn the_other_form_counts_bytes_through_all_files() {
        let mut bytes = vec![0; 96 + SEGMENT_BYTES];
        bytes[96..100].copy_from_slice(TAG);
        let fields = [
            (36, 1_000),
            (44, 1_060),
            (68, RING_BYTES + 10),
            (72, RING_BYTES + 90),
        ];
        for (at, value) in fields {
            bytes[96 + at..100 + at].copy_from_slice(&value.to_le_bytes());
        }
        let found = entries(&bytes).unwrap();
        assert_eq!((found[0].file, found[0].bytes.clone()), (1, Some(10..90)));
    }

    #[test]
    fn an_index_that_counts_more_files_than_it_holds_is_refused() {
        let mut bytes = index(&[Made::default()]);
        bytes[12..16].copy_from_slice(&u32::MAX.to_le_bytes());
        assert!(matches!(entries(&bytes), Err(FormError::Form(_))));
        assert!(matches!(entries(&[0; 5]), Err(FormError::Form(_))));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(
            at in 0_usize..2_000, junk in proptest::collection::vec(any::<u8>(), 0..64),
            cut in 0_usize..30_000,
        ) {
            let file = Made { channel: 1, segments: vec![(1_000, 1_060, 0..500)], ..Made::default() };
            let mut bytes = index(&[file]);
            for (into, byte) in bytes.iter_mut().skip(at).zip(junk) {
                *into = byte;
            }
            bytes.truncate(cut);
            let (Ok(_) | Err(_)) = entries(&bytes);
        }
    }
}
