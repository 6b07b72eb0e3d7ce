//! Which keys may connect: asked in every handshake, so it is a look into memory.
//!
//! Whoever keeps the store fills [`AdmittedKeys`] at start and tells every change; live connections
//! of a revoked key are ended by the intake, which hears of the same change. A key that is not in
//! the set is not admitted, so a set that nobody has filled yet admits no one.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

use keepwatch_common::model::fingerprint::Fingerprint;

/// Says whether a key may connect now. Called while a handshake waits: must not block on I/O.
pub trait Admission: fmt::Debug + Send + Sync {
    /// Whether the key may connect.
    fn admits(&self, key: &Fingerprint) -> bool;
}

/// The admitted keys in memory: 32 bytes an agent, shared by all handshakes.
#[derive(Default)]
pub struct AdmittedKeys(RwLock<BTreeSet<Fingerprint>>);

impl AdmittedKeys {
    /// These keys and no others.
    pub fn of(keys: impl IntoIterator<Item = Fingerprint>) -> Self {
        Self(RwLock::new(keys.into_iter().collect()))
    }

    /// These keys and no others from now on.
    pub fn replace(&self, keys: impl IntoIterator<Item = Fingerprint>) {
        // Collected before the lock is taken: handshakes wait only for the exchange.
        let keys = keys.into_iter().collect();
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = keys;
    }

    /// One more key.
    pub fn admit(&self, key: Fingerprint) {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key);
    }

    /// One key less; true when it was admitted.
    pub fn revoke(&self, key: &Fingerprint) -> bool {
        self.0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(key)
    }

    /// How many keys are admitted.
    pub fn len(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// Whether nobody is admitted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Admission for AdmittedKeys {
    fn admits(&self, key: &Fingerprint) -> bool {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .contains(key)
    }
}

impl fmt::Debug for AdmittedKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdmittedKeys({})", self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: Fingerprint = Fingerprint::from_bytes([1; 32]);
    const TWO: Fingerprint = Fingerprint::from_bytes([2; 32]);

    #[test]
    fn a_set_that_nobody_filled_admits_no_one() {
        assert!(!AdmittedKeys::default().admits(&ONE));
    }

    #[test]
    fn a_change_counts_at_once() {
        let keys = AdmittedKeys::of([ONE]);
        keys.admit(TWO);
        assert!(keys.admits(&ONE) && keys.admits(&TWO));
        assert!(keys.revoke(&ONE));
        assert!(!keys.revoke(&ONE));
        assert!(!keys.admits(&ONE) && keys.admits(&TWO));
        keys.replace([ONE]);
        assert!(keys.admits(&ONE) && !keys.admits(&TWO));
    }
}
