//! The join string: all that a branch needs to meet its coordinator, in one printable word.
//!
//! `keepwatch-join:1:<host>:<join port>:<agent port>:<authority>:<secret>:<checksum>`
//!
//! The authority's fingerprint makes the first contact safe without trusting whoever answers; the
//! secret is a short-lived token. All of it is lower case without blanks, so a string that a mail
//! program wrapped or a person typed in capitals is the same string; the checksum (CRC32C over all
//! before it) refuses a mistyped one here, where we can say so, and not at the coordinator, which
//! would count a wrong secret. It must not know how tokens are stored.

use std::fmt;
use std::str::FromStr;

use zeroize::Zeroizing;

use super::address::{Address, AddressError};
use super::fingerprint::{Fingerprint, FingerprintError};
use crate::secret::Secret;

/// What every join string starts with.
const PREFIX: &str = "keepwatch-join";

/// The version we write and read.
const VERSION: &str = "1";

/// Longest text taken for a join string, in bytes: the longest host and secret with room to spare.
/// Nothing longer is even searched for blanks.
const TEXT_BYTES_MAX: usize = 1_024;

/// Fewest digits in a secret: 160 bits, beyond guessing however fast one may try.
const SECRET_DIGITS_MIN: usize = 40;

/// Most digits in a secret: 512 bits; more would only make the string longer.
const SECRET_DIGITS_MAX: usize = 128;

/// An address, whom to expect there, and a secret that lets in once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JoinString {
    joining: Address,
    coordinator: Address,
    authority: Fingerprint,
    secret: Secret,
}

impl JoinString {
    /// From the address of the join endpoint, the port of the same host for agents that have
    /// joined, the fingerprint of the coordinator's authority, and the secret: 40 to 128
    /// hexadecimal digits in lower case.
    pub fn new(
        joining: Address,
        agent_port: u16,
        authority: Fingerprint,
        secret: Secret,
    ) -> Result<Self, JoinStringError> {
        let coordinator = joining
            .with_port(agent_port)
            .map_err(JoinStringError::Address)?;
        if !is_secret(secret.expose()) {
            return Err(JoinStringError::Secret);
        }
        Ok(Self {
            joining,
            coordinator,
            authority,
            secret,
        })
    }

    /// Where to join.
    pub fn joining(&self) -> &Address {
        &self.joining
    }

    /// Where to connect once joined.
    pub fn coordinator(&self) -> &Address {
        &self.coordinator
    }

    /// Whose certificate to accept.
    pub fn authority(&self) -> Fingerprint {
        self.authority
    }

    /// What lets in.
    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    /// Everything before the checksum.
    fn body(&self) -> Zeroizing<String> {
        // An address prints as host:port, so the other port follows it.
        Zeroizing::new(format!(
            "{PREFIX}:{VERSION}:{}:{}:{}:{}",
            self.joining,
            self.coordinator.port(),
            self.authority,
            self.secret.expose()
        ))
    }
}

/// Prints the whole string, the secret included: it exists to be handed over. Never log it.
impl fmt::Display for JoinString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let body = self.body();
        write!(f, "{}:{:08x}", body.as_str(), checksum(&body))
    }
}

/// Why a text is no join string. None of these repeats the text, for it may hold the secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JoinStringError {
    /// It starts with something else.
    #[error(
        "this is not a join string; it starts with keepwatch-join:1: and is printed by \
         `keepwatch token create`"
    )]
    NotAJoinString,
    /// Made by a program that writes another version.
    #[error(
        "this join string is of version {version}, and this program reads version 1; update it"
    )]
    Version {
        /// The version, at most a few digits.
        version: u32,
    },
    /// The checksum does not fit the rest, or a part is missing.
    #[error("this join string is mistyped or incomplete; copy all of it again")]
    Mistyped,
    /// An address in it is none.
    #[error("the address in this join string is wrong; create a new token")]
    Address(#[source] AddressError),
    /// The fingerprint in it is none.
    #[error("the fingerprint in this join string is wrong; create a new token")]
    Fingerprint(#[source] FingerprintError),
    /// The secret is too short, too long or not hexadecimal.
    #[error(
        "the secret in this join string is not 40 to 128 hexadecimal digits; create a new token"
    )]
    Secret,
}

impl FromStr for JoinString {
    type Err = JoinStringError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TEXT_BYTES_MAX {
            return Err(JoinStringError::NotAJoinString);
        }
        let plain: Zeroizing<String> = Zeroizing::new(
            text.chars()
                .filter(|c| !c.is_whitespace())
                .map(|c| c.to_ascii_lowercase())
                .collect(),
        );
        // From the right, because an IPv6 host has colons of its own.
        let mut from_right = checked_fields(&plain)?.rsplitn(4, ':');
        let mut next = || from_right.next().ok_or(JoinStringError::Mistyped);
        let (secret, authority, agent_port, joining) = (next()?, next()?, next()?, next()?);
        let agent_port = agent_port.parse().map_err(|_| {
            JoinStringError::Address(AddressError::Port {
                port: agent_port.to_owned(),
            })
        })?;
        Self::new(
            joining.parse().map_err(JoinStringError::Address)?,
            agent_port,
            authority.parse().map_err(JoinStringError::Fingerprint)?,
            Secret::new(secret.to_owned()),
        )
    }
}

