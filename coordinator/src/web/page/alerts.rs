//! Alerts: what someone must hear about, who has taken it on, and the form to take it on.
//!
//! The filter is the address, so a list can be sent to a colleague. Condition (does it still fire)
//! and handling (does someone care) stand side by side and are never merged.

use askama::Template;

use crate::web::address;
use crate::web::frame::{Frame, Tab};
use crate::web::moment::Moment;
use crate::web::sentence::Sentence;
use crate::web::text::{Key, Text};

/// Longest note of an acknowledgement, in characters: a few sentences, not a report.
pub const NOTE_CHARS_MAX: u32 = 500;

/// One page of alerts.
#[derive(Debug, Clone, Default)]
pub struct AlertsView {
    /// What is asked for.
    pub filter: AlertFilter,
    /// Alerts by severity, under the rest of the filter: critical, major, minor.
    pub by_severity: [u64; 3],
    /// Open alerts by handling, under the rest of the filter: new, acknowledged, snoozed, assigned.
    pub by_handling: [u64; 4],
    /// Closed alerts, under the rest of the filter.
    pub closed: u64,
    /// Whether the filter names a branch that is not there for this person.
    pub no_branch: bool,
    /// What somebody sent that was not taken.
    pub refused: Option<Refused>,
    /// One page of them, gravest first.
    pub rows: Vec<AlertRow>,
    /// Where the next page is.
    pub next: Option<String>,
    /// The newest report from any branch; none before the first.
    pub last_signal: Option<Moment>,
    /// Whether this person may take alerts on.
    pub may_acknowledge: bool,
}

/// A note that was sent and not kept.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The alert's id.
    pub alert: String,
    /// What was typed.
    pub note: String,
    /// Why it was not kept.
    pub why: Why,
}

/// Why an acknowledgement was not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// The alert changed meanwhile.
    Changed,
    /// The note is too long, or holds what is no text.
    Note,
    /// The alert is theirs already, with another note.
    Yours,
}

impl Why {
    /// What it says.
    pub fn word(self) -> Key {
        match self {
            Self::Changed => Key("refused-changed"),
            Self::Note => Key("refused-note"),
            Self::Yours => Key("refused-yours"),
        }
    }
}

/// Which alerts are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilter {
    /// Of this severity.
    pub severity: Option<Severity>,
    /// Of the branch with this code.
    pub branch: Option<String>,
    /// Handled so; without it, all that are not closed.
    pub handling: Option<Handling>,
}

impl AlertFilter {
    /// The address of the list filtered so.
    pub fn address(&self) -> String {
        let pairs = [
            ("severity", self.severity.map_or("", Severity::slug)),
            ("handling", self.handling.map_or("", Handling::slug)),
            ("branch", self.branch.as_deref().unwrap_or_default()),
        ];
        address::query(address::ALERTS, &pairs)
    }

    fn with_severity(&self, severity: Option<Severity>) -> String {
        let other = Self {
            severity,
            ..self.clone()
        };
        other.address()
    }

    fn with_handling(&self, handling: Option<Handling>) -> String {
        let other = Self {
            handling,
            ..self.clone()
        };
        other.address()
    }

    fn is_any(&self) -> bool {
        *self == Self::default()
    }
}

/// How grave an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Someone must act now.
    Critical,
    /// Someone must act today.
    Major,
    /// Someone should look.
    Minor,
}

impl Severity {
    /// All of them, gravest first.
    pub const ALL: [Self; 3] = [Self::Critical, Self::Major, Self::Minor];

    /// Its name.
    pub fn word(self) -> Key {
        match self {
            Self::Critical => Key("severity-critical"),
            Self::Major => Key("severity-major"),
            Self::Minor => Key("severity-minor"),
        }
    }

    /// The word in addresses and, behind `s-`, in classes; never translated.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Major => "major",
            Self::Minor => "minor",
        }
    }
}

/// Whether what an alert tells still stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// Not for long enough yet.
    Pending,
    /// It stands.
    Firing,
    /// It is over.
    Recovered,
    /// Nobody knows: the branch is silent.
    Unknown,
}

impl Condition {
    /// Its name.
    pub fn word(self) -> Key {
        match self {
            Self::Pending => Key("condition-pending"),
            Self::Firing => Key("condition-firing"),
            Self::Recovered => Key("condition-recovered"),
            Self::Unknown => Key("condition-unknown"),
        }
    }
}

