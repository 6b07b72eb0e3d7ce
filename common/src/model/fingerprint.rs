//! The fingerprint of a public key: SHA-256 over its `SubjectPublicKeyInfo`, as X.509 encodes it.
//!
//! It names an agent's key and the authority that agents pin. A key and not a certificate, so that
//! a renewed certificate keeps its name. It is no secret. Nothing is hashed here: the crates that
//! hold a crypto provider do that.

use std::fmt;
use std::str::FromStr;

/// Bytes in a fingerprint.
pub const FINGERPRINT_BYTES: usize = 32;

/// SHA-256 over a public key. Prints and parses as 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; FINGERPRINT_BYTES]);

impl Fingerprint {
    /// From the hash's bytes.
    pub const fn from_bytes(bytes: [u8; FINGERPRINT_BYTES]) -> Self {
        Self(bytes)
    }

    /// The hash's bytes.
    pub const fn bytes(&self) -> &[u8; FINGERPRINT_BYTES] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Why a text is no fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FingerprintError {
    /// Too short or too long.
    #[error("a fingerprint has 64 hexadecimal digits, this has {digits} characters")]
    Length {
        /// How many characters there were.
        digits: usize,
    },
    /// Something other than 0–9 and a–f.
    #[error("a fingerprint is written with 0–9 and a–f only")]
    NotHexadecimal,
}

impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.chars().count();
        if digits != 2 * FINGERPRINT_BYTES {
            return Err(FingerprintError::Length { digits });
        }
        let mut bytes = [0_u8; FINGERPRINT_BYTES];
        for (byte, pair) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
            *byte = pair
                .iter()
                .try_fold(0_u8, |value, digit| Some(value << 4 | nibble(*digit)?))
                .ok_or(FingerprintError::NotHexadecimal)?;
        }
        Ok(Self(bytes))
    }
}

/// The value of one hexadecimal digit in either case.
fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back(bytes: [u8; FINGERPRINT_BYTES]) {
            let fingerprint = Fingerprint::from_bytes(bytes);
            let printed = fingerprint.to_string();
            prop_assert_eq!(printed.len(), 64);
            prop_assert_eq!(printed.parse::<Fingerprint>(), Ok(fingerprint));
            prop_assert_eq!(printed.to_uppercase().parse::<Fingerprint>(), Ok(fingerprint));
        }
    }

    #[test]
    fn a_text_of_the_wrong_shape_is_refused() {
        assert_eq!(
            "ab".parse::<Fingerprint>(),
            Err(FingerprintError::Length { digits: 2 })
        );
        assert_eq!(
            "g".repeat(64).parse::<Fingerprint>(),
            Err(FingerprintError::NotHexadecimal)
        );
        // Sixty-four characters in more bytes.
        assert_eq!(
            "é".repeat(64).parse::<Fingerprint>(),
            Err(FingerprintError::NotHexadecimal)
        );
    }
}
