//! How a receiver knows that a notification is ours and was not changed.
//!
//! `Keepwatch-Signature: v1=HEX`, the HMAC-SHA256 with the channel's secret over the timestamp as
//! sent, a dot and the body. The timestamp is inside, so that an old notification cannot be played
//! again; receivers refuse what is older than they like.

use std::fmt;
use std::fmt::Write as _;

use ring::hmac;

/// The key of one channel.
#[derive(Clone)]
pub struct SigningKey(hmac::Key);

impl SigningKey {
    /// From the channel's secret.
    pub fn new(secret: &[u8]) -> Self {
        Self(hmac::Key::new(hmac::HMAC_SHA256, secret))
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// What stands in the header for a body sent at a time in whole seconds since 1970.
pub fn signature(key: &SigningKey, timestamp_s: i64, body: &str) -> String {
    let mut context = hmac::Context::with_key(&key.0);
    context.update(timestamp_s.to_string().as_bytes());
    context.update(b".");
    context.update(body.as_bytes());
    let mut text = String::from("v1=");
    for byte in context.sign().as_ref() {
        // Writing into a string does not fail.
        write!(text, "{byte:02x}").unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The value was computed with another program: `printf '1.{}' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn a_receiver_with_another_program_computes_the_same() {
        let key = SigningKey::new(b"key");
        assert_eq!(
            signature(&key, 1, "{}"),
            "v1=1ba6b8171186efc613e8bcc0cbdab2748f24984d7c5a84faa2637afa0e40d224"
        );
    }

    #[test]
    fn another_time_body_or_key_is_another_signature() {
        let key = SigningKey::new(b"key");
        let one = signature(&key, 1, "{}");
        assert_ne!(one, signature(&key, 2, "{}"));
        assert_ne!(one, signature(&key, 1, "{ }"));
        assert_ne!(one, signature(&SigningKey::new(b"kez"), 1, "{}"));
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(format!("{:?}", SigningKey::new(b"key")), "SigningKey(…)");
    }
}
