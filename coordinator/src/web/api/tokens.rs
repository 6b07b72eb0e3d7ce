//! Invitations for agents: the join string is given once and never again.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use keepwatch_common::model::join::JoinString;
use keepwatch_common::time::MINUTE_MS;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::json;

use super::branches::{self, WantedBranch};
use super::exchange::{Asked, Body, Listed, Page, time};
use crate::auth::{AccessError, Viewer, deed};
use crate::authority::token;
use crate::domain::role::Action;
use crate::store::Tx;
use crate::store::digest::SecretHash;
use crate::store::tokens::{NewToken, TokenRow};
use crate::web::failure::Failure;
use crate::web::services::Services;
use crate::web::session::Caller;

/// Minutes that a token lives when nobody says how long: time to walk to the machine.
const MINUTES_DEFAULT: u32 = 30;

/// Longest life of a token: a week, for a roll-out by post.
const MINUTES_MAX: u32 = 7 * 24 * 60;

/// Most agents that one token lets in: one image for a whole region.
const USES_MAX: u32 = 1_000;

/// A token, without its secret.
#[derive(Debug, Serialize)]
pub struct Token {
    id: i64,
    branch: String,
    uses_left: i64,
    created_by: String,
    created: String,
    expires: String,
    used: Option<String>,
}

impl From<TokenRow> for Token {
    fn from(row: TokenRow) -> Self {
        Self {
            id: row.id,
            branch: row.branch,
            uses_left: row.uses_left,
            created_by: row.created_by,
            created: time(row.created_at_ms),
            expires: time(row.expires_at_ms),
            used: row.used_at_ms.map(time),
        }
    }
}

/// `GET /tokens`
pub async fn list(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Asked(page): Asked<Page>,
) -> Result<Json<Listed<Token>>, Failure> {
    viewer.need(Action::ManageAgents)?;
    let before = page.number()?;
    let mut reader = services.store.read().await?;
    let rows = reader.token_list(before, page.rows()).await?;
    let key = |row: &TokenRow| row.id.to_string();
    Ok(Json(Listed::page(&page, rows, key, Token::from)))
}

/// A token to be, as it is asked for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    branch: String,
    #[serde(default)]
    create_branch: bool,
    name: Option<String>,
    time_zone: Option<String>,
    region: Option<String>,
    expires_minutes: Option<u32>,
    uses: Option<u32>,
}

/// A token with its secret, inside the join string.
#[derive(Debug, Serialize)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names in the API"
)]
pub struct Created {
    id: i64,
    branch: String,
    branch_created: bool,
    #[serde(serialize_with = "as_printed")]
    join: JoinString,
    uses: u32,
    expires: String,
}

/// `POST /tokens`
pub async fn create(
    State(services): State<Arc<Services>>,
    Caller(viewer): Caller,
    Body(wanted): Body<Wanted>,
) -> Result<(StatusCode, Json<Created>), Failure> {
    let minutes = within(
        "expires_minutes",
        wanted.expires_minutes,
        MINUTES_DEFAULT,
        MINUTES_MAX,
    )?;
    let uses = within("uses", wanted.uses, 1, USES_MAX)?;
    let now = services.clock.now();
    let expires_at = now + i64::from(minutes) * MINUTE_MS;
    let mut tx = services.store.begin().await?;
    let (branch_id, branch_created) = branch(&mut tx, &viewer, &wanted, &services).await?;
    let secret = token::mint(services.randomness.as_ref());
    let id = tx
        .token_insert(&NewToken {
            secret_hash: &SecretHash::of(&secret),
            branch_id,
            uses,
            created_by: viewer.name(),
            created_at: now,
            expires_at,
        })
        .await?;
    let addresses = &services.addresses;
    let joining = addresses.joining.clone();
    let join = JoinString::new(joining, addresses.agent_port, services.authority, secret)
        .map_err(|error| Failure::inside(&error))?;
    let body = json!({ "token": id, "uses": uses, "expires": expires_at.to_string() });
    let deed = ("token_create", wanted.branch.as_str());
    deed::record(&mut tx, now, &viewer, deed, &body).await?;
    tx.commit().await?;
    let created = Created {
        id,
        branch: wanted.branch,
        branch_created,
        join,
        uses,
        expires: expires_at.to_string(),
    };
    Ok((StatusCode::CREATED, Json(created)))
}

/// The branch of a token, and whether it was made for it.
async fn branch(
    tx: &mut Tx,
    viewer: &Viewer,
    wanted: &Wanted,
    services: &Services,
) -> Result<(i64, bool), Failure> {
    let code = branches::known_code(wanted.branch.clone())
        .map_err(|failure| Failure::field("branch", failure.said.message))?;
    match viewer.branch(tx, code.as_str(), Action::ManageAgents).await {
        Ok(row) if row.closed_at_ms.is_some() => {
            Err(Failure::conflict("closed", "this branch is closed"))
        }
        Ok(row) => Ok((row.id, false)),
        Err(AccessError::NotThere { .. }) if wanted.create_branch => {
            viewer.need(Action::ManageBranches)?;
            viewer.need(Action::ManageAgents)?;
            let branch = WantedBranch {
                code: wanted.branch.clone(),
                name: wanted.name.clone(),
                time_zone: wanted.time_zone.clone(),
                region: wanted.region.clone(),
            };
            let id = branches::insert(tx, viewer, &branch, services.clock.now()).await?;
            Ok((id, true))
        }
        Err(AccessError::NotThere { what, name }) => {
            viewer.need(Action::ManageAgents)?;
            Err(Failure::from(AccessError::NotThere { what, name }).remedy(
                "check the code, or let the branch be made with create_branch (--create-branch)",
            ))
        }
        Err(refused) => Err(refused.into()),
    }
}

/// The whole string, the secret included: this is the one time that it is told.
fn as_printed<S: Serializer>(join: &JoinString, out: S) -> Result<S::Ok, S::Error> {
    out.collect_str(join)
}

fn within(field: &'static str, wish: Option<u32>, usual: u32, most: u32) -> Result<u32, Failure> {
    let number = wish.unwrap_or(usual);
    if (1..=most).contains(&number) {
        return Ok(number);
    }
    Err(Failure::field(
        field,
        format!("{field} is 1 to {most}, not {number}"),
    ))
}
