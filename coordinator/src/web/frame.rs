//! What surrounds every page: where the reader is, who is signed in, how it looks, and whether what
//! the page says is still fresh.

use std::borrow::Borrow;

use super::address;
use super::moment::Moment;
use super::text::Key;

/// The surroundings of one page.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// Path and query of this page, so that choosing a language or a theme comes back to it.
    pub here: String,
    /// The name of who is signed in; none hides the navigation.
    pub person: Option<String>,
    /// Light, dark, or as the system says.
    pub theme: Theme,
    /// Open alerts this person may see; shown in the navigation.
    pub open_alerts: u64,
    /// Set when reports stopped arriving: the page then shows no green.
    pub stale: Option<Stale>,
    /// What the form that led here did.
    pub notice: Option<Notice>,
    /// The IANA name of the zone by whose wall clock pages across branches tell all times.
    pub zone: String,
}

/// Nothing has been heard from any branch for too long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The newest report.
    pub last: Moment,
    /// Since then, in milliseconds.
    pub for_ms: i64,
}

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tab {
    /// The fleet.
    Fleet,
    /// Branches and their cameras.
    Branches,
    /// Alerts.
    Alerts,
    /// Drift.
    Drift,
    /// Holds.
    Holds,
}

impl Tab {
    /// All of them, in reading order.
    pub const ALL: [Self; 5] = [
        Self::Fleet,
        Self::Branches,
        Self::Alerts,
        Self::Drift,
        Self::Holds,
    ];

    /// Its name.
    pub fn word(self) -> Key {
        match self {
            Self::Fleet => Key("nav-fleet"),
            Self::Branches => Key("nav-branches"),
            Self::Alerts => Key("nav-alerts"),
            Self::Drift => Key("nav-drift"),
            Self::Holds => Key("nav-holds"),
        }
    }

    /// Whether a page that stands in `tab` is here.
    pub fn holds(self, tab: impl Borrow<Option<Self>>) -> bool {
        *tab.borrow() == Some(self)
    }

    /// Where it leads.
    pub fn address(self) -> &'static str {
        match self {
            Self::Fleet => address::FLEET,
            Self::Branches => address::BRANCHES,
            Self::Alerts => address::ALERTS,
            Self::Drift => address::DRIFT,
            Self::Holds => address::HOLDS,
        }
    }
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the system says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    /// The word in the cookie and on the root element.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Its name.
    pub fn word(self) -> Key {
        match self {
            Self::Auto => Key("theme-auto"),
            Self::Light => Key("theme-light"),
            Self::Dark => Key("theme-dark"),
        }
    }

    /// Reads a cookie or a form; anything else is the system's choice.
    pub fn from_slug(slug: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|theme| theme.slug() == slug)
            .unwrap_or_default()
    }
}

/// What a form did, told on the page it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// An alert is now this person's.
    Acknowledged,
    /// The configuration as it is has become the baseline.
    Approved,
    /// Footage is held from now on.
    Held,
    /// A hold was released.
    Released,
    /// Someone else changed it first, so nothing was done.
    Conflict,
}

impl Notice {
    /// All of them.
    const ALL: [Self; 5] = [
        Self::Acknowledged,
        Self::Approved,
        Self::Held,
        Self::Released,
        Self::Conflict,
    ];

    /// The word that goes with the browser to the page that tells it.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Acknowledged => "acknowledged",
            Self::Approved => "approved",
            Self::Held => "held",
            Self::Released => "released",
            Self::Conflict => "conflict",
        }
    }

    /// Reads that word.
    pub fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.slug() == slug)
    }

    /// What it says.
    pub fn word(self) -> Key {
        match self {
            Self::Acknowledged => Key("notice-acknowledged"),
            Self::Approved => Key("notice-approved"),
            Self::Held => Key("notice-held"),
            Self::Released => Key("notice-released"),
            Self::Conflict => Key("notice-conflict"),
        }
    }

    /// How it is drawn: what was done is ink, what was not is a gap.
    pub fn class(self) -> &'static str {
        match self {
            Self::Acknowledged | Self::Approved | Self::Held | Self::Released => "",
            Self::Conflict => "gap",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_from_elsewhere_is_the_systems_choice() {
        assert_eq!(Theme::from_slug("dark"), Theme::Dark);
        assert_eq!(Theme::from_slug("\"><script>"), Theme::Auto);
    }
}
