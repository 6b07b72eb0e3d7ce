//! Where the identity is kept: the current one, and a candidate beside it.
//!
//! A renewal must never leave an agent without a usable identity, wherever the power fails. So a
//! new key and its certificate are a *candidate* in a file of their own; only when the coordinator
//! has accepted a connection with it does it take the place of the current one, with one rename.
//! Until then the current one stays untouched. The candidate's key is kept before it is asked for,
//! so that a lost answer can be asked again for the same key.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use keepwatch_common::limits::NAME_BYTES_MAX;
use keepwatch_common::model::address::Address;
use keepwatch_common::secret::Secret;
use keepwatch_common::time::Instant;
use rustls_pki_types::CertificateDer;
use uuid::Uuid;

use super::certificate::{IssuedError, check_issued};
use super::certified::Identity;
use super::folder::{FolderError, PrivateFolder};
use super::key::{AgentKey, KeyError};
use super::record::{CandidateRecord, Certificates, IdentityRecord, KeyPem, PairRecord};

/// The current identity.
const CURRENT: &str = "identity.json";

/// The key that is being certified, then with its certificate.
const CANDIDATE: &str = "candidate.json";

/// When a coordinator was last heard, by its clock.
const HEARD: &str = "heard";

/// Most coordinators an agent holds: more would only lengthen the search.
const COORDINATORS_MAX: usize = 8;

/// What the coordinator answers to a branch that joins.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The agent's id.
    pub agent: Uuid,
    /// The branch, in the coordinator's words.
    pub branch: String,
    /// Where coordinators are, in the order to try; at least one.
    pub coordinators: Vec<Address>,
    /// The authority to trust from now on; see `tls::pinned_authority`.
    pub authority: CertificateDer<'static>,
    /// The certificate for the candidate's key, without the authority's own.
    pub chain: Vec<CertificateDer<'static>>,
}

/// The folder with the identity.
#[derive(Debug, Clone)]
pub struct IdentityHome(PrivateFolder);