/// Whether someone cares for an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handling {
    /// Nobody yet.
    New,
    /// Someone has taken it on.
    Acknowledged,
    /// Put aside until a time.
    Snoozed,
    /// Given to someone.
    Assigned,
    /// Done.
    Closed,
}

impl Handling {
    /// Those that are open, in order of work.
    pub const OPEN: [Self; 4] = [Self::New, Self::Acknowledged, Self::Snoozed, Self::Assigned];

    /// Its name.
    pub fn word(self) -> Key {
        match self {
            Self::New => Key("handling-new"),
            Self::Acknowledged => Key("handling-acknowledged"),
            Self::Snoozed => Key("handling-snoozed"),
            Self::Assigned => Key("handling-assigned"),
            Self::Closed => Key("handling-closed"),
        }
    }

    /// The word in addresses; never translated.
    pub fn slug(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged => "acknowledged",
            Self::Snoozed => "snoozed",
            Self::Assigned => "assigned",
            Self::Closed => "closed",
        }
    }
}

/// One alert in a list.
#[derive(Debug, Clone)]
pub struct AlertRow {
    /// Its id in addresses.
    pub id: String,
    /// How grave it is.
    pub severity: Severity,
    /// Whether it still stands.
    pub condition: Condition,
    /// The branch's code.
    pub branch_code: String,
    /// The branch's name.
    pub branch_name: String,
    /// What is wrong.
    pub sentence: Sentence,
    /// The page that shows it: a branch, a camera or a drift; begins with `/`.
    pub subject: String,
    /// When it began.
    pub since: Moment,
    /// Since then, or until it recovered, in milliseconds.
    pub lasting_ms: i64,
    /// Whether someone cares for it.
    pub handling: Handling,
    /// Who, since when, and what they noted.
    pub handled: Option<Handled>,
    /// The version the reader saw; an acknowledgement of an older one is refused.
    pub version: u64,
    /// Makes a form that is sent twice count once.
    pub idempotency_key: String,
}

impl AlertRow {
    fn branch(&self) -> String {
        address::branch(&self.branch_code)
    }

    fn acknowledge(&self) -> String {
        address::acknowledge(&self.id)
    }

    fn open_to_all(&self) -> bool {
        self.handling == Handling::New
    }
}

/// Who cares for an alert.
#[derive(Debug, Clone)]
pub struct Handled {
    /// Their name.
    pub by: String,
    /// Since when.
    pub at: Moment,
    /// What they noted.
    pub note: Option<String>,
}

impl AlertsView {
    fn of_any_severity(&self) -> u64 {
        self.by_severity.iter().sum()
    }

    fn open(&self) -> u64 {
        self.by_handling.iter().sum()
    }

    /// What was refused of this alert.
    fn refused_of(&self, alert: &AlertRow) -> Option<&Refused> {
        let refused = self.refused.as_ref();
        refused.filter(|refused| refused.alert == alert.id)
    }

    /// Whether what was typed stands in a form again, to be sent once more.
    fn stands_in_form(&self, refused: &Refused) -> bool {
        self.may_acknowledge
            && self
                .rows
                .iter()
                .any(|row| row.id == refused.alert && row.open_to_all())
    }

    fn severities(&self) -> Vec<(Severity, u64)> {
        Severity::ALL.into_iter().zip(self.by_severity).collect()
    }

    fn handlings(&self) -> Vec<(Handling, u64)> {
        Handling::OPEN.into_iter().zip(self.by_handling).collect()
    }
}

#[derive(Template)]
#[template(path = "alerts.html")]
struct Page<'a> {
    view: &'a AlertsView,
    frame: &'a Frame,
    t: &'a Text,
    tab: Option<Tab>,
}

/// Draws the page.
pub fn render(view: &AlertsView, frame: &Frame, text: &Text) -> Result<String, askama::Error> {
    Page {
        view,
        frame,
        t: text,
        tab: Some(Tab::Alerts),
    }
    .render()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_the_address() {
        let filter = AlertFilter {
            severity: Some(Severity::Critical),
            branch: Some("0123".to_owned()),
            handling: Some(Handling::New),
        };
        assert_eq!(
            filter.address(),
            "/alerts?severity=critical&handling=new&branch=0123"
        );
        assert_eq!(
            filter.with_severity(None),
            "/alerts?handling=new&branch=0123"
        );
        assert_eq!(AlertFilter::default().address(), "/alerts");
    }
}
