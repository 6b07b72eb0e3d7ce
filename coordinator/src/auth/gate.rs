//! Signing in and out, and who a session belongs to.
//!
//! A session is a random number of 256 bits in the browser and its hash here. Each sign-in makes a
//! new one, so that a number planted before is worth nothing. A session ends after a while without
//! use, because branch machines are shared, and after a working day whatever happens.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use keepwatch_common::clock::Clock;
use keepwatch_common::ids::{Randomness, random_bytes};
use keepwatch_common::secret::Secret;
use keepwatch_common::time::{HOUR_MS, Instant, MINUTE_MS};
use serde_json::json;
use tracing::{info, warn};
use zeroize::Zeroizing;

use super::attempts::{Attempts, TooMany};
use super::deed;
use super::password::{HashError, Passwords};
use super::viewer::Viewer;
use crate::store::digest::SecretHash;
use crate::store::people::PersonRow;
use crate::store::sessions::NewSession;
use crate::store::{Store, StoreError};

/// Random bytes of a session's key.
const KEY_BYTES: usize = 32;

/// How exactly use is written down, in milliseconds: a page a second need not be a write a second.
const SEEN_EVERY_MS: i64 = MINUTE_MS;

/// How long a session lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionLimits {
    idle_ms: i64,
    life_ms: i64,
}

impl SessionLimits {
    /// Fewest and most minutes without use: long enough to read a page, short enough for a shared
    /// machine (OWASP session management: 15 to 30 minutes, 60 where risk is low).
    pub const IDLE_MINUTES: (i64, i64) = (15, 60);

    /// A session that ends after so many minutes without use, moved into
    /// [`SessionLimits::IDLE_MINUTES`], and after twelve hours whatever happens.
    pub fn idle_minutes(minutes: i64) -> Self {
        let (least, most) = Self::IDLE_MINUTES;
        Self {
            idle_ms: minutes.clamp(least, most) * MINUTE_MS,
            life_ms: 12 * HOUR_MS,
        }
    }
}

impl Default for SessionLimits {
    fn default() -> Self {
        Self::idle_minutes(30)
    }
}

/// Somebody who just signed in.
#[derive(Debug)]
pub struct SignedIn {
    /// The session's key, for the browser alone.
    pub key: Secret,
    /// Who.
    pub viewer: Viewer,
    /// When the session ends, whatever happens.
    pub ends_at: Instant,
}

