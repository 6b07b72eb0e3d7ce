//! The style sheet and the icon.

use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::web::asset::{self, Asset};
use crate::web::failure::Failure;

/// How long a browser keeps the icon under the address that it asks for by itself: a day, because
/// that address never changes.
const ICON_CACHE_CONTROL: &str = "public, max-age=86400";

/// `GET /assets/…`
pub async fn show(address: Uri) -> Result<Response, Failure> {
    let found = asset::find(address.path()).ok_or_else(|| {
        let message = "there is nothing at this address";
        Failure::new(StatusCode::NOT_FOUND, "not_found", message)
    })?;
    Ok(file(found, asset::CACHE_CONTROL))
}

/// `GET /favicon.ico`, for what asks without reading a page: an icon is an icon, whatever it is
/// called.
pub async fn icon() -> Response {
    file(&asset::ICON, ICON_CACHE_CONTROL)
}

fn file(asset: &'static Asset, cache: &'static str) -> Response {
    let headers = [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, cache)];
    (headers, asset.bytes).into_response()
}
