//! The authority's key and certificate: made once, kept in one file, never replaced by itself.
//!
//! Agents pin the key's fingerprint, so an authority that is lost or overwritten orphans the whole
//! fleet: creating one where one stands is refused, and the file belongs into the backup. Several
//! coordinators of one fleet share the file. Key and certificate are in one file so that they
//! cannot part.

use std::path::PathBuf;
use std::time::Duration;

use keepwatch_common::ids::random_bytes;
use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant, SECOND_MS};
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData, SerialNumber, date_time_ymd,
};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use x509_parser::prelude::{FromDer, X509Certificate};
use zeroize::Zeroizing;

use super::crypto::{SystemRandomness, fingerprint_of_key};
use super::folder::{FolderError, PrivateFolder};

/// How far every certificate's validity begins before it is made, in milliseconds: a branch whose
/// clock is two days behind still sees a valid one.
pub const BACK_DATED_MS: i64 = 48 * HOUR_MS;

/// How long an authority lives, in milliseconds: ten years, beyond the life of the equipment.
pub const AUTHORITY_LIFE_MS: i64 = 3_652 * DAY_MS;

/// The file with the key and the certificate.
const FILE: &str = "authority.pem";

/// Bytes in a certificate's serial number (RFC 5280 allows 20): random, so that it tells nothing
/// and never repeats.
const SERIAL_BYTES: usize = 16;

/// The key that says who is who, and its certificate.
#[derive(Debug)]
pub struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: CertificateDer<'static>,
    fingerprint: Fingerprint,
    not_after: Instant,
}

/// Why there is no new authority.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// One is there, and its fleet would be lost.
    #[error(
        "{path} exists; an authority is never replaced, for every agent that joined knows it by its key"
    )]
    Exists {
        /// Where it stands.
        path: PathBuf,
    },
    /// The key or the certificate could not be made.
    #[error("the authority's key cannot be made")]
    Make(#[source] rcgen::Error),
    /// It could not be kept.
    #[error("the authority's key cannot be kept")]
    Keep(#[source] FolderError),
}

/// Why the authority cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It could not be read.
    #[error("the authority's key cannot be read")]
    Read(#[source] FolderError),
    /// The file is not what we wrote.
    #[error(
        "{path} does not hold a P-256 key and the certificate of that key; restore it from a backup"
    )]
    Damaged {
        /// Which file.
        path: PathBuf,
    },
}

impl Authority {
    /// Makes a new authority, valid from 48 hours ago for ten years, and keeps it in the folder.
    pub fn create(folder: &PrivateFolder, now: Instant) -> Result<Self, CreateError> {
        if folder.read(FILE).map_err(CreateError::Keep)?.is_some() {
            let path = folder.path_of(FILE);
            return Err(CreateError::Exists { path });
        }
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(CreateError::Make)?;
        let fingerprint = fingerprint_of_key(&key.subject_public_key_info());
        let not_after = whole_s(now + AUTHORITY_LIFE_MS);
        let params = authority_params(fingerprint, now - BACK_DATED_MS, not_after);
        let certificate = params.self_signed(&key).map_err(CreateError::Make)?;
        let text = Zeroizing::new([key.serialize_pem(), certificate.pem()].concat());
        folder
            .write(FILE, text.as_bytes())
            .map_err(CreateError::Keep)?;
        Ok(Self {
            issuer: Issuer::new(params, key),
            certificate: certificate.into(),
            fingerprint,
            not_after,
        })
    }

    /// The authority kept in the folder, `None` when there is none.
    pub fn load(folder: &PrivateFolder) -> Result<Option<Self>, LoadError> {
        let Some(text) = folder.read(FILE).map_err(LoadError::Read)? else {
            return Ok(None);
        };
        let damaged = || LoadError::Damaged {
            path: folder.path_of(FILE),
        };
        parse(&text).ok_or_else(damaged).map(Some)
    }

    /// SHA-256 of the authority's public key: what agents pin.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// The authority's certificate.
    pub fn certificate(&self) -> &CertificateDer<'static> {
        &self.certificate
    }

    /// When the authority ends, and with it all it issued.
    pub fn not_after(&self) -> Instant {
        self.not_after
    }

    /// Signs a certificate for a key.
    pub(super) fn sign(
        &self,
        params: &CertificateParams,
        key: &impl PublicKeyData,
    ) -> Result<CertificateDer<'static>, rcgen::Error> {
        params.signed_by(key, &self.issuer).map(Into::into)
    }
}

/// What all our certificates have in common: a random serial number, a validity in whole seconds,
/// no names, no use.
pub(super) fn bare_params(not_before: Instant, not_after: Instant) -> CertificateParams {
    let mut serial = random_bytes::<SERIAL_BYTES>(&SystemRandomness);
    // A serial number is positive and has no leading zeros (RFC 5280).
    serial[0] = serial[0] & 0x7f | 0x40;
    let mut params = CertificateParams::default();
    params.serial_number = Some(SerialNumber::from_slice(&serial));
    params.distinguished_name = DistinguishedName::new();
    params.use_authority_key_identifier_extension = true;
    let epoch = date_time_ymd(1970, 1, 1);
    params.not_before = epoch + since_epoch(not_before);
    params.not_after = epoch + since_epoch(not_after);
    params
}

