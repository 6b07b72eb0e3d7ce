//! What went wrong, as a page in the reader's language; strangers are led to sign in instead.
//!
//! It shows what kind of trouble it is and the request's id, and never what the program said to
//! itself: that is in the log under the id.

use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use tracing::error;

use super::answer;
use super::back::Back;
use super::camera::NO_SUCH_DAY;
use super::look::Look;
use crate::auth::Viewer;
use crate::store::StoreError;
use crate::web::address;
use crate::web::failure::Failure;
use crate::web::frame::Frame;
use crate::web::page::error::{self, ErrorKind, ErrorView};
use crate::web::services::Services;

/// The answer to a person for whom something went wrong.
pub async fn page(services: &Services, look: &Look, failure: &Failure, id: &str) -> Response {
    if failure.status == StatusCode::UNAUTHORIZED {
        return answer::lead(&sign_in(&look.here));
    }
    let view = ErrorView {
        kind: kind(failure),
        status: failure.status.as_u16(),
        request_id: id.to_owned(),
        camera: camera(look, failure),
    };
    let frame = frame(services, look, failure).await;
    let (text, other) = (
        services.texts.of(look.locale),
        services.texts.of(look.locale.other()),
    );
    match error::render(&view, &frame, text, other) {
        Ok(html) => {
            let html_type = HeaderValue::from_static("text/html; charset=utf-8");
            (failure.status, [(CONTENT_TYPE, html_type)], html).into_response()
        }
        Err(broken) => {
            error!(error = %broken, "the page for errors cannot be drawn");
            (failure.status, format!("{}\n", failure.status)).into_response()
        }
    }
}

/// Where to sign in, with the way back.
pub fn sign_in(back: &Back) -> String {
    let then = Some(back.as_str()).filter(|then| *then != address::FLEET);
    address::query(address::SIGN_IN, &[("then", then.unwrap_or_default())])
}

/// The camera whose day is not there.
fn camera(look: &Look, failure: &Failure) -> Option<String> {
    let page = look.here.as_str().split('?').next();
    let page = page.filter(|_| failure.said.code == NO_SUCH_DAY);
    page.map(str::to_owned)
}

fn kind(failure: &Failure) -> ErrorKind {
    if let Some(permission) = failure.permission {
        return ErrorKind::Forbidden {
            permission: permission.to_owned(),
        };
    }
    if failure.said.code == NO_SUCH_DAY {
        return ErrorKind::NoDay;
    }
    match failure.status {
        StatusCode::FORBIDDEN => ErrorKind::CrossSite,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::CONFLICT => ErrorKind::Conflict,
        StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => ErrorKind::Busy,
        status if status.is_client_error() => ErrorKind::Refused,
        _ => ErrorKind::Internal,
    }
}

/// The navigation for whoever is signed in. When something failed here, nothing more is asked of the
/// store: it may be what failed. What a form did waits for the page that it leads to.
async fn frame(services: &Services, look: &Look, failure: &Failure) -> Frame {
    let mut frame = Frame {
        notice: None,
        ..look.bare()
    };
    if failure.status.is_client_error()
        && let Some(key) = &look.visit.key
    {
        let viewer = services.gate.viewer(key).await.ok().flatten();
        if let Some(viewer) = viewer {
            frame.person = Some(viewer.name().to_owned());
            frame.open_alerts = open_alerts(services, &viewer).await.unwrap_or(0);
        }
    }
    frame
}

async fn open_alerts(services: &Services, viewer: &Viewer) -> Result<u64, StoreError> {
    let mut reader = services.store.read().await?;
    let glance = reader.glance(viewer.scope()).await?;
    Ok(u64::try_from(glance.alerts_open).unwrap_or(0))
}
