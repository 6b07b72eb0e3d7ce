//! Whether a coordinator is ours: its certificate was made by the authority we trust.
//!
//! The library checks the chain, the name and the use; here is decided whose authority counts and
//! at what time. An agent that has joined trusts the certificates it pinned. An agent that joins
//! was told a fingerprint, and takes as authority what the coordinator shows beside its own
//! certificate, when that has this fingerprint.

use std::sync::Arc;

use keepwatch_common::model::fingerprint::Fingerprint;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::server::VerifierBuilderError;
use rustls::{
    CertificateError, DigitallySignedStruct, Error, PeerIncompatible, RootCertStore,
    SignatureScheme,
};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::certificate::{facts, roots, unix_time};
use super::time::TrustedTime;

/// Most certificates looked at for the fingerprint that was told: a coordinator shows two.
const SHOWN_MAX: usize = 4;

/// Checks coordinators' certificates.
#[derive(Debug)]
pub(super) struct CoordinatorVerifier {
    provider: Arc<CryptoProvider>,
    time: Arc<TrustedTime>,
    trust: Trust,
}

/// Whose certificates count.
#[derive(Debug)]
enum Trust {
    /// Those of the pinned authorities.
    Pinned(Arc<WebPkiServerVerifier>),
    /// Those of the authority with this key.
    Told(Fingerprint),
}

impl CoordinatorVerifier {
    /// For an agent that has joined.
    pub(super) fn pinned(
        provider: Arc<CryptoProvider>,
        time: Arc<TrustedTime>,
        authorities: Arc<RootCertStore>,
    ) -> Result<Self, VerifierBuilderError> {
        let chain =
            WebPkiServerVerifier::builder_with_provider(authorities, provider.clone()).build()?;
        Ok(Self {
            provider,
            time,
            trust: Trust::Pinned(chain),
        })
    }

    /// For an agent that joins.
    pub(super) fn told(
        provider: Arc<CryptoProvider>,
        time: Arc<TrustedTime>,
        authority: Fingerprint,
    ) -> Self {
        Self {
            provider,
            time,
            trust: Trust::Told(authority),
        }
    }

    /// Who checks the chain, given what was shown beside the coordinator's own certificate.
    fn chain(&self, shown: &[CertificateDer<'_>]) -> Result<Arc<WebPkiServerVerifier>, Error> {
        let fingerprint = match &self.trust {
            Trust::Pinned(chain) => return Ok(chain.clone()),
            Trust::Told(fingerprint) => fingerprint,
        };
        let unknown = || Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let authority = authority_among(shown, fingerprint).ok_or_else(unknown)?;
        let roots = roots(&[authority])?;
        WebPkiServerVerifier::builder_with_provider(roots, self.provider.clone())
            .build()
            .map_err(|_| unknown())
    }
}

/// The certificate for the key with this fingerprint.
pub(super) fn authority_among(
    shown: &[CertificateDer<'_>],
    fingerprint: &Fingerprint,
) -> Option<CertificateDer<'static>> {
    shown
        .iter()
        .take(SHOWN_MAX)
        .find(|der| facts(der).is_some_and(|facts| facts.key == *fingerprint))
        .map(|der| der.clone().into_owned())
}

impl ServerCertVerifier for CoordinatorVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let leaf =
            facts(end_entity).ok_or(Error::InvalidCertificate(CertificateError::BadEncoding))?;
        let at = unix_time(self.time.judge_at(leaf.not_before));
        self.chain(intermediates)?.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            at,
        )
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        // Only TLS 1.3 is offered, so this is not reached; it must not accept if it were.
        Err(PeerIncompatible::Tls12NotOffered.into())
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
