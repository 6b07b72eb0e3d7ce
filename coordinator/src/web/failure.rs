//! What went wrong, as an answer: a code for programs, a sentence and a remedy for people.
//!
//! A [`Failure`] becomes a response without a body that carries it along; whoever knows how the
//! client reads (JSON here, HTML on pages) writes the body. So a refusal is decided once, wherever it
//! happens, and looks alike everywhere. What failed inside is logged here, and never shown.

use std::borrow::Cow;

use axum::extract::rejection::{FormRejection, JsonRejection, PathRejection, QueryRejection};
use axum::http::StatusCode;
use axum::http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use keepwatch_common::error_chain::chain;
use serde::Serialize;
use tracing::error;

use crate::assess::{ApproveError, HandleError, HoldError};
use crate::auth::{AccessError, SignInError};
use crate::store::StoreError;

/// Seconds after which a store that fails may be asked again: about the time it takes to come back.
const STORE_RETRY_S: u64 = 5;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The status.
    pub status: StatusCode,
    /// For people.
    pub said: Said,
    /// The permission that is missing, by its word.
    pub permission: Option<&'static str>,
    /// Seconds after which to try again.
    pub retry_after_s: Option<u64>,
}

/// The parts that are told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// For programs: a word that never changes.
    pub code: &'static str,
    /// For people.
    pub message: String,
    /// Which field of the request is to blame.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<Cow<'static, str>>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<&'static str>,
}