/// Everything between the version and the checksum, once both are as they should be. The version
/// is looked at first: another one may sum otherwise.
fn checked_fields(plain: &str) -> Result<&str, JoinStringError> {
    let rest = plain
        .strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_prefix(':'))
        .ok_or(JoinStringError::NotAJoinString)?;
    let (version, _) = rest.split_once(':').ok_or(JoinStringError::Mistyped)?;
    if version != VERSION {
        return Err(match version.parse() {
            Ok(version) if version > 1 => JoinStringError::Version { version },
            _ => JoinStringError::Mistyped,
        });
    }
    let (body, sum) = plain.rsplit_once(':').ok_or(JoinStringError::Mistyped)?;
    if format!("{:08x}", checksum(body)) != sum {
        return Err(JoinStringError::Mistyped);
    }
    body.get(PREFIX.len() + VERSION.len() + 2..)
        .ok_or(JoinStringError::Mistyped)
}

/// Finds every single wrong character and every swap of neighbours.
fn checksum(body: &str) -> u32 {
    crc32c::crc32c(body.as_bytes())
}

/// Hexadecimal digits in lower case, enough of them and not too many.
fn is_secret(text: &str) -> bool {
    (SECRET_DIGITS_MIN..=SECRET_DIGITS_MAX).contains(&text.len())
        && text
            .bytes()
            .all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_host() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z][a-z0-9]{0,20}(\\.[a-z][a-z0-9]{0,20}){0,3}",
            any::<std::net::Ipv4Addr>().prop_map(|ip| ip.to_string()),
            any::<std::net::Ipv6Addr>().prop_map(|ip| ip.to_string()),
        ]
    }

    prop_compose! {
        fn any_join()(
            host in any_host(),
            join_port in 1_u16..,
            agent_port in 1_u16..,
            authority: [u8; 32],
            secret in "[0-9a-f]{40,128}",
        ) -> JoinString {
            JoinString::new(
                Address::new(&host, join_port).unwrap(),
                agent_port,
                Fingerprint::from_bytes(authority),
                Secret::new(secret),
            ).unwrap()
        }
    }

    fn example() -> JoinString {
        JoinString::new(
            Address::new("hq.example", 7444).unwrap(),
            7443,
            Fingerprint::from_bytes([0xab; 32]),
            Secret::new("0123456789abcdef0123456789abcdef01234567".to_owned()),
        )
        .unwrap()
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(join in any_join()) {
            prop_assert_eq!(join.to_string().parse::<JoinString>(), Ok(join));
        }

        #[test]
        fn one_wrong_character_is_refused(join in any_join(), at: prop::sample::Index, by in 1_u8..95) {
            let mut bytes = join.to_string().into_bytes();
            let at = at.index(bytes.len());
            let right = bytes[at].to_ascii_lowercase();
            bytes[at] = (right - 32 + by) % 95 + 32;
            prop_assume!(bytes[at].to_ascii_lowercase() != right && bytes[at] != b' ');
            let wrong = String::from_utf8(bytes).unwrap();
            prop_assert!(wrong.parse::<JoinString>().is_err());
        }

        #[test]
        fn a_shortened_one_is_refused(join in any_join(), keep: prop::sample::Index) {
            let whole = join.to_string();
            let part = &whole[..keep.index(whole.len())];
            prop_assert!(part.parse::<JoinString>().is_err());
        }

        #[test]
        fn no_text_breaks_the_parser(text in "(keepwatch-join:1:)?\\PC{0,200}") {
            prop_assert!(text.parse::<JoinString>().is_err());
        }
    }

    #[test]
    fn the_format_stays_as_it_was_first_printed() {
        assert_eq!(
            example().to_string(),
            "keepwatch-join:1:hq.example:7444:7443:\
             abababababababababababababababababababababababababababababababab:\
             0123456789abcdef0123456789abcdef01234567:cada0d1a"
        );
    }

    #[test]
    fn blanks_line_breaks_and_capitals_do_not_matter() {
        let printed = example().to_string().to_uppercase();
        let wrapped = format!(" {}\r\n  {}\n", &printed[..50], &printed[50..]);
        assert_eq!(wrapped.parse::<JoinString>(), Ok(example()));
    }

    #[test]
    fn both_addresses_of_the_coordinator_are_told() {
        let join: JoinString = example().to_string().parse().unwrap();
        assert_eq!(join.joining().to_string(), "hq.example:7444");
        assert_eq!(join.coordinator().to_string(), "hq.example:7443");
    }

    #[test]
    fn a_later_version_is_told_apart_from_a_mistake() {
        let later = example().to_string().replace("join:1:", "join:2:");
        assert_eq!(
            later.parse::<JoinString>(),
            Err(JoinStringError::Version { version: 2 })
        );
    }

    #[test]
    fn neither_debug_nor_an_error_shows_the_secret() {
        let join = example();
        let secret = join.secret().expose();
        assert!(!format!("{join:?}").contains(secret));
        let mistyped = join.to_string().replace("hq.", "hp.");
        let error = mistyped.parse::<JoinString>().unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret));
    }

    #[test]
    fn a_weak_secret_is_refused() {
        let with = |secret: &str| {
            JoinString::new(
                Address::new("hq.example", 7444).unwrap(),
                7443,
                Fingerprint::from_bytes([0; 32]),
                Secret::new(secret.to_owned()),
            )
        };
        assert_eq!(with(&"a".repeat(39)), Err(JoinStringError::Secret));
        assert_eq!(with(&"A".repeat(40)), Err(JoinStringError::Secret));
        assert!(with(&"a".repeat(40)).is_ok());
    }
}
