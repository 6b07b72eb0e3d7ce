//! Cookies: read from a request, written into an answer.
//!
//! All of ours are for this host alone, cannot be read by scripts, and do not go with other sites'
//! forms. Which exist, and what they mean, is not known here.

use axum::http::header::COOKIE;
use axum::http::{HeaderMap, HeaderValue};

/// The value of a cookie that was sent; none when it is missing or empty.
pub fn sent<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(sent, value)| *sent == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// How long a browser keeps a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// Until it is closed.
    Session,
    /// So many seconds; none takes the cookie away.
    Seconds(u32),
}

/// The header that sets a cookie; none if its value cannot stand in a header.
pub fn set(name: &str, value: &str, keep: Keep, tls: bool) -> Option<HeaderValue> {
    let age = match keep {
        Keep::Session => String::new(),
        Keep::Seconds(seconds) => format!("; Max-Age={seconds}"),
    };
    let secure = if tls { "; Secure" } else { "" };
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}{age}");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_among_others_by_its_whole_name() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("xa=0; a=1;b=2"));
        headers.append(COOKIE, HeaderValue::from_static("c="));
        assert_eq!(sent(&headers, "a"), Some("1"));
        assert_eq!(sent(&headers, "b"), Some("2"));
        assert_eq!((sent(&headers, "c"), sent(&headers, "x")), (None, None));
    }

    #[test]
    fn a_value_that_would_begin_another_header_is_not_set() {
        assert!(set("a", "1\r\nb: 2", Keep::Session, true).is_none());
        let header = set("a", "1", Keep::Seconds(9), true).unwrap();
        assert_eq!(
            header,
            "a=1; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=9"
        );
    }
}
