//! What TLS accepts and offers, on either endpoint: version 1.3, our certificates, nothing kept.
//!
//! There is no resumption of any kind. A ticket or a cached session lets a client in without
//! showing its certificate, past the revocation that came in between; and a resumed handshake saves
//! little here, for agents stay connected. 0-RTT data can be replayed and is refused.
//!
//! The clock is ours and not the machine's, so that all of a coordinator judges by one time.

use std::sync::Arc;
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::model::peer::{AGENT_PROTOCOL, JOIN_PROTOCOL};
use rustls::client::danger::HandshakeSignatureValid;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::server::{
    NoServerSessionStorage, ServerConfig, VerifierBuilderError, WebPkiClientVerifier,
};
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::admission::Admission;
use super::crypto::provider;
use super::peer::peer_identity;
use super::root::Authority;
use super::server::ServerCertificate;

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// TLS does not take the authority's certificate.
    #[error("the authority's certificate cannot be used to check agents")]
    Authority(#[source] Error),
    /// The check of agents' certificates cannot be built.
    #[error("agents' certificates cannot be checked")]
    Verifier(#[source] VerifierBuilderError),
    /// The crypto provider does not know TLS 1.3.
    #[error("TLS 1.3 cannot be had")]
    Version(#[source] Error),
}

/// For agents that have a certificate: shown ours, they must show one of our authority for an
/// admitted key, valid by `clock`.
///
/// A known agent whose certificate has ended is refused here like everyone else. Its renewal after
/// a dark time, within what policy allows and written down, belongs to the join endpoint, where the
/// request is signed with the old key; nothing on this endpoint is to be widened for it.
pub fn agent_config(
    authority: &Authority,
    certificate: &Arc<ServerCertificate>,
    admission: Arc<dyn Admission>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let mut roots = RootCertStore::empty();
    roots
        .add(authority.certificate().clone())
        .map_err(TlsError::Authority)?;
    let chain = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider())
        .clear_root_hint_subjects()
        .build()
        .map_err(TlsError::Verifier)?;
    let config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Version)?
        .with_client_cert_verifier(Arc::new(AgentVerifier { chain, admission }))
        .with_cert_resolver(certificate.for_agents());
    Ok(Arc::new(forgetful(config, &[AGENT_PROTOCOL])))
}

/// For agents that join: shown our certificate and the authority's, they show none; a token in the
/// first frame takes its place.
pub fn join_config(
    certificate: &Arc<ServerCertificate>,
    clock: Arc<dyn Clock>,
) -> Result<Arc<ServerConfig>, TlsError> {
    let config = ServerConfig::builder_with_details(provider(), Arc::new(ClockTime(clock)))
        .with_protocol_versions(&[&TLS13])
        .map_err(TlsError::Version)?
        .with_no_client_auth()
        .with_cert_resolver(certificate.for_joining());
    Ok(Arc::new(forgetful(config, &[JOIN_PROTOCOL])))
}

/// These protocols, and nothing kept from one connection to the next.
pub(super) fn forgetful(mut config: ServerConfig, protocols: &[&[u8]]) -> ServerConfig {
    config.alpn_protocols = protocols.iter().map(|one| one.to_vec()).collect();
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    config
}

/// Our clock as TLS asks for it.
#[derive(Debug)]
pub(super) struct ClockTime(pub(super) Arc<dyn Clock>);

impl TimeProvider for ClockTime {
    fn current_time(&self) -> Option<UnixTime> {
        let ms = u64::try_from(self.0.now().ms()).unwrap_or(0);
        Some(UnixTime::since_unix_epoch(Duration::from_millis(ms)))
    }
}

/// Checks the chain first and then whether the key is admitted, so that only holders of our
/// certificates learn that theirs was revoked.
#[derive(Debug)]
struct AgentVerifier {
    chain: Arc<dyn ClientCertVerifier>,
    admission: Arc<dyn Admission>,
}

impl ClientCertVerifier for AgentVerifier {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        self.chain.root_hint_subjects()
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let verified = self
            .chain
            .verify_client_cert(end_entity, intermediates, now)?;
        let peer = peer_identity(std::slice::from_ref(end_entity))
            .map_err(|_| Error::InvalidCertificate(CertificateError::InvalidPurpose))?;
        if !self.admission.admits(&peer.key) {
            return Err(Error::InvalidCertificate(CertificateError::Revoked));
        }
        Ok(verified)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chain.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chain.supported_verify_schemes()
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::clock::ManualClock;
    use keepwatch_common::time::Instant;

    use super::super::admission::AdmittedKeys;
    use super::super::folder::PrivateFolder;
    use super::*;

    #[test]
    fn nothing_is_kept_from_one_connection_to_the_next() {
        let now = Instant::parse("2026-11-23T08:00:00Z").unwrap();
        let scratch = tempfile::tempdir().unwrap();
        let folder = PrivateFolder::open(scratch.path()).unwrap();
        let authority = Authority::create(&folder, now).unwrap();
        let certificate = Arc::new(ServerCertificate::issue(&authority, &[], now).unwrap());
        let clock = Arc::new(ManualClock::at(now));
        let admission = Arc::new(AdmittedKeys::default());
        let agents = agent_config(&authority, &certificate, admission, clock.clone()).unwrap();
        let joining = join_config(&certificate, clock).unwrap();
        for config in [agents, joining] {
            assert_eq!(config.send_tls13_tickets, 0);
            assert_eq!(config.max_early_data_size, 0);
            assert!(!config.session_storage.can_cache());
            assert!(!config.ticketer.enabled());
            assert_eq!(config.alpn_protocols.len(), 1);
        }
    }
}
