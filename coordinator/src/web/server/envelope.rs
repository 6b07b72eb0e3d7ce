//! What is put around every request and its answer: an id, a line in the log, a count, security
//! headers, and a body for what went wrong.

use std::any::Any;
use std::sync::Arc;

use axum::Json;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use keepwatch_common::ids::nonce;
use serde::Serialize;
use tokio::sync::Semaphore;
use tower_http::csrf::ProtectionError;
use tracing::{Instrument, debug, error, info, info_span};

use crate::web::arrival::Arrival;
use crate::web::failure::{Failure, Said};
use crate::web::services::Services;
use crate::web::site::look::Look;
use crate::web::site::trouble;
use crate::web::{api, health};

/// Nothing but our own style sheet and pictures: no scripts at all, no frames, no other forms' targets.
/// Drawings take their colours from classes, so not even `style` attributes are needed.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// HTTPS only for two years from now (RFC 6797; what browsers' preload lists ask for).
const TRANSPORT: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The id of a request, in its answer and in the log.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Outermost: the headers that every answer has.
pub(super) async fn protect(mut request: Request, next: Next) -> Response {
    let arrival = request.extensions().get::<Arrival>().copied();
    let arrival = arrival.map(|arrival| arrival.behind_proxy(request.headers()));
    if let Some(arrival) = arrival {
        request.extensions_mut().insert(arrival);
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, POLICY);
    let nosniff = HeaderValue::from_static("nosniff");
    headers.insert(X_CONTENT_TYPE_OPTIONS, nosniff);
    let referrer = HeaderValue::from_static("same-origin");
    headers.insert(REFERRER_POLICY, referrer);
    if matches!(arrival, Some(Arrival::Network { tls: true, .. })) {
        headers.insert(STRICT_TRANSPORT_SECURITY, TRANSPORT);
    }
    // What is shown to one person must stay in nobody's cache; what has an address that changes with
    // its content says so itself.
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// An id, a line in the log, a count, and a body for what went wrong.
pub(super) async fn wrap(
    State(services): State<Arc<Services>>,
    request: Request,
    next: Next,
) -> Response {
    // An id that the client chose could be anybody's, or a line of its own in the log.
    let id = format!("{:016x}", nonce(services.randomness.as_ref()));
    let begun = services.clock.tick();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    // What a route logs carries the id too.
    let span = info_span!("request", %id);
    let (parts, body) = request.into_parts();
    let look = Look::of(&parts);
    let request = Request::from_parts(parts, body);
    let response = next.run(request).instrument(span).await;
    let ms = services.clock.tick().since(begun);
    let status = response.status();
    services
        .metrics
        .web
        .answered(method.as_str(), status.as_u16(), ms);
    if status.is_server_error() {
        error!(%id, %method, path, status = status.as_u16(), ms, "a request was not answered");
    } else if method.is_safe() {
        debug!(%id, %method, path, status = status.as_u16(), ms, "a request was answered");
    } else {
        info!(%id, %method, path, status = status.as_u16(), ms, "a request was answered");
    }
    let mut response = match failure(&response, status) {
        None => response,
        Some(failure) => {
            let answer = if path.starts_with(api::ROOT) {
                as_json(&failure, &id)
            } else if health::answers_at(&path) {
                (failure.status, format!("{}\n", failure.said.message)).into_response()
            } else {
                trouble::page(&services, &look, &failure, &id).await
            };
            with_headers(answer, response.headers())
        }
    };
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// Turns requests away while too many are being answered.
pub(super) async fn bound(
    State(in_hand): State<Arc<Semaphore>>,
    request: Request,
    next: Next,
) -> Response {
    let Ok(turn) = in_hand.try_acquire() else {
        let message = "too many requests are being answered";
        let mut failure = Failure::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message)
            .remedy("try again in a moment");
        failure.retry_after_s = Some(1);
        return failure.into_response();
    };
    let response = next.run(request).await;
    drop(turn);
    response
}

/// What a client hears when a route broke one of our own assumptions.
pub(super) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let message = "something failed inside the coordinator";
    Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "inside", message)
        .remedy("look into the coordinator's log for this request's id")
        .into_response()
}

/// What went wrong, as JSON.
#[derive(Debug, Serialize)]
struct Told<'a> {
    error: ToldError<'a>,
}

#[derive(Debug, Serialize)]
struct ToldError<'a> {
    #[serde(flatten)]
    said: &'a Said,
    request_id: &'a str,
}

fn as_json(failure: &Failure, id: &str) -> Response {
    let told = Told {
        error: ToldError {
            said: &failure.said,
            request_id: id,
        },
    };
    (failure.status, Json(told)).into_response()
}

/// What an answer without a body of its own says; none for an answer that is complete.
fn failure(response: &Response, status: StatusCode) -> Option<Failure> {
    if let Some(failure) = response.extensions().get::<Failure>() {
        return Some(failure.clone());
    }
    if response.extensions().get::<ProtectionError>().is_some() {
        let message = "this request comes from another site's page";
        let remedy = "open the coordinator's own page and do it there";
        return Some(Failure::new(status, "cross_site", message).remedy(remedy));
    }
    let answered = response.headers().contains_key(CONTENT_TYPE);
    if answered || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    let message = status.canonical_reason().unwrap_or("the request failed");
    Some(Failure::new(status, "failed", message))
}

/// With what the first answer said beside its body: when to come back, how to sign in.
fn with_headers(mut answer: Response, from: &HeaderMap) -> Response {
    for (name, value) in from {
        // Who is led somewhere is not asked to sign in by a scheme.
        let asked = name == WWW_AUTHENTICATE && answer.status().is_redirection();
        if name != CONTENT_TYPE && name != CONTENT_LENGTH && !asked {
            answer.headers_mut().insert(name, value.clone());
        }
    }
    answer
}
