//! Certificates for agents: a key goes in, the key with a name comes out.
//!
//! An agent's request (PKCS #10) proves that it holds the key, and that is all that is taken from
//! it: whatever names and uses it asks for are ignored. Who the agent is was decided by its token
//! or by the certificate it renews.

use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::peer::agent_uri;
use keepwatch_common::time::{DAY_MS, Instant};
use rcgen::{
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData,
    SanType, SubjectPublicKeyInfo,
};
use rustls_pki_types::CertificateDer;
use uuid::Uuid;
use x509_parser::oid_registry::OID_SIG_ECDSA_WITH_SHA256;
use x509_parser::prelude::{FromDer, X509CertificationRequest};

use super::crypto::fingerprint_of_key;
use super::root::{Authority, BACK_DATED_MS, bare_params, whole_s};

/// Fewest days an agent's certificate may live: shops close for weeks.
pub const AGENT_DAYS_MIN: u16 = 30;

/// Most days an agent's certificate may live.
pub const AGENT_DAYS_MAX: u16 = 90;

/// Largest request in bytes: ours are about 200, other tools' a thousand.
pub const REQUEST_BYTES_MAX: usize = 4_096;

/// Longest organisational unit in characters (X.520, upper bound).
const UNIT_CHARS_MAX: usize = 64;

/// For whom a certificate is to be made.
#[derive(Debug, Clone, Copy)]
pub struct AgentRequest<'a> {
    /// The agent's request, DER of PKCS #10, signed with its P-256 key.
    pub csr_der: &'a [u8],
    /// The agent.
    pub agent: Uuid,
    /// The branch, for people who look at the certificate; nothing is decided by it.
    pub branch: &'a str,
    /// Days until it ends, 30 to 90.
    pub days: u16,
}

/// A certificate that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedCertificate {
    /// The certificate and whatever stands between it and the authority (nothing today), without
    /// the authority's own.
    pub chain: Vec<CertificateDer<'static>>,
    /// From when it is valid: 48 hours before it was made.
    pub not_before: Instant,
    /// Until when it is valid.
    pub not_after: Instant,
    /// Its serial number in hexadecimal digits.
    pub serial: String,
    /// The key it is for.
    pub key: Fingerprint,
}

/// Why no certificate was made.
#[derive(Debug, thiserror::Error)]
pub enum IssueError {
    /// The request is longer than any of an agent.
    #[error(
        "the certificate request has {bytes} bytes, and no agent's has more than {REQUEST_BYTES_MAX}"
    )]
    TooLarge {
        /// How long it is.
        bytes: usize,
    },
    /// The request is not PKCS #10, or something follows it.
    #[error("the certificate request cannot be read")]
    Unreadable,
    /// The key is of a kind we do not use.
    #[error("the certificate request is not for a P-256 key signed with ECDSA and SHA-256")]
    Algorithm,
    /// The sender does not hold the key.
    #[error("the certificate request is not signed with the key it is for")]
    Signature,
    /// The asked life is outside what is safe for branches.
    #[error("an agent's certificate lives {AGENT_DAYS_MIN} to {AGENT_DAYS_MAX} days, not {days}")]
    Days {
        /// What was asked.
        days: u16,
    },
    /// The authority itself has ended.
    #[error("the authority ended on {ended}; make a new one and let the agents join it")]
    AuthorityEnded {
        /// When.
        ended: Instant,
    },
    /// The certificate could not be made.
    #[error("the certificate cannot be made")]
    Make(#[source] rcgen::Error),
}

impl Authority {
    /// Makes an agent's certificate: valid from 48 hours ago, for so many days, never longer than
    /// the authority.
    pub fn issue_agent(
        &self,
        request: &AgentRequest<'_>,
        now: Instant,
    ) -> Result<IssuedCertificate, IssueError> {
        let days = request.days;
        if !(AGENT_DAYS_MIN..=AGENT_DAYS_MAX).contains(&days) {
            return Err(IssueError::Days { days });
        }
        let key = requested_key(request.csr_der)?;
        let (not_before, not_after) = self.life(now, i64::from(days) * DAY_MS)?;
        let mut params = bare_params(not_before, not_after);
        params.subject_alt_names = vec![SanType::URI(
            agent_uri(request.agent)
                .try_into()
                .map_err(IssueError::Make)?,
        )];
        let unit: String = request.branch.chars().take(UNIT_CHARS_MAX).collect();
        let name = &mut params.distinguished_name;
        name.push(DnType::OrganizationalUnitName, unit);
        name.push(DnType::CommonName, request.agent.to_string());
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let certificate = self.sign(&params, &key).map_err(IssueError::Make)?;
        Ok(IssuedCertificate {
            chain: vec![certificate],
            not_before,
            not_after,
            serial: params
                .serial_number
                .map(|serial| serial.to_string().replace(':', ""))
                .unwrap_or_default(),
            key: fingerprint_of_key(&key.subject_public_key_info()),
        })
    }

    /// From when and until when a certificate made now is valid, in whole seconds.
    pub(super) fn life(&self, now: Instant, ms: i64) -> Result<(Instant, Instant), IssueError> {
        let ended = self.not_after();
        if ended <= now {
            return Err(IssueError::AuthorityEnded { ended });
        }
        Ok((whole_s(now - BACK_DATED_MS), whole_s(now + ms).min(ended)))
    }
}

