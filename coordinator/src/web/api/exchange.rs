//! Bodies, queries and pages, read and written one way.
//!
//! Whatever comes in is checked here or refused by name of its field: texts have limits, and hold no
//! signs that a database or a terminal would choke on.

use axum::Json;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::request::Parts;
use keepwatch_common::secret::Secret;
use keepwatch_common::time::Instant;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize};

use crate::store::page::{PAGE_ROWS_MAX, PageRows};
use crate::web::failure::Failure;

/// Rows of a page when nobody asks for another number.
const PAGE_ROWS_DEFAULT: u32 = 100;

/// Longest note or reason, in characters: a few sentences, not a report.
pub const NOTE_CHARS_MAX: usize = 500;

/// A JSON body.
#[derive(Debug)]
pub struct Body<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Failure;

    async fn from_request(request: Request, state: &S) -> Result<Self, Failure> {
        let Json(body) = Json::<T>::from_request(request, state).await?;
        Ok(Self(body))
    }
}

/// A query.
#[derive(Debug)]
pub struct Asked<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Asked<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Query(query) = Query::<T>::from_request_parts(parts, state).await?;
        Ok(Self(query))
    }
}

/// The changing parts of an address.
#[derive(Debug)]
pub struct At<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned + Send> FromRequestParts<S> for At<T> {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Failure> {
        let Path(path) = Path::<T>::from_request_parts(parts, state).await?;
        Ok(Self(path))
    }
}

/// A password in a body: taken out of the text at once, and shown by nothing.
#[derive(Debug)]
pub struct Password(pub Secret);

impl<'de> Deserialize<'de> for Password {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        String::deserialize(text).map(|text| Self(Secret::new(text)))
    }
}

/// Which part of a list is asked for.
#[derive(Debug, Default, Deserialize)]
pub struct Page {
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many rows, at most [`PAGE_ROWS_MAX`].
    pub limit: Option<u32>,
}

impl Page {
    /// How many rows to give.
    pub fn rows(&self) -> PageRows {
        PageRows::new(self.limit.unwrap_or(PAGE_ROWS_DEFAULT))
    }

    /// Where to go on, for lists whose key is a number.
    pub fn number(&self) -> Result<Option<i64>, Failure> {
        let number = self.after.as_deref().map(str::parse).transpose();
        number.map_err(|_| Failure::field("after", "this is not the “next” of a page of this list"))
    }
}

/// One page of a list.
#[derive(Debug, Serialize)]
pub struct Listed<T> {
    /// The rows.
    pub items: Vec<T>,
    /// What to ask for as `after` to get the next page; none at the end.
    pub next: Option<String>,
}

impl<T> Listed<T> {
    /// A page as the store gave it; `key` is what the list is ordered by.
    pub fn page<R>(
        page: &Page,
        rows: Vec<R>,
        key: impl FnOnce(&R) -> String,
        item: impl FnMut(R) -> T,
    ) -> Self {
        let wanted = page
            .limit
            .unwrap_or(PAGE_ROWS_DEFAULT)
            .clamp(1, PAGE_ROWS_MAX);
        let full = u32::try_from(rows.len()).is_ok_and(|given| given >= wanted);
        let next = rows.last().filter(|_| full).map(key);
        Self {
            items: rows.into_iter().map(item).collect(),
            next,
        }
    }
}

/// An instant as it is written everywhere.
pub fn time(ms: i64) -> String {
    Instant::from_ms(ms).to_string()
}

/// A text for people, within limits of characters and without signs that cannot be shown.
pub fn text(field: &'static str, text: &str, chars: (usize, usize)) -> Result<String, Failure> {
    let text = text.trim();
    let (least, most) = chars;
    let count = text.chars().count();
    if !(least..=most).contains(&count) {
        return Err(Failure::field(
            field,
            format!("{field} has {least} to {most} characters, this one {count}"),
        ));
    }
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        let message = format!("{field} contains a control character; use printable text");
        return Err(Failure::field(field, message));
    }
    Ok(text.to_owned())
}

/// A word out of a list.
pub fn word<'a>(
    field: &'static str,
    text: Option<&'a str>,
    known: &[&str],
) -> Result<Option<&'a str>, Failure> {
    match text {
        Some(word) if !known.contains(&word) => {
            let message = format!("{field} is one of {}", known.join(", "));
            Err(Failure::field(field, message))
        }
        word => Ok(word),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(limit: u32, rows: Vec<i64>) -> Listed<i64> {
        let page = Page {
            after: None,
            limit: Some(limit),
        };
        Listed::page(&page, rows, i64::to_string, |row| row)
    }

    #[test]
    fn only_a_full_page_has_a_next_one() {
        assert_eq!(page(2, vec![7, 9]).next.as_deref(), Some("9"));
        assert_eq!(page(3, vec![7, 9]).next, None);
        assert_eq!(page(1, Vec::new()).next, None);
    }

    #[test]
    fn a_note_is_printable_and_not_endless() {
        assert_eq!(text("note", " 已处理 ", (1, 5)).unwrap(), "已处理");
        for bad in ["", "  ", "abcdef", "a\u{0}b", "a\u{1b}[31m"] {
            let refused = text("note", bad, (1, 5)).unwrap_err();
            assert_eq!(refused.said.field.as_deref(), Some("note"), "{bad:?}");
        }
    }
}
