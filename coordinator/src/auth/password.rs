//! Passwords: what is one, and what is kept of it.
//!
//! Hashing is slow on purpose, so it runs off the async threads and only a few at a time: whoever
//! floods the sign-in page makes sign-in slow and nothing else. A name that nobody has costs the same
//! time as a wrong password, because both are checked against a hash.

use std::fmt;
use std::sync::Arc;

use argon2::password_hash::{CustomizedPasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, PasswordHash};
use keepwatch_common::ids::{Randomness, random_bytes};
use keepwatch_common::secret::Secret;
use tokio::sync::Semaphore;
use tokio::task::{JoinError, spawn_blocking};

/// Fewest characters: two more than NIST SP 800-63B asks for, because nothing else is demanded.
pub const PASSWORD_CHARS_MIN: usize = 10;

/// Most bytes: far beyond any passphrase, and no way to keep a hasher busy.
pub const PASSWORD_BYTES_MAX: usize = 1_024;

/// Memory, passes and lanes of Argon2id: the first choice of the OWASP password storage cheat sheet
/// for its least memory (19 MiB, two passes, one lane), about 25 ms of one core.
const MEMORY_KIB: u32 = 19 * 1_024;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Passwords hashed at one time: 38 MiB, and a core stays free for reports.
const AT_ONCE_MAX: usize = 2;

/// Bytes of salt (RFC 9106, section 3.1).
const SALT_BYTES: usize = 16;

/// Why a text may not be a password. None repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PasswordRuleError {
    /// Too short.
    #[error(
        "a password has at least {PASSWORD_CHARS_MIN} characters; a few words in a row are good"
    )]
    TooShort,
    /// Too long.
    #[error("a password has at most {PASSWORD_BYTES_MAX} bytes")]
    TooLong,
    /// It is the name.
    #[error("the password must not be the sign-in name")]
    IsName,
}

/// Why a password was not hashed or checked.
#[derive(Debug, thiserror::Error)]
pub enum HashError {
    /// Argon2 refuses, or what is kept is no hash.
    #[error("a password's hash cannot be made or read")]
    Hash(#[source] argon2::password_hash::Error),
    /// The program is stopping.
    #[error("passwords are not checked any more, the program is stopping")]
    Stopping(#[source] JoinError),
    /// The same, while waiting for a turn.
    #[error("passwords are not checked any more, the program is stopping")]
    Closed,
}

/// Whether a text may be the password of somebody of this name.
pub fn check_rules(password: &Secret, name: &str) -> Result<(), PasswordRuleError> {
    let text = password.expose();
    if text.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordRuleError::TooLong);
    }
    if text.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordRuleError::TooShort);
    }
    if text.trim().to_lowercase() == name.trim().to_lowercase() {
        return Err(PasswordRuleError::IsName);
    }
    Ok(())
}

/// Hashes and checks passwords, a few at a time.
pub struct Passwords {
    randomness: Arc<dyn Randomness>,
    turns: Arc<Semaphore>,
    /// Of nobody: what an unknown name's password is checked against.
    decoy: Secret,
}

impl Passwords {
    /// Makes the decoy, which takes as long as one sign-in.
    pub fn new(randomness: Arc<dyn Randomness>) -> Result<Self, HashError> {
        let nobody = random_bytes::<32>(randomness.as_ref());
        let decoy = hash(&nobody, &random_bytes::<SALT_BYTES>(randomness.as_ref()))?;
        Ok(Self {
            randomness,
            turns: Arc::new(Semaphore::new(AT_ONCE_MAX)),
            decoy,
        })
    }

    /// What is kept of a password, as a PHC string.
    pub async fn hash(&self, password: Secret) -> Result<Secret, HashError> {
        let salt = random_bytes::<SALT_BYTES>(self.randomness.as_ref());
        self.in_turn(move || hash(password.expose().as_bytes(), &salt))
            .await
    }

    /// Whether it is the password that is kept; without one, takes the same time and says no.
    pub async fn is(&self, password: Secret, kept: Option<Secret>) -> Result<bool, HashError> {
        let known = kept.is_some();
        let kept = kept.unwrap_or_else(|| self.decoy.clone());
        let fits = self.in_turn(move || fits(&password, &kept)).await?;
        Ok(fits && known)
    }

    async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, HashError> + Send + 'static,
    ) -> Result<T, HashError> {
        let turn = self.turns.clone().acquire_owned().await;
        let turn = turn.map_err(|_| HashError::Closed)?;
        spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        })
        .await
        .map_err(HashError::Stopping)?
    }
}

impl fmt::Debug for Passwords {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Passwords").finish_non_exhaustive()
    }
}

fn hash(password: &[u8], salt: &[u8]) -> Result<Secret, HashError> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None)
        .map_err(|error| HashError::Hash(error.into()))?;
    let hashed: PasswordHash = Argon2::default()
        .hash_password_customized(
            password,
            salt,
            Some(Algorithm::Argon2id.as_str()),
            None,
            params,
        )
        .map_err(HashError::Hash)?;
    Ok(Secret::new(hashed.to_string()))
}

fn fits(password: &Secret, kept: &Secret) -> Result<bool, HashError> {
    let kept = PasswordHash::new(kept.expose()).map_err(|error| HashError::Hash(error.into()))?;
    match Argon2::default().verify_password(password.expose().as_bytes(), &kept) {
        Ok(()) => Ok(true),
        Err(argon2::password_hash::Error::PasswordInvalid) => Ok(false),
        Err(error) => Err(HashError::Hash(error)),
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;

    use super::*;

    fn secret(text: &str) -> Secret {
        Secret::new(text.to_owned())
    }

    fn passwords() -> Passwords {
        Passwords::new(Arc::new(Seeded::new(1))).unwrap()
    }

    #[test]
    fn short_endless_and_obvious_passwords_are_refused() {
        let refused = |text: &str| check_rules(&secret(text), "Wang.Xiaoming").unwrap_err();
        assert_eq!(refused("九个字不够长的密"), PasswordRuleError::TooShort);
        assert_eq!(refused(&"x".repeat(1_025)), PasswordRuleError::TooLong);
        assert_eq!(refused("wang.xiaoming "), PasswordRuleError::IsName);
        assert_eq!(check_rules(&secret("十个字刚好够长的密码"), "wang"), Ok(()));
    }

    #[tokio::test]
    async fn a_password_is_known_again_and_another_is_not() {
        let passwords = passwords();
        let kept = passwords.hash(secret("correct horse")).await.unwrap();
        assert!(kept.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        let is = |text, kept: &Secret| passwords.is(secret(text), Some(kept.clone()));
        assert!(is("correct horse", &kept).await.unwrap());
        assert!(!is("correct house", &kept).await.unwrap());
    }

    #[tokio::test]
    async fn nobody_has_no_password_not_even_the_decoys() {
        let passwords = passwords();
        assert!(!passwords.is(secret("anything at all"), None).await.unwrap());
    }

    #[tokio::test]
    async fn the_same_password_is_kept_differently_each_time() {
        let passwords = passwords();
        let first = passwords.hash(secret("correct horse")).await.unwrap();
        let second = passwords.hash(secret("correct horse")).await.unwrap();
        assert_ne!(first, second);
    }

    #[tokio::test]
    async fn what_is_no_hash_is_an_error_and_not_a_wrong_password() {
        let answer = passwords().is(secret("x"), Some(secret("plain"))).await;
        assert!(matches!(answer, Err(HashError::Hash(_))));
    }
}
