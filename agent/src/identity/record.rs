//! The files' contents: JSON with PEM inside, so that a person can read everything with usual tools.
//!
//! One file holds all of the identity, because its parts must never be of two lives: a certificate
//! of the old authority with the new one pinned, or a key without its certificate. These types are
//! what stands on disk and nothing else; whether the parts fit is checked elsewhere.

use keepwatch_common::model::address::Address;
use keepwatch_common::secret::Secret;
use pem::Pem;
use rustls_pki_types::CertificateDer;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;
use zeroize::Zeroizing;

/// What PEM calls a certificate.
const CERTIFICATE: &str = "CERTIFICATE";

/// The layout that this program writes and reads.
const VERSION: u32 = 1;

/// Most certificates in one chain or list: a chain has one or two, and two authorities are trusted
/// while one replaces the other.
const CERTIFICATES_MAX: usize = 8;

/// The whole identity.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct IdentityRecord {
    version: u32,
    pub(super) agent: Uuid,
    pub(super) branch: String,
    pub(super) coordinators: Vec<Address>,
    pub(super) authorities: Certificates,
    #[serde(flatten)]
    pub(super) pair: PairRecord,
}

/// A key and, once it was issued, its certificate.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct CandidateRecord {
    version: u32,
    #[serde(flatten)]
    pub(super) pair: PairRecord,
}

/// A key and its chain; the chain is empty while it was only asked for.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct PairRecord {
    pub(super) key: KeyPem,
    pub(super) chain: Certificates,
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum RecordError {
    /// It is not the JSON that we write.
    #[error("it is not what this program writes")]
    Json(#[source] serde_json::Error),
    /// A later program wrote it.
    #[error("it is of version {version}, and this program reads version {VERSION}")]
    Version {
        /// Its version.
        version: u32,
    },
}

impl IdentityRecord {
    pub(super) fn new(
        agent: Uuid,
        branch: String,
        coordinators: Vec<Address>,
        authorities: Certificates,
        pair: PairRecord,
    ) -> Self {
        Self {
            version: VERSION,
            agent,
            branch,
            coordinators,
            authorities,
            pair,
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(bytes).map_err(RecordError::Json)?;
        checked_version(record.version).map(|()| record)
    }

    pub(super) fn text(&self) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        text(self)
    }
}

impl CandidateRecord {
    pub(super) fn new(pair: PairRecord) -> Self {
        Self {
            version: VERSION,
            pair,
        }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let record: Self = serde_json::from_slice(bytes).map_err(RecordError::Json)?;
        checked_version(record.version).map(|()| record)
    }

    pub(super) fn text(&self) -> Result<Zeroizing<Vec<u8>>, RecordError> {
        text(self)
    }
}

fn checked_version(version: u32) -> Result<(), RecordError> {
    if version == VERSION {
        Ok(())
    } else {
        Err(RecordError::Version { version })
    }
}

fn text(record: &impl Serialize) -> Result<Zeroizing<Vec<u8>>, RecordError> {
    serde_json::to_vec_pretty(record)
        .map(Zeroizing::new)
        .map_err(RecordError::Json)
}

/// A private key in PEM; wiped when dropped, and never shown.
#[derive(Debug)]
pub(super) struct KeyPem(pub(super) Secret);

impl Serialize for KeyPem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.expose())
    }
}

impl<'de> Deserialize<'de> for KeyPem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|pem| Self(Secret::new(pem)))
    }
}

/// Certificates as one PEM text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(super) struct Certificates(pub(super) Vec<CertificateDer<'static>>);

/// Why a text is no list of certificates.
#[derive(Debug, thiserror::Error)]
pub(super) enum CertificatesError {
    /// It is not PEM.
    #[error("the certificates are not PEM")]
    Pem(#[source] pem::PemError),
    /// Something else stands among them, or too many do.
    #[error("there are not up to {CERTIFICATES_MAX} certificates and nothing else")]
    Other,
}

impl From<Certificates> for String {
    fn from(certificates: Certificates) -> Self {
        let blocks: Vec<_> = certificates
            .0
            .iter()
            .map(|der| Pem::new(CERTIFICATE, der.as_ref()))
            .collect();
        pem::encode_many(&blocks)
    }
}

impl TryFrom<String> for Certificates {
    type Error = CertificatesError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let blocks = pem::parse_many(text).map_err(CertificatesError::Pem)?;
        if blocks.len() > CERTIFICATES_MAX || blocks.iter().any(|b| b.tag() != CERTIFICATE) {
            return Err(CertificatesError::Other);
        }
        Ok(Self(
            blocks
                .into_iter()
                .map(|block| CertificateDer::from(block.into_contents()))
                .collect(),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> IdentityRecord {
        let chain = Certificates(vec![vec![1_u8; 100].into(), vec![2_u8; 3].into()]);
        let key = KeyPem(Secret::new("the key".to_owned()));
        let authorities = Certificates(vec![vec![3_u8; 50].into()]);
        let address = "hq.example:7443".parse().unwrap();
        let pair = PairRecord { key, chain };
        IdentityRecord::new(
            Uuid::from_u128(7),
            "南京西路店".to_owned(),
            vec![address],
            authorities,
            pair,
        )
    }

    #[test]
    fn what_was_written_reads_back() {
        let written = record();
        let read = IdentityRecord::parse(&written.text().unwrap()).unwrap();
        assert_eq!(read.agent, written.agent);
        assert_eq!(read.branch, written.branch);
        assert_eq!(read.coordinators, written.coordinators);
        assert_eq!(read.authorities, written.authorities);
        assert_eq!(read.pair.chain, written.pair.chain);
        assert_eq!(read.pair.key.0, written.pair.key.0);
    }

    #[test]
    fn a_later_layout_is_told_apart_from_damage() {
        let text = String::from_utf8(record().text().unwrap().to_vec()).unwrap();
        let later = text.replace("\"version\": 1", "\"version\": 2");
        let error = IdentityRecord::parse(later.as_bytes()).unwrap_err();
        assert!(matches!(error, RecordError::Version { version: 2 }));
        let half = &text.as_bytes()[..text.len() / 2];
        assert!(matches!(
            IdentityRecord::parse(half),
            Err(RecordError::Json(_))
        ));
    }

    #[test]
    fn something_else_among_certificates_is_refused() {
        let mixed = pem::encode_many(&[Pem::new(CERTIFICATE, [1]), Pem::new("X509 CRL", [2])]);
        assert!(Certificates::try_from(mixed).is_err());
        let many = vec![Pem::new(CERTIFICATE, [1]); CERTIFICATES_MAX + 1];
        assert!(Certificates::try_from(pem::encode_many(&many)).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        assert!(!format!("{:?}", record()).contains("the key"));
    }
}
