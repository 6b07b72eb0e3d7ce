//! A channel: where alerts are told.
//!
//! Addresses of chat bots carry their key in the path, so an address is treated like a secret:
//! only its host is ever shown.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use keepwatch_common::model::address::Address;
use keepwatch_common::secret::Secret;

use super::error::FieldError;

/// Most channels: every notification is queued once for each.
pub(super) const CHANNELS_MAX: usize = 16;

/// Longest name: it stands in keys and on pages.
pub(super) const NAME_BYTES_MAX: usize = 40;

/// Longest address, in bytes.
const URL_BYTES_MAX: usize = 2_048;

/// A channel.
#[derive(Debug, Clone)]
pub struct Channel {
    /// Its name: small letters, digits and dashes.
    pub name: String,
    /// What it is.
    pub webhook: Webhook,
}

/// An address that notifications are posted to.
#[derive(Debug, Clone)]
pub struct Webhook {
    /// Where.
    pub url: WebhookUrl,
    /// The file with the secret that signs.
    pub secret_file: PathBuf,
    /// A file with more authorities to trust, PEM; for receivers that no public authority knows.
    pub authorities_file: Option<PathBuf>,
}

/// `https://…`, or `http://…` where that is allowed.
#[derive(Clone, PartialEq, Eq)]
pub struct WebhookUrl {
    text: Secret,
    shown: String,
}

impl WebhookUrl {
    /// Takes an address; `plain_http` allows `http://` to other machines.
    pub fn new(text: &str, plain_http: bool) -> Result<Self, FieldError> {
        let (scheme, rest) = text.split_once("://").ok_or(FieldError::Url)?;
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if authority.contains('@') || !printable || text.len() > URL_BYTES_MAX {
            return Err(FieldError::Url);
        }
        let host = host_of(authority).ok_or(FieldError::Url)?;
        match scheme {
            "https" => {}
            "http" if plain_http || is_here(&host) => {}
            "http" => return Err(FieldError::PlainHttp),
            _ => return Err(FieldError::Url),
        }
        Ok(Self {
            text: Secret::new(text.to_owned()),
            shown: format!("{scheme}://{authority}"),
        })
    }

    /// The whole address; never log what this returns.
    pub fn expose(&self) -> &str {
        self.text.expose()
    }
}

/// The address without its path.
impl fmt::Display for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl fmt::Debug for WebhookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WebhookUrl({self})")
    }
}

fn host_of(authority: &str) -> Option<Address> {
    let with_port = authority.parse().ok();
    with_port.or_else(|| Address::new(authority, 1).ok())
}

/// Whether a host is this machine.
fn is_here(host: &Address) -> bool {
    host.host() == "localhost" || host.ip().is_some_and(|ip: IpAddr| ip.is_loopback())
}
