//! Signing in: a name, a password, and why it did not work.
//!
//! The page never tells whether a name exists. On a coordinator without users it shows the command
//! that makes the first one, because nobody could sign in to read it elsewhere.

use askama::Template;

use crate::web::frame::{Frame, Tab};
use crate::web::text::Text;

/// The sign-in page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInView {
    /// What the page has to say.
    pub state: SignInState,
    /// The name that was typed, kept after a failure.
    pub name: String,
    /// Path and query to go to afterwards; begins with `/`.
    pub then: String,
}

/// What the sign-in page has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInState {
    /// Nothing was tried yet.
    Fresh,
    /// Name or password is wrong.
    Wrong,
    /// Too many tries; the next one is heard after so many milliseconds.
    TooMany {
        /// Until then, in milliseconds.
        retry_after_ms: i64,
    },
    /// There is no user at all.
    NoUserYet,
}

impl SignInState {
    fn open(self) -> bool {
        self != Self::NoUserYet
    }

    fn failed(self) -> bool {
        matches!(self, Self::Wrong | Self::TooMany { .. })
    }
}

#[derive(Template)]
#[template(path = "sign_in.html")]
struct Page<'a> {
    view: &'a SignInView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page.
pub fn render(view: &SignInView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: None,
    }
    .render()
}
