//! The branch's key: what makes a hash of a secret useless to everyone else.
//!
//! A camera's password is short; a plain hash of it is guessed in seconds. Under thirty-two random
//! bytes that stay at the branch, trying passwords needs the key. It is wiped when dropped and prints
//! only its id. Where it is kept is not its business.

use std::fmt;

use keepwatch_common::ids::{Randomness, random_bytes};
use keepwatch_common::model::tree::{HASH_BYTES, KEY_ID_BYTES, KeyId, KeyedHash};
use zeroize::Zeroizing;

/// Bytes of a key, as BLAKE3 takes them.
const KEY_BYTES: usize = 32;

/// Keeps ids apart from hashes, and from whatever else a key may name one day.
const ID_CONTEXT: &str = "keepwatch agent redaction key id v1";

/// A secret key for hashing secrets.
#[derive(Clone)]
pub struct RedactionKey {
    bytes: Zeroizing<[u8; KEY_BYTES]>,
    id: KeyId,
}

impl RedactionKey {
    /// A new key. The randomness must be the crypto provider's.
    pub fn draw(randomness: &dyn Randomness) -> Self {
        Self::from_bytes(Zeroizing::new(random_bytes(randomness)))
    }

    /// The key that was kept.
    pub fn from_bytes(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let derived = Zeroizing::new(blake3::derive_key(ID_CONTEXT, &*bytes));
        let mut id = [0; KEY_ID_BYTES];
        id.copy_from_slice(&derived[..KEY_ID_BYTES]);
        Self {
            bytes,
            id: KeyId::from_bytes(id),
        }
    }

    /// The bytes to keep; never log or send what this returns.
    pub fn expose(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    /// Names the key and tells nothing of it.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What stands for a secret: equal secrets have equal hashes under one key.
    pub(super) fn hash(&self, secret: &str) -> KeyedHash {
        let whole = blake3::keyed_hash(&self.bytes, secret.as_bytes());
        let mut hash = [0; HASH_BYTES];
        hash.copy_from_slice(&whole.as_bytes()[..HASH_BYTES]);
        KeyedHash::new(self.id, hash)
    }
}

impl fmt::Debug for RedactionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedactionKey({})", self.id)
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;

    use super::*;

    fn key(seed: u64) -> RedactionKey {
        RedactionKey::draw(&Seeded::new(seed))
    }

    #[test]
    fn one_key_gives_one_secret_one_hash() {
        assert_eq!(key(1).hash("12345"), key(1).hash("12345"));
        assert_ne!(key(1).hash("12345"), key(1).hash("12346"));
    }

    #[test]
    fn another_key_has_another_id_and_gives_another_hash() {
        let (one, other) = (key(1).hash("12345"), key(2).hash("12345"));
        assert_ne!(one.key(), other.key());
        assert_ne!(one.hash_hex().to_string(), other.hash_hex().to_string());
    }

    #[test]
    fn a_kept_key_is_the_same_key() {
        let kept = RedactionKey::from_bytes(Zeroizing::new(*key(1).expose()));
        assert_eq!(kept.hash("x"), key(1).hash("x"));
    }

    #[test]
    fn debug_shows_the_id_and_no_byte_of_the_key() {
        let key = RedactionKey::from_bytes(Zeroizing::new([0xab; KEY_BYTES]));
        assert_eq!(format!("{key:?}"), format!("RedactionKey({})", key.id()));
        assert!(!format!("{key:?}").contains("abab"));
    }
}
