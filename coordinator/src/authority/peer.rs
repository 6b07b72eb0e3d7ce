//! Who a presented certificate names: an agent and its key.
//!
//! TLS has checked that the certificate is ours and that the peer holds its key before anyone asks
//! here; this only reads. The agent is named by the URI that the authority put in, never by the
//! subject, which is for people.

use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::peer::agent_of_uri;
use keepwatch_common::time::Instant;
use rustls_pki_types::CertificateDer;
use uuid::Uuid;
use x509_parser::prelude::{FromDer, GeneralName, X509Certificate};

use super::crypto::fingerprint_of_key;

/// The agent at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerIdentity {
    /// The agent that the certificate names.
    pub agent: Uuid,
    /// The key it proved to hold.
    pub key: Fingerprint,
    /// Until when the certificate is valid.
    pub not_after: Instant,
}

/// Why a certificate names no agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// The peer showed none.
    #[error("the peer showed no certificate")]
    Absent,
    /// What it showed is no X.509 certificate.
    #[error("the peer's certificate cannot be read")]
    Unreadable,
    /// The certificate was not made for an agent, or for more than one.
    #[error("the peer's certificate does not name exactly one agent")]
    NotAnAgent,
}

/// The agent named by the first certificate of a chain.
pub fn peer_identity(chain: &[CertificateDer<'_>]) -> Result<PeerIdentity, PeerError> {
    let leaf = chain.first().ok_or(PeerError::Absent)?;
    let (_, certificate) = X509Certificate::from_der(leaf).map_err(|_| PeerError::Unreadable)?;
    Ok(PeerIdentity {
        agent: named_agent(&certificate)?,
        key: fingerprint_of_key(certificate.public_key().raw),
        not_after: Instant::from_s(certificate.validity().not_after.timestamp()),
    })
}

/// The one agent among the alternative names.
fn named_agent(certificate: &X509Certificate<'_>) -> Result<Uuid, PeerError> {
    let names = certificate
        .subject_alternative_name()
        .map_err(|_| PeerError::Unreadable)?
        .ok_or(PeerError::NotAnAgent)?;
    match names.value.general_names.as_slice() {
        [GeneralName::URI(uri)] => agent_of_uri(uri).ok_or(PeerError::NotAnAgent),
        _ => Err(PeerError::NotAnAgent),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_certificate_and_no_x509_are_told_apart() {
        assert_eq!(peer_identity(&[]), Err(PeerError::Absent));
        let noise = CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x00]);
        assert_eq!(peer_identity(&[noise]), Err(PeerError::Unreadable));
    }
}
