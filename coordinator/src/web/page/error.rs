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
    /// The status code.
    pub status: u16,
    /// The number under which the log tells more.
    pub request_id: String,
    /// The camera that was asked for, where only its day is not there.
    pub camera: Option<String>,
}

/// What went wrong with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// This person may not.
    Forbidden {
        /// The permission that is missing, by its name in the roles.
        permission: String,
    },
    /// It came from another site's page.
    CrossSite,
    /// There is no such thing, or this person may not know of it.
    NotFound,
    /// No such day of a camera: too long ago, or still to come.
    NoDay,
    /// The address or the form holds what cannot be taken.
    Refused,
    /// Something else stands in the way.
    Conflict,
    /// Too much to do, or the store does not answer.
    Busy,
    /// Our fault.
    Internal,
}

impl ErrorKind {
    fn title(&self) -> Key {
        match self {
            Self::Forbidden { .. } => Key("error-forbidden"),
            Self::CrossSite => Key("error-cross-site"),
            Self::NotFound => Key("error-not-found"),
            Self::NoDay => Key("error-no-day"),
            Self::Refused => Key("error-refused"),
            Self::Conflict => Key("error-conflict"),
            Self::Busy => Key("error-busy"),
            Self::Internal => Key("error-internal"),
        }
    }

    /// What happened and what to do, in one language.
    fn told(&self, text: &Text) -> String {
        let key = match self {
            Self::Forbidden { permission } => {
                let key = if permission == "approve_baseline" {
                    Key("error-forbidden-approve-told")
                } else {
                    Key("error-forbidden-told")
                };
                let named = named(permission).map(|key| text.say(key).to_string());
                let named = named.unwrap_or_else(|| permission.clone());
                return text.rich(key).s("permission", &named).to_string();
            }
            Self::CrossSite => Key("error-cross-site-told"),
            Self::NotFound => Key("error-not-found-told"),
            Self::NoDay => Key("error-no-day-told"),
            Self::Refused => Key("error-refused-told"),
            Self::Conflict => Key("error-conflict-told"),
            Self::Busy => Key("error-busy-told"),
            Self::Internal => Key("error-internal-told"),
        };
        text.rich(key).to_string()
    }
}

/// A permission's name for people.
fn named(permission: &str) -> Option<Key> {
    Some(match permission {
        "see" => Key("permission-see"),
        "export" => Key("permission-export"),
        "handle_alerts" => Key("permission-handle-alerts"),
        "close_alerts" => Key("permission-close-alerts"),
        "approve_baseline" => Key("permission-approve-baseline"),
        "manage_branches" => Key("permission-manage-branches"),
        "manage_agents" => Key("permission-manage-agents"),
        "manage_policy" => Key("permission-manage-policy"),
        "manage_notifications" => Key("permission-manage-notifications"),
        "read_record" => Key("permission-read-record"),
        "manage_people" => Key("permission-manage-people"),
        _ => return None,
    })
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
