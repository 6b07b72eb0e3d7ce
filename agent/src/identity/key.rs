//! The agent's key pair: P-256, made at the branch.
//!
//! It leaves memory only into a file that nobody else may read, never to the coordinator: that gets
//! a request which proves that the key is held.

use std::fmt;

use keepwatch_common::model::fingerprint::Fingerprint;
use rcgen::{CertificateParams, DistinguishedName, KeyPair, PKCS_ECDSA_P256_SHA256, PublicKeyData};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use zeroize::Zeroizing;

use super::crypto::fingerprint_of_key;

/// A P-256 key pair.
pub struct AgentKey(KeyPair);

/// Why there is no key.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// It could not be made, or the request could not be signed with it.
    #[error("the agent's key cannot be used")]
    Use(#[source] rcgen::Error),
    /// The text is no key of ours.
    #[error("this is not a P-256 key in PEM (PKCS #8)")]
    NotAKey,
}

impl AgentKey {
    /// Makes a new one.
    pub fn make() -> Result<Self, KeyError> {
        KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)
            .map(Self)
            .map_err(KeyError::Use)
    }

    /// Reads one from PEM (PKCS #8).
    pub fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let der =
            PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| KeyError::NotAKey)?;
        let pair = KeyPair::try_from(&der).map_err(|_| KeyError::NotAKey)?;
        if pair.algorithm() != &PKCS_ECDSA_P256_SHA256 {
            return Err(KeyError::NotAKey);
        }
        Ok(Self(pair))
    }

    /// As PEM (PKCS #8), for the file it is kept in.
    pub fn pem(&self) -> Zeroizing<String> {
        Zeroizing::new(self.0.serialize_pem())
    }

    /// For TLS.
    pub(super) fn private_der(&self) -> PrivateKeyDer<'static> {
        PrivatePkcs8KeyDer::from(self.0.serialize_der()).into()
    }

    /// The public key's name: the agent is known by it.
    pub fn fingerprint(&self) -> Fingerprint {
        fingerprint_of_key(&self.0.subject_public_key_info())
    }

    /// A request for a certificate (DER of PKCS #10). It carries the public key and proves that the
    /// private one is held; it asks for no name, for the coordinator decides who we are.
    pub fn request(&self) -> Result<Vec<u8>, KeyError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        let request = params.serialize_request(&self.0).map_err(KeyError::Use)?;
        Ok(request.der().to_vec())
    }
}

impl fmt::Debug for AgentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AgentKey({})", self.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use rcgen::PKCS_ED25519;

    use super::*;

    #[test]
    fn a_key_is_the_same_after_it_was_kept() {
        let key = AgentKey::make().unwrap();
        let read = AgentKey::from_pem(&key.pem()).unwrap();
        assert_eq!(read.fingerprint(), key.fingerprint());
        assert_ne!(AgentKey::make().unwrap().fingerprint(), key.fingerprint());
    }

    #[test]
    fn another_kind_of_key_and_noise_are_refused() {
        let other = KeyPair::generate_for(&PKCS_ED25519).unwrap();
        assert!(AgentKey::from_pem(&other.serialize_pem()).is_err());
        assert!(AgentKey::from_pem("").is_err());
    }

    #[test]
    fn debug_shows_the_public_name_only() {
        let key = AgentKey::make().unwrap();
        let shown = format!("{key:?}");
        assert_eq!(shown, format!("AgentKey({})", key.fingerprint()));
    }
}
