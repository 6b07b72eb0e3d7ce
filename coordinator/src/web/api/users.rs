//! People who may sign in.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

use super::exchange::{Asked, Body, Listed, Page, Password, time};
use crate::auth::people::{AddPersonError, WantedPerson, add_person};
use crate::domain::role::Action;
use crate::store::people::PersonListed;
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// A person.
#[derive(Debug, Serialize)]
pub struct User {
    name: String,
    role: String,
    region: Option<String>,
    branch: Option<String>,
    created: String,
    disabled: Option<String>,
}

impl From<PersonListed> for User {
    fn from(row: PersonListed) -> Self {
        Self {
            name: row.name,
            role: row.role,
            region: row.region,
            branch: row.branch,
            created: time(row.created_at_ms),
            disabled: row.disabled_at_ms.map(time),
        }
    }
}

/// `GET /users`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Listed<User>>, Failure> {
    viewer.need(Action::ManagePeople)?;
    let after = page.number()?;
    let mut reader = services.store.read().await?;
    let rows = reader.person_list(after, page.rows()).await?;
    let key = |row: &PersonListed| row.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, User::from)))
}

/// A person to be.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    name: String,
    role: String,
    region: Option<String>,
    branch: Option<String>,
    password: Password,
}

/// `POST /users`
pub async fn add(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<User>), Failure> {
    viewer.need(Action::ManagePeople)?;
    let Password(password) = wanted.password;
    let person = WantedPerson {
        name: wanted.name,
        role: wanted.role,
        region: wanted.region,
        branch: wanted.branch,
    };
    person.check(&password)?;
    let hash = services.gate.passwords().hash(password).await;
    let hash = hash.map_err(|error| Failure::inside(&error))?;
    let now = services.clock.now();
    let mut tx = services.store.begin().await?;
    add_person(&mut tx, &viewer, &person, &hash, now).await?;
    tx.commit().await?;
    let user = User {
        name: person.name,
        role: person.role,
        region: person.region,
        branch: person.branch,
        created: now.to_string(),
        disabled: None,
    };
    Ok((StatusCode::CREATED, Json(user)))
}

impl From<AddPersonError> for Failure {
    fn from(refused: AddPersonError) -> Self {
        let message = refused.to_string();
        match refused {
            AddPersonError::Name(_)
            | AddPersonError::NameBlanks
            | AddPersonError::NameReserved { .. } => Self::field("name", message),
            AddPersonError::Password(_) => Self::field("password", message),
            AddPersonError::Role(_) => Self::field("role", message),
            AddPersonError::Region { .. } => Self::field("region", message),
            AddPersonError::Branch { .. } => Self::field("branch", message),
            AddPersonError::Taken { .. } => Self::conflict("taken", message),
            AddPersonError::Store(error) => error.into(),
        }
    }
}
