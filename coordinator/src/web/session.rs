//! Who asks: from the socket's mark or from the session in a cookie.
//!
//! The cookie cannot be read by scripts, goes nowhere but to this host and not with other sites'
//! forms. Over plain HTTP, which is for trying things out on one's own machine, it has another name,
//! because browsers take a `__Host-` cookie over HTTPS only.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use keepwatch_common::secret::Secret;

use super::arrival::Arrival;
use super::cookie::{self, Keep};
use super::failure::Failure;
use super::services::Services;
use crate::auth::{SignedIn, Viewer};
use crate::store::StoreError;

/// The cookie over HTTPS (draft-ietf-httpbis-rfc6265bis, section 4.1.3.2).
const COOKIE_TLS: &str = "__Host-keepwatch";

/// The cookie over plain HTTP.
const COOKIE_PLAIN: &str = "keepwatch";

/// Longest key looked at, in bytes: ours have 64.
const KEY_BYTES_MAX: usize = 128;

/// Whoever asks, as an argument of a route; a route that takes it refuses strangers.
#[derive(Debug, Clone)]
pub struct Caller(pub Viewer);

impl FromRequestParts<Arc<Services>> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Arc<Services>,
    ) -> Result<Self, Failure> {
        let viewer = viewer(parts, services).await?;
        viewer.map(Self).ok_or_else(Failure::sign_in)
    }
}

/// Who asks, as an argument of a route that strangers may reach too.
#[derive(Debug, Clone)]
pub struct Guest(pub Option<Viewer>);

impl FromRequestParts<Arc<Services>> for Guest {
    type Rejection = Failure;

    async fn from_request_parts(
        parts: &mut Parts,
        services: &Arc<Services>,
    ) -> Result<Self, Failure> {
        Ok(Self(viewer(parts, services).await?))
    }
}

/// The way a request came and the session it brought, whoever that is.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Where it came in; none when none of our servers read it.
    pub arrival: Option<Arrival>,
    /// The session's key.
    pub key: Option<Secret>,
}

impl Visit {
    /// Whether it was encrypted.
    pub fn tls(&self) -> bool {
        matches!(self.arrival, Some(Arrival::Network { tls: true, .. }))
    }

    /// The address that tries are counted by.
    pub fn address(&self) -> IpAddr {
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        self.arrival.and_then(Arrival::address).unwrap_or(here)
    }

    /// What a request's head says of them.
    pub fn of(parts: &Parts) -> Self {
        let arrival = parts.extensions.get::<Arrival>().copied();
        let key = match arrival {
            Some(Arrival::Network { tls, .. }) => key(&parts.headers, tls),
            Some(Arrival::Local) | None => None,
        };
        Self { arrival, key }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Who asks; none for a stranger.
async fn viewer(parts: &Parts, services: &Services) -> Result<Option<Viewer>, StoreError> {
    let visit = Visit::of(parts);
    if visit.arrival == Some(Arrival::Local) {
        return Ok(Some(Viewer::local()));
    }
    match visit.key {
        Some(key) => services.gate.viewer(&key).await,
        None => Ok(None),
    }
}

/// The session's key that a browser sent.
fn key(headers: &HeaderMap, tls: bool) -> Option<Secret> {
    cookie::sent(headers, cookie_name(tls))
        .filter(|key| key.len() <= KEY_BYTES_MAX)
        .map(|key| Secret::new(key.to_owned()))
}

/// The cookie of somebody who signed in; none if the key cannot stand in a header, which never is.
pub fn cookie(signed_in: &SignedIn, tls: bool) -> Option<HeaderValue> {
    // It goes with the browser; when it ends is decided here.
    let key = signed_in.key.expose();
    let mut value = cookie::set(cookie_name(tls), key, Keep::Session, tls)?;
    value.set_sensitive(true);
    Some(value)
}

/// Takes the cookie away.
pub fn cookie_end(tls: bool) -> HeaderValue {
    HeaderValue::from_static(if tls {
        "__Host-keepwatch=; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=0"
    } else {
        "keepwatch=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0"
    })
}

fn cookie_name(tls: bool) -> &'static str {
    if tls { COOKIE_TLS } else { COOKIE_PLAIN }
}

#[cfg(test)]
mod tests {
    use axum::http::header::COOKIE;
    use keepwatch_common::time::Instant;

    use super::*;

    fn sent(headers: &[&'static str], tls: bool) -> Option<String> {
        let mut map = HeaderMap::new();
        for header in headers {
            map.append(COOKIE, HeaderValue::from_static(header));
        }
        key(&map, tls).map(|key| key.expose().to_owned())
    }

    #[test]
    fn the_key_is_found_among_other_cookies() {
        assert_eq!(
            sent(&["lang=zh; __Host-keepwatch=abc; x=y"], true).unwrap(),
            "abc"
        );
        assert_eq!(sent(&["lang=zh", "keepwatch=def"], false).unwrap(), "def");
        assert_eq!(sent(&["lang=zh"], true), None);
        assert_eq!(sent(&["__Host-keepwatch="], true), None);
    }

    #[test]
    fn the_name_for_plain_http_opens_nothing_over_tls() {
        // A neighbour on a subdomain could set it, and could not set the other.
        assert_eq!(sent(&["keepwatch=abc"], true), None);
    }

    #[test]
    fn the_cookie_is_kept_from_scripts_other_hosts_and_other_sites() {
        let signed_in = SignedIn {
            key: Secret::new("abc".to_owned()),
            viewer: Viewer::local(),
            ends_at: Instant::EPOCH,
        };
        let cookie = cookie(&signed_in, true).unwrap();
        assert_eq!(
            cookie.to_str().unwrap(),
            "__Host-keepwatch=abc; Path=/; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!format!("{cookie:?}").contains("abc"));
    }
}