/// Why somebody was not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Name or password; which one is nobody's business.
    #[error("name or password is wrong")]
    Wrong,
    /// Too many tries.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The password cannot be checked.
    #[error("the password cannot be checked")]
    Hash(#[from] HashError),
    /// The store fails.
    #[error("the store does not answer")]
    Store(#[from] StoreError),
}

/// Where people come in.
#[derive(Debug)]
pub struct Gate {
    store: Store,
    clock: Arc<dyn Clock>,
    randomness: Arc<dyn Randomness>,
    passwords: Passwords,
    attempts: Attempts,
    limits: SessionLimits,
}

impl Gate {
    /// Opens with nobody's tries counted.
    pub fn new(
        store: Store,
        clock: Arc<dyn Clock>,
        randomness: Arc<dyn Randomness>,
        limits: SessionLimits,
    ) -> Result<Self, HashError> {
        Ok(Self {
            passwords: Passwords::new(randomness.clone())?,
            store,
            clock,
            randomness,
            attempts: Attempts::default(),
            limits,
        })
    }

    /// Hashes passwords, for whoever adds a person.
    pub fn passwords(&self) -> &Passwords {
        &self.passwords
    }

    /// Signs somebody in; `before` is the key of a session that the browser had, which ends.
    pub async fn sign_in(
        &self,
        name: &str,
        password: Secret,
        from: IpAddr,
        before: Option<&Secret>,
    ) -> Result<SignedIn, SignInError> {
        if let Err(refused) = self.attempts.begin(name, from, self.clock.tick()) {
            warn!(%from, wait_ms = refused.wait_ms, "a sign-in was refused, too many tries");
            return Err(refused.into());
        }
        let person = self.store.read().await?.person_fetch_by_name(name).await?;
        let person = person.filter(|person| person.disabled_at_ms.is_none());
        let kept = person.as_ref().map(|person| person.password_hash.clone());
        let right = self.passwords.is(password, kept).await?;
        let Some(person) = person.filter(|_| right) else {
            warn!(%from, "a sign-in failed");
            return Err(SignInError::Wrong);
        };
        let viewer = Viewer::of(&person).ok_or(SignInError::Wrong)?;
        self.attempts.succeeded(name, from);
        let signed_in = self.enter(&person, viewer, from, before).await?;
        info!(name = signed_in.viewer.name(), %from, "somebody signed in");
        Ok(signed_in)
    }

    /// Who a session belongs to; none when there is no such session, it was idle for too long, or its
    /// person may not sign in any more.
    pub async fn viewer(&self, key: &Secret) -> Result<Option<Viewer>, StoreError> {
        let (now, hash) = (self.clock.now(), SecretHash::of(key));
        let mut reader = self.store.read().await?;
        let Some(session) = reader.session_fetch(&hash, now).await? else {
            return Ok(None);
        };
        let idle_ms = now.since(Instant::from_ms(session.seen_at_ms));
        let person = reader.person_fetch(session.person_id).await?;
        drop(reader);
        if idle_ms >= self.limits.idle_ms {
            let mut tx = self.store.begin().await?;
            tx.session_end(&hash).await?;
            tx.commit().await?;
            return Ok(None);
        }
        if idle_ms >= SEEN_EVERY_MS {
            let mut tx = self.store.begin().await?;
            tx.session_seen(&hash, now).await?;
            tx.commit().await?;
        }
        Ok(person.as_ref().and_then(Viewer::of))
    }

    /// Ends a session; false when there was none.
    pub async fn sign_out(&self, key: &Secret) -> Result<bool, StoreError> {
        let (now, hash) = (self.clock.now(), SecretHash::of(key));
        let mut tx = self.store.begin().await?;
        let session = tx.session_fetch(&hash, now).await?;
        let person = match session {
            Some(session) => tx.person_fetch(session.person_id).await?,
            None => None,
        };
        let ended = tx.session_end(&hash).await?;
        if let Some(viewer) = person.as_ref().and_then(Viewer::of) {
            let subject = viewer.name().to_owned();
            deed::record(&mut tx, now, &viewer, ("sign_out", &subject), &json!({})).await?;
        }
        tx.commit().await?;
        Ok(ended)
    }

    async fn enter(
        &self,
        person: &PersonRow,
        viewer: Viewer,
        from: IpAddr,
        before: Option<&Secret>,
    ) -> Result<SignedIn, StoreError> {
        let now = self.clock.now();
        let (key, ends_at) = (new_key(self.randomness.as_ref()), now + self.limits.life_ms);
        let mut tx = self.store.begin().await?;
        if let Some(before) = before {
            tx.session_end(&SecretHash::of(before)).await?;
        }
        tx.session_insert(&NewSession {
            token_hash: &SecretHash::of(&key),
            person_id: person.id,
            created_at: now,
            ends_at,
        })
        .await?;
        let body = json!({ "from": from.to_string() });
        let subject = viewer.name().to_owned();
        deed::record(&mut tx, now, &viewer, ("sign_in", &subject), &body).await?;
        tx.commit().await?;
        Ok(SignedIn {
            key,
            viewer,
            ends_at,
        })
    }
}

/// 64 hexadecimal digits.
fn new_key(randomness: &dyn Randomness) -> Secret {
    let random = Zeroizing::new(random_bytes::<KEY_BYTES>(randomness));
    let mut digits = String::with_capacity(2 * KEY_BYTES);
    for byte in random.iter() {
        // Writing into a string does not fail.
        write!(digits, "{byte:02x}").unwrap_or_default();
    }
    Secret::new(digits)
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;

    use super::*;

    #[test]
    fn a_session_is_never_idle_for_less_or_more_than_allowed() {
        let idle = |minutes| SessionLimits::idle_minutes(minutes).idle_ms / MINUTE_MS;
        assert_eq!([idle(0), idle(20), idle(600)], [15, 20, 60]);
    }

    #[test]
    fn a_key_has_256_random_bits() {
        let source = Seeded::new(7);
        let (one, other) = (new_key(&source), new_key(&source));
        assert_eq!(one.expose().len(), 64);
        assert_ne!(one, other);
    }
}
