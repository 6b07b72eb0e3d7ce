//! TLS for browsers and programs: with a certificate of our own authority, or with files.
//!
//! Nobody shows us a certificate here; people sign in. As for agents, nothing is kept from one
//! connection to the next, so no key lies around that could open what was said before.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use rustls::ServerConfig;
use rustls::version::TLS13;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use zeroize::Zeroizing;

use super::crypto::provider;
use super::server::ServerCertificate;
use super::tls::{ClockTime, TlsError, forgetful};

/// What is spoken above TLS, the better first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Largest file with a chain or a key, in bytes: the longest chains have a few kilobytes.
const FILE_BYTES_MAX: u64 = 256 * 1024;

/// Why the files of a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WebFilesError {
    /// One cannot be read.
    #[error("a file of the web's certificate cannot be read")]
    Read(#[from] std::io::Error),
    /// One is too large to be what it should be.
    #[error("{} is larger than any certificate or key; see that it is the right file", path.display())]
    TooLarge {
        /// Which.
        path: PathBuf,
    },
    /// There is no certificate in it.
    #[error("{} holds no certificate; write the chain as PEM, the server's first", path.display())]
    NoCertificate {
        /// Which.
        path: PathBuf,
    },
    /// There is no key in it.
    #[error("{} holds no private key; write it as PEM, without a password", path.display())]
    NoKey {
        /// Which.
        path: PathBuf,
    },
    /// They do not fit each other, or are of a kind that is not spoken.
    #[error("the certificate and the key cannot be used together")]
    Use(#[source] rustls::Error),
    /// TLS cannot be set up at all.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// With a certificate of our own authority, renewed as it runs.
pub fn web_config(
    certificate: &Arc<ServerCertificate>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Version)?
        .with_no_client_auth()
        .with_cert_resolver(certificate.for_joining());
    Ok(Arc::new(forgetful(config, &PROTOCOLS)))
}

/// With a chain and a key from files, as they are now; who renews them restarts the coordinator.
pub fn web_config_of_files(
    certificate: &Path,
    key: &Path,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, WebFilesError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&read(certificate)?)
        .collect::<Result<_, _>>()
        .unwrap_or_default();
    if chain.is_empty() {
        let path = certificate.to_owned();
        return Err(WebFilesError::NoCertificate { path });
    }
    let key = PrivateKeyDer::from_pem_slice(&read(key)?).map_err(|_| WebFilesError::NoKey {
        path: key.to_owned(),
    })?;
    let config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Version)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(WebFilesError::Use)?;
    Ok(Arc::new(forgetful(config, &PROTOCOLS)))
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, WebFilesError> {
    if fs_err::metadata(path)?.len() > FILE_BYTES_MAX {
        let path = path.to_owned();
        return Err(WebFilesError::TooLarge { path });
    }
    Ok(Zeroizing::new(fs_err::read(path)?))
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::ManualClock;
    use keepwatch_common::time::Instant;

    use super::*;

    fn refused(certificate: &str, key: &str) -> WebFilesError {
        let scratch = tempfile::tempdir().unwrap();
        let (chain_path, key_path) = (scratch.path().join("pem"), scratch.path().join("key"));
        fs_err::write(&chain_path, certificate).unwrap();
        fs_err::write(&key_path, key).unwrap();
        let clock = Arc::new(ManualClock::at(Instant::EPOCH));
        web_config_of_files(&chain_path, &key_path, clock).unwrap_err()
    }

    fn made() -> (String, String) {
        let key = rcgen::KeyPair::generate().unwrap();
        let params = rcgen::CertificateParams::new(["hq.example".to_owned()]).unwrap();
        let certificate = params.self_signed(&key).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    #[test]
    fn a_chain_and_its_key_are_taken() {
        let (certificate, key) = made();
        let scratch = tempfile::tempdir().unwrap();
        let (chain_path, key_path) = (scratch.path().join("pem"), scratch.path().join("key"));
        fs_err::write(&chain_path, certificate).unwrap();
        fs_err::write(&key_path, key).unwrap();
        let clock = Arc::new(ManualClock::at(Instant::EPOCH));
        let config = web_config_of_files(&chain_path, &key_path, clock).unwrap();
        assert_eq!(config.alpn_protocols, PROTOCOLS);
    }

    #[test]
    fn files_that_are_not_what_they_should_be_are_named() {
        let ((certificate, key), (_, foreign)) = (made(), made());
        assert!(matches!(
            refused("", &key),
            WebFilesError::NoCertificate { .. }
        ));
        assert!(matches!(
            refused(&certificate, ""),
            WebFilesError::NoKey { .. }
        ));
        assert!(matches!(
            refused(&certificate, &foreign),
            WebFilesError::Use(_)
        ));
        let large = "x".repeat(300 * 1024);
        assert!(matches!(
            refused(&large, &key),
            WebFilesError::TooLarge { .. }
        ));
    }
}
