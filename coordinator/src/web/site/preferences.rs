//! Choosing a language or a theme: kept in the browser, for strangers too.

use axum::response::Response;
use serde::Deserialize;

use super::answer;
use super::back::Back;
use super::filled::Filled;
use super::look::{self, Look};
use crate::web::frame::Theme;
use crate::web::text::Locale;

/// What is chosen, and the page it was chosen on.
#[derive(Debug, Deserialize)]
pub struct Choice {
    language: Option<String>,
    theme: Option<String>,
    #[serde(default)]
    then: String,
}

/// `POST /preferences`
pub async fn choose(look: Look, Filled(choice): Filled<Choice>) -> Response {
    let mut response = answer::lead(Back::to(&choice.then).as_str());
    let tls = look.visit.tls();
    if let Some(locale) = choice.language.as_deref().and_then(Locale::from_tag) {
        answer::set_cookie(&mut response, look::keep_language(locale, tls));
    }
    if let Some(theme) = choice.theme.as_deref() {
        let theme = Theme::from_slug(theme);
        answer::set_cookie(&mut response, look::keep_theme(theme, tls));
    }
    response
}
