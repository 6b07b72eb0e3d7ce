//! As whom to connect: the identity in use, or the candidate that is to take its place.
//!
//! A candidate is tried first and takes over only once the coordinator has welcomed it. One that the
//! coordinator refuses, or that gets nowhere where the old one is welcomed, is dropped, and the next
//! renewal starts anew. It must not know connections. Its few file writes happen at a hello or a
//! renewal and take milliseconds.

use std::sync::Arc;

use keepwatch_common::clock::Tick;
use keepwatch_common::error_chain::chain;
use keepwatch_common::time::Instant;
use rustls_pki_types::CertificateDer;
use tracing::{error, info, warn};

use crate::identity::home::HomeError;
use crate::identity::key::KeyError;
use crate::identity::time::TrustedTime;
use crate::identity::tls::{self, TlsError};
use crate::identity::{Identity, IdentityHome};

/// Between two tries to renew, in milliseconds: half a certificate's life is left for them.
const RENEW_AGAIN_MS: u64 = 3_600_000;

/// Why there is nothing to ask a certificate with.
#[derive(Debug, thiserror::Error)]
pub(super) enum RenewError {
    #[error("the new key cannot be kept")]
    Home(#[from] HomeError),
    #[error("the new key cannot ask for a certificate")]
    Key(#[from] KeyError),
}

/// The identity in use and its renewal.
#[derive(Debug)]
pub(super) struct Credentials {
    home: IdentityHome,
    current: Identity,
    candidate: Option<Identity>,
    /// The candidate got nowhere; the current identity has its turn.
    candidate_failed: bool,
    /// The connection being made or held is the candidate's.
    as_candidate: bool,
    renew_at: Tick,
}

impl Credentials {
    /// Goes on where an earlier process stopped: a candidate that it kept is tried.
    pub(super) fn new(home: IdentityHome, current: Identity) -> Self {
        let candidate = home.candidate().unwrap_or_else(|damaged| {
            warn!(error = %chain(&damaged), "a renewal begins anew");
            None
        });
        Self {
            home,
            current,
            candidate,
            candidate_failed: false,
            as_candidate: false,
            renew_at: Tick(0),
        }
    }

    /// The identity in use.
    pub(super) fn current(&self) -> &Identity {
        &self.current
    }

    /// What to show on the next connection.
    pub(super) fn tls(
        &mut self,
        time: &Arc<TrustedTime>,
    ) -> Result<Arc<rustls::ClientConfig>, TlsError> {
        self.as_candidate = self.candidate.is_some() && !self.candidate_failed;
        let shown = self.candidate.as_ref().filter(|_| self.as_candidate);
        tls::agent_config(shown.unwrap_or(&self.current), Arc::clone(time))
    }

    /// The coordinator knows the one we showed.
    pub(super) fn welcomed(&mut self) {
        if self.candidate.is_none() {
            return;
        }
        if self.as_candidate {
            match self.home.commit_candidate() {
                Ok(identity) => {
                    info!(until = %identity.not_after(), "the renewed certificate is in use");
                    self.current = identity;
                    self.candidate = None;
                }
                // It stays a candidate, and is tried and committed again.
                Err(failed) => error!(error = %chain(&failed), "the renewal is not kept"),
            }
        } else {
            warn!("the renewed certificate got nowhere and is dropped");
            self.drop_candidate();
        }
    }

    /// The one we showed got nowhere; `refused` when the coordinator said so. Tells whether another
    /// one is left to be tried at once.
    pub(super) fn failed(&mut self, refused: bool) -> bool {
        if self.candidate.is_none() {
            return false;
        }
        if self.as_candidate && refused {
            warn!("the coordinator refuses the renewed certificate; it is dropped");
            self.drop_candidate();
            return true;
        }
        self.candidate_failed = self.as_candidate;
        self.as_candidate
    }

    /// A request for a new certificate, when it is time for one. `now` is the coordinator's.
    pub(super) fn renewal(
        &mut self,
        now: Instant,
        tick: Tick,
    ) -> Result<Option<Vec<u8>>, RenewError> {
        if tick < self.renew_at || !self.current.renew_due(now) {
            return Ok(None);
        }
        self.renew_at = tick.after(RENEW_AGAIN_MS);
        Ok(Some(self.home.candidate_key()?.request()?))
    }

    /// The coordinator's answer to a renewal; an empty one refuses. Tells whether there is a
    /// candidate to connect with now.
    pub(super) fn renewed(&mut self, chain_der: Vec<Vec<u8>>) -> bool {
        if chain_der.is_empty() {
            warn!("the coordinator gives no new certificate now; asked again later");
            return false;
        }
        let certificates = chain_der.into_iter().map(CertificateDer::from).collect();
        match self.home.save_candidate(certificates) {
            Ok(candidate) => {
                self.candidate = Some(candidate);
                self.candidate_failed = false;
                true
            }
            Err(failed) => {
                error!(error = %chain(&failed), "the new certificate is not taken");
                self.drop_candidate();
                false
            }
        }
    }

    /// Keeps when a coordinator was heard, by its clock.
    pub(super) fn heard(&self, at: Instant) {
        if let Err(failed) = self.home.save_heard(at) {
            warn!(error = %chain(&failed), "when the coordinator was heard is not kept");
        }
    }

    fn drop_candidate(&mut self) {
        self.candidate = None;
        self.candidate_failed = false;
        self.as_candidate = false;
        if let Err(failed) = self.home.drop_candidate() {
            warn!(error = %chain(&failed), "a candidate that was refused stays on disk");
        }
    }
}
