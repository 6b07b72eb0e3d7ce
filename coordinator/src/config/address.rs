//! The name or IP address of a host, as a certificate and a join string take it, and the address that
//! people reach the pages at.

use std::fmt;

use keepwatch_common::model::address::{Address, AddressError};

/// A host name or an IP address in its one spelling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// Takes a host as a person writes it.
    pub fn new(text: &str) -> Result<Self, AddressError> {
        // The port is only there because an address has one.
        Address::new(text, 1).map(|address| Self(address.host().to_owned()))
    }

    /// The text, IPv6 without brackets.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// This host at a port.
    pub fn at(&self, port: u16) -> Result<Address, AddressError> {
        Address::new(&self.0, port)
    }
}

/// `https://host` or `https://host:port`, with nothing after it: pages add their path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAddress(String);

impl WebAddress {
    /// Takes an address as a person writes it.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let (scheme, authority) = text.split_once("://")?;
        let with_port = authority.parse::<Address>().is_ok();
        let is_host = with_port || Address::new(authority, 1).is_ok();
        (["https", "http"].contains(&scheme) && is_host).then(|| Self(text.to_owned()))
    }

    /// Of a host and port that are served directly.
    pub fn served_at(host: &Host, port: u16, has_tls: bool) -> Result<Self, AddressError> {
        let scheme = if has_tls { "https" } else { "http" };
        Ok(Self(format!("{scheme}://{}", host.at(port)?)))
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_pages_is_a_scheme_a_host_and_perhaps_a_port() {
        for good in [
            "https://watch.example",
            "https://watch.example:8443",
            "http://10.0.0.1:80",
            "https://[::1]:8443",
        ] {
            assert_eq!(WebAddress::new(good).unwrap().to_string(), good);
        }
        let slashed = WebAddress::new("https://watch.example/").unwrap();
        assert_eq!(slashed.to_string(), "https://watch.example");
        for bad in [
            "watch.example",
            "ftp://watch.example",
            "https://",
            "https://watch.example/pages",
            "https://me@watch.example",
            "https://watch.example?x",
        ] {
            assert_eq!(WebAddress::new(bad), None, "{bad}");
        }
    }

    #[test]
    fn what_is_served_directly_has_its_port() {
        let host = Host::new("::1").unwrap();
        let address = WebAddress::served_at(&host, 8443, true).unwrap();
        assert_eq!(address.to_string(), "https://[::1]:8443");
    }
}
