//! The file that ties a folder of sample files to its database: two names of 16 bytes.
//!
//! A length, then fields as protocol buffers have them: the first is the database's, the second the
//! folder's; what else is in it is passed over. It must not know the database.

use std::io::{self, Read};
use std::path::Path;

/// The file's size.
const BYTES_MAX: u64 = 512;
/// Fields looked at, at most: there are four.
const FIELDS_MAX: usize = 16;
/// Bytes of a number at most.
const VARINT_BYTES_MAX: usize = 10;

/// Who a folder belongs to, and which one it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meta {
    pub(super) database: [u8; 16],
    pub(super) folder: [u8; 16],
}

/// The first bytes of the file.
pub(super) fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs_err::File::open(path)?
        .take(BYTES_MAX)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Meta {
    /// Reads the file's bytes.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let (length, rest) = varint(bytes)?;
        let mut rest = rest.get(..usize::try_from(length).ok()?)?;
        let (mut database, mut folder) = (None, None);
        for _ in 0..FIELDS_MAX {
            if rest.is_empty() {
                break;
            }
            let (key, after) = varint(rest)?;
            rest = match key & 7 {
                0 => varint(after)?.1,
                2 => {
                    let (length, after) = varint(after)?;
                    let (value, after) = after.split_at_checked(usize::try_from(length).ok()?)?;
                    match key >> 3 {
                        1 => database = value.try_into().ok(),
                        2 => folder = value.try_into().ok(),
                        _ => {}
                    }
                    after
                }
                _ => return None,
            };
        }
        Some(Self {
            database: database?,
            folder: folder?,
        })
    }
}

/// A number of seven bits a byte, the smallest first.
fn varint(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let mut value = 0_u64;
    for (index, byte) in bytes.iter().take(VARINT_BYTES_MAX).enumerate() {
        let shift = u32::try_from(index * 7).ok()?;
        value |= u64::from(byte & 0x7f).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(index + 1..)?));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn both_names_are_read_and_more_is_passed_over() {
        let mut bytes = vec![40, 0x1a, 2, 8, 1, 0x0a, 16];
        bytes.extend([7; 16]);
        bytes.extend([0x12, 16]);
        bytes.extend([9; 16]);
        let meta = Meta::read(&bytes).unwrap();
        assert_eq!((meta.database, meta.folder), ([7; 16], [9; 16]));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = Meta::read(&bytes);
        }
    }
}
