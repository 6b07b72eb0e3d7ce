//! Chunks: the nested frames of RIFF, and fields inside them.
//!
//! It must not know what any chunk is for.

use crate::footage::container::four_cc::FourCc;
use crate::footage::container::reader::{Reader, Step};

/// Bytes of the name and the size of a chunk, and of a list with the name of what it holds.
pub(super) const HEAD_BYTES: u64 = 8;
const LIST_BYTES: u64 = 12;

/// A frame in a file: from `at` to `end`, its content from `body` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Chunk {
    /// Its name; of a list, what it holds.
    pub(super) name: FourCc,
    /// Whether it holds chunks.
    pub(super) list: bool,
    pub(super) at: u64,
    pub(super) body: u64,
    pub(super) end: u64,
    /// Its size is still to be filled in.
    pub(super) unsized_yet: bool,
}

/// The chunk that begins at `at`, in something that ends at `limit`; `None` when there are not enough
/// bytes for its head. Its end may be behind the limit.
pub(super) fn find(reader: &mut Reader<'_>, at: u64, limit: u64) -> Step<Option<Chunk>> {
    reader.visit(at)?;
    let rest = limit.min(reader.size()).saturating_sub(at);
    if rest < HEAD_BYTES {
        return Ok(None);
    }
    let len = usize::try_from(rest.min(LIST_BYTES)).unwrap_or(0);
    let head = reader.bytes(at, len)?;
    let (name, size) = (four(head, 0), le32(head, 4));
    let list = matches!(&name, b"RIFF" | b"LIST");
    if list && rest < LIST_BYTES {
        return Ok(None);
    }
    let held = if list { four(head, 8) } else { name };
    let unsized_yet = list && matches!(size, 0 | u32::MAX);
    Ok(Some(Chunk {
        name: FourCc(held),
        list,
        at,
        body: at + if list { LIST_BYTES } else { HEAD_BYTES },
        end: if unsized_yet {
            limit
        } else {
            at + HEAD_BYTES + u64::from(size)
        },
        unsized_yet,
    }))
}

impl Chunk {
    /// Where the next chunk begins: sizes are made even.
    pub(super) fn next(&self) -> u64 {
        self.end.saturating_add(self.end % 2)
    }

    /// The first `N` bytes of the body, zeros behind its end.
    pub(super) fn fields<const N: usize>(&self, reader: &mut Reader<'_>) -> Step<[u8; N]> {
        let end = self.end.min(reader.size());
        let len = usize::try_from(end.saturating_sub(self.body)).map_or(N, |len| len.min(N));
        let mut fields = [0; N];
        let (taken, _) = fields.split_at_mut(len);
        taken.copy_from_slice(reader.bytes(self.body, len)?);
        Ok(fields)
    }
}

/// Four characters at `at`; zeros where there are none.
pub(super) fn four(bytes: &[u8], at: usize) -> [u8; 4] {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .copied()
        .unwrap_or_default()
}

/// The little-endian number at `at`; zero where there is none.
pub(super) fn le32(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(four(bytes, at))
}
