//! Boxes: the nested frames every MP4 file is made of, and fields inside them.
//!
//! A box that does not fit into what it is in never gets out of here as good. It must not know what
//! any kind of box is for.

use crate::footage::container::column::Table;
use crate::footage::container::detail::Flaw;
use crate::footage::container::four_cc::FourCc;
use crate::footage::container::reader::{Reader, Step};

/// Bytes of the size and the kind of a box.
pub(super) const HEAD_BYTES: u64 = 8;

/// A frame in a file: from `at` to `end`, its content from `body` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct BoxHead {
    pub(super) kind: FourCc,
    pub(super) at: u64,
    pub(super) body: u64,
    pub(super) end: u64,
    pub(super) size: SizeWord,
}

/// What a box says of its own size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SizeWord {
    /// So many bytes.
    Given,
    /// Up to the end of the file: 0, which is also what ffmpeg, `GStreamer` and `ZLMediaKit` leave
    /// to be filled in.
    ToEnd,
    /// A row of question marks, which Android leaves to be filled in.
    Placeholder,
}

/// What stands where a box may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// A box, whose end may be behind the end of what it is in.
    Box(BoxHead),
    /// Fewer bytes than the head of a box; perhaps none.
    Rest,
    /// Eight zeros.
    Zeros,
    /// A size no box can have.
    Nothing,
}

/// Reads what stands at `at`, in something that ends at `limit`.
pub(super) fn find(reader: &mut Reader<'_>, at: u64, limit: u64) -> Step<Found> {
    reader.visit(at)?;
    let rest = limit.saturating_sub(at);
    if rest < HEAD_BYTES {
        return Ok(Found::Rest);
    }
    let want = if rest < 16 { 8 } else { 16 };
    let head = reader.bytes(at, want)?;
    let (size, kind, large) = (be32(head, 0), be32(head, 4), be64(head, 8));
    let kind_text = FourCc(kind.to_be_bytes());
    let frame = |body: u64, end: u64, size| {
        Found::Box(BoxHead {
            kind: kind_text,
            at,
            body: at + body,
            end,
            size,
        })
    };
    Ok(match size {
        0 if kind == 0 => Found::Zeros,
        0 => frame(8, limit, SizeWord::ToEnd),
        1 if rest < 16 => frame(8, u64::MAX, SizeWord::Given),
        1 => match large {
            0 => frame(16, limit, SizeWord::ToEnd),
            LARGE_PLACEHOLDER => frame(16, limit, SizeWord::Placeholder),
            1..16 => Found::Nothing,
            _ => frame(16, at.saturating_add(large), SizeWord::Given),
        },
        2..8 => Found::Nothing,
        PLACEHOLDER if rest < u64::from(PLACEHOLDER) => frame(8, limit, SizeWord::Placeholder),
        _ => frame(8, at.saturating_add(u64::from(size)), SizeWord::Given),
    })
}

const PLACEHOLDER: u32 = u32::from_be_bytes(*b"????");
const LARGE_PLACEHOLDER: u64 = u64::from_be_bytes(*b"????????");

/// The boxes inside a box, one after the other.
#[derive(Debug)]
pub(super) struct Children {
    at: u64,
    end: u64,
}

impl Children {
    pub(super) fn of(parent: &BoxHead) -> Self {
        Self::between(parent.body, parent.end)
    }

    pub(super) fn between(at: u64, end: u64) -> Self {
        Self { at, end }
    }

    /// The next box, whole within its parent; `None` behind the last. `QuickTime` may end a list
    /// with four zeros, so a rest too short for a box is no flaw.
    pub(super) fn next(&mut self, reader: &mut Reader<'_>) -> Step<Option<BoxHead>> {
        let at = self.at;
        match find(reader, at, self.end)? {
            Found::Rest => Ok(None),
            Found::Zeros | Found::Nothing => Err(Flaw::NotABox { at }.into()),
            Found::Box(child) if child.end > self.end || child.size != SizeWord::Given => {
                Err(Flaw::BoxOutside {
                    kind: child.kind,
                    at,
                }
                .into())
            }
            Found::Box(child) => {
                self.at = child.end;
                Ok(Some(child))
            }
        }
    }
}

impl BoxHead {
    /// Bytes between the head and the end.
    pub(super) fn body_len(&self) -> u64 {
        self.end.saturating_sub(self.body)
    }

    /// The flaw of a box that is too short for what it says it holds.
    pub(super) fn short(&self) -> Flaw {
        Flaw::BoxShort {
            kind: self.kind,
            at: self.at,
        }
    }

    /// The first `N` bytes of the body, zeros behind its end; at least `need` must be there.
    pub(super) fn fields<const N: usize>(
        &self,
        reader: &mut Reader<'_>,
        need: usize,
    ) -> Step<[u8; N]> {
        let len = usize::try_from(self.body_len()).map_or(N, |len| len.min(N));
        if len < need {
            return Err(self.short().into());
        }
        let mut fields = [0; N];
        let (taken, _) = fields.split_at_mut(len);
        taken.copy_from_slice(reader.bytes(self.body, len)?);
        Ok(fields)
    }

    /// The table that begins `skip` bytes into the body; the box must be long enough for it.
    pub(super) fn table(&self, skip: u64, count: u32, width: usize) -> Step<Table> {
        let stride = u64::try_from(width).unwrap_or(u64::MAX);
        let len = u64::from(count).saturating_mul(stride).saturating_add(skip);
        if len > self.body_len() {
            return Err(self.short().into());
        }
        Ok(Table {
            at: self.body + skip,
            count: u64::from(count),
            width,
        })
    }
}

/// The big-endian number at `at`; zero when there are not enough bytes, which callers rule out by
/// asking for them first.
pub(super) fn be16(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |word| u16::from_be_bytes(*word))
}

/// As [`be16`], of four bytes.
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |word| u32::from_be_bytes(*word))
}

/// As [`be16`], of eight bytes.
pub(super) fn be64(bytes: &[u8], at: usize) -> u64 {
    bytes
        .get(at..)
        .and_then(<[u8]>::first_chunk)
        .map_or(0, |word| u64::from_be_bytes(*word))
}
