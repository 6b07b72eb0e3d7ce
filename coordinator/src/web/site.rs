//! The pages' routes: who asks is known, the store is read, a view model is filled and drawn.
//!
//! A *face*: it uses its children, one file a page with its forms. A page takes a
//! [`Visitor`](visitor::Visitor), so a stranger reaches none but signing in, and reads within the
//! visitor's scope. Everything works without scripts: what changes something is a form that leads to
//! a page.

/// The page of alerts and its form.
pub mod alert_list;
/// Alerts, filtered and page by page.
pub mod alerts;
/// Answers to people.
pub mod answer;
/// Where a form leads back to.
pub mod back;
/// One branch.
pub mod branch;
/// Branches as lists show them.
pub mod branch_rows;
/// All branches, filtered.
pub mod branches;
/// One camera and one of its days.
pub mod camera;
mod cause;
/// Cameras by days.
pub mod coverage;
/// One day of one camera.
pub mod day;
/// One watched file, and approving what was read of it.
pub mod drift;
/// Every watched file that is not as approved.
pub mod drift_list;
/// The style sheet and the icon.
pub mod files;
/// A form as a browser sends it.
pub mod filled;
/// What a finding says.
pub mod finding;
/// The fleet.
pub mod fleet;
/// Holds, and their forms.
pub mod holds;
/// What a branch has beside its cameras.
pub mod inventory;
/// How a page is to look for whoever asks.
pub mod look;
/// Choosing a language or a theme.
pub mod preferences;
/// The regions somebody sees.
pub mod regions;
/// The settings of a watched file.
pub mod setting;
/// Signing in and out.
pub mod sign_in;
/// How every branch in sight stands.
pub mod standings;
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
        .route(address::FLEET, get(fleet::show))
        .route(address::BRANCHES, get(branches::show))
        .route("/branches/{branch}", get(branch::show))
        .route(
            "/branches/{branch}/cameras/{recorder}/{camera}",
            get(camera::show),
        )
        .route(
            "/branches/{branch}/drift/{name}",
            get(drift::show).post(drift::approve),
        )
        .route(
            "/branches/{branch}/cameras/{recorder}/{camera}/holds",
            get(holds::of_camera).post(holds::place),
        )
        .route(address::HOLDS, get(holds::list))
        .route("/holds/{hold}", get(holds::show).post(holds::release))
        .route(address::DRIFT, get(drift_list::show))
        .route(address::ALERTS, get(alert_list::show))
        .route("/alerts/{alert}/acknowledge", post(alert_list::acknowledge))
        .route("/assets/{file}", get(files::show))
        .route("/favicon.ico", get(files::icon))
}
