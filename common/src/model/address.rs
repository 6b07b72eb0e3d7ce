//! Where a coordinator is reached: a host and a port.
//!
//! A host is a name or an IP address as written by a person; nothing is resolved here. Who answers
//! at an address is decided by certificates, never by the address.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Longest host name in bytes (RFC 1035 without the final dot).
const HOST_BYTES_MAX: usize = 253;

/// Longest part of a host name between two dots in bytes (RFC 1035).
const LABEL_BYTES_MAX: usize = 63;

/// A host and a port; prints and parses as `host:port`, IPv6 hosts in brackets.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Address {
    host: String,
    port: u16,
}

impl Address {
    /// From a host (a name, an IPv4 or an IPv6 address, the latter with or without brackets) and a
    /// port, which is not 0.
    pub fn new(host: &str, port: u16) -> Result<Self, AddressError> {
        if port == 0 {
            return Err(AddressError::Port {
                port: port.to_string(),
            });
        }
        Ok(Self {
            host: canonical_host(host)?,
            port,
        })
    }

    /// The host in lower case, IPv6 without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Another port of the same host.
    pub fn with_port(&self, port: u16) -> Result<Self, AddressError> {
        Self::new(&self.host, port)
    }

    /// The host as an IP address, when it is one and nothing needs resolving.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

/// Why a text is no address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// There is no colon between host and port.
    #[error("“{text}” has no port; write it like coordinator.example:7443")]
    NoPort {
        /// What was written.
        text: String,
    },
    /// The port is not a number from 1 to 65535.
    #[error("“{port}” is not a port; use a number from 1 to 65535")]
    Port {
        /// What was written.
        port: String,
    },
    /// The host is neither a name nor an IP address.
    #[error(
        "“{host}” is neither a host name nor an IP address; write other alphabets as Punycode, \
         and IPv6 like [2001:db8::1]:7443"
    )]
    Host {
        /// What was written.
        host: String,
    },
}

impl FromStr for Address {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (host, port) = text
            .rsplit_once(':')
            .ok_or_else(|| AddressError::NoPort { text: quoted(text) })?;
        // Without brackets the last group of an IPv6 address would be taken for the port.
        if host.contains(':') && !host.starts_with('[') {
            return Err(AddressError::Host { host: quoted(text) });
        }
        let number = port
            .parse()
            .map_err(|_| AddressError::Port { port: quoted(port) })?;
        Self::new(host, number)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

impl TryFrom<String> for Address {
    type Error = AddressError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

/// The one spelling of a host that we store and compare.
fn canonical_host(host: &str) -> Result<String, AddressError> {
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    if let Some(ip) = bare.or(Some(host)).and_then(|h| h.parse::<Ipv6Addr>().ok()) {
        return Ok(ip.to_string());
    }
    if let Ok(ip) = host.parse::<Ipv4Addr>() {
        return Ok(ip.to_string());
    }
    if is_host_name(host) {
        return Ok(host.to_ascii_lowercase());
    }
    Err(AddressError::Host { host: quoted(host) })
}

/// Letters, digits, hyphens and underscores between dots. A last part of digits only is a mistyped
/// IPv4 address and not a name (no top-level domain is numeric).
fn is_host_name(host: &str) -> bool {
    let label_ok = |label: &str| {
        (1..=LABEL_BYTES_MAX).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last_is_number = host
        .rsplit('.')
        .next()
        .is_some_and(|last| last.bytes().all(|b| b.is_ascii_digit()));
    host.len() <= HOST_BYTES_MAX && host.split('.').all(label_ok) && !last_is_number
}

/// What an error repeats of the input: enough to recognise it, however long it was.
fn quoted(text: &str) -> String {
    text.chars().take(HOST_BYTES_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_host_reads_back_as_printed() {
        for text in [
            "coordinator.example:7443",
            "hq:1",
            "192.0.2.7:65535",
            "[2001:db8::1]:7443",
        ] {
            assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn spellings_of_one_host_are_one_address() {
        let one = Address::new("Coordinator.Example", 7443).unwrap();
        assert_eq!(one, "coordinator.example:7443".parse().unwrap());
        let six = Address::new("2001:DB8:0::1", 7443).unwrap();
        assert_eq!(six, Address::new("[2001:db8::1]", 7443).unwrap());
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            ":7443",
            "host",
            "host:",
            "host:0",
            "host:65536",
            "host:-1",
            "2001:db8::1:7443",
            "[2001:db8::1]",
            "[host]:7443",
            "192.0.2:7443",
            "192.0.2.256:7443",
            "a b:7443",
            "a..b:7443",
            "-a:7443",
            "门店:7443",
            "user@host:7443",
        ] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_error_repeats_only_the_beginning_of_a_long_text() {
        let error = "x".repeat(100_000).parse::<Address>().unwrap_err();
        assert!(error.to_string().len() < 1_000);
    }
}
