//! What went wrong with a request, in both languages: whoever sees it may have to read it out to
//! someone who speaks the other one.
//!
//! It never shows what the program said to itself; the request's number leads to that in the log.

use askama::Template;

use crate::web::frame::{Frame, Tab};
use crate::web::text::{Key, Text};

/// An answer that is no page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ErrorView {
    /// What went wrong.
    pub kind: ErrorKind,
    /// The number under which the log tells more.
    pub request_id: String,
}

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// This person may not.
    Forbidden {
        /// The permission that is missing, by its name in the roles.
        permission: String,
        /// Who can give it.
        granted_by: String,
    },
    /// There is no such thing, or this person may not know of it.
    NotFound,
    /// Our fault.
    Internal,
}

impl ErrorView {
    /// The status code.
    pub fn status(&self) -> u16 {
        match self.kind {
            ErrorKind::Forbidden { .. } => 403,
            ErrorKind::NotFound => 404,
            ErrorKind::Internal => 500,
        }
    }

    fn title(&self) -> Key {
        match self.kind {
            ErrorKind::Forbidden { .. } => Key("error-forbidden"),
            ErrorKind::NotFound => Key("error-not-found"),
            ErrorKind::Internal => Key("error-internal"),
        }
    }

    /// What happened and what to do, in one language.
    fn told(&self, text: &Text) -> String {
        match &self.kind {
            ErrorKind::Forbidden {
                permission,
                granted_by,
            } => text
                .rich(Key("error-forbidden-told"))
                .s("permission", permission)
                .s("who", granted_by)
                .to_string(),
            ErrorKind::NotFound => text.rich(Key("error-not-found-told")).to_string(),
            ErrorKind::Internal => text.rich(Key("error-internal-told")).to_string(),
        }
    }
}

#[derive(Template)]
#[template(path = "error.html")]
struct Page<'a> {
    view: &'a ErrorView,
    frame: &'a Frame,
    t: &'a Text,
    other: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page in the reader's language, and below it in the other one.
pub fn render(
    view: &ErrorView,
    frame: &Frame,
    text: &Text,
    other: &Text,
) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        other,
        tab: None,
    }
    .render()
}
