//! Secrets that let an agent join: made here, printed once inside a join string, kept as hashes.
//!
//! A token is 160 random bits, so a plain hash is enough at rest: there is nothing to guess. How
//! long a token lives, for which branch and how often it may be used is the store's knowledge.

use std::fmt;
use std::fmt::Write as _;

use keepwatch_common::ids::{Randomness, random_bytes};
use keepwatch_common::secret::Secret;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::crypto::sha256;

/// Random bytes in a token: the fewest that a join string carries.
const TOKEN_BYTES: usize = 20;

/// Keeps a token's hash from being the hash of anything else.
const HASH_DOMAIN: &[u8] = b"keepwatch join token 1\0";

/// A new token: 40 hexadecimal digits in lower case.
pub fn mint(randomness: &dyn Randomness) -> Secret {
    let random = Zeroizing::new(random_bytes::<TOKEN_BYTES>(randomness));
    let mut digits = String::with_capacity(2 * TOKEN_BYTES);
    for byte in random.iter() {
        // Writing into a string does not fail.
        write!(digits, "{byte:02x}").unwrap_or_default();
    }
    Secret::new(digits)
}

/// What is kept of a token.
#[derive(Clone, Copy)]
pub struct TokenHash([u8; 32]);

/// The hash under which a token is kept and looked up.
pub fn hash_token(token: &Secret) -> TokenHash {
    let mut input = Zeroizing::new(Vec::with_capacity(HASH_DOMAIN.len() + token.expose().len()));
    input.extend_from_slice(HASH_DOMAIN);
    input.extend_from_slice(token.expose().as_bytes());
    TokenHash(sha256(&input))
}

impl TokenHash {
    /// From the store.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// For the store.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether a presented token is the one kept, in a time that does not depend on where they
    /// differ.
    pub fn is_of(&self, presented: &Secret) -> bool {
        self.0.ct_eq(&hash_token(presented).0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use keepwatch_common::ids::Seeded;
    use keepwatch_common::model::address::Address;
    use keepwatch_common::model::fingerprint::Fingerprint;
    use keepwatch_common::model::join::JoinString;

    use super::*;

    #[test]
    fn a_token_is_known_by_its_hash_and_another_is_not() {
        let source = Seeded::new(1);
        let (token, other) = (mint(&source), mint(&source));
        let kept = TokenHash::from_bytes(*hash_token(&token).bytes());
        assert!(kept.is_of(&token));
        assert!(!kept.is_of(&other));
        assert!(!kept.is_of(&Secret::new(String::new())));
    }

    #[test]
    fn a_token_fits_into_a_join_string_and_comes_out_again() {
        let token = mint(&Seeded::new(2));
        let at = Address::new("hq.example", 7444).unwrap();
        let authority = Fingerprint::from_bytes([1; 32]);
        let join = JoinString::new(at, 7443, authority, token.clone()).unwrap();
        let read: JoinString = join.to_string().parse().unwrap();
        assert!(hash_token(&token).is_of(read.secret()));
    }

    #[test]
    fn a_hash_kept_once_stays_valid() {
        let hash = hash_token(&Secret::new("0".repeat(40)));
        let digits = Fingerprint::from_bytes(*hash.bytes()).to_string();
        assert_eq!(
            digits,
            "7667fa73225cb14f7f647fd07c09c5d66e64da1b437b2a7d77a2d028d63c4c67"
        );
    }
}
