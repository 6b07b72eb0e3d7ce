//! Signing in with a form, and out with a button.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use keepwatch_common::model::name::Name;
use serde::Deserialize;

use super::answer;
use super::back::Back;
use super::filled::Filled;
use super::look::Look;
use super::trouble;
use crate::auth::SignInError;
use crate::web::address;
use crate::web::api::exchange::{Asked, Password};
use crate::web::failure::Failure;
use crate::web::frame::Frame;
use crate::web::page::sign_in::{self, SignInState, SignInView};
use crate::web::services::Services;
use crate::web::session::{self, Guest};

/// Most characters of a name that are shown again after a failure; no name is longer.
const NAME_CHARS_MAX: usize = 64;

/// Where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct Wish {
    #[serde(default)]
    then: String,
}

/// `GET /sign-in`
pub async fn show(
    State(services): State<Arc<Services>>,
    look: Look,
    Guest(viewer): Guest,
    Asked(Wish { then }): Asked<Wish>,
) -> Result<Response, Failure> {
    let then = Back::to(&then);
    if viewer.is_some() {
        return Ok(answer::lead(then.as_str()));
    }
    let people = services.store.read().await?.person_count().await?;
    let state = if people == 0 {
        SignInState::NoUserYet
    } else {
        SignInState::Fresh
    };
    form(&services, &look, state, "", &then)
}

/// A name, a password, and where to go afterwards.
#[derive(Debug, Deserialize)]
pub struct Credentials {
    name: String,
    password: Password,
    #[serde(default)]
    then: String,
}

/// `POST /sign-in`
pub async fn enter(
    State(services): State<Arc<Services>>,
    look: Look,
    Filled(Credentials {
        name,
        password: Password(password),
        then,
    }): Filled<Credentials>,
) -> Result<Response, Failure> {
    let (then, visit) = (Back::to(&then), &look.visit);
    // What can be nobody's name is asked of no database.
    let signed_in = match Name::new(name.trim()) {
        Ok(known) => {
            let (from, before) = (visit.address(), visit.key.as_ref());
            let gate = &services.gate;
            gate.sign_in(known.as_str(), password, from, before).await
        }
        Err(_) => Err(SignInError::Wrong),
    };
    match signed_in {
        Ok(signed_in) => {
            let mut response = answer::lead(then.as_str());
            answer::set_cookie(&mut response, session::cookie(&signed_in, visit.tls()));
            Ok(response)
        }
        Err(SignInError::Wrong) => {
            let mut page = form(&services, &look, SignInState::Wrong, &name, &then)?;
            // Not 401: that asks for a way to sign in that browsers do not know.
            *page.status_mut() = StatusCode::FORBIDDEN;
            Ok(page)
        }
        Err(SignInError::TooMany(many)) => {
            let retry_after_ms = i64::try_from(many.wait_ms).unwrap_or(i64::MAX);
            let state = SignInState::TooMany { retry_after_ms };
            let mut page = form(&services, &look, state, &name, &then)?;
            *page.status_mut() = StatusCode::TOO_MANY_REQUESTS;
            let seconds = HeaderValue::from(many.wait_ms.div_ceil(1_000));
            page.headers_mut().insert(RETRY_AFTER, seconds);
            Ok(page)
        }
        Err(refused) => Err(refused.into()),
    }
}

/// `POST /sign-out`
pub async fn leave(State(services): State<Arc<Services>>, look: Look) -> Result<Response, Failure> {
    if let Some(key) = &look.visit.key {
        services.gate.sign_out(key).await?;
    }
    let mut response = answer::lead(address::SIGN_IN);
    let end = session::cookie_end(look.visit.tls());
    answer::set_cookie(&mut response, Some(end));
    Ok(response)
}

fn form(
    services: &Services,
    look: &Look,
    state: SignInState,
    name: &str,
    then: &Back,
) -> Result<Response, Failure> {
    let view = SignInView {
        state,
        name: name.chars().take(NAME_CHARS_MAX).collect(),
        then: then.as_str().to_owned(),
    };
    // Choosing a language must not lose where somebody was going.
    let frame = Frame {
        here: trouble::sign_in(then),
        ..look.bare()
    };
    let text = services.texts.of(look.locale);
    answer::page(look, sign_in::render(&view, &frame, text))
}
