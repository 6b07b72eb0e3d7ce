//! A form as a browser sends it.

use axum::extract::{Form, FromRequest, Request};
use serde::de::DeserializeOwned;

use crate::web::failure::Failure;

/// The fields of a form that was filled in; those nobody asks for are left aside.
#[derive(Debug)]
pub struct Filled<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Filled<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Form(form) = Form::<T>::from_request(request, state).await?;
        Ok(Self(form))
    }
}
