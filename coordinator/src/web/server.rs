//! Sockets, limits and headers: what stands around every route.
//!
//! A *face*: it uses its children. One router is served over the Unix socket and over TCP; what
//! differs is the mark that each server puts on a request ([`Arrival`](super::arrival::Arrival)).
//! Every answer, errors and refusals too, leaves with the same security headers and an id that stands
//! in the log.

/// One connection: how much of it is read, and how long.
mod connection;
/// What is put around every request and its answer.
mod envelope;
/// The Unix socket on this machine.
pub mod socket;
/// TCP, with TLS or, on the loopback alone, without.
pub mod tcp;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::middleware::{from_fn, from_fn_with_state};
use tokio::sync::Semaphore;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::CsrfLayer;
use tower_http::timeout::TimeoutLayer;

pub use super::services::{Addresses, Services};

use super::{api, health, site};

/// Largest body, in bytes: a reason, a name, a password. Nothing is uploaded here.
const BODY_BYTES_MAX: usize = 1024 * 1024;

/// Longest time for an answer: longer than the longest statement of the store.
const ANSWER_WITHIN: Duration = Duration::from_secs(40);

/// Requests being answered at one time; more are told to come back. Each may wait for one of the
/// store's few readers, so more of them would only wait longer.
const IN_HAND_MAX: usize = 256;

/// Everything that is served.
pub fn router(services: Arc<Services>) -> Router {
    let in_hand = Arc::new(Semaphore::new(IN_HAND_MAX));
    Router::new()
        .merge(api::routes())
        .merge(health::routes())
        .merge(site::routes())
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        // Other sites' pages cannot make a signed-in browser do anything (OWASP: fetch metadata with
        // the origin as fallback). Programs send neither header and have no cookie to abuse.
        .layer(CsrfLayer::new())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            ANSWER_WITHIN,
        ))
        .layer(from_fn_with_state(in_hand, envelope::bound))
        .layer(CatchPanicLayer::custom(envelope::panicked))
        .layer(from_fn_with_state(services.clone(), envelope::wrap))
        .layer(from_fn(envelope::protect))
        .with_state(services)
}