/// The P-256 key of a request whose signature is right.
fn requested_key(csr_der: &[u8]) -> Result<SubjectPublicKeyInfo, IssueError> {
    let bytes = csr_der.len();
    if bytes > REQUEST_BYTES_MAX {
        return Err(IssueError::TooLarge { bytes });
    }
    let (rest, request) =
        X509CertificationRequest::from_der(csr_der).map_err(|_| IssueError::Unreadable)?;
    if !rest.is_empty() {
        return Err(IssueError::Unreadable);
    }
    // Looked at before anything is verified: an RSA key of 8192 bits would cost us more than its
    // sender.
    let spki = &request.certification_request_info.subject_pki;
    let key = SubjectPublicKeyInfo::from_der(spki.raw).map_err(|_| IssueError::Algorithm)?;
    if key.algorithm() != &PKCS_ECDSA_P256_SHA256
        || request.signature_algorithm.algorithm != OID_SIG_ECDSA_WITH_SHA256
    {
        return Err(IssueError::Algorithm);
    }
    request
        .verify_signature()
        .map_err(|_| IssueError::Signature)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};

    use super::super::folder::PrivateFolder;
    use super::super::peer::peer_identity;
    use super::*;

    const AGENT: Uuid = Uuid::from_u128(7);

    fn now() -> Instant {
        Instant::parse("2026-11-23T08:00:00.250Z").unwrap()
    }

    fn authority() -> Authority {
        let scratch = tempfile::tempdir().unwrap();
        Authority::create(&PrivateFolder::open(scratch.path()).unwrap(), now()).unwrap()
    }

    fn csr(key: &KeyPair) -> Vec<u8> {
        let params = CertificateParams::new(vec!["evil.example".to_owned()]).unwrap();
        params.serialize_request(key).unwrap().der().to_vec()
    }

    fn issue(csr_der: &[u8], days: u16) -> Result<IssuedCertificate, IssueError> {
        let request = AgentRequest {
            csr_der,
            agent: AGENT,
            branch: "南京西路店",
            days,
        };
        authority().issue_agent(&request, now())
    }

    #[test]
    fn a_certificate_names_the_agent_and_its_key_and_nothing_it_asked_for() {
        let key = KeyPair::generate().unwrap();
        let issued = issue(&csr(&key), 60).unwrap();
        let peer = peer_identity(&issued.chain).unwrap();
        assert_eq!(peer.agent, AGENT);
        assert_eq!(peer.key, issued.key);
        assert_eq!(peer.key, fingerprint_of_key(&key.subject_public_key_info()));
        assert_eq!(peer.not_after, issued.not_after);
        let der = &issued.chain[0];
        assert!(!der.windows(12).any(|window| window == b"evil.example"));
    }

    #[test]
    fn a_certificate_begins_48_hours_ago_and_ends_when_asked() {
        let issued = issue(&csr(&KeyPair::generate().unwrap()), 30).unwrap();
        assert_eq!(issued.not_before.to_string(), "2026-11-21T08:00:00Z");
        assert_eq!(issued.not_after.to_string(), "2026-12-23T08:00:00Z");
    }

    #[test]
    fn a_certificate_does_not_outlive_its_authority() {
        let authority = authority();
        let key = KeyPair::generate().unwrap();
        let csr_der = csr(&key);
        let request = AgentRequest {
            csr_der: &csr_der,
            agent: AGENT,
            branch: "b",
            days: 90,
        };
        let late = authority.not_after() - 10 * DAY_MS;
        let issued = authority.issue_agent(&request, late).unwrap();
        assert_eq!(issued.not_after, authority.not_after());
        let error = authority
            .issue_agent(&request, authority.not_after())
            .unwrap_err();
        assert!(matches!(error, IssueError::AuthorityEnded { .. }));
    }

    #[test]
    fn two_certificates_of_one_key_have_two_serial_numbers() {
        let request = csr(&KeyPair::generate().unwrap());
        let (one, two) = (issue(&request, 30).unwrap(), issue(&request, 30).unwrap());
        assert_eq!(one.key, two.key);
        assert_ne!(one.serial, two.serial);
        assert_eq!(one.serial.len(), 32);
    }

    #[test]
    fn a_request_without_its_key_is_refused() {
        let mut request = csr(&KeyPair::generate().unwrap());
        let last = request.len() - 1;
        request[last] ^= 1;
        assert!(matches!(issue(&request, 30), Err(IssueError::Signature)));
    }

    #[test]
    fn another_kind_of_key_is_refused() {
        for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
            let request = csr(&KeyPair::generate_for(algorithm).unwrap());
            assert!(matches!(issue(&request, 30), Err(IssueError::Algorithm)));
        }
    }

    #[test]
    fn what_is_no_request_is_refused() {
        let mut longer = csr(&KeyPair::generate().unwrap());
        longer.push(0);
        assert!(matches!(issue(&longer, 30), Err(IssueError::Unreadable)));
        assert!(matches!(issue(b"", 30), Err(IssueError::Unreadable)));
        let huge = vec![0x30; REQUEST_BYTES_MAX + 1];
        assert!(matches!(issue(&huge, 30), Err(IssueError::TooLarge { .. })));
    }

    #[test]
    fn a_life_outside_30_to_90_days_is_refused() {
        let request = csr(&KeyPair::generate().unwrap());
        for days in [0, 29, 91, u16::MAX] {
            assert!(matches!(
                issue(&request, days),
                Err(IssueError::Days { .. })
            ));
        }
    }
}
