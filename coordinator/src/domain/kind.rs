//! The kinds of alerts and how bad they are. The words stand in JSON, in the store and in
//! addresses, and are never translated nor reused for something else.

use serde::{Deserialize, Serialize};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Nothing was recorded where recording was expected.
    Gap,
    /// A recorded file is damaged.
    SegmentFault,
    /// Footage does not reach back far enough.
    RetentionShort,
    /// Footage was deleted before its time.
    FootageVanished,
    /// A watched file differs from its baseline.
    ConfigDrift,
    /// An agent is not heard.
    AgentSilent,
    /// A volume is not there, is another one, or cannot be written.
    VolumeMissing,
    /// A disk under a volume, or its file system, fails or wears out.
    DiskFailing,
    /// An array or a pool has lost members.
    RedundancyLost,
    /// Footage that is held is gone or changed, or is not held as it should be.
    HoldBroken,
}

impl AlertKind {
    /// All kinds, in the order of their declaration.
    pub const ALL: [Self; 10] = [
        Self::Gap,
        Self::SegmentFault,
        Self::RetentionShort,
        Self::FootageVanished,
        Self::ConfigDrift,
        Self::AgentSilent,
        Self::VolumeMissing,
        Self::DiskFailing,
        Self::RedundancyLost,
        Self::HoldBroken,
    ];

    /// The word in JSON, in the store and in addresses.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::SegmentFault => "segment_fault",
            Self::RetentionShort => "retention_short",
            Self::FootageVanished => "footage_vanished",
            Self::ConfigDrift => "config_drift",
            Self::AgentSilent => "agent_silent",
            Self::VolumeMissing => "volume_missing",
            Self::DiskFailing => "disk_failing",
            Self::RedundancyLost => "redundancy_lost",
            Self::HoldBroken => "hold_broken",
        }
    }

    /// The kind of a word from a store or an address.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Whether a person must close such an alert even when nothing fails any more: somebody changed
    /// or deleted something, and that it was undone does not tell why. A volume or an agent that is
    /// back needs nobody.
    pub fn needs_a_person(self) -> bool {
        match self {
            Self::FootageVanished | Self::ConfigDrift | Self::HoldBroken => true,
            Self::Gap
            | Self::SegmentFault
            | Self::RetentionShort
            | Self::AgentSilent
            | Self::VolumeMissing
            | Self::DiskFailing
            | Self::RedundancyLost => false,
        }
    }
}

/// How bad it is; a later one is worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Look when there is time.
    Minor,
    /// Look today.
    Major,
    /// Look now.
    Critical,
}

impl Severity {
    /// From least to worst.
    pub const ALL: [Self; 3] = [Self::Minor, Self::Major, Self::Critical];

    /// The word in JSON, in packs and in the store.
    pub fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Critical => "critical",
        }
    }

    /// The severity of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|severity| severity.word() == word)
    }

    /// One step less bad; minor stays minor.
    #[must_use]
    pub fn milder(self) -> Self {
        match self {
            Self::Critical => Self::Major,
            Self::Major | Self::Minor => Self::Minor,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_leads_back_and_is_what_json_says() {
        for kind in AlertKind::ALL {
            assert_eq!(AlertKind::from_word(kind.word()), Some(kind));
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
        }
        for severity in Severity::ALL {
            assert_eq!(Severity::from_word(severity.word()), Some(severity));
            assert_eq!(serde_json::to_value(severity).unwrap(), severity.word());
        }
    }

    #[test]
    fn critical_is_worst() {
        assert!(Severity::Critical > Severity::Major);
        assert!(Severity::Major > Severity::Minor);
        assert_eq!(Severity::Critical.milder(), Severity::Major);
        assert_eq!(Severity::Minor.milder(), Severity::Minor);
    }
}
