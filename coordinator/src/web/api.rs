//! `/api/v1`: what programs and the command line speak.
//!
//! A *face*: it uses its children. Every route takes a [`Caller`](super::session::Caller), so a
//! stranger reaches none but sign-in, and every list is cut to the caller's scope by the store.
//! Answers are JSON objects; instants are RFC 3339 in UTC; lists are read by key (`after`, `limit`)
//! and say where the next page begins. Fields are added within one version and never change their
//! meaning.

/// Agents: who is connected, and shutting one out.
pub mod agents;
/// Alerts, and acknowledging one.
pub mod alerts;
/// Branches.
pub mod branches;
/// Cameras of a branch, and what is missing of one.
pub mod cameras;
/// Watched files against their baselines, and approving one.
pub mod drift;
/// Bodies, queries and pages, read and written one way.
pub mod exchange;
/// Findings.
pub mod findings;
/// Holds.
pub mod holds;
/// Signing in and out, and who one is.
pub mod me;
/// Regions.
pub mod regions;
/// Invitations for agents.
pub mod tokens;
/// People who may sign in.
pub mod users;

use std::sync::Arc;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};

use super::failure::Failure;
use super::services::Services;

/// Where all of it stands.
pub const ROOT: &str = "/api/v1";

/// All routes.
pub fn routes() -> Router<Arc<Services>> {
    let routes = Router::new()
        .route("/me", get(me::show))
        .route("/session", post(me::sign_in).delete(me::sign_out))
        .route("/branches", get(branches::list).post(branches::add))
        .route("/branches/{branch}", get(branches::show))
        .route("/branches/{branch}/cameras", get(cameras::list))
        .route(
            "/branches/{branch}/cameras/{recorder}/{camera}/gaps",
            get(cameras::gaps),
        )
        .route("/regions", get(regions::list).post(regions::add))
        .route("/findings", get(findings::list))
        .route("/alerts", get(alerts::list))
        .route("/alerts/{alert}/acknowledge", post(alerts::acknowledge))
        .route("/drift", get(drift::list))
        .route("/drift/{branch}/{name}", get(drift::show))
        .route("/drift/{branch}/{name}/approve", post(drift::approve))
        .route("/holds", get(holds::list).post(holds::place))
        .route("/holds/{hold}", get(holds::show))
        .route("/holds/{hold}/release", post(holds::release))
        .route("/tokens", get(tokens::list).post(tokens::create))
        .route("/agents", get(agents::list))
        .route("/agents/{agent}/revoke", post(agents::revoke))
        .route("/users", get(users::list).post(users::add))
        .fallback(nothing_here)
        .method_not_allowed_fallback(another_method);
    Router::new().nest(ROOT, routes)
}

async fn nothing_here() -> Failure {
    let message = "there is nothing at this address";
    Failure::new(StatusCode::NOT_FOUND, "not_found", message)
}

async fn another_method() -> Failure {
    let message = "this address does not take this method";
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "method", message)
}