/// The second that an instant is in: certificates know no milliseconds.
pub(super) fn whole_s(at: Instant) -> Instant {
    Instant::from_s(at.ms().div_euclid(SECOND_MS))
}

/// Whole seconds since 1970; a certificate cannot begin earlier.
fn since_epoch(at: Instant) -> Duration {
    Duration::from_secs(u64::try_from(at.ms() / SECOND_MS).unwrap_or(0))
}

/// The certificate that signs others and nothing else.
fn authority_params(
    fingerprint: Fingerprint,
    not_before: Instant,
    not_after: Instant,
) -> CertificateParams {
    let mut params = bare_params(not_before, not_after);
    // A part of the fingerprint keeps two authorities apart for whoever looks at certificates.
    let short: String = fingerprint.to_string().chars().take(8).collect();
    params
        .distinguished_name
        .push(DnType::CommonName, format!("Keepwatch authority {short}"));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

/// Reads what [`Authority::create`] wrote; `None` when it is anything else.
fn parse(text: &[u8]) -> Option<Authority> {
    let key = PrivatePkcs8KeyDer::from_pem_slice(text).ok()?;
    let key = KeyPair::try_from(&key).ok()?;
    let certificate = CertificateDer::from_pem_slice(text).ok()?;
    let (_, read) = X509Certificate::from_der(&certificate).ok()?;
    let spki = key.subject_public_key_info();
    if key.algorithm() != &PKCS_ECDSA_P256_SHA256 || read.public_key().raw != spki || !read.is_ca()
    {
        return None;
    }
    let not_after = Instant::from_s(read.validity().not_after.timestamp());
    Some(Authority {
        issuer: Issuer::from_ca_cert_der(&certificate, key).ok()?,
        fingerprint: fingerprint_of_key(&spki),
        not_after,
        certificate,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> (tempfile::TempDir, PrivateFolder) {
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(scratch.path()).unwrap();
        (scratch, folder)
    }

    fn now() -> Instant {
        Instant::parse("2026-11-23T08:00:00Z").unwrap()
    }

    #[test]
    fn an_authority_is_the_same_after_a_restart() {
        let (_scratch, folder) = folder();
        assert!(Authority::load(&folder).unwrap().is_none());
        let made = Authority::create(&folder, now()).unwrap();
        let loaded = Authority::load(&folder).unwrap().unwrap();
        assert_eq!(loaded.fingerprint(), made.fingerprint());
        assert_eq!(loaded.certificate(), made.certificate());
        assert_eq!(loaded.not_after(), made.not_after());
    }

    #[test]
    fn an_authority_is_never_replaced() {
        let (_scratch, folder) = folder();
        let first = Authority::create(&folder, now()).unwrap();
        let error = Authority::create(&folder, now()).unwrap_err();
        assert!(matches!(error, CreateError::Exists { .. }), "{error}");
        let loaded = Authority::load(&folder).unwrap().unwrap();
        assert_eq!(loaded.fingerprint(), first.fingerprint());
    }

    #[test]
    fn a_key_with_the_certificate_of_another_is_damaged() {
        let (_scratch, mine) = folder();
        let (_other_scratch, other) = folder();
        Authority::create(&mine, now()).unwrap();
        Authority::create(&other, now()).unwrap();
        let read = |folder: &PrivateFolder| {
            String::from_utf8(folder.read(FILE).unwrap().unwrap().to_vec()).unwrap()
        };
        let split = |text: String| {
            let (key, certificate) = text.split_once("-----BEGIN CERT").unwrap();
            (key.to_owned(), format!("-----BEGIN CERT{certificate}"))
        };
        let ((key, _), (_, certificate)) = (split(read(&mine)), split(read(&other)));
        mine.write(FILE, [key, certificate].concat().as_bytes())
            .unwrap();
        let error = Authority::load(&mine).unwrap_err();
        assert!(matches!(error, LoadError::Damaged { .. }), "{error}");
    }

    #[test]
    fn half_a_file_is_damaged() {
        let (_scratch, folder) = folder();
        Authority::create(&folder, now()).unwrap();
        let whole = folder.read(FILE).unwrap().unwrap();
        for part in [0, 10, whole.len() / 2, whole.len() - 30] {
            folder.write(FILE, &whole[..part]).unwrap();
            assert!(Authority::load(&folder).is_err(), "{part} bytes");
        }
    }

    #[test]
    fn debug_shows_no_key() {
        let (_scratch, folder) = folder();
        let authority = Authority::create(&folder, now()).unwrap();
        let key = authority.issuer.key().serialized_der();
        let shown = format!("{authority:?}");
        let listed = format!("{key:?}");
        assert!(!shown.contains(listed.trim_matches(['[', ']'])));
        assert!(shown.contains("[elided]"), "{shown}");
    }
}