impl Failure {
    /// A status, a code and a sentence.
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        let said = Said {
            code,
            message: message.into(),
            field: None,
            remedy: None,
        };
        Self {
            status,
            said,
            permission: None,
            retry_after_s: None,
        }
    }

    /// A field of the request cannot be taken.
    pub fn field(field: &'static str, message: impl Into<String>) -> Self {
        let mut failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message);
        failure.said.field = Some(field.into());
        failure
    }

    /// What was asked for is not there.
    pub fn not_found(what: &str, name: &str) -> Self {
        let message = format!("there is no {what} “{name}”");
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    /// Something else stands in the way.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    /// Nobody is signed in.
    pub fn sign_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "sign_in", "nobody is signed in")
            .remedy("sign in, or use the coordinator's socket on its own machine")
    }

    /// Something failed inside; the log has it.
    pub fn inside(error: &(dyn std::error::Error + 'static)) -> Self {
        error!(error = %chain(error), "a request failed");
        let message = "something failed inside the coordinator";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "inside", message)
            .remedy("look into the coordinator's log for this request's id")
    }

    /// With what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: &'static str) -> Self {
        self.said.remedy = Some(remedy);
        self
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(RETRY_AFTER, seconds.into());
        }
        if self.status == StatusCode::UNAUTHORIZED {
            // Required with this status (RFC 9110, section 11.6.1); no browser asks for a password
            // on seeing a scheme it does not know.
            let scheme = axum::http::HeaderValue::from_static("Session");
            response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Failure {
    fn from(failed: StoreError) -> Self {
        if !failed.is_transient() {
            return Self::inside(&failed);
        }
        error!(error = %chain(&failed), "the store does not answer");
        let message = "the coordinator's database does not answer";
        let mut failure = Self::new(StatusCode::SERVICE_UNAVAILABLE, "store", message)
            .remedy("try again in a moment");
        failure.retry_after_s = Some(STORE_RETRY_S);
        failure
    }
}

impl From<AccessError> for Failure {
    fn from(refused: AccessError) -> Self {
        let message = refused.to_string();
        match refused {
            AccessError::NotThere { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            AccessError::Forbidden { action, .. } => {
                let mut failure = Self::new(StatusCode::FORBIDDEN, "forbidden", message)
                    .remedy("ask an administrator, who can give a role with this permission");
                failure.permission = Some(action.word());
                failure
            }
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<SignInError> for Failure {
    fn from(refused: SignInError) -> Self {
        let message = refused.to_string();
        match refused {
            SignInError::Wrong => Self::new(StatusCode::UNAUTHORIZED, "wrong", message),
            SignInError::TooMany(many) => {
                let status = StatusCode::TOO_MANY_REQUESTS;
                let mut failure = Self::new(status, "too_many_tries", message);
                failure.retry_after_s = Some(many.wait_ms.div_ceil(1_000));
                failure
            }
            SignInError::Store(error) => error.into(),
            SignInError::Hash(error) => Self::inside(&error),
        }
    }
}

impl From<HandleError> for Failure {
    fn from(refused: HandleError) -> Self {
        let message = refused.to_string();
        match refused {
            HandleError::Unknown { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            HandleError::Stale { .. } => Self::conflict("stale", message),
            HandleError::Refused(_) => Self::conflict("not_now", message),
            HandleError::Store(error) => error.into(),
        }
    }
}

impl From<ApproveError> for Failure {
    fn from(refused: ApproveError) -> Self {
        let message = refused.to_string();
        match refused {
            ApproveError::Unknown { .. } => Self::new(StatusCode::NOT_FOUND, "not_found", message),
            ApproveError::Stale { .. } => Self::conflict("stale", message)
                .remedy("look at what differs now, then approve that reading"),
            ApproveError::Nothing { .. } => Self::conflict("nothing_to_approve", message)
                .remedy("restore the file at the branch, or stop watching it"),
            ApproveError::Store(error) => error.into(),
            ApproveError::Conclude(error) => Self::inside(&error),
        }
    }
}

impl From<HoldError> for Failure {
    fn from(refused: HoldError) -> Self {
        let message = refused.to_string();
        match refused {
            HoldError::TooMany => Self::conflict("too_many", message),
            HoldError::Released { .. } => Self::conflict("released_already", message),
            HoldError::Store(error) => error.into(),
            HoldError::Conclude(error) => Self::inside(&error),
        }
    }
}

impl From<JsonRejection> for Failure {
    fn from(refused: JsonRejection) -> Self {
        let code = match refused.status() {
            StatusCode::PAYLOAD_TOO_LARGE => "too_large",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "not_json",
            StatusCode::UNPROCESSABLE_ENTITY => "invalid",
            _ => "malformed",
        };
        unread(refused.status(), code, &refused.body_text())
    }
}

impl From<FormRejection> for Failure {
    fn from(refused: FormRejection) -> Self {
        Self::new(refused.status(), "malformed", refused.body_text())
    }
}

impl From<QueryRejection> for Failure {
    fn from(refused: QueryRejection) -> Self {
        unread(refused.status(), "malformed", &refused.body_text())
    }
}

impl From<PathRejection> for Failure {
    fn from(refused: PathRejection) -> Self {
        Self::new(refused.status(), "malformed", refused.body_text())
    }
}

/// What could not be read, by the name of its field where the reader's text holds one: it says what it
/// read, where in it, and why not, with colons in between.
fn unread(status: StatusCode, code: &'static str, text: &str) -> Failure {
    let told = text.split_once(": ").map_or(text, |(_, told)| told);
    let (field, why) = match told.split_once(": ") {
        Some((place, why)) if is_place(place) => (Some(place), why),
        _ => (quoted_field(told), told),
    };
    let Some(field) = field else {
        return Failure::new(status, code, text);
    };
    let message = format!("{field} cannot be taken: {why}");
    let mut failure = Failure::new(status, code, message)
        .remedy("send this field as the interface describes it, or leave it out if it may be");
    failure.said.field = Some(field.to_owned().into());
    failure
}

/// Whether a part of the text is the way to a field, like `items[2].name`.
fn is_place(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.[]".contains(c);
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(fits)
}

/// The field that is missing or that nobody knows.
fn quoted_field(told: &str) -> Option<&str> {
    let rest = told
        .strip_prefix("missing field `")
        .or_else(|| told.strip_prefix("unknown field `"))?;
    rest.split_once('`').map(|(field, _)| field)
}

#[cfg(test)]
mod tests {
    use axum::Json;
    use axum::extract::Query;
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[expect(dead_code, reason = "what is read is not looked at")]
    struct Wanted {
        code: String,
        limit: Option<u32>,
    }

    fn of_query(query: &str) -> Failure {
        let address = format!("/branches?{query}").parse().unwrap();
        Query::<Wanted>::try_from_uri(&address).unwrap_err().into()
    }

    fn of_body(body: &str) -> Failure {
        Json::<Wanted>::from_bytes(body.as_bytes())
            .unwrap_err()
            .into()
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_field_and_with_a_remedy() {
        for (failure, field) in [
            (of_query("code=x&limit=abc"), "limit"),
            (of_query("limit=3"), "code"),
            (of_body(r#"{"code": 3}"#), "code"),
            (of_body(r#"{"limit": 3}"#), "code"),
            (of_body(r#"{"code": "x", "limit": -1}"#), "limit"),
        ] {
            assert_eq!(failure.said.field.as_deref(), Some(field), "{failure:?}");
            assert!(failure.said.message.starts_with(field), "{failure:?}");
            assert!(failure.said.remedy.is_some());
        }
    }

    #[test]
    fn a_body_that_is_no_json_blames_no_field() {
        let failure = of_body("{");
        assert_eq!(failure.said.field, None, "{failure:?}");
    }
}
