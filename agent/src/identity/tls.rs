//! What TLS accepts and offers towards a coordinator: version 1.3, our authority, nothing kept.
//!
//! The name to connect to is always `COORDINATOR_NAME`: the address that was dialled says where and
//! not who. Sessions are never resumed; the coordinator would refuse, for revocation's sake.

use std::sync::Arc;

use keepwatch_common::model::fingerprint::Fingerprint;
use keepwatch_common::model::peer::{AGENT_PROTOCOL, JOIN_PROTOCOL};
use rustls::client::{ClientConfig, Resumption, WantsClientCert};
use rustls::server::VerifierBuilderError;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ConfigBuilder, Error};
use rustls_pki_types::{CertificateDer, UnixTime};

use super::certificate::{roots, unix_time};
use super::certified::Identity;
use super::crypto::provider;
use super::time::TrustedTime;
use super::verifier::{CoordinatorVerifier, authority_among};

/// Why TLS cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A pinned authority's certificate is not one that TLS takes.
    #[error("the authority's certificate cannot be used")]
    Authority(#[source] Error),
    /// There is no pinned authority.
    #[error("no authority's certificate is known")]
    NoAuthority(#[source] VerifierBuilderError),
    /// The crypto provider does not know TLS 1.3.
    #[error("TLS 1.3 cannot be had")]
    Version(#[source] Error),
    /// TLS does not take our own certificate or key.
    #[error("the agent's certificate cannot be used")]
    Identity(#[source] Error),
}

/// For an agent that has joined: shows its certificate, accepts coordinators of its authority.
pub fn agent_config(
    identity: &Identity,
    time: Arc<TrustedTime>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let roots = roots(&identity.authorities).map_err(TlsError::Authority)?;
    let verifier = CoordinatorVerifier::pinned(provider(), time.clone(), roots)
        .map_err(TlsError::NoAuthority)?;
    let config = builder(verifier, time)?
        .with_client_auth_cert(identity.chain.clone(), identity.key.private_der())
        .map_err(TlsError::Identity)?;
    Ok(Arc::new(forgetful(config, AGENT_PROTOCOL)))
}

/// For an agent that joins: shows nothing, accepts the coordinator whose authority has the
/// fingerprint from the join string.
pub fn join_config(
    authority: Fingerprint,
    time: Arc<TrustedTime>,
) -> Result<Arc<ClientConfig>, TlsError> {
    let verifier = CoordinatorVerifier::told(provider(), time.clone(), authority);
    let config = builder(verifier, time)?.with_no_client_auth();
    Ok(Arc::new(forgetful(config, JOIN_PROTOCOL)))
}

/// The authority's certificate in the chain that a coordinator showed when the agent joined; to be
/// pinned. `None` when none has the fingerprint, which TLS has refused before.
pub fn pinned_authority(
    chain: &[CertificateDer<'_>],
    authority: &Fingerprint,
) -> Option<CertificateDer<'static>> {
    authority_among(chain, authority)
}

fn builder(
    verifier: CoordinatorVerifier,
    time: Arc<TrustedTime>,
) -> Result<ConfigBuilder<ClientConfig, WantsClientCert>, TlsError> {
    Ok(
        ClientConfig::builder_with_details(provider(), Arc::new(OurTime(time)))
            .with_protocol_versions(&[&TLS13])
            .map_err(TlsError::Version)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier)),
    )
}

/// One protocol, and nothing kept from one connection to the next.
fn forgetful(mut config: ClientConfig, protocol: &[u8]) -> ClientConfig {
    config.alpn_protocols = vec![protocol.to_vec()];
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config
}

/// Our clock as TLS asks for it. Certificates are judged by the verifier; this only keeps the
/// library from reading the machine's clock itself, which fails before 1970.
#[derive(Debug)]
struct OurTime(Arc<TrustedTime>);

impl TimeProvider for OurTime {
    fn current_time(&self) -> Option<UnixTime> {
        Some(unix_time(self.0.now()))
    }
}
