//! A key with the certificate that names the agent, and whom it trusts: all that connecting needs.

use std::sync::Arc;

use keepwatch_common::model::address::Address;
use keepwatch_common::time::Instant;
use rustls_pki_types::CertificateDer;
use uuid::Uuid;

use super::certificate::CertificateFacts;
use super::key::AgentKey;

/// Who this agent is, once it has joined.
#[derive(Debug, Clone)]
pub struct Identity {
    pub(super) agent: Uuid,
    pub(super) branch: String,
    pub(super) coordinators: Vec<Address>,
    pub(super) authorities: Vec<CertificateDer<'static>>,
    pub(super) key: Arc<AgentKey>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) facts: CertificateFacts,
}

impl Identity {
    /// The agent's id, as its certificate says.
    pub fn agent(&self) -> Uuid {
        self.agent
    }

    /// The branch it joined for, in the coordinator's words.
    pub fn branch(&self) -> &str {
        &self.branch
    }

    /// Where coordinators are, in the order to try.
    pub fn coordinators(&self) -> &[Address] {
        &self.coordinators
    }

    /// The key pair.
    pub fn key(&self) -> &AgentKey {
        &self.key
    }

    /// From when the certificate is valid; 48 hours before it was made.
    pub fn not_before(&self) -> Instant {
        self.facts.not_before
    }

    /// Until when the certificate is valid.
    pub fn not_after(&self) -> Instant {
        self.facts.not_after
    }

    /// When to ask for a new certificate: at half of the validity, and up to a tenth of it later,
    /// as the key decides. Agents that joined in one afternoon do not all renew in another.
    pub fn renew_from(&self) -> Instant {
        let life_ms = self.facts.not_after.since(self.facts.not_before).max(0);
        let [high, low, ..] = *self.facts.key.bytes();
        let share = i64::from(u16::from_be_bytes([high, low]));
        self.facts.not_before + life_ms / 2 + life_ms / 10 / 65_536 * share
    }

    /// Whether it is time to renew. `now` is the coordinator's time as last heard, where it is
    /// known: with a wrong clock one would renew all the time or never.
    pub fn renew_due(&self, now: Instant) -> bool {
        self.renew_from() <= now
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::model::fingerprint::Fingerprint;
    use keepwatch_common::time::DAY_MS;

    use super::*;

    fn identity(first_bytes: u8) -> Identity {
        let not_before = Instant::parse("2026-11-21T08:00:00Z").unwrap();
        let facts = CertificateFacts {
            not_before,
            not_after: not_before + 62 * DAY_MS,
            key: Fingerprint::from_bytes([first_bytes; 32]),
            agent: Some(Uuid::nil()),
        };
        Identity {
            agent: Uuid::nil(),
            branch: String::new(),
            coordinators: Vec::new(),
            authorities: Vec::new(),
            key: Arc::new(AgentKey::make().unwrap()),
            chain: Vec::new(),
            facts,
        }
    }

    #[test]
    fn renewal_is_due_from_half_of_the_life_on() {
        let identity = identity(0);
        let half = identity.not_before() + 31 * DAY_MS;
        assert!(!identity.renew_due(half - 1));
        assert!(identity.renew_due(half));
        assert!(identity.renew_due(identity.not_after()));
    }

    #[test]
    fn no_key_renews_later_than_a_tenth_after_half() {
        let latest = identity(0xff).renew_from();
        let half = identity(0).renew_from();
        assert!(latest > half + 6 * DAY_MS && latest < half + 62 * DAY_MS / 10);
    }
}