/// Why the identity cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum HomeError {
    /// The folder cannot be used.
    #[error("the agent's identity cannot be kept")]
    Folder(#[from] FolderError),
    /// A file is not what we wrote; the source says why.
    #[error("{path} is damaged; move it away, and join again if it is the identity")]
    Damaged {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The key cannot be made.
    #[error("there is no key for the agent")]
    Key(#[source] KeyError),
    /// The agent has not joined, so there is nothing to renew or change.
    #[error("this agent has not joined a coordinator")]
    NotJoined,
    /// No candidate with a certificate is there.
    #[error("there is no new certificate to take over")]
    NoCandidate,
    /// What the coordinator sent does not fit.
    #[error("the coordinator's answer is refused")]
    Issued(#[source] IssuedError),
    /// The branch's name or the number of coordinators is out of bounds.
    #[error(
        "the coordinator's answer names no coordinator, more than {COORDINATORS_MAX}, or too long a branch"
    )]
    Bounds,
}

impl IdentityHome {
    /// Opens the folder, made when absent and closed to other users.
    pub fn open(path: &Path) -> Result<Self, HomeError> {
        Ok(Self(PrivateFolder::open(path)?))
    }

    /// The current identity; `None` when the agent has not joined.
    pub fn current(&self) -> Result<Option<Identity>, HomeError> {
        self.0
            .read(CURRENT)?
            .map(|bytes| {
                let record = IdentityRecord::parse(&bytes).map_err(|e| self.damaged(CURRENT, e))?;
                let key = AgentKey::from_pem(record.pair.key.0.expose())
                    .map_err(|e| self.damaged(CURRENT, e))?;
                identity(&record, Arc::new(key), record.pair.chain.0.clone())
                    .map_err(|e| self.damaged(CURRENT, e))
            })
            .transpose()
    }

    /// The key to ask a certificate for: the one kept from an earlier try, else a new one, kept
    /// before it is given out.
    pub fn candidate_key(&self) -> Result<Arc<AgentKey>, HomeError> {
        if let Some((key, _)) = self.candidate_pair()? {
            return Ok(Arc::new(key));
        }
        let key = AgentKey::make().map_err(HomeError::Key)?;
        self.write_candidate(&key, Vec::new())?;
        Ok(Arc::new(key))
    }

    /// Takes the coordinator's answer to a branch that joins: the candidate's key becomes the
    /// agent's. An earlier identity is replaced.
    pub fn save_joined(&self, joined: Joined) -> Result<Identity, HomeError> {
        let coordinators = joined.coordinators.len();
        if !(1..=COORDINATORS_MAX).contains(&coordinators) || joined.branch.len() > NAME_BYTES_MAX {
            return Err(HomeError::Bounds);
        }
        let (key, _) = self.candidate_pair()?.ok_or(HomeError::NoCandidate)?;
        let record = IdentityRecord::new(
            joined.agent,
            joined.branch,
            joined.coordinators,
            Certificates(vec![joined.authority]),
            pair(&key, joined.chain.clone()),
        );
        let identity = identity(&record, Arc::new(key), joined.chain).map_err(HomeError::Issued)?;
        self.write_current(&record)?;
        self.0.remove(CANDIDATE)?;
        Ok(identity)
    }

    /// Keeps the renewed certificate with the candidate's key; what it returns is to be connected
    /// with, and committed once the coordinator has accepted it.
    pub fn save_candidate(
        &self,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<Identity, HomeError> {
        let record = self.current_record()?;
        let (key, _) = self.candidate_pair()?.ok_or(HomeError::NoCandidate)?;
        let key = Arc::new(key);
        let identity = identity(&record, key.clone(), chain.clone()).map_err(HomeError::Issued)?;
        self.write_candidate(&key, chain)?;
        Ok(identity)
    }

    /// The candidate with its certificate; `None` when there is none, or only a key. One that was
    /// committed just before a power cut is cleared away.
    pub fn candidate(&self) -> Result<Option<Identity>, HomeError> {
        let Some((key, chain)) = self.candidate_pair()? else {
            return Ok(None);
        };
        let Some(current) = self.current()? else {
            return Ok(None);
        };
        if key.fingerprint() == current.key().fingerprint() {
            self.0.remove(CANDIDATE)?;
            return Ok(None);
        }
        if chain.is_empty() {
            return Ok(None);
        }
        identity(&self.current_record()?, Arc::new(key), chain)
            .map(Some)
            .map_err(|e| self.damaged(CANDIDATE, e))
    }

    /// Puts the candidate in the place of the current identity. To be called when the coordinator
    /// has said hello on a connection made with it, not before.
    pub fn commit_candidate(&self) -> Result<Identity, HomeError> {
        let candidate = self.candidate()?.ok_or(HomeError::NoCandidate)?;
        let mut record = self.current_record()?;
        record.pair = pair(&candidate.key, candidate.chain.clone());
        self.write_current(&record)?;
        self.0.remove(CANDIDATE)?;
        Ok(candidate)
    }

    /// Forgets the candidate: the coordinator refused it, and the next renewal starts anew.
    pub fn drop_candidate(&self) -> Result<(), HomeError> {
        Ok(self.0.remove(CANDIDATE)?)
    }

    /// Keeps another list of coordinators, as one of them told.
    pub fn save_coordinators(&self, coordinators: Vec<Address>) -> Result<(), HomeError> {
        if !(1..=COORDINATORS_MAX).contains(&coordinators.len()) {
            return Err(HomeError::Bounds);
        }
        let mut record = self.current_record()?;
        record.coordinators = coordinators;
        self.write_current(&record)
    }

    /// When a coordinator was last heard, by its clock; `None` when that is not known. A damaged
    /// file is as good as none: it only sharpens the judgement of our clock.
    pub fn heard(&self) -> Result<Option<Instant>, HomeError> {
        let bytes = self.0.read(HEARD)?;
        let text = bytes.as_deref().and_then(|b| std::str::from_utf8(b).ok());
        Ok(text.and_then(|text| Instant::parse(text.trim()).ok()))
    }

    /// Keeps when a coordinator was heard, by its clock. Once a day and at a hello is enough.
    pub fn save_heard(&self, at: Instant) -> Result<(), HomeError> {
        Ok(self.0.write(HEARD, at.to_string().as_bytes())?)
    }

    fn current_record(&self) -> Result<IdentityRecord, HomeError> {
        let bytes = self.0.read(CURRENT)?.ok_or(HomeError::NotJoined)?;
        IdentityRecord::parse(&bytes).map_err(|e| self.damaged(CURRENT, e))
    }

    /// A damaged candidate is as good as none: a new one costs a key and a question, and the
    /// current identity does not depend on it.
    fn candidate_pair(
        &self,
    ) -> Result<Option<(AgentKey, Vec<CertificateDer<'static>>)>, HomeError> {
        Ok(self.0.read(CANDIDATE)?.and_then(|bytes| {
            let pair = CandidateRecord::parse(&bytes).ok()?.pair;
            let key = AgentKey::from_pem(pair.key.0.expose()).ok()?;
            Some((key, pair.chain.0))
        }))
    }

    fn write_current(&self, record: &IdentityRecord) -> Result<(), HomeError> {
        let text = record.text().map_err(|e| self.damaged(CURRENT, e))?;
        Ok(self.0.write(CURRENT, &text)?)
    }

    fn write_candidate(
        &self,
        key: &AgentKey,
        chain: Vec<CertificateDer<'static>>,
    ) -> Result<(), HomeError> {
        let record = CandidateRecord::new(pair(key, chain));
        let text = record.text().map_err(|e| self.damaged(CANDIDATE, e))?;
        Ok(self.0.write(CANDIDATE, &text)?)
    }

    fn damaged(
        &self,
        file: &str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> HomeError {
        HomeError::Damaged {
            path: self.0.path_of(file),
            source: source.into(),
        }
    }
}

fn pair(key: &AgentKey, chain: Vec<CertificateDer<'static>>) -> PairRecord {
    PairRecord {
        key: KeyPem(Secret::new(key.pem().as_str().to_owned())),
        chain: Certificates(chain),
    }
}

/// The record's agent with this key and chain, when the chain is for both.
fn identity(
    record: &IdentityRecord,
    key: Arc<AgentKey>,
    chain: Vec<CertificateDer<'static>>,
) -> Result<Identity, IssuedError> {
    let authorities = record.authorities.0.clone();
    let facts = check_issued(&authorities, &chain, key.fingerprint(), record.agent)?;
    Ok(Identity {
        agent: record.agent,
        branch: record.branch.clone(),
        coordinators: record.coordinators.clone(),
        authorities,
        key,
        chain,
        facts,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home() -> (tempfile::TempDir, IdentityHome) {
        let scratch = tempfile::tempdir().unwrap();
        let home = IdentityHome::open(scratch.path()).unwrap();
        (scratch, home)
    }

    #[test]
    fn an_agent_that_has_not_joined_has_no_identity() {
        let (_scratch, home) = home();
        assert!(home.current().unwrap().is_none());
        assert!(home.candidate().unwrap().is_none());
        assert!(matches!(
            home.commit_candidate(),
            Err(HomeError::NoCandidate)
        ));
    }

    #[test]
    fn a_lost_answer_is_asked_again_for_the_same_key() {
        let (_scratch, home) = home();
        let first = home.candidate_key().unwrap().fingerprint();
        assert_eq!(home.candidate_key().unwrap().fingerprint(), first);
        home.drop_candidate().unwrap();
        assert_ne!(home.candidate_key().unwrap().fingerprint(), first);
    }

    #[test]
    fn a_damaged_candidate_is_replaced() {
        let (_scratch, home) = home();
        home.0.write(CANDIDATE, b"{").unwrap();
        let key = home.candidate_key().unwrap().fingerprint();
        assert_eq!(home.candidate_key().unwrap().fingerprint(), key);
    }

    #[test]
    fn when_a_coordinator_was_heard_is_remembered() {
        let (_scratch, home) = home();
        assert_eq!(home.heard().unwrap(), None);
        let at = Instant::parse("2026-11-23T08:00:00.250Z").unwrap();
        home.save_heard(at).unwrap();
        assert_eq!(home.heard().unwrap(), Some(at));
        home.0.write(HEARD, b"\xff").unwrap();
        assert_eq!(home.heard().unwrap(), None);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let (_scratch, home) = home();
        home.0.write(CURRENT, b"{}").unwrap();
        let error = home.current().unwrap_err();
        assert!(error.to_string().contains("identity.json"), "{error}");
    }
}
