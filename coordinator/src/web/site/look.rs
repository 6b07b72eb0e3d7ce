//! How a page is to look for whoever asks: language, theme, where they are, what a form just did.
//!
//! All of it is read from the request alone, so that an error can be told in the right language even
//! when the store is away. Who asks is not known here.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderValue;
use axum::http::header::{ACCEPT_LANGUAGE, REFERER};
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;

use super::back::Back;
use crate::web::cookie::{self, Keep};
use crate::web::frame::{Frame, Notice, Theme};
use crate::web::session::Visit;
use crate::web::text::Locale;

/// The cookie with the language somebody chose.
const LANGUAGE: &str = "keepwatch-language";

/// The cookie with the theme somebody chose.
const THEME: &str = "keepwatch-theme";

/// The cookie with what a form just did.
const NOTICE: &str = "keepwatch-notice";

/// How long a choice is kept, in seconds: a year, the most that browsers keep a cookie is little more
/// (draft-ietf-httpbis-rfc6265bis, section 5.5: 400 days).
const CHOICE_S: u32 = 365 * 24 * 60 * 60;

/// How long what a form did waits to be told, in seconds: longer than any redirect takes, and gone
/// before anybody wonders what it was about.
const NOTICE_S: u32 = 60;

/// See the module.
#[derive(Debug, Clone)]
pub struct Look {
    /// The language: chosen, else the browser's, else Chinese.
    pub locale: Locale,
    /// The theme that was chosen.
    pub theme: Theme,
    /// What a form that led here did; told once.
    pub notice: Option<Notice>,
    /// Where choosing a language or a theme comes back to: this page, or the page of this form.
    pub here: Back,
    /// The way it came and the session it brought.
    pub visit: Visit,
}

impl Look {
    /// Reads the head of a request.
    pub fn of(parts: &Parts) -> Self {
        let headers = &parts.headers;
        let here = if parts.method.is_safe() {
            let here = parts.uri.path_and_query();
            Back::to(here.map_or("", PathAndQuery::as_str))
        } else {
            Back::to_page(text(headers.get(REFERER)))
        };
        Self {
            locale: cookie::sent(headers, LANGUAGE)
                .and_then(Locale::from_tag)
                .unwrap_or_else(|| {
                    Locale::from_accept_language(text(headers.get(ACCEPT_LANGUAGE)))
                }),
            theme: cookie::sent(headers, THEME).map_or(Theme::Auto, Theme::from_slug),
            notice: cookie::sent(headers, NOTICE).and_then(Notice::from_slug),
            here,
            visit: Visit::of(parts),
        }
    }

    /// The surroundings of a page for nobody in particular.
    pub fn bare(&self) -> Frame {
        Frame {
            here: self.here.as_str().to_owned(),
            theme: self.theme,
            notice: self.notice,
            ..Frame::default()
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Look {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(parts))
    }
}

/// Keeps a language.
pub(super) fn keep_language(locale: Locale, tls: bool) -> Option<HeaderValue> {
    cookie::set(LANGUAGE, locale.tag(), Keep::Seconds(CHOICE_S), tls)
}

/// Keeps a theme.
pub(super) fn keep_theme(theme: Theme, tls: bool) -> Option<HeaderValue> {
    cookie::set(THEME, theme.slug(), Keep::Seconds(CHOICE_S), tls)
}

/// Has the next page tell what a form did.
pub(super) fn tell_notice(notice: Notice, tls: bool) -> Option<HeaderValue> {
    cookie::set(NOTICE, notice.slug(), Keep::Seconds(NOTICE_S), tls)
}

/// It was told.
pub(super) fn forget_notice(tls: bool) -> Option<HeaderValue> {
    cookie::set(NOTICE, "", Keep::Seconds(0), tls)
}

/// A header's text; empty when there is none.
fn text(header: Option<&HeaderValue>) -> &str {
    header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use axum::http::Request;
    use axum::http::header::COOKIE;

    use super::*;

    fn look(headers: &[(&str, &str)]) -> Look {
        let mut request = Request::builder().uri("/branches?region=nw");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Look::of(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_chosen_language_goes_before_the_browsers_and_that_before_chinese() {
        let cookie = ("cookie", "keepwatch-language=en");
        let browser = ("accept-language", "zh-CN,zh");
        assert_eq!(look(&[cookie, browser]).locale, Locale::English);
        assert_eq!(
            look(&[("accept-language", "en-GB")]).locale,
            Locale::English
        );
        assert_eq!(look(&[]).locale, Locale::Chinese);
    }

    #[test]
    fn a_made_up_cookie_changes_nothing() {
        let cookie = "keepwatch-theme=\"><b>; keepwatch-language=xx; keepwatch-notice=free";
        let look = look(&[(COOKIE.as_str(), cookie)]);
        assert_eq!((look.theme, look.locale), (Theme::Auto, Locale::Chinese));
        assert_eq!(look.notice, None);
        assert_eq!(look.here.as_str(), "/branches?region=nw");
    }
}
