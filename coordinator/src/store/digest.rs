//! SHA-256, and secrets kept only as their hash.
//!
//! Tokens and session keys are long random numbers, so a plain hash is enough: there is nothing to
//! guess. Passwords are not; they never come here unhashed.

use std::fmt::{self, Write};

use keepwatch_common::secret::Secret;
use ring::digest::{Context, SHA256};

/// Bytes of a SHA-256.
pub const DIGEST_BYTES: usize = 32;

/// A SHA-256: of a key, a deed, a migration.
pub type Digest = [u8; DIGEST_BYTES];

/// The SHA-256 of some pieces, one after the other. The caller delimits them where it matters.
pub fn sha256(pieces: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    for piece in pieces {
        context.update(piece);
    }
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// What the store keeps of a secret.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretHash(Digest);

impl SecretHash {
    /// Hashes a secret of at least 128 random bits.
    pub fn of(secret: &Secret) -> Self {
        Self(sha256(&[secret.expose().as_bytes()]))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_the_one_of_the_standard() {
        // FIPS 180-2, appendix B.1.
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(hex(&sha256(&[b"abc"])), expected);
        assert_eq!(hex(&sha256(&[b"a", b"bc"])), expected);
    }

    #[test]
    fn a_secrets_hash_does_not_show_itself() {
        let hash = SecretHash::of(&Secret::new("hunter2".to_owned()));
        assert_eq!(format!("{hash:?}"), "SecretHash(…)");
    }
}
