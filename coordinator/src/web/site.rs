//! The pages' routes: who asks is known, the store is read, a view model is filled and drawn.
//!
//! A *face*: it uses its children, one file a page with its forms. A page takes a
//! [`Visitor`](visitor::Visitor), so a stranger reaches none but signing in, and reads within the
//! visitor's scope. Everything works without scripts: what changes something is a form that leads to
//! a page.

/// Answers to people.
pub mod answer;
/// Where a form leads back to.
pub mod back;
/// The style sheet and the icon.
pub mod files;
/// A form as a browser sends it.
pub mod filled;
/// How a page is to look for whoever asks.
pub mod look;
/// Choosing a language or a theme.
pub mod preferences;
/// Signing in and out.
pub mod sign_in;
/// What went wrong, as a page.
pub mod trouble;
/// Somebody who is signed in and looks at a page.
pub mod visitor;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};

use super::address;
use super::services::Services;

/// All routes for people.
pub fn routes() -> Router<Arc<Services>> {
    Router::new()
        .route(address::SIGN_IN, get(sign_in::show).post(sign_in::enter))
        .route(address::SIGN_OUT, post(sign_in::leave))
        .route(address::PREFERENCES, post(preferences::choose))
        .route("/assets/{file}", get(files::show))
        .route("/favicon.ico", get(files::icon))
}
