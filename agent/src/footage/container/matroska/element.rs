//! Elements: the nested frames of Matroska, each an id, a length and a body.
//!
//! It must not know what any id is for.

use crate::footage::container::detail::Flaw;
use crate::footage::container::reader::{Reader, Step};

/// Longest head: an id of four bytes and a length of eight.
const HEAD_BYTES: u64 = 12;

/// A frame in a file: from `at` to `end`, its content from `body` on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) id: u32,
    pub(super) at: u64,
    pub(super) body: u64,
    /// `None` when its length is not known, as live writers leave it.
    pub(super) end: Option<u64>,
}

/// What stands where an element may begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// An element, whose end may be behind the end of what it is in.
    Element(Element),
    /// Fewer bytes than the head that begins here; perhaps none.
    Rest,
    /// No id.
    Nothing,
}

/// Reads what stands at `at`, in something that ends at `limit`.
pub(super) fn find(reader: &mut Reader<'_>, at: u64, limit: u64) -> Step<Found> {
    reader.visit(at)?;
    let rest = limit.min(reader.size()).saturating_sub(at);
    let len = usize::try_from(rest.min(HEAD_BYTES)).unwrap_or(0);
    if len == 0 {
        return Ok(Found::Rest);
    }
    let head = reader.bytes(at, len)?;
    let Some((id, behind)) = id(head) else {
        let cut = head.first().is_some_and(|first| *first >= 0x10);
        return Ok(if cut { Found::Rest } else { Found::Nothing });
    };
    let Some((length, behind)) = number(behind) else {
        let cut = behind.first().is_none_or(|first| *first != 0);
        return Ok(if cut { Found::Rest } else { Found::Nothing });
    };
    let taken = u64::try_from(len - behind.len()).unwrap_or(HEAD_BYTES);
    let body = at + taken;
    Ok(Found::Element(Element {
        id,
        at,
        body,
        end: length.map(|length| body.saturating_add(length)),
    }))
}

/// An id: its first bit that is set tells its bytes, one to four.
fn id(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let width = usize::try_from(bytes.first()?.leading_zeros()).ok()? + 1;
    if width > 4 {
        return None;
    }
    let (id, rest) = bytes.split_at_checked(width)?;
    Some((
        id.iter().fold(0, |id, byte| (id << 8) | u32::from(*byte)),
        rest,
    ))
}

/// A number coded in the same way, in up to eight bytes, without that bit; `None` inside when all bits
/// are set, which stands for unknown.
pub(super) fn number(bytes: &[u8]) -> Option<(Option<u64>, &[u8])> {
    let width = usize::try_from(bytes.first()?.leading_zeros()).ok()? + 1;
    if width > 8 {
        return None;
    }
    let (number, rest) = bytes.split_at_checked(width)?;
    let all = number
        .iter()
        .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte));
    let unknown = (1_u64 << (7 * width)) - 1;
    let value = all & unknown;
    Some(((value != unknown).then_some(value), rest))
}

/// The elements inside an element, one after the other.
#[derive(Debug)]
pub(super) struct Children {
    parent: u32,
    at: u64,
    end: u64,
}

impl Children {
    /// Of a parent whose end is known.
    pub(super) fn of(parent: &Element) -> Self {
        Self {
            parent: parent.id,
            at: parent.body,
            end: parent.end.unwrap_or(parent.body),
        }
    }

    /// The next element, whole within its parent; `None` behind the last.
    pub(super) fn next(&mut self, reader: &mut Reader<'_>) -> Step<Option<Element>> {
        let at = self.at;
        if at >= self.end {
            return Ok(None);
        }
        let misfit = Flaw::ElementMisfit {
            id: self.parent,
            at,
        };
        match find(reader, at, self.end)? {
            Found::Element(child) => match child.end {
                Some(end) if end <= self.end => {
                    self.at = end;
                    Ok(Some(child))
                }
                _ => Err(Flaw::ElementMisfit { id: child.id, at }.into()),
            },
            Found::Rest | Found::Nothing => Err(misfit.into()),
        }
    }
}

impl Element {
    /// Bytes of the body; none when that is not known.
    pub(super) fn len(&self) -> u64 {
        self.end.map_or(0, |end| end.saturating_sub(self.body))
    }

    /// The body as a number; of more than eight bytes it is none.
    pub(super) fn number(&self, reader: &mut Reader<'_>) -> Step<u64> {
        let bytes = self.short(reader)?;
        Ok(bytes
            .iter()
            .fold(0_u64, |sum, byte| (sum << 8) | u64::from(*byte)))
    }

    /// The body as a number with a fraction.
    pub(super) fn fraction(&self, reader: &mut Reader<'_>) -> Step<f64> {
        let bytes = self.short(reader)?;
        Ok(match *bytes {
            [a, b, c, d] => f64::from(f32::from_be_bytes([a, b, c, d])),
            [a, b, c, d, e, f, g, h] => f64::from_be_bytes([a, b, c, d, e, f, g, h]),
            _ => 0.0,
        })
    }

    fn short<'r>(&self, reader: &'r mut Reader<'_>) -> Step<&'r [u8]> {
        match usize::try_from(self.len()) {
            Ok(len) if len <= 8 => reader.bytes(self.body, len),
            _ => Err(Flaw::ElementMisfit {
                id: self.id,
                at: self.at,
            }
            .into()),
        }
    }

    /// The first bytes of the body, at most `most`.
    pub(super) fn bytes(&self, reader: &Reader<'_>, most: usize) -> Step<Vec<u8>> {
        let len = usize::try_from(self.len()).unwrap_or(usize::MAX).min(most);
        let mut bytes = vec![0; len];
        reader.view().fill(self.body, &mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::footage::container::reader::Window;

    fn found(bytes: &[u8]) -> Found {
        let mut window = Window::default();
        let size = u64::try_from(bytes.len()).unwrap();
        find(&mut Reader::new(&bytes, size, &mut window), 0, size).unwrap()
    }

    #[test]
    fn an_element_has_an_id_and_a_length_of_any_width() {
        let element = |id, body, end| {
            Found::Element(Element {
                id,
                at: 0,
                body,
                end,
            })
        };
        assert_eq!(found(&[0xec, 0x82, 0, 0]), element(0xec, 2, Some(4)));
        assert_eq!(
            found(&[
                0x1f, 0x43, 0xb6, 0x75, 0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff
            ]),
            element(0x1f43_b675, 12, None)
        );
        assert_eq!(
            found(&[0x42, 0x86, 0x40, 0x05]),
            element(0x4286, 4, Some(9))
        );
        assert_eq!(found(&[0xa3, 0xff]), element(0xa3, 2, None));
    }

    #[test]
    fn what_is_cut_is_a_rest_and_what_is_no_id_is_nothing() {
        assert_eq!(found(&[]), Found::Rest);
        assert_eq!(found(&[0x1f, 0x43]), Found::Rest);
        assert_eq!(found(&[0xec]), Found::Rest);
        assert_eq!(found(&[0x08, 0x80, 0, 0]), Found::Nothing);
        assert_eq!(found(&[0xec, 0x00, 0, 0]), Found::Nothing);
        assert_eq!(found(&[0; 20]), Found::Nothing);
    }
}
