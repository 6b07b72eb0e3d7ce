//! Signing in and out, and who one is.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use keepwatch_common::model::name::Name;
use serde::{Deserialize, Serialize};

use super::exchange::{Body, Password};
use crate::auth::{SignInError, Viewer};
use crate::domain::role::{Action, Role};
use crate::store::{Reader, StoreError};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::{self, Caller, Visit};

/// Who one is.
#[derive(Debug, Serialize)]
pub struct Me {
    name: String,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<String>,
    permissions: Vec<&'static str>,
}

impl Me {
    async fn of(reader: &mut Reader, viewer: &Viewer) -> Result<Self, StoreError> {
        let (region, branch) = match viewer.role() {
            Role::Region(id) => (reader.region_fetch(id.0).await?.map(|row| row.code), None),
            Role::Branch(id) => (None, reader.branch_fetch(id.0).await?.map(|row| row.code)),
            Role::Administrator | Role::Headquarters => (None, None),
        };
        let role = viewer.role();
        let permissions = Action::ALL.into_iter().filter(|action| role.has(*action));
        Ok(Self {
            name: viewer.name().to_owned(),
            role: role.word(),
            region,
            branch,
            permissions: permissions.map(Action::word).collect(),
        })
    }
}

/// `GET /me`
pub async fn show(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
) -> Result<Json<Me>, Failure> {
    let mut reader = services.store.read().await?;
    Ok(Json(Me::of(&mut reader, &viewer).await?))
}

/// A name and a password.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    name: String,
    password: Password,
}

/// `POST /session`
pub async fn sign_in(
    State(services): State<Arc<Services>>,
    visit: Visit,
    Body(SignIn { name, password }): Body<SignIn>,
) -> Result<Response, Failure> {
    // What can be nobody's name is asked of no database.
    let name = Name::new(name).map_err(|_| SignInError::Wrong)?;
    let (from, Password(password)) = (visit.address(), password);
    let signed_in = services
        .gate
        .sign_in(name.as_str(), password, from, visit.key.as_ref())
        .await?;
    let mut reader = services.store.read().await?;
    let me = Me::of(&mut reader, &signed_in.viewer).await?;
    let mut response = (StatusCode::CREATED, Json(me)).into_response();
    if let Some(cookie) = session::cookie(&signed_in, visit.tls()) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `DELETE /session`
pub async fn sign_out(
    State(services): State<Arc<Services>>,
    visit: Visit,
) -> Result<Response, Failure> {
    if let Some(key) = &visit.key {
        services.gate.sign_out(key).await?;
    }
    let mut response = StatusCode::NO_CONTENT.into_response();
    let end = session::cookie_end(visit.tls());
    response.headers_mut().insert(SET_COOKIE, end);
    Ok(response)
}
