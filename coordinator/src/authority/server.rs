//! The certificate that the coordinator shows, and its renewal while connections go on.
//!
//! It lives 30 days and exists only in memory: a restart makes a new one, a coordinator that runs
//! on renews at half of its life. New handshakes see the new one at once, connections keep theirs.
//! Agents that join need the authority's certificate beside it to check the fingerprint they were
//! given; agents that have joined have it already.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use keepwatch_common::model::peer::COORDINATOR_NAME;
use keepwatch_common::time::{DAY_MS, Instant};
use rcgen::{
    DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256,
    SanType,
};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls_pki_types::PrivatePkcs8KeyDer;

use super::crypto::provider;
use super::issue::IssueError;
use super::root::{Authority, bare_params};

/// How long a coordinator's certificate lives, in milliseconds.
pub const SERVER_LIFE_MS: i64 = 30 * DAY_MS;

/// The current certificate of this coordinator; TLS asks it in every handshake.
pub struct ServerCertificate {
    names: Vec<SanType>,
    current: RwLock<Current>,
}

struct Current {
    alone: Arc<CertifiedKey>,
    with_authority: Arc<CertifiedKey>,
    renew_from: Instant,
    not_after: Instant,
}

/// Why the coordinator has no certificate.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// A configured name cannot stand in a certificate.
    #[error("“{name}” cannot stand in a certificate; write a host name or an IP address")]
    Name {
        /// Which one.
        name: String,
        /// What is wrong with it.
        #[source]
        source: rcgen::Error,
    },
    /// It could not be made.
    #[error("the coordinator's certificate cannot be made")]
    Issue(#[source] IssueError),
    /// TLS does not take it.
    #[error("the coordinator's certificate cannot be used")]
    Use(#[source] rustls::Error),
}

impl ServerCertificate {
    /// Makes the first one. It always carries [`COORDINATOR_NAME`], which agents check; the given
    /// names and addresses are for everyone else.
    pub fn issue(
        authority: &Authority,
        names: &[String],
        now: Instant,
    ) -> Result<Self, ServerError> {
        let names = [COORDINATOR_NAME]
            .into_iter()
            .chain(names.iter().map(String::as_str))
            .map(alternative_name)
            .collect::<Result<Vec<_>, _>>()?;
        let current = RwLock::new(make(authority, &names, now)?);
        Ok(Self { names, current })
    }

    /// Makes a new one when half of the life of the current one is over; true when it did. Call it
    /// every hour or so.
    pub fn renew_if_due(&self, authority: &Authority, now: Instant) -> Result<bool, ServerError> {
        if now < self.with_current(|current| current.renew_from) {
            return Ok(false);
        }
        let fresh = make(authority, &self.names, now)?;
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        Ok(true)
    }

    /// Until when the current one is valid.
    pub fn not_after(&self) -> Instant {
        self.with_current(|current| current.not_after)
    }

    /// What agents that have joined are shown.
    pub(super) fn for_agents(self: &Arc<Self>) -> Arc<dyn ResolvesServerCert> {
        Arc::new(ForAgents(self.clone()))
    }

    /// What agents that join are shown.
    pub(super) fn for_joining(self: &Arc<Self>) -> Arc<dyn ResolvesServerCert> {
        Arc::new(ForJoining(self.clone()))
    }

    fn with_current<T>(&self, look: impl FnOnce(&Current) -> T) -> T {
        look(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl fmt::Debug for ServerCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerCertificate")
            .field("names", &self.names)
            .field("not_after", &self.not_after())
            .finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct ForAgents(Arc<ServerCertificate>);

impl ResolvesServerCert for ForAgents {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.with_current(|current| current.alone.clone()))
    }
}

#[derive(Debug)]
struct ForJoining(Arc<ServerCertificate>);

impl ResolvesServerCert for ForJoining {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(
            self.0
                .with_current(|current| current.with_authority.clone()),
        )
    }
}

/// A host name or an IP address as it stands in a certificate.
fn alternative_name(name: &str) -> Result<SanType, ServerError> {
    if let Ok(ip) = name.parse() {
        return Ok(SanType::IpAddress(ip));
    }
    name.try_into()
        .map(SanType::DnsName)
        .map_err(|source| ServerError::Name {
            name: name.to_owned(),
            source,
        })
}

/// A fresh key and its certificate.
fn make(authority: &Authority, names: &[SanType], now: Instant) -> Result<Current, ServerError> {
    let issue = |source| ServerError::Issue(IssueError::Make(source));
    let (not_before, not_after) = authority
        .life(now, SERVER_LIFE_MS)
        .map_err(ServerError::Issue)?;
    let mut params = bare_params(not_before, not_after);
    params.subject_alt_names = names.to_vec();
    params
        .distinguished_name
        .push(DnType::CommonName, "Keepwatch coordinator");
    params.is_ca = IsCa::ExplicitNoCa;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).map_err(issue)?;
    let certificate = authority.sign(&params, &key).map_err(issue)?;
    let key = PrivatePkcs8KeyDer::from(key).into();
    let alone = CertifiedKey::from_der(vec![certificate.clone()], key, &provider())
        .map_err(ServerError::Use)?;
    let chain = vec![certificate, authority.certificate().clone()];
    let with_authority = CertifiedKey::new(chain, alone.key.clone());
    Ok(Current {
        alone: Arc::new(alone),
        with_authority: Arc::new(with_authority),
        renew_from: now + SERVER_LIFE_MS / 2,
        not_after,
    })
}

#[cfg(test)]
mod tests {
    use super::super::folder::PrivateFolder;
    use super::*;

    fn now() -> Instant {
        Instant::parse("2026-11-23T08:00:00Z").unwrap()
    }

    fn authority() -> Authority {
        let scratch = tempfile::tempdir().unwrap();
        Authority::create(&PrivateFolder::open(scratch.path()).unwrap(), now()).unwrap()
    }

    #[test]
    fn it_is_renewed_at_half_of_its_life_and_not_before() {
        let authority = authority();
        let server = ServerCertificate::issue(&authority, &[], now()).unwrap();
        let shown = || server.with_current(|c| c.alone.cert.clone());
        let first = shown();
        let half = now() + 15 * DAY_MS;
        assert!(!server.renew_if_due(&authority, half - 1).unwrap());
        assert_eq!(shown(), first);
        assert!(server.renew_if_due(&authority, half).unwrap());
        assert_ne!(shown(), first);
        assert_eq!(server.not_after(), half + SERVER_LIFE_MS);
        assert!(!server.renew_if_due(&authority, half).unwrap());
    }

    #[test]
    fn only_those_who_join_are_shown_the_authority() {
        let authority = authority();
        let server = ServerCertificate::issue(&authority, &[], now()).unwrap();
        server.with_current(|current| {
            assert_eq!(current.alone.cert.len(), 1);
            assert_eq!(current.with_authority.cert[0], current.alone.cert[0]);
            assert_eq!(&current.with_authority.cert[1], authority.certificate());
        });
    }

    #[test]
    fn a_name_that_cannot_stand_in_a_certificate_is_named() {
        let error =
            ServerCertificate::issue(&authority(), &["门店".to_owned()], now()).unwrap_err();
        assert!(error.to_string().contains("门店"), "{error}");
    }
}
