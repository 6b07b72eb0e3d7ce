//! What a certificate says, and whether a new one fits the key it was asked for.
//!
//! Reading is apart from trusting: [`facts`] believes nothing, [`check_issued`] verifies the chain
//! before anything is kept. No clock is read here.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::peer::agent_of_uri;
use keepwatch_common::time::Instant;
use rustls::RootCertStore;
use rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use rustls_pki_types::{CertificateDer, UnixTime};
use uuid::Uuid;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::crypto::{fingerprint_of_key, provider};

/// What we read of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CertificateFacts {
    /// From when it is valid.
    pub not_before: Instant,
    /// Until when it is valid.
    pub not_after: Instant,
    /// The key it is for.
    pub key: Fingerprint,
    /// The agent it names, when it names exactly one.
    pub agent: Option<Uuid>,
}

/// What a certificate says; `None` when it is no X.509 certificate.
pub fn facts(der: &CertificateDer<'_>) -> Option<CertificateFacts> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let validity = certificate.validity();
    Some(CertificateFacts {
        not_before: Instant::from_s(validity.not_before.timestamp()),
        not_after: Instant::from_s(validity.not_after.timestamp()),
        key: fingerprint_of_key(certificate.public_key().raw),
        agent: named_agent(&certificate),
    })
}

fn named_agent(certificate: &X509Certificate<'_>) -> Option<Uuid> {
    let names = certificate.subject_alternative_name().ok()??;
    match names.value.general_names.as_slice() {
        [GeneralName::URI(uri)] => agent_of_uri(uri),
        _ => None,
    }
}

/// Why an issued certificate is not kept.
#[derive(Debug, thiserror::Error)]
pub enum IssuedError {
    /// There is none, or it is no X.509 certificate.
    #[error("the certificate that the coordinator sent cannot be read")]
    Unreadable,
    /// It is for another key.
    #[error("the certificate that the coordinator sent is for another key than was asked for")]
    OtherKey,
    /// It names another agent, or none.
    #[error("the certificate that the coordinator sent does not name agent {agent}")]
    OtherAgent {
        /// Whom it should name.
        agent: Uuid,
    },
    /// The pinned authority is no certificate to check others with.
    #[error("the authority's certificate cannot be used")]
    Authority(#[source] rustls::Error),
    /// There is no pinned authority.
    #[error("no authority's certificate is known to check others with")]
    NoAuthority(#[source] VerifierBuilderError),
    /// The authority did not make it.
    #[error("the certificate that the coordinator sent was not made by its authority")]
    NotIssued(#[source] rustls::Error),
}

/// Checks a chain that was issued for `key` and `agent`: made by a pinned authority, for a client.
/// Its dates are not judged; the coordinator does that with its own clock.
pub fn check_issued(
    authorities: &[CertificateDer<'static>],
    chain: &[CertificateDer<'static>],
    key: Fingerprint,
    agent: Uuid,
) -> Result<CertificateFacts, IssuedError> {
    let (leaf, between) = chain.split_first().ok_or(IssuedError::Unreadable)?;
    let facts = facts(leaf).ok_or(IssuedError::Unreadable)?;
    if facts.key != key {
        return Err(IssuedError::OtherKey);
    }
    if facts.agent != Some(agent) {
        return Err(IssuedError::OtherAgent { agent });
    }
    let roots = roots(authorities).map_err(IssuedError::Authority)?;
    WebPkiClientVerifier::builder_with_provider(roots, provider())
        .build()
        .map_err(IssuedError::NoAuthority)?
        .verify_client_cert(leaf, between, unix_time(facts.not_before))
        .map_err(IssuedError::NotIssued)?;
    Ok(facts)
}

/// The pinned authorities as TLS wants them.
pub(super) fn roots(
    authorities: &[CertificateDer<'static>],
) -> Result<Arc<RootCertStore>, rustls::Error> {
    let mut roots = RootCertStore::empty();
    for authority in authorities {
        roots.add(authority.clone())?;
    }
    Ok(Arc::new(roots))
}

/// An instant as TLS wants it; nothing is before 1970.
pub(super) fn unix_time(at: Instant) -> UnixTime {
    UnixTime::since_unix_epoch(Duration::from_millis(u64::try_from(at.ms()).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn noise_says_nothing() {
        assert_eq!(facts(&CertificateDer::from(vec![0x30, 0x00])), None);
        let nothing = check_issued(&[], &[], Fingerprint::from_bytes([0; 32]), Uuid::nil());
        assert!(matches!(nothing, Err(IssuedError::Unreadable)));
    }

    #[test]
    fn a_time_before_1970_is_1970() {
        assert_eq!(unix_time(Instant::EARLIEST).as_secs(), 0);
    }
}
