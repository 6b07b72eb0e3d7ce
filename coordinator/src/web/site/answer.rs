//! Answers to people: a page, or the way to another one.

use axum::http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::back::Back;
use super::look::{self, Look};
use crate::web::failure::Failure;
use crate::web::frame::Notice;

/// What a page is.
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A page as its template drew it.
pub fn page(look: &Look, drawn: Result<String, askama::Error>) -> Result<Response, Failure> {
    let html = drawn.map_err(|error| Failure::inside(&error))?;
    let mut response = ([(CONTENT_TYPE, HTML)], html).into_response();
    if look.notice.is_some() {
        set_cookie(&mut response, look::forget_notice(look.visit.tls()));
    }
    Ok(response)
}

/// Leads to another page, by GET whatever the method was.
pub fn lead(to: &str) -> Response {
    // An address that cannot stand in a header is none of ours.
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(LOCATION, to)]).into_response()
}

/// Leads to another page, which tells what was done.
pub fn lead_telling(look: &Look, to: &Back, notice: Notice) -> Response {
    let mut response = lead(to.as_str());
    set_cookie(&mut response, look::tell_notice(notice, look.visit.tls()));
    response
}

/// Adds a cookie, if it is one.
pub fn set_cookie(response: &mut Response, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}
