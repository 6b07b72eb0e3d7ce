//! The state of an alert on its two axes, and a transition of it.

use keepwatch_common::time::Instant;

use crate::domain::finding::Told;

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Condition {
    /// It fails, and not long enough to be told.
    Pending,
    /// It fails.
    Firing,
    /// It does not go on any more.
    Recovered,
    /// Nobody knows. Never green.
    Unknown,
}

impl Condition {
    /// All conditions.
    pub const ALL: [Self; 4] = [Self::Pending, Self::Firing, Self::Recovered, Self::Unknown];

    /// The word in JSON and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Recovered => "recovered",
            Self::Unknown => "unknown",
        }
    }

    /// The condition of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.word() == word)
    }

    /// What people believe of its finding.
    pub fn told(self) -> Told {
        match self {
            Self::Firing => Told::Stands,
            Self::Unknown => Told::Unknown,
            Self::Pending | Self::Recovered => Told::Nothing,
        }
    }
}

/// What people did about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Handling {
    /// Nothing yet.
    New,
    /// Somebody has seen it.
    Acknowledged {
        /// Who.
        by: String,
    },
    /// Somebody wants to hear no more of it for a while, unless it gets worse.
    Snoozed {
        /// Who.
        by: String,
        /// Until when.
        until: Instant,
    },
    /// Somebody is to see to it.
    Assigned {
        /// Who said so.
        by: String,
        /// Who is to.
        to: String,
    },
    /// Nobody needs to do anything.
    Closed {
        /// Who said so; none when it settled itself.
        by: Option<String>,
    },
}

impl Handling {
    /// The word in JSON and in the store.
    pub fn word(&self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Acknowledged { .. } => "acknowledged",
            Self::Snoozed { .. } => "snoozed",
            Self::Assigned { .. } => "assigned",
            Self::Closed { .. } => "closed",
        }
    }
}

/// The state of one alert.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// How things stand.
    pub condition: Condition,
    /// What people did.
    pub handling: Handling,
    /// When what it tells of began.
    pub since: Instant,
    /// When either axis changed last.
    pub changed_at: Instant,
}

/// What people are to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// Something fails.
    Raised,
    /// It does not go on any more.
    Recovered,
    /// It got worse.
    Worsened,
    /// Nobody knows any more.
    BecameUnknown,
}

impl Notice {
    /// The word in JSON and in idempotency keys.
    pub fn word(self) -> &'static str {
        match self {
            Self::Raised => "raised",
            Self::Recovered => "recovered",
            Self::Worsened => "worsened",
            Self::BecameUnknown => "became_unknown",
        }
    }
}

/// A transition: the new state, and what to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The new state; the same as before when nothing changed.
    pub alert: Alert,
    /// What to tell, if anything.
    pub notice: Option<Notice>,
}
