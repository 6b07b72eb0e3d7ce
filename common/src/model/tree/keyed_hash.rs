//! What stands where a secret stood: a hash under a key that never leaves the branch.
//!
//! Equal secrets under one key have equal hashes, so a change is seen and nothing else is. Hashes
//! under different keys cannot be compared at all, which is why each carries the id of its key. It
//! must not know how either is made: the agent holds the key.

use std::fmt;

/// Bytes of a key's id: enough that the keys of all branches differ.
pub const KEY_ID_BYTES: usize = 8;

/// Bytes of a hash: 128 bits, so that two secrets of one branch never meet by chance.
pub const HASH_BYTES: usize = 16;

/// Names the key that a hash was made with; tells nothing of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId([u8; KEY_ID_BYTES]);

impl KeyId {
    /// From its bytes.
    pub fn from_bytes(bytes: [u8; KEY_ID_BYTES]) -> Self {
        Self(bytes)
    }

    /// Reads what [`fmt::Display`] prints: sixteen lower-case hexadecimal digits.
    pub fn from_hex(hex: &str) -> Option<Self> {
        from_hex(hex).map(Self)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

/// A secret as others may see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyedHash {
    key: KeyId,
    hash: [u8; HASH_BYTES],
}

impl KeyedHash {
    /// A hash made with the key of this id.
    pub fn new(key: KeyId, hash: [u8; HASH_BYTES]) -> Self {
        Self { key, hash }
    }

    /// The key it was made with.
    pub fn key(&self) -> KeyId {
        self.key
    }

    /// The hash as lower-case hexadecimal digits.
    pub fn hash_hex(&self) -> impl fmt::Display {
        Hex(self.hash)
    }

    /// Reads both parts from hexadecimal digits.
    pub fn from_hex(key: &str, hash: &str) -> Option<Self> {
        Some(Self::new(KeyId::from_hex(key)?, from_hex(hash)?))
    }

    /// Whether the two say anything about each other: only hashes under one key do.
    pub fn comparable(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

struct Hex([u8; HASH_BYTES]);

impl fmt::Display for Hex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(f, &self.0)
    }
}

pub(super) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Lower-case digits only, so that every value has one spelling.
pub(super) fn from_hex<const N: usize>(hex: &str) -> Option<[u8; N]> {
    let digits = hex.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0_u8; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Some(bytes)
}

fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        let hash = KeyedHash::new(KeyId::from_bytes([0x0a; 8]), [0xf0; 16]);
        let (key, digits) = (hash.key().to_string(), hash.hash_hex().to_string());
        assert_eq!(key, "0a0a0a0a0a0a0a0a");
        assert_eq!(KeyedHash::from_hex(&key, &digits), Some(hash));
    }

    #[test]
    fn another_spelling_of_the_digits_is_refused() {
        assert_eq!(KeyId::from_hex("0A0a0a0a0a0a0a0a"), None);
        assert_eq!(KeyId::from_hex("0a0a0a0a0a0a0a"), None);
        assert_eq!(KeyId::from_hex("0a0a0a0a0a0a0ax "), None);
    }

    #[test]
    fn hashes_under_two_keys_are_not_comparable() {
        let one = KeyedHash::new(KeyId::from_bytes([1; 8]), [7; 16]);
        let other = KeyedHash::new(KeyId::from_bytes([2; 8]), [7; 16]);
        assert!(one.comparable(&one));
        assert!(!one.comparable(&other));
    }
}
