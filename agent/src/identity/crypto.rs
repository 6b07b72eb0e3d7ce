//! The one crypto provider (*ring*) and what we use of it besides TLS.
//!
//! Every TLS configuration is built from [`provider`] by name. The process-wide default is never
//! asked: a dependency that brings a second provider would leave rustls unable to choose, at run
//! time. To change the provider is to change this file.

use std::sync::Arc;

use keepwatch_common::ids::Randomness;
use keepwatch_common::model::fingerprint::{FINGERPRINT_BYTES, Fingerprint};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use rustls::crypto::CryptoProvider;

/// What all our TLS is done with.
pub fn provider() -> Arc<CryptoProvider> {
    Arc::new(rustls::crypto::ring::default_provider())
}

/// The operating system's random numbers.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    #[expect(
        clippy::expect_used,
        reason = "a machine without random numbers must make no key; nothing can go on"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        SystemRandom::new()
            .fill(bytes)
            .expect("the operating system gives random numbers");
    }
}

/// The fingerprint of a public key, given as its DER-encoded `SubjectPublicKeyInfo`.
pub fn fingerprint_of_key(spki: &[u8]) -> Fingerprint {
    sha256(spki)
}

/// SHA-256 over bytes that are no key: names a thing by what it says.
pub fn sha256(bytes: &[u8]) -> Fingerprint {
    let mut hash = [0_u8; FINGERPRINT_BYTES];
    hash.copy_from_slice(digest(&SHA256, bytes).as_ref());
    Fingerprint::from_bytes(hash)
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::random_bytes;

    use super::*;

    #[test]
    fn the_hash_is_the_published_one() {
        // The example of FIPS 180-2, appendix B.1.
        assert_eq!(
            fingerprint_of_key(b"abc").to_string(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }

    #[test]
    fn random_numbers_differ() {
        let draw = || random_bytes::<16>(&SystemRandomness);
        assert_ne!(draw(), draw());
    }
}
