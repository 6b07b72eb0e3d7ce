//! The name or IP address of a host, as a certificate and a join string take it.

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

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
